"""Invitations: who answers what, who comes in whose place, and what calendars are told."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import background
from api.demo.phone import Phone
from api.meetings import service as meetings
from api.meetings.invitations import calendar, service
from api.meetings.invitations.calendar import Appointment, Person
from api.meetings.invitations.errors import CannotDelegate, WrongAnswer
from api.meetings.invitations.rules import Answer, Reply
from api.meetings.models import Participant
from api.meetings.plans import Schedule
from api.meetings.rules import Move, Part, State
from api.wiring import Engines
from core import streams
from core.db import Database
from core.errors import NotFound
from core.events import DOOR
from core.ids import new_id
from core.worker import Worker
from push.models import Notification
from tests.support.answers import rows
from tests.support.clock import Clock
from tests.support.gatherings import TO_INVITED, called
from tests.support.ministry import Ministry
from tests.support.ministry import Person as Official

As = Callable[[Official], Awaitable[Phone]]


async def answer(db: Database, person: Official, meeting_id: UUID, reply: Reply) -> None:
    async with db.begin() as tx:
        await service.answer(tx, person.actor, meeting_id, reply)


async def delegate(db: Database, person: Official, meeting_id: UUID, to: Official) -> None:
    async with db.begin() as tx:
        await service.delegate(tx, person.actor, meeting_id, to.id)


async def answers(db: Database) -> dict[UUID, tuple[Part, Answer]]:
    return {one.official_id: (one.part, one.answer) for one in await rows(db, Participant)}


async def sent_away(db: Database) -> list[UUID]:
    """Who must hear no more, as every process is told at the door."""
    async with db.read() as view:
        entries = await streams.read_after(view.session, DOOR, 0)
    return [UUID(one.body["official_id"]) for one in entries]


async def test_a_delegate_takes_the_place_by_accepting_and_gives_it_back_by_declining(
    db: Database, ministry: Ministry
) -> None:
    meeting_id = await called(db, ministry, *TO_INVITED)
    await delegate(db, ministry.officer, meeting_id, ministry.clerk)
    assert (await answers(db))[ministry.officer.id] == (Part.MEMBER, Answer.OFFERED)

    await answer(db, ministry.clerk, meeting_id, Reply.ACCEPT)

    assert (await answers(db))[ministry.officer.id] == (Part.MEMBER, Answer.DELEGATED)
    assert (await answers(db))[ministry.clerk.id] == (Part.DELEGATE, Answer.ACCEPTED)

    await answer(db, ministry.clerk, meeting_id, Reply.DECLINE)

    assert (await answers(db))[ministry.officer.id] == (Part.MEMBER, Answer.SEEN)
    assert await sent_away(db) == [ministry.clerk.id]
    with pytest.raises(NotFound):
        await answer(db, ministry.clerk, meeting_id, Reply.ACCEPT)


async def test_whoever_comes_after_all_sends_the_delegate_home(
    db: Database, ministry: Ministry
) -> None:
    meeting_id = await called(db, ministry, *TO_INVITED)
    await delegate(db, ministry.officer, meeting_id, ministry.clerk)
    await answer(db, ministry.clerk, meeting_id, Reply.ACCEPT)

    await answer(db, ministry.officer, meeting_id, Reply.ACCEPT)

    assert (await answers(db))[ministry.officer.id] == (Part.MEMBER, Answer.ACCEPTED)
    assert ministry.clerk.id not in await answers(db)
    assert await sent_away(db) == [ministry.clerk.id]


async def test_a_delegate_goes_with_whom_they_stand_for(db: Database, ministry: Ministry) -> None:
    meeting_id = await called(db, ministry, *TO_INVITED)
    await delegate(db, ministry.officer, meeting_id, ministry.clerk)

    async with db.begin() as tx:
        await meetings.remove_person(tx, ministry.secretary.actor, meeting_id, ministry.officer.id)

    assert await sent_away(db) == [ministry.clerk.id, ministry.officer.id]


async def test_a_place_is_passed_on_once_and_to_nobody_who_has_one(
    db: Database, ministry: Ministry
) -> None:
    meeting_id = await called(db, ministry, *TO_INVITED)
    for who, to in (
        (ministry.leader, ministry.clerk), (ministry.secretary, ministry.clerk),
        (ministry.colleague, ministry.clerk), (ministry.officer, ministry.colleague),
        (ministry.officer, ministry.officer),
    ):  # fmt: skip
        with pytest.raises(CannotDelegate):
            await delegate(db, who, meeting_id, to)
    with pytest.raises(NotFound):
        await delegate(db, ministry.officer, meeting_id, ministry.stranger)
    await delegate(db, ministry.officer, meeting_id, ministry.clerk)
    await answer(db, ministry.clerk, meeting_id, Reply.ACCEPT)

    with pytest.raises(CannotDelegate):
        await delegate(db, ministry.clerk, meeting_id, ministry.administrator)
    with pytest.raises(WrongAnswer):
        await delegate(db, ministry.officer, meeting_id, ministry.administrator)


async def test_those_who_have_not_answered_and_those_who_come_are_reminded(
    db: Database, ministry: Ministry, engines: Engines, clock: Clock
) -> None:
    meeting_id = await called(db, ministry, *TO_INVITED)
    async with db.begin() as tx:
        later = Schedule(starts_at=tx.now + timedelta(days=2))
        await meetings.reschedule(tx, ministry.secretary.actor, meeting_id, later)
    await answer(db, ministry.officer, meeting_id, Reply.ACCEPT)
    await answer(db, ministry.colleague, meeting_id, Reply.DECLINE)
    worker = Worker(db, background.handlers(engines))

    told, rung = list[int](), list[Notification]()
    for wait in (timedelta(hours=23), timedelta(hours=2), timedelta(hours=23)):
        clock.tick(wait)
        await worker.run_due()
        rung = [one for one in await rows(db, Notification) if one.kind == "meeting.reminded"]
        told.append(len(rung))

    assert told == [0, 3, 6]
    assert {one.official_id for one in rung} == {
        ministry.leader.id, ministry.secretary.id, ministry.officer.id,
    }  # fmt: skip


async def test_reminders_of_a_date_that_was_moved_come_to_nothing(
    db: Database, ministry: Ministry, engines: Engines, clock: Clock
) -> None:
    meeting_id = await called(db, ministry, *TO_INVITED)
    for days in (2, 9):
        async with db.begin() as tx:
            later = Schedule(starts_at=tx.now + timedelta(days=days))
            await meetings.reschedule(tx, ministry.secretary.actor, meeting_id, later)

    clock.tick(timedelta(days=3))
    await Worker(db, background.handlers(engines)).run_due()

    assert [one for one in await rows(db, Notification) if one.kind == "meeting.reminded"] == []


async def test_a_new_date_reaches_everybody_with_a_newer_calendar_file(
    db: Database, ministry: Ministry, as_: As
) -> None:
    meeting_id = await called(db, ministry, *TO_INVITED)
    officer, secretary = await as_(ministry.officer), await as_(ministry.secretary)
    path = f"/meetings/{meeting_id}"
    first = unfolded((await officer.get(f"{path}/invitation.ics")).text)
    said = {"starts_at": "2026-02-03T01:30:00+00:00", "place": "Phòng họp A; tầng 2, nhà B"}

    await secretary.post(f"{path}/reschedule", json=said)
    await officer.post(f"{path}/accept")
    answer = await officer.get(f"{path}/invitation.ics")

    later = unfolded(answer.text)
    assert answer.headers["content-type"].startswith("text/calendar")
    assert later["UID"] == first["UID"] == f"{meeting_id}@khonggiay"
    assert int(later["SEQUENCE"]) == int(first["SEQUENCE"]) + 1
    assert (later["DTSTART"], later["METHOD"]) == ("20260203T013000Z", "REQUEST")
    assert later["LOCATION"] == r"Phòng họp A\; tầng 2\, nhà B"
    assert "PARTSTAT=NEEDS-ACTION" in next(key for key in first if key.startswith("ATTENDEE"))
    assert "PARTSTAT=ACCEPTED" in next(key for key in later if key.startswith("ATTENDEE"))
    async with db.read() as view:
        entries = await streams.read_after(view.session, f"user:{ministry.officer.id}", 0)
    assert "meeting.rescheduled" in [one.name for one in entries]


async def test_a_cancelled_meeting_cancels_itself_in_calendars(
    db: Database, ministry: Ministry, as_: As
) -> None:
    meeting_id = await called(db, ministry, *TO_INVITED, Move.CANCEL)

    told = unfolded((await (await as_(ministry.officer)).get(
        f"/meetings/{meeting_id}/invitation.ics")).text)  # fmt: skip

    assert (told["METHOD"], told["STATUS"]) == ("CANCEL", "CANCELLED")


async def test_nobody_else_gets_a_calendar_file(db: Database, ministry: Ministry, as_: As) -> None:
    meeting_id = await called(db, ministry, *TO_INVITED)

    for outsider in (ministry.clerk, ministry.stranger, ministry.administrator):
        phone = await as_(outsider)
        refusal = await phone.send("GET", f"/meetings/{meeting_id}/invitation.ics")
        assert refusal.status_code == 404


def unfolded(text: str) -> dict[str, str]:
    """Read a calendar file as RFC 5545 has it: unfold, then part each line at its first colon."""
    assert text.endswith("\r\n")
    lines = text.replace("\r\n ", "").split("\r\n")[:-1]
    return dict(_parted(line) for line in lines)


def _parted(line: str) -> tuple[str, str]:
    is_quoted, name = False, ""
    for place, sign in enumerate(line):
        is_quoted ^= sign == '"'
        if sign == ":" and not is_quoted:
            return name, line[place + 1 :]
        name += sign
    raise AssertionError(line)


def appointment(**changed: Any) -> Appointment:
    start = datetime(2026, 1, 5, 1, tzinfo=UTC)
    values: dict[str, Any] = {
        "meeting_id": new_id(), "sequence": 1, "title": "Giao ban", "place": "",
        "state": State.INVITED, "starts_at": start, "ends_at": start + timedelta(hours=1),
        "stamped_at": start, "organizer": Person(new_id(), "Hà"),
        "attendee": Person(new_id(), "Bưởi"), "part": Part.MEMBER, "answer": Answer.SENT,
    }  # fmt: skip
    return Appointment(**(values | changed))


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@given(TEXTS, TEXTS)
def test_no_title_and_no_name_breaks_a_calendar_file(title: str, name: str) -> None:
    text = calendar.written(appointment(title=title, attendee=Person(new_id(), name)))

    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    told = unfolded(text)
    assert list(told)[:3] == ["BEGIN", "VERSION", "PRODID"]
    raw = told["SUMMARY"]
    for sign, written in (("\n", r"\n"), (",", r"\,"), (";", r"\;")):
        raw = raw.replace("\\\\", "\x00").replace(written, sign).replace("\x00", "\\\\")
    kept = "".join(one for one in title if one in "\t\n" or (one >= " " and one != "\x7f"))
    assert raw.replace("\\\\", "\\") == kept
