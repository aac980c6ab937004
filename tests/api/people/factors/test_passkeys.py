"""Real attestations and assertions of a software authenticator, and forged ones."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from api.demo.authenticator import PRESENT, VERIFIED, Authenticator, base64url
from api.people.factors.errors import BadPasskey, WrongFactor
from api.people.factors.models import Passkey
from api.people.factors.passkeys import Person, RelyingParty, judge, judge_new, options

DOMAIN, ORIGIN = "office.example", "https://office.example"
PARTY = RelyingParty(DOMAIN, "Không Giấy", [ORIGIN, "android:apk-key-hash:abc"])
ME = Person(UUID(int=1), "Trần Quốc Ánh")
CHALLENGE, OTHER = b"c" * 32, b"o" * 32
NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
Change = Callable[[Authenticator], None]


def enrolled(authenticator: Authenticator) -> Passkey:
    created = authenticator.create(options(PARTY, ME, CHALLENGE, []))
    made = judge_new(PARTY, created, CHALLENGE)
    return Passkey(
        agency_id=UUID(int=9), official_id=ME.id, name="mine", credential_id=made.credential_id,
        public_key=made.public_key, sign_count=made.sign_count, is_synced=made.is_synced,
        added_at=NOW,
    )  # fmt: skip


def authenticator(origin: str = ORIGIN) -> Authenticator:
    return Authenticator(DOMAIN, origin)


def test_a_new_passkey_is_taken_with_its_key() -> None:
    mine = authenticator()

    kept = enrolled(mine)

    assert kept.credential_id == mine.credential_id
    assert not kept.is_synced


def test_an_assertion_over_the_challenge_is_taken() -> None:
    mine = authenticator()
    kept = enrolled(mine)

    assert judge(PARTY, kept, mine.get(CHALLENGE), CHALLENGE) == 1


def test_an_app_that_is_named_may_use_passkeys_too() -> None:
    mine = authenticator("android:apk-key-hash:abc")

    assert judge(PARTY, enrolled(mine), mine.get(CHALLENGE), CHALLENGE) == 1


def elsewhere(mine: Authenticator) -> None:
    mine.origin = "https://office.example.evil.example"


def for_another_domain(mine: Authenticator) -> None:
    mine.domain = "evil.example"


def without_a_person(mine: Authenticator) -> None:
    mine.flags = PRESENT


def without_a_touch(mine: Authenticator) -> None:
    mine.flags = VERIFIED


def with_another_key(mine: Authenticator) -> None:
    mine.key = ec.generate_private_key(ec.SECP256R1())


def of_somebody_else(mine: Authenticator) -> None:
    mine.user_handle = UUID(int=2).bytes


@pytest.mark.parametrize(
    "change",
    [elsewhere, for_another_domain, without_a_person, without_a_touch, with_another_key,
     of_somebody_else],
)  # fmt: skip
def test_an_assertion_made_otherwise_is_refused(change: Change) -> None:
    mine = authenticator()
    kept = enrolled(mine)
    change(mine)

    with pytest.raises(WrongFactor):
        judge(PARTY, kept, mine.get(CHALLENGE), CHALLENGE)


@pytest.mark.parametrize(
    "change", [elsewhere, for_another_domain, without_a_person, without_a_touch]
)
def test_a_passkey_made_otherwise_is_refused(change: Change) -> None:
    mine = authenticator()
    change(mine)

    with pytest.raises(BadPasskey):
        enrolled(mine)


def test_another_challenge_is_refused() -> None:
    mine = authenticator()
    kept = enrolled(mine)

    with pytest.raises(WrongFactor):
        judge(PARTY, kept, mine.get(OTHER), CHALLENGE)
    with pytest.raises(BadPasskey):
        judge_new(PARTY, authenticator().create(options(PARTY, ME, OTHER, [])), CHALLENGE)


def test_an_assertion_whose_count_did_not_grow_is_refused() -> None:
    """A cloned authenticator counts on its own."""
    mine = authenticator()
    kept = enrolled(mine)
    kept.sign_count = 1

    with pytest.raises(WrongFactor):
        judge(PARTY, kept, mine.get(CHALLENGE), CHALLENGE)


def test_a_registration_is_no_assertion() -> None:
    mine = authenticator()
    kept = enrolled(mine)
    created = mine.create(options(PARTY, ME, CHALLENGE, []))
    forged = mine.get(CHALLENGE)
    forged["response"]["clientDataJSON"] = created["response"]["clientDataJSON"]

    with pytest.raises(WrongFactor):
        judge(PARTY, kept, forged, CHALLENGE)


def test_the_options_ask_for_a_person_and_name_only_an_opaque_id() -> None:
    asked = options(PARTY, ME, CHALLENGE, [b"known"])

    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert asked["user"]["id"] == base64url(ME.id.bytes)
    assert [known["id"] for known in asked["excludeCredentials"]] == [base64url(b"known")]
    json.dumps(asked)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.binary().map(base64url),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
MINE = authenticator()
KEPT = enrolled(MINE)
GENUINE = MINE.get(CHALLENGE)


@given(
    part=st.sampled_from(["clientDataJSON", "authenticatorData", "signature", "userHandle"]),
    value=json_values.filter(lambda value: value is not None),
)
def test_any_value_in_any_part_is_refused_and_never_an_error(part: str, value: Any) -> None:
    forged = GENUINE | {"response": GENUINE["response"] | {part: value}}

    with pytest.raises(WrongFactor):
        judge(PARTY, KEPT, forged, CHALLENGE)


@given(data=st.data())
def test_any_changed_byte_is_refused(data: st.DataObject) -> None:
    part = data.draw(st.sampled_from(["clientDataJSON", "authenticatorData", "signature"]))
    text = GENUINE["response"][part]
    place = data.draw(st.integers(0, len(text) - 2))  # the last character has unused bits
    other = data.draw(st.sampled_from("ABCDefgh0123-_").filter(lambda c: c != text[place]))
    changed = text[:place] + other + text[place + 1 :]
    forged = GENUINE | {"response": GENUINE["response"] | {part: changed}}

    with pytest.raises(WrongFactor):
        judge(PARTY, KEPT, forged, CHALLENGE)


@given(data=st.binary(max_size=300))
def test_any_bytes_as_an_attestation_are_refused_and_never_an_error(data: bytes) -> None:
    created = authenticator().create(options(PARTY, ME, CHALLENGE, []))
    created["response"]["attestationObject"] = base64url(data)

    with pytest.raises(BadPasskey):
        judge_new(PARTY, created, CHALLENGE)
