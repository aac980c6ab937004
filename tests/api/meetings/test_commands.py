"""What phones do over the room's socket: one effect and one answer for each key."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from api.meetings import flows, service
from api.meetings.errors import NotYourPart, WrongState
from api.meetings.papers import queries as table_queries
from api.meetings.rules import Move
from core import streams
from core.db import Database
from core.errors import AppError, Malformed, NotFound
from core.idempotency import KEPT_FOR, KeyReused, StoredAnswer
from core.ids import new_id
from core.streams import Entry
from tests.support.answers import rows
from tests.support.clock import Clock
from tests.support.gatherings import in_session, paper
from tests.support.ministry import Ministry, Person


async def turn(
    db: Database, person: Person, room: tuple[UUID, UUID], page: Any, *, key: UUID | None = None
) -> dict[str, Any]:
    meeting_id, document_id = room
    data = {"document_id": str(document_id), "page": page}
    return await flows.command(
        db, person.actor, meeting_id, kind="page.turn", key=key or new_id(), data=data
    )


async def hand(db: Database, person: Person, room: tuple[UUID, UUID], to: Any) -> dict[str, Any]:
    data = {"official_id": str(to)}
    return await flows.command(
        db, person.actor, room[0], kind="presenter.hand", key=new_id(), data=data
    )


async def told(db: Database, meeting_id: UUID, name: str) -> list[Entry]:
    async with db.read() as view:
        entries = await streams.read_after(view.session, f"room:{meeting_id}", 0)
    return [one for one in entries if one.name == name]


async def pages_told(db: Database, meeting_id: UUID) -> list[int]:
    return [one.body["page"] for one in await told(db, meeting_id, "meeting.page_turned")]


async def test_a_page_turn_names_the_very_revision_that_lies_on_the_table(
    db: Database, ministry: Ministry
) -> None:
    room = await in_session(db, ministry)

    assert await turn(db, ministry.leader, room, 2) == {"page": 2}

    async with db.read() as view:
        (laid,) = await table_queries.published(view, room[0])
    (entry,) = await told(db, room[0], "meeting.page_turned")
    assert entry.body == {
        "meeting_id": str(room[0]),
        "by": str(ministry.leader.id),
        "document_id": str(room[1]),
        "revision_id": str(laid.revision_id),
        "page": 2,
    }


async def test_a_repeated_command_gets_its_first_answer_even_when_the_meeting_is_over(
    db: Database, ministry: Ministry
) -> None:
    room, key = await in_session(db, ministry), new_id()
    first = await turn(db, ministry.leader, room, 1, key=key)
    async with db.begin() as tx:
        await service.advance(tx, ministry.secretary.actor, room[0], Move.CLOSE)

    assert await turn(db, ministry.leader, room, 1, key=key) == first

    assert await pages_told(db, room[0]) == [1]


async def test_a_key_belongs_to_one_command(db: Database, ministry: Ministry) -> None:
    room, key = await in_session(db, ministry), new_id()
    await turn(db, ministry.leader, room, 1, key=key)

    for other in ((room[0], room[1], 2), (*await in_session(db, ministry), 1)):
        with pytest.raises(KeyReused):
            await turn(db, ministry.leader, other[:2], other[2], key=key)

    assert await pages_told(db, room[0]) == [1]


async def test_a_key_is_its_senders_own(db: Database, ministry: Ministry) -> None:
    room, key = await in_session(db, ministry), new_id()
    await turn(db, ministry.leader, room, 1, key=key)

    await turn(db, ministry.secretary, room, 2, key=key)

    assert await pages_told(db, room[0]) == [1, 2]


async def test_a_key_is_remembered_for_a_day(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    room, key = await in_session(db, ministry), new_id()
    await turn(db, ministry.leader, room, 1, key=key)
    clock.tick(KEPT_FOR - timedelta(microseconds=1))
    await turn(db, ministry.leader, room, 1, key=key)
    assert await pages_told(db, room[0]) == [1]

    clock.tick(timedelta(microseconds=1))
    await turn(db, ministry.leader, room, 1, key=key)

    assert await pages_told(db, room[0]) == [1, 1]


async def test_a_refused_command_leaves_nothing_and_may_be_tried_again(
    db: Database, ministry: Ministry
) -> None:
    room, key = await in_session(db, ministry), new_id()
    with pytest.raises(NotYourPart):
        await turn(db, ministry.officer, room, 1, key=key)
    assert await rows(db, StoredAnswer) == []
    assert await pages_told(db, room[0]) == []
    await hand(db, ministry.leader, room, ministry.officer.id)

    await turn(db, ministry.officer, room, 1, key=key)

    assert await pages_told(db, room[0]) == [1]


async def test_whoever_hands_over_does_not_present_any_more(
    db: Database, ministry: Ministry
) -> None:
    room = await in_session(db, ministry)
    await hand(db, ministry.leader, room, ministry.officer.id)

    assert await hand(db, ministry.officer, room, ministry.colleague.id) == {
        "presenter_id": str(ministry.colleague.id)
    }

    for act in (
        turn(db, ministry.officer, room, 0), hand(db, ministry.officer, room, ministry.officer.id),
        turn(db, ministry.leader, room, 0),
    ):  # fmt: skip
        with pytest.raises(NotYourPart):
            await act
    await hand(db, ministry.leader, room, ministry.leader.id)
    assert await turn(db, ministry.leader, room, 0) == {"page": 0}


async def test_only_somebody_of_the_meeting_presents(db: Database, ministry: Ministry) -> None:
    room = await in_session(db, ministry)

    for outsider in (ministry.clerk.id, ministry.stranger.id, new_id()):
        with pytest.raises(NotFound):
            await hand(db, ministry.leader, room, outsider)

    assert await told(db, room[0], "meeting.presenter_changed") == []


async def test_outsiders_command_nothing(db: Database, ministry: Ministry) -> None:
    room = await in_session(db, ministry)

    for outsider in (ministry.clerk, ministry.administrator, ministry.stranger):
        with pytest.raises(NotFound):
            await turn(db, outsider, room, 0)
        with pytest.raises(NotFound):
            await hand(db, outsider, room, outsider.id)


@pytest.mark.parametrize("moves", [(Move.PAUSE,), (Move.CLOSE,), (Move.PAUSE, Move.CLOSE)])
async def test_nothing_is_shown_while_the_meeting_does_not_run(
    db: Database, ministry: Ministry, moves: tuple[Move, ...]
) -> None:
    room = await in_session(db, ministry)
    for move in moves:
        async with db.begin() as tx:
            await service.advance(tx, ministry.secretary.actor, room[0], move)

    with pytest.raises(WrongState):
        await turn(db, ministry.leader, room, 0)
    with pytest.raises(WrongState):
        await hand(db, ministry.leader, room, ministry.officer.id)


async def test_a_document_of_another_meeting_is_not_on_this_table(
    db: Database, ministry: Ministry
) -> None:
    meeting_id, _ = await in_session(db, ministry)
    _, elsewhere = await in_session(db, ministry)

    for document_id in (elsewhere, await paper(db, ministry)):
        with pytest.raises(AppError) as refusal:
            await turn(db, ministry.leader, (meeting_id, document_id), 0)
        assert refusal.value.code == "meetings.not_on_the_table"


@pytest.mark.parametrize("page", [-1, 100_001, 1.5, "one", None, [0], {}, 10**30])
async def test_what_is_no_page_number_is_malformed(
    db: Database, ministry: Ministry, page: Any
) -> None:
    room = await in_session(db, ministry)

    with pytest.raises(Malformed) as refusal:
        await turn(db, ministry.leader, room, page)

    assert refusal.value.facts == {"where": "d.page"}
