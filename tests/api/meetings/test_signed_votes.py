"""Open votes whose ballots are signed one by one, with the key of each voter's own device."""

import base64
import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from api.demo.phone import Phone
from api.meetings import flows
from api.meetings.votes.models import VoteBallot
from api.meetings.votes.rules import Mark, subject_of
from core.db import Database
from core.errors import AppError
from core.ids import new_id
from tests.api.meetings.test_votes import NO, YES, cast, closed, in_session, opened
from tests.support.answers import rows
from tests.support.ministry import Ministry, Person

As = Callable[[Person], Awaitable[Phone]]
ASKED, CHOICES = "Thông qua quy chế?", ("Có", "Không", "Ý kiến khác")


async def vote_of(db: Database, ministry: Ministry) -> tuple[UUID, UUID]:
    """Open a signed vote of the leader, the officer and the colleague."""
    here = (ministry.leader, ministry.officer, ministry.colleague)
    meeting_id = await in_session(db, ministry, *here)
    return meeting_id, await opened(db, ministry, meeting_id, signed=True)


def subject(vote_id: UUID, person: Person, choice: int) -> bytes:
    return subject_of(vote_id, ASKED, CHOICES, person.id, Mark(choice))


async def signed(
    phone: Phone, person: Person, vote: tuple[UUID, UUID], choice: int, sent: int | None = None
) -> Any:
    """Sign a ballot and cast it, or another one than was signed."""
    meeting_id, vote_id = vote
    path = f"/meetings/{meeting_id}/votes/{vote_id}/signed-ballots"
    body = {"choice": choice if sent is None else sent}
    return await phone.step_up(path, subject(vote_id, person, choice), json=body)


def part(text: str) -> Any:
    return json.loads(unbase64url(text))


def unbase64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def must_be_signed(evidence: dict[str, Any], asked: bytes) -> None:
    """Verify a published ballot with nothing but what was published, and `cryptography`."""
    head, body, signature = evidence["proof"].split(".")
    jwk, raw = part(head)["jwk"], unbase64url(signature)
    assert {name: jwk[name] for name in ("kty", "crv", "x", "y")} == evidence["public_jwk"]
    x, y = (int.from_bytes(unbase64url(jwk[name])) for name in ("x", "y"))
    key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    whole = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    key.verify(whole, f"{head}.{body}".encode(), ec.ECDSA(hashes.SHA256()))
    claims = part(body)
    challenge = hashlib.sha256(asked + claims["nonce"].encode()).digest()
    if unbase64url(claims["challenge"]) != challenge:
        raise InvalidSignature


async def test_each_ballot_is_verified_from_the_published_list_alone(
    db: Database, ministry: Ministry, as_: As
) -> None:
    vote = await vote_of(db, ministry)
    chosen = {ministry.leader: YES, ministry.officer: NO, ministry.colleague: YES}
    for person, choice in chosen.items():
        answer = await signed(await as_(person), person, vote, choice)
        assert (answer.status_code, answer.json()["choice"]) == (200, choice)

    told = await closed(db, ministry, *vote)

    assert told.result["counts"] == [2, 1, 0]
    by_id = {person.id: (person, choice) for person, choice in chosen.items()}
    for ballot in told.ballots:
        person, choice = by_id[ballot.cast_by]
        must_be_signed(ballot.evidence, subject(vote[1], person, choice))
        with pytest.raises(InvalidSignature):
            must_be_signed(ballot.evidence, subject(vote[1], person, choice + 1))


async def test_a_signature_holds_for_the_ballot_that_was_signed_alone(
    db: Database, ministry: Ministry, as_: As
) -> None:
    vote = await vote_of(db, ministry)
    officer = await as_(ministry.officer)

    other = await signed(officer, ministry.officer, vote, YES, sent=NO)
    foreign = await signed(officer, ministry.colleague, vote, YES)

    for answer in (other, foreign):
        assert answer.status_code == 401
        assert answer.json()["type"] == "identity.insufficient_user_authentication"
    assert await rows(db, VoteBallot) == []


async def test_an_unsigned_ballot_does_not_count_where_they_are_signed(
    db: Database, ministry: Ministry, as_: As
) -> None:
    meeting_id, vote_id = await vote_of(db, ministry)
    officer, said = await as_(ministry.officer), {"vote_id": str(vote_id), "choice": YES}

    over_http = await officer.send(
        "POST", f"/meetings/{meeting_id}/votes/{vote_id}/ballots", json={"choice": YES}
    )
    with pytest.raises(AppError) as over_socket:
        await flows.command(
            db, ministry.officer.actor, meeting_id, kind="vote.cast", key=new_id(), data=said
        )

    assert over_http.json()["type"] == over_socket.value.code == "meetings.signature_needed"
    assert await rows(db, VoteBallot) == []


async def test_the_same_signed_ballot_again_is_the_same_and_another_is_refused(
    db: Database, ministry: Ministry, as_: As
) -> None:
    vote = await vote_of(db, ministry)
    officer = await as_(ministry.officer)
    first = await signed(officer, ministry.officer, vote, YES)

    again = await signed(officer, ministry.officer, vote, YES)
    other = await signed(officer, ministry.officer, vote, NO)

    assert again.json() == first.json()
    assert other.json()["type"] == "meetings.already_cast"
    assert len(await rows(db, VoteBallot)) == 1


async def test_who_has_no_mandate_signs_in_vain_and_where_nobody_signs_it_is_refused(
    db: Database, ministry: Ministry, as_: As
) -> None:
    vote = await vote_of(db, ministry)
    for person, code in (
        (ministry.secretary, "meetings.not_your_part"),
        (ministry.stranger, "not_found"),
    ):
        answer = await signed(await as_(person), person, vote, YES)
        assert answer.json()["type"] == code
    plain = vote[0], await opened(db, ministry, vote[0])

    answer = await signed(await as_(ministry.officer), ministry.officer, plain, YES)

    assert answer.json()["type"] == "meetings.not_this_kind"
    assert (await cast(db, ministry.officer, *plain, YES)).evidence is None


async def test_a_secret_vote_is_signed_by_nobody(ministry: Ministry, as_: As, db: Database) -> None:
    meeting_id, _ = await vote_of(db, ministry)
    trustees = [str(ministry.officer.id), str(ministry.colleague.id)]
    secrecy = {"trustees": trustees, "threshold": 2, "registrar_id": str(ministry.secretary.id)}
    asked = {"question": "Bầu?", "kind": "secret", "signed": True, "secrecy": secrecy}

    refusal = await (await as_(ministry.leader)).send(
        "POST", f"/meetings/{meeting_id}/votes", json=asked
    )

    assert refusal.json()["type"] == "malformed"
