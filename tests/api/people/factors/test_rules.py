"""What has to be shown for which deed, decided on plain values."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.people.factors.errors import TooManyPasskeys
from api.people.factors.rules import (
    ACCEPTED,
    MOST_PASSKEYS,
    Deed,
    Factor,
    Owned,
    accepted,
    challenge,
    must_have_room,
)

owned = st.builds(Owned, passkey=st.booleans(), totp=st.booleans())


def test_every_case_is_decided() -> None:
    assert set(ACCEPTED) == set(product(Deed, (False, True), (False, True)))


@given(st.sampled_from(Deed), owned)
def test_nobody_is_asked_for_what_they_do_not_have(deed: Deed, has: Owned) -> None:
    wanted = set(accepted(deed, has))

    assert wanted
    assert Factor.PASSKEY not in wanted or has.passkey
    assert Factor.TOTP not in wanted or has.totp


@given(st.sampled_from(Deed), owned)
def test_the_device_alone_is_enough_only_where_there_is_nothing_else(
    deed: Deed, has: Owned
) -> None:
    assert (Factor.DEVICE in accepted(deed, has)) == (has == Owned())


@given(owned)
def test_a_recovery_code_lets_in_but_signs_nothing(has: Owned) -> None:
    assert Factor.RECOVERY_CODE not in accepted(Deed.SIGN, has)


def test_whoever_has_a_passkey_signs_with_it() -> None:
    for totp in (False, True):
        assert accepted(Deed.SIGN, Owned(passkey=True, totp=totp)) == (Factor.PASSKEY,)


@given(st.binary(max_size=60), st.binary(max_size=60), st.text("abc", min_size=8, max_size=8))
def test_another_subject_has_another_challenge(one: bytes, other: bytes, nonce: str) -> None:
    assert (challenge(one, nonce) == challenge(other, nonce)) == (one == other)


def test_there_is_room_for_ten_passkeys() -> None:
    must_have_room(MOST_PASSKEYS - 1)

    with pytest.raises(TooManyPasskeys):
        must_have_room(MOST_PASSKEYS)
