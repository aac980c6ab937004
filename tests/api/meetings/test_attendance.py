"""Attendance: one person checks in once at a time, by a code that lives as long as it is shown."""

from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.meetings import service as meetings
from api.meetings.attendance import queries, service
from api.meetings.attendance.errors import AlreadyHere, CodeUsed, NotHere, NotThisWay
from api.meetings.attendance.models import CheckInCode, Presence
from api.meetings.attendance.rules import CODE_LIVES, Way
from api.meetings.errors import NotYourPart
from api.meetings.invitations import service as invitations
from api.meetings.invitations.rules import Reply
from api.meetings.models import Meeting
from api.meetings.plans import Schedule
from api.meetings.rules import Form, Move
from core import streams
from core.audit import AuditRecord
from core.db import Database
from core.errors import AppError
from tests.support.answers import rows
from tests.support.clock import Clock
from tests.support.gatherings import TO_INVITED, called
from tests.support.ministry import Ministry, Person


async def opened(db: Database, ministry: Ministry, form: Form = Form.HYBRID) -> UUID:
    meeting_id = await called(db, ministry, *TO_INVITED)
    async with db.begin() as tx:
        await meetings.reschedule(tx, ministry.secretary.actor, meeting_id, Schedule(form=form))
        await meetings.advance(tx, ministry.secretary.actor, meeting_id, Move.CHECK_IN)
    return meeting_id


async def shown(db: Database, ministry: Ministry, meeting_id: UUID) -> str:
    async with db.begin() as tx:
        return (await service.show_code(tx, ministry.secretary.actor, meeting_id))[0]


async def check_in(db: Database, person: Person, meeting_id: UUID, code: str | None = None) -> None:
    async with db.begin() as tx:
        await service.check_in(tx, person.actor, meeting_id, code)


async def test_a_code_lets_one_person_in_once(db: Database, ministry: Ministry) -> None:
    meeting_id = await opened(db, ministry)
    code = await shown(db, ministry, meeting_id)

    await check_in(db, ministry.officer, meeting_id, code)

    with pytest.raises(CodeUsed):
        await check_in(db, ministry.colleague, meeting_id, code)
    with pytest.raises(AlreadyHere):
        await check_in(db, ministry.officer, meeting_id, await shown(db, ministry, meeting_id))
    assert [one.way for one in await rows(db, Presence)] == [Way.CODE]


async def test_a_code_is_worth_nothing_after_thirty_seconds_and_in_another_meeting(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    meeting_id, other_id = await opened(db, ministry), await opened(db, ministry)
    code = await shown(db, ministry, meeting_id)
    with pytest.raises(CodeUsed):
        await check_in(db, ministry.officer, other_id, code)
    clock.tick(CODE_LIVES)

    with pytest.raises(CodeUsed):
        await check_in(db, ministry.officer, meeting_id, code)

    assert timedelta(seconds=30) >= CODE_LIVES
    assert await rows(db, Presence) == []


async def test_the_database_does_not_know_a_code(db: Database, ministry: Ministry) -> None:
    code = await shown(db, ministry, await opened(db, ministry))

    (kept,) = await rows(db, CheckInCode)

    assert code.encode() not in kept.digest
    assert len(kept.digest) == 32


@pytest.mark.parametrize(
    ("form", "coded", "remote"),
    [(Form.IN_PERSON, True, False), (Form.ONLINE, False, True), (Form.HYBRID, True, True)],
)
async def test_each_form_has_its_ways(
    db: Database, ministry: Ministry, form: Form, *, coded: bool, remote: bool
) -> None:
    meeting_id = await opened(db, ministry, form)
    for goes, code in ((coded, "x" * 24), (remote, None)):
        refusal: type[AppError] | None = None
        try:
            await check_in(db, ministry.officer, meeting_id, code)
        except AppError as refused:
            refusal = type(refused)
        assert (refusal is NotThisWay) == (not goes)


async def test_whoever_is_checked_in_by_hand_stands_in_the_audit_with_the_reason(
    db: Database, ministry: Ministry
) -> None:
    meeting_id = await opened(db, ministry)
    async with db.begin() as tx:
        await service.check_in_by_hand(
            tx, ministry.secretary.actor, meeting_id, ministry.officer.id, "điện thoại hết pin"
        )

    (stay,) = await rows(db, Presence)
    assert (stay.way, stay.entered_by, stay.reason) == (
        Way.BY_HAND, ministry.secretary.id, "điện thoại hết pin",
    )  # fmt: skip
    actions = [one.action for one in await rows(db, AuditRecord)]
    assert "meetings.check_in_by_hand" in actions
    for person in (ministry.officer, ministry.colleague):
        with pytest.raises(NotYourPart):
            async with db.begin() as tx:
                await service.check_out(tx, person.actor, meeting_id, ministry.officer.id)


async def test_a_delegate_makes_the_principals_vote_present(
    db: Database, ministry: Ministry
) -> None:
    meeting_id = await called(db, ministry, *TO_INVITED)
    async with db.begin() as tx:
        await invitations.delegate(tx, ministry.officer.actor, meeting_id, ministry.clerk.id)
    async with db.begin() as tx:
        await invitations.answer(tx, ministry.clerk.actor, meeting_id, Reply.ACCEPT)
    async with db.begin() as tx:
        await meetings.reschedule(
            tx, ministry.secretary.actor, meeting_id, Schedule(form=Form.ONLINE)
        )
        await meetings.advance(tx, ministry.secretary.actor, meeting_id, Move.CHECK_IN)

    await check_in(db, ministry.clerk, meeting_id)

    async with db.read() as view:
        counted = await queries.count(view, await view.session.get_one(Meeting, meeting_id))
        told = await streams.read_after(view.session, f"room:{meeting_id}", 0)
    assert (counted.present, counted.entitled, counted.is_met) == (1, 1, True)
    assert (told[-1].name, told[-1].body["met"]) == ("meeting.checked_in", True)


STEPS = st.lists(st.sampled_from(["come", "go", "hand", "out", "tick"]), max_size=12)


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(STEPS)
async def test_stays_of_one_person_never_overlap(
    db: Database, ministry: Ministry, clock: Clock, steps: list[str]
) -> None:
    meeting_id = await opened(db, ministry)
    officer, chair = ministry.officer, ministry.leader.actor
    for step in steps:
        try:
            async with db.begin() as tx:
                match step:
                    case "come":
                        await service.check_in(tx, officer.actor, meeting_id, None)
                    case "go":
                        await service.leave(tx, officer.actor, meeting_id)
                    case "hand":
                        await service.check_in_by_hand(tx, chair, meeting_id, officer.id, "vắng")
                    case "out":
                        await service.check_out(tx, chair, meeting_id, officer.id)
                    case _:
                        clock.tick(timedelta(minutes=1))
        except (AlreadyHere, NotHere):
            pass

    async with db.read() as view:
        stays = await queries.stays(view, meeting_id)
    ends = [stay.until for stay in stays]
    assert ends.count(None) <= 1
    for earlier, later in pairwise(stays):
        assert earlier.until is not None
        assert earlier.since <= earlier.until <= later.since


async def test_a_closed_meeting_has_nobody_left_in_it(db: Database, ministry: Ministry) -> None:
    meeting_id = await opened(db, ministry)
    await check_in(db, ministry.officer, meeting_id)
    for move in (Move.OPEN, Move.CLOSE):
        async with db.begin() as tx:
            await meetings.advance(tx, ministry.secretary.actor, meeting_id, move)

    (stay,) = await rows(db, Presence)
    assert stay.until is not None
