"""Whom a certificate names."""

import unicodedata

from api.signing.screening import is_holder


def test_a_name_is_the_same_however_its_letters_are_composed() -> None:
    name = "Nguyễn Văn Ánh"

    assert is_holder(unicodedata.normalize("NFD", name).upper(), name)
    assert not is_holder("Nguyễn Văn Anh", name)
