"""Whoever tries whatever in a meeting: the room stays true, and its stream tells all of it."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.meetings import service, showing
from api.meetings.papers import queries as papers_of
from api.meetings.papers import service as table
from api.meetings.plans import Laid
from api.meetings.rules import Move, State
from api.meetings.schemas import MeetingOut
from api.meetings.seats import seat
from core import streams
from core.actor import Actor
from core.db import Database, Tx
from core.errors import AppError
from core.streams import Entry
from tests.support.gatherings import PAGES, called, everybody, paper
from tests.support.ministry import Ministry

Room = dict[str, Any]
PEOPLE = ("leader", "secretary", "officer", "colleague", "administrator", "stranger")
STATES = {
    "meeting.approved": State.APPROVED,
    "meeting.invited": State.INVITED,
    "meeting.checkin_opened": State.CHECKIN_OPEN,
    "meeting.postponed": State.POSTPONED,
    "meeting.opened": State.IN_SESSION,
    "meeting.paused": State.RECESS,
    "meeting.resumed": State.IN_SESSION,
    "meeting.closed": State.CLOSED,
    "meeting.cancelled": State.CANCELLED,
}


@dataclass(frozen=True)
class Around:
    """What a step may touch."""

    ministry: Ministry
    meeting_id: UUID
    papers: tuple[UUID, ...]


Step = Callable[[Tx, Actor, Around], Awaitable[object]]


def advance(move: Move) -> Step:
    return lambda tx, actor, around: service.advance(tx, actor, around.meeting_id, move)


def lay(paper: int) -> Step:
    return lambda tx, actor, around: table.lay(
        tx, actor, around.meeting_id, Laid(around.papers[paper])
    )


def turn(paper: int, page: int) -> Step:
    return lambda tx, actor, around: service.turn_page(
        tx, actor, around.meeting_id, document_id=around.papers[paper], page=page
    )


def hand(to: str) -> Step:
    return lambda tx, actor, around: service.hand_over(
        tx, actor, around.meeting_id, getattr(around.ministry, to).id
    )


#: What calendars and the agenda are for.
NOT_TOLD = {
    "id", "title", "starts_at", "ends_at", "form", "place", "sequence", "quorum_percent", "version",
    "people", "table", "agenda", "my_part", "active_item_id",
}  # fmt: skip
#: Mostly the meeting is prepared and runs, or nothing would ever be shown.
PREPARED = (
    ("leader", lay(0)), ("leader", advance(Move.APPROVE)), ("secretary", advance(Move.INVITE)),
    ("secretary", advance(Move.CHECK_IN)), ("secretary", advance(Move.OPEN)),
)  # fmt: skip
STEPS = st.one_of(
    st.builds(turn, st.integers(0, 1), st.integers(0, PAGES)),
    st.builds(hand, st.sampled_from(PEOPLE)),
    st.builds(lay, st.integers(0, 1)),
    st.builds(advance, st.sampled_from([Move.PAUSE, Move.RESUME])),
    st.builds(advance, st.sampled_from(Move)),
)
DAYS = st.lists(st.tuples(st.sampled_from(PEOPLE), STEPS), min_size=4, max_size=16)


async def look(db: Database, around: Around) -> tuple[int, MeetingOut]:
    """What a phone is given that joins now: the room, and the position it belongs to."""
    async with db.read() as view:
        head = await streams.head(view.session, f"room:{around.meeting_id}")
        leader = around.ministry.leader.actor
        return head.seq, await showing.whole(view, leader, around.meeting_id)


async def told_after(db: Database, around: Around, position: int) -> list[Entry]:
    async with db.read() as view:
        return await streams.read_after(view.session, f"room:{around.meeting_id}", position)


def as_shown(meeting: MeetingOut) -> Room:
    """What of a room its stream tells."""
    shown = meeting.model_dump(exclude=NOT_TOLD)
    return shown | {"table": [paper.document_id for paper in meeting.table]}


def having_heard(room: Room, entries: list[Entry]) -> Room:
    """The room as a phone has it that follows the stream."""
    for one in entries:
        room = room | _changed(room, one.name, one.body)
        if one.name == "meeting.opened":
            room["opened_at"] = one.at
        if one.name in {"meeting.closed", "meeting.cancelled"}:
            room["closed_at"] = one.at
    return room


def _changed(room: Room, name: str, said: dict[str, Any]) -> Room:
    match name:
        case "meeting.document_added":
            return {"table": [*room["table"], UUID(said["document_id"])]}
        case "meeting.presenter_changed":
            return {"presenter_id": UUID(said["presenter_id"])}
        case "meeting.page_turned":
            return {
                "shown_document_id": UUID(said["document_id"]),
                "shown_revision_id": UUID(said["revision_id"]),
                "shown_page": said["page"],
            }
        case _:
            return {"state": STATES[name]}


async def must_hold(db: Database, around: Around, meeting: MeetingOut) -> None:
    people = {one.official_id for one in meeting.people}
    assert people == {official_id for official_id, _ in everybody(around.ministry)}
    assert meeting.presenter_id in people
    if meeting.shown_page is not None:
        papers = {paper.document_id: paper for paper in meeting.table}
        shown = papers[meeting.shown_document_id] if meeting.shown_document_id else None
        assert shown is not None
        assert shown.revision_id == meeting.shown_revision_id
        assert meeting.shown_page in range(shown.pages)
    async with db.read() as view:
        for laid in meeting.table:
            for person in ("leader", "secretary"):
                actor = getattr(around.ministry, person).actor
                mine = await seat(view, actor, around.meeting_id)
                await papers_of.paper(view, mine, laid.document_id)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=DAYS, prepared=st.sampled_from([True, True, False]))
async def test_snapshot_and_stream_never_part(
    db: Database, ministry: Ministry, steps: list[tuple[str, Step]], *, prepared: bool
) -> None:
    papers = (await paper(db, ministry), await paper(db, ministry))
    around = Around(ministry, await called(db, ministry), papers)
    looks = [await look(db, around)]

    for who, step in [*PREPARED, *steps] if prepared else steps:
        actor = getattr(ministry, who).actor
        with suppress(AppError):
            async with db.begin() as tx:
                await step(tx, actor, around)
        looks.append(await look(db, around))
        await must_hold(db, around, looks[-1][1])
        told = await told_after(db, around, looks[-2][0])
        assert [UUID(one.body["by"]) for one in told] in ([], [actor.id])
        assert bool(told) or as_shown(looks[-1][1]) == as_shown(looks[-2][1])

    last, meeting = looks[-1]
    assert [one.seq for one in await told_after(db, around, 0)] == list(range(1, last + 1))
    for position, before in looks:
        heard = await told_after(db, around, position)
        assert having_heard(as_shown(before), heard) == as_shown(meeting)
