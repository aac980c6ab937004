"""What is sealed for one phone, only that phone opens."""

import http_ece
import pytest
from hypothesis import given
from hypothesis import strategies as st

from push.errors import BadKeys
from push.sealing import Keys, seal
from tests.support.push_service import Subscriber

OURS, ANOTHER = Subscriber(), Subscriber()


@given(st.binary(min_size=1, max_size=3000))
def test_the_phone_opens_what_was_sealed(plain: bytes) -> None:
    assert OURS.open(seal(plain, OURS.keys)) == plain


def test_nobody_else_opens_it() -> None:
    with pytest.raises(http_ece.ECEException):
        ANOTHER.open(seal(b"for one phone alone", OURS.keys))


def test_it_never_looks_the_same_twice() -> None:
    assert seal(b"the same", OURS.keys) != seal(b"the same", OURS.keys)


@pytest.mark.parametrize(
    "keys",
    [
        Keys("", ""),
        Keys(OURS.keys.p256dh, "short"),
        Keys(OURS.keys.p256dh[:-4], OURS.keys.auth),
        Keys("B" + "A" * 86, OURS.keys.auth),
        Keys("ký tự lạ", OURS.keys.auth),
        Keys(OURS.keys.p256dh, OURS.keys.auth + "AAAA"),
    ],
)
def test_useless_keys_are_refused(keys: Keys) -> None:
    with pytest.raises(BadKeys):
        keys.must_be_usable()


def test_keys_may_be_padded_as_browsers_like() -> None:
    Keys(f"{OURS.keys.p256dh}=", f"{OURS.keys.auth}==").must_be_usable()
