"""The box: one ballot for each credential whatever comes, and nothing of it can be changed."""

import asyncio
import secrets
from collections.abc import Sequence
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.meetings.secrecy import flows, queries
from api.meetings.secrecy.errors import CredentialUsed
from api.meetings.secrecy.models import BallotBox, BallotCredential, SealedBallot
from api.meetings.secrecy.rules import new_uuid
from api.meetings.secrecy.service import Sealed
from api.meetings.votes.errors import WrongVoteState
from api.meetings.votes.models import Vote
from api.meetings.votes.rules import Kind, State
from core.db import Database
from core.errors import AppError
from tests.api.meetings.test_votes import meeting_of
from tests.support.answers import rows
from tests.support.ministry import Ministry

CREDENTIALS = [f"{number:064x}" for number in range(4)]


async def open_box(db: Database, ministry: Ministry) -> UUID:
    """A box whose key and credentials nobody has: only what lies in it is looked at."""
    meeting_id = await meeting_of(db, ministry)
    async with db.begin() as tx:
        vote = Vote(
            meeting_id=meeting_id, agency_id=ministry.leader.agency_id, kind=Kind.SECRET,
            question="?", choices=["Có", "Không"], rule={}, state=State.OPEN, created_at=tx.now,
            opened_at=tx.now,
        )  # fmt: skip
        tx.session.add(vote)
        await tx.session.flush()
        tx.session.add(
            BallotBox(
                vote_id=vote.id, agency_id=vote.agency_id, uuid=new_uuid(),
                registrar_id=ministry.secretary.id, threshold=2,
            )
        )  # fmt: skip
        await tx.session.flush()
        tx.session.add_all(
            BallotCredential(vote_id=vote.id, known_as=one, agency_id=vote.agency_id)
            for one in CREDENTIALS
        )
    return vote.id


def sealed(vote_id: UUID, credential: int, ballot: int) -> Sealed:
    name = f"{credential}-{ballot}"
    return Sealed(vote_id, CREDENTIALS[credential], name.ljust(43, "="), name)


async def put(db: Database, ballots: Sequence[Sealed]) -> list[str | AppError]:
    box = flows.box_of(db)
    return list(await asyncio.gather(*(box.put(one) for one in ballots)))


GROUPS = st.lists(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=6), max_size=5
)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(GROUPS)
async def test_whatever_comes_in_whatever_groups_each_credential_has_one_ballot(
    db: Database, ministry: Ministry, groups: list[list[tuple[int, int]]]
) -> None:
    vote_id = await open_box(db, ministry)
    receipts: dict[int, str] = {}
    for group in groups:
        answers = await put(db, [sealed(vote_id, *one) for one in group])
        for (credential, ballot), answer in zip(group, answers, strict=True):
            mine = sealed(vote_id, credential, ballot).tracker
            if isinstance(answer, str):
                assert answer == mine
                assert receipts.setdefault(credential, answer) == answer
            else:
                assert isinstance(answer, CredentialUsed)
        assert set(receipts) >= {credential for credential, _ in group}

    async with db.read() as view:
        held = await queries.sealed(view, vote_id)
    assert len(held) == len(receipts)
    assert {one.ljust(43, "=") for one in held} == set(receipts.values())


async def test_a_closed_box_takes_nothing_and_still_gives_receipts(
    db: Database, ministry: Ministry
) -> None:
    vote_id = await open_box(db, ministry)
    first = sealed(vote_id, 0, 0)
    assert await put(db, [first]) == [first.tracker]
    async with db.begin() as tx:
        (await tx.session.get_one(Vote, vote_id)).state = State.CLOSED

    again, late, other = await put(db, [first, sealed(vote_id, 1, 0), sealed(vote_id, 0, 1)])

    assert again == first.tracker
    assert isinstance(late, WrongVoteState)
    assert isinstance(other, CredentialUsed)
    assert len(await rows(db, SealedBallot)) == 1


async def test_the_database_itself_keeps_ballots_credentials_and_handouts(
    db: Database, ministry: Ministry
) -> None:
    vote_id = await open_box(db, ministry)
    await put(db, [sealed(vote_id, 0, 0)])

    for forbidden in (
        "UPDATE sealed_ballot SET ballot = 'x'",
        "DELETE FROM sealed_ballot",
        "DELETE FROM ballot_credential",
        "UPDATE ballot_credential SET known_as = 'x'",
    ):
        with pytest.raises(DBAPIError):
            async with db.begin() as tx:
                await tx.session.exec(text(forbidden))  # type: ignore[call-overload]
    unlisted = Sealed(vote_id, secrets.token_hex(32), "t".ljust(43, "="), "b")
    with pytest.raises(DBAPIError):
        await put(db, [unlisted])
    assert len(await rows(db, SealedBallot)) == 1


async def test_two_boxes_share_a_commit_and_nothing_else(db: Database, ministry: Ministry) -> None:
    one, other = await open_box(db, ministry), await open_box(db, ministry)

    answers = await put(db, [sealed(one, 0, 0), sealed(other, 0, 1), sealed(one, 1, 1)])

    assert answers == [sealed(one, 0, 0).tracker, sealed(other, 0, 1).tracker,
                       sealed(one, 1, 1).tracker]  # fmt: skip
    async with db.read() as view:
        assert await queries.cast_count(view, one) == 2
        assert await queries.cast_count(view, other) == 1
