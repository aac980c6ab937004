"""When a certificate may sign for an official."""

import pytest

from api.signing.evidence.errors import CertificateChanged
from api.signing.pins.rules import must_be_the_same, subject_of

ONE, OTHER = "0a" * 32, "0b" * 32


def test_the_first_certificate_and_the_same_one_pass() -> None:
    must_be_the_same(None, ONE)
    must_be_the_same(ONE, ONE)


def test_another_certificate_is_refused() -> None:
    with pytest.raises(CertificateChanged):
        must_be_the_same(ONE, OTHER)


def test_what_is_confirmed_is_just_one_certificate() -> None:
    assert subject_of(ONE) == b"certificate" + bytes.fromhex(ONE)
