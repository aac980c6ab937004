"""What has to be shown for which deed, decided on plain values."""

from hashlib import sha256
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.people.factors.errors import TooManyPasskeys
from api.people.factors.rules import (
    ACCEPTED,
    BOUND,
    MOST_PASSKEYS,
    Deed,
    Factor,
    Owned,
    accepted,
    challenge,
    must_have_room,
    on_the_wire,
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

    with pytest.raises(TooManyPasskeys) as refusal:
        must_have_room(MOST_PASSKEYS)
    assert refusal.value.facts == {"most": 10}


@pytest.mark.parametrize(
    ("raw", "shown"),
    [(b"", ""), (b"a", "YQ"), (b"ab", "YWI"), (b"\xfb\xff\xfe", "-__-"), (b"\0\0\x17", "AAAX")],
)
def test_bytes_travel_as_base64url_without_padding(raw: bytes, shown: str) -> None:
    assert on_the_wire(raw) == shown


def test_the_challenge_is_the_hash_of_subject_and_nonce() -> None:
    assert challenge(b"a", "b") == sha256(b"ab").digest()


#: how somebody proves themselves, the best first: what they have -> for which deeds
BEST_FIRST = {
    Owned(): "device",
    Owned(totp=True): "totp recovery-code",
    Owned(passkey=True): "passkey recovery-code",
    Owned(passkey=True, totp=True): "passkey totp recovery-code",
}


@pytest.mark.parametrize("has", BEST_FIRST)
@pytest.mark.parametrize("deed", [Deed.LOG_IN, Deed.CHANGE_FACTORS])
def test_the_best_proof_is_named_first(deed: Deed, has: Owned) -> None:
    assert " ".join(accepted(deed, has)) == BEST_FIRST[has]


def test_signing_takes_the_best_there_is() -> None:
    assert [accepted(Deed.SIGN, has) for has in BEST_FIRST] == [
        (Factor.DEVICE,), (Factor.TOTP,), (Factor.PASSKEY,), (Factor.PASSKEY,),
    ]  # fmt: skip
    assert {Deed.SIGN} == BOUND
