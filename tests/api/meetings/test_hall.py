"""A hall that votes by name at once: ballots share a commit, and each is answered for itself."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx2 as httpx
from sqlalchemy import event

from api.demo.phone import Phone
from api.meetings import flows
from api.meetings.votes.models import VoteBallot
from api.wiring import Engines
from core.db import Database
from core.errors import AppError
from core.grouped import Grouped
from core.idempotency import StoredAnswer
from core.ids import new_id
from tests.api.meetings.test_votes import NO, YES, closed, in_session, opened
from tests.support.answers import rows
from tests.support.ministry import BASE_URL, Ministry, Person

As = Callable[[Person], Awaitable[Phone]]
#: For three requests to be there, however busy the machine is.
A_MOMENT = 0.5


class Hall:
    """A room whose phones all speak at the same moment."""

    def __init__(self, db: Database, meeting_id: UUID, vote_id: UUID) -> None:
        self.commands = flows.Commands(db)
        self.meeting_id, self.vote_id = meeting_id, vote_id

    async def cast(
        self, person: Person, choice: int, key: UUID | None = None, **more: Any
    ) -> dict[str, Any] | str:
        data = {"vote_id": str(self.vote_id), "choice": choice} | more
        try:
            return await self.commands.do(
                person.actor, self.meeting_id, kind="vote.cast", key=key or new_id(), data=data
            )
        except AppError as refusal:
            return refusal.code


async def hall_of(db: Database, ministry: Ministry) -> Hall:
    here = (ministry.leader, ministry.officer, ministry.colleague)
    meeting_id = await in_session(db, ministry, *here)
    return Hall(db, meeting_id, await opened(db, ministry, meeting_id))


async def test_ballots_of_one_moment_are_taken_and_refused_each_for_itself(
    db: Database, ministry: Ministry
) -> None:
    hall = await hall_of(db, ministry)
    elsewhere: dict[str, Any] = {"vote_id": str(new_id())}

    answers = await asyncio.gather(
        hall.cast(ministry.leader, YES),
        hall.cast(ministry.officer, NO),
        hall.cast(ministry.secretary, YES),
        hall.cast(ministry.stranger, YES),
        hall.cast(ministry.colleague, 7),
        hall.cast(ministry.colleague, YES, principal_id=str(ministry.officer.id)),
        hall.cast(ministry.colleague, YES, **elsewhere),
    )

    taken = [one for one in answers if isinstance(one, dict)]
    assert [one["choice"] for one in taken] == [YES, NO]
    assert [one for one in answers if isinstance(one, str)] == [
        "meetings.not_your_part", "not_found", "meetings.no_such_choice", "meetings.no_mandate",
        "not_found",
    ]  # fmt: skip
    assert len(await rows(db, VoteBallot)) == 2
    told = await closed(db, ministry, hall.meeting_id, hall.vote_id)
    assert told.result["counts"] == [1, 1, 0]


async def test_the_same_key_at_the_same_moment_has_one_effect_and_one_answer(
    db: Database, ministry: Ministry
) -> None:
    hall, key = await hall_of(db, ministry), new_id()

    first = await asyncio.gather(*(hall.cast(ministry.officer, YES, key) for _ in range(3)))
    later = await hall.cast(ministry.officer, YES, key)
    other = await hall.cast(ministry.officer, NO, key)

    assert first == [later] * 3
    assert other == "idempotency.key_reused"
    assert len(await rows(db, VoteBallot)) == len(await rows(db, StoredAnswer)) == 1


async def test_one_mandate_has_one_ballot_whatever_is_said_at_once(
    db: Database, ministry: Ministry
) -> None:
    hall = await hall_of(db, ministry)

    answers = await asyncio.gather(
        *(hall.cast(ministry.officer, choice) for choice in (YES, NO) * 4)
    )

    (ballot,) = await rows(db, VoteBallot)
    assert {one["choice"] for one in answers if isinstance(one, dict)} == {ballot.choice}
    assert answers.count("meetings.already_cast") == 4


async def test_two_nodes_that_hear_the_same_ballots_keep_them_once(
    db: Database, ministry: Ministry
) -> None:
    hall = await hall_of(db, ministry)
    other = Hall(db, hall.meeting_id, hall.vote_id)
    people = (ministry.leader, ministry.officer, ministry.colleague)

    await asyncio.gather(*(node.cast(one, YES) for one in people for node in (hall, other)))

    assert len(await rows(db, VoteBallot)) == 3
    again = await hall.cast(ministry.leader, YES)
    assert isinstance(again, dict)


async def posted(phone: Phone, hall: Hall, choice: int, key: UUID | None = None) -> Any:
    """Cast a ballot over HTTP."""
    path = f"/meetings/{hall.meeting_id}/votes/{hall.vote_id}/ballots"
    headers = {"Idempotency-Key": str(key)} if key else {}
    return await phone.send("POST", path, json={"choice": choice}, headers=headers)


async def test_ballots_over_http_and_over_sockets_share_a_commit(
    db: Database, ministry: Ministry, as_: As, engines: Engines
) -> None:
    hall = await hall_of(db, ministry)
    hall.commands = engines.rooms
    engines.rooms._casts = Grouped(engines.rooms._cast, window=A_MOMENT)
    officer, secretary = await as_(ministry.officer), await as_(ministry.secretary)
    said: list[str] = []
    event.listen(
        db.engine.sync_engine, "before_cursor_execute", lambda *heard: said.append(heard[2])
    )

    taken, refused, over_socket = await asyncio.gather(
        posted(officer, hall, NO, new_id()),
        posted(secretary, hall, YES),
        hall.cast(ministry.leader, YES),
    )

    assert (taken.status_code, taken.json()["choice"]) == (200, NO)
    assert refused.json()["type"] == "meetings.not_your_part"
    assert isinstance(over_socket, dict)
    assert len(await rows(db, VoteBallot)) == 2
    assert len([one for one in said if one.startswith("INSERT INTO vote_ballot")]) == 1


async def test_a_ballot_over_http_has_one_effect_and_one_answer_for_each_key(
    db: Database, ministry: Ministry, as_: As
) -> None:
    hall, key = await hall_of(db, ministry), new_id()
    officer = await as_(ministry.officer)

    first = await asyncio.gather(*(posted(officer, hall, YES, key) for _ in range(3)))
    later = await posted(officer, hall, YES, key)
    other = await posted(officer, hall, NO, key)
    unkeyed = await posted(officer, hall, YES)

    assert {one.text for one in (*first, later, unkeyed)} == {later.text}
    assert later.headers["Idempotency-Replayed"] == "true"
    assert other.json()["type"] == "idempotency.key_reused"
    assert len(await rows(db, VoteBallot)) == 1


async def test_a_proof_casts_one_ballot_only(
    db: Database, ministry: Ministry, as_: As, http: httpx.AsyncClient
) -> None:
    hall = await hall_of(db, ministry)
    officer = await as_(ministry.officer)
    url = f"{BASE_URL}/meetings/{hall.meeting_id}/votes/{hall.vote_id}/ballots"
    headers = {
        "DPoP": officer.proof("POST", url, access_token=officer.access_token),
        "Authorization": f"DPoP {officer.access_token}",
    }

    answers = await asyncio.gather(
        *(http.post(url, json={"choice": YES}, headers=headers) for _ in range(3))
    )
    later = await http.post(url, json={"choice": YES}, headers=headers)

    assert sorted(one.status_code for one in answers) == [200, 401, 401]
    assert later.status_code == 401
