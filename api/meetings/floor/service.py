"""Use-cases of the floor: each function is one transaction's worth of work."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from sqlmodel import col, delete

from api.meetings.floor import queries
from api.meetings.floor.errors import AlreadyWaiting, NotYourItem
from api.meetings.floor.events import FloorAsked, FloorMoved, FloorPlanned
from api.meetings.floor.models import FloorPlan, FloorTeam, FloorTurn
from api.meetings.floor.queries import timer_of
from api.meetings.floor.rules import (
    BEGIN,
    FINAL,
    HOLDS,
    OWN,
    Kind,
    Move,
    Timer,
    Turn,
    after,
    budget_of,
    must_be_room,
)
from api.meetings.models import Meeting
from api.meetings.papers import queries as papers
from api.meetings.rules import OPEN_TO_CHANGE, Act, Part, must_be_in, must_be_in_session
from api.meetings.seats import Seat, locked
from core.actor import Actor
from core.db import Tx
from core.errors import NotFound
from core.jobs import Job, enqueue_once

EXPIRE = "meetings.floor_expires"
_MS = timedelta(milliseconds=1)


async def set_plan(
    tx: Tx, actor: Actor, meeting_id: UUID, plan: FloorPlan, teams: Mapping[str, int]
) -> Meeting:
    """Set how long people and groups may speak; who speaks already keeps their time."""
    meeting = (await locked(tx, actor, meeting_id, Act.RULE_FLOOR)).meeting
    must_be_in(meeting.state, *OPEN_TO_CHANGE, move="set_floor")
    plan.agency_id = meeting.agency_id
    await tx.session.merge(plan)
    await tx.session.exec(delete(FloorTeam).where(col(FloorTeam.meeting_id) == meeting_id))
    tx.session.add_all(
        FloorTeam(meeting_id=meeting_id, team=team, agency_id=meeting.agency_id, seconds=seconds)
        for team, seconds in teams.items()
    )
    tx.audit(actor, "meetings.set_floor", meeting_id)
    tx.emit(
        FloorPlanned(
            meeting_id=meeting_id,
            by=actor.id,
            speech_seconds=plan.speech_seconds,
            warning_seconds=plan.warning_seconds,
            most_speakers=plan.most_speakers,
        )
    )
    return meeting


async def ask(tx: Tx, actor: Actor, meeting_id: UUID, kind: Kind) -> FloorTurn:
    """Ask for the floor; a guest's request waits until the chair admits it."""
    taken = await locked(tx, actor, meeting_id, Act.ASK_FLOOR)
    must_be_in_session(taken.meeting.state)
    is_guest = taken.part is Part.GUEST
    if is_guest:
        await _must_be_their_item(tx, taken)
    waiting = await queries.live(tx, meeting_id)
    if any(one.official_id == actor.id for one in waiting):
        raise AlreadyWaiting
    turn = FloorTurn(
        meeting_id=meeting_id,
        item_id=taken.meeting.active_item_id,
        official_id=actor.id,
        agency_id=taken.meeting.agency_id,
        team=taken.mine.team,
        kind=kind,
        state=BEGIN[is_guest],
        place=await queries.next_place(tx, meeting_id),
        asked_at=tx.now,
    )
    tx.session.add(turn)
    tx.emit(
        FloorAsked(
            meeting_id=meeting_id,
            by=actor.id,
            turn_id=turn.id,
            official_id=actor.id,
            kind=kind,
            state=turn.state,
            place=turn.place,
        )
    )
    return turn


async def move(tx: Tx, actor: Actor, meeting_id: UUID, turn_id: UUID, made: Move) -> FloorTurn:
    """Move a request to speak on: the chair any, a speaker their own where they may."""
    taken, turn = await _opened(tx, actor, meeting_id, turn_id, made)
    if made is not Move.WITHDRAW:
        must_be_in_session(taken.meeting.state)
    if made is Move.GRANT:
        await _give_time(tx, taken.meeting, turn)
    await _advance(tx, actor, taken.meeting, turn, made)
    return turn


async def extend(
    tx: Tx, actor: Actor, meeting_id: UUID, turn_id: UUID, more: timedelta
) -> FloorTurn:
    """Give somebody more time (chair or secretary)."""
    taken = await locked(tx, actor, meeting_id, Act.RULE_FLOOR)
    turn = await queries.turn(tx, meeting_id, turn_id)
    must_be_in_session(taken.meeting.state)
    if turn.state not in HOLDS:
        after(turn.state, Move.PAUSE)
    _set(turn, timer_of(turn).extended(more))
    tx.audit(actor, "meetings.extend_speech", meeting_id, turn=str(turn_id))
    await _told(tx, actor, taken.meeting, turn)
    return turn


async def expire(tx: Tx, turn_id: UUID, budget_ms: int) -> None:
    """End a speech whose time is used up; an extension meanwhile makes this come to nothing."""
    turn = await tx.session.get(FloorTurn, turn_id)
    if turn is None:
        return
    meeting = await tx.session.get_one(Meeting, turn.meeting_id, with_for_update=True)
    await tx.session.refresh(turn)
    runs = turn.state is Turn.SPEAKING and turn.budget_ms == budget_ms
    if runs and timer_of(turn).left(tx.now) <= timedelta():
        chair = Actor(turn.official_id, turn.agency_id)
        await _advance(tx, chair, meeting, turn, Move.EXPIRE)


async def pause_all(tx: Tx, actor: Actor, meeting: Meeting) -> None:
    """Let no time run while the meeting takes a break."""
    for turn in await queries.live(tx, meeting.id):
        if turn.state is Turn.SPEAKING:
            await _advance(tx, actor, meeting, turn, Move.PAUSE)


async def end_all(tx: Tx, actor: Actor, meeting: Meeting, *, of: UUID | None = None) -> None:
    """End every speech and every wish to speak, or those of one person."""
    for turn in await queries.live(tx, meeting.id):
        if of in {None, turn.official_id}:
            ends = turn.state in {Turn.SPEAKING, Turn.PAUSED}
            await _advance(tx, actor, meeting, turn, Move.END if ends else Move.WITHDRAW)


async def _opened(
    tx: Tx, actor: Actor, meeting_id: UUID, turn_id: UUID, made: Move
) -> tuple[Seat, FloorTurn]:
    """Return the seat and the turn; what is nobody's own is for who rules the floor."""
    if made not in OWN:
        taken = await locked(tx, actor, meeting_id, Act.RULE_FLOOR)
        return taken, await queries.turn(tx, meeting_id, turn_id)
    taken = await locked(tx, actor, meeting_id, Act.ASK_FLOOR)
    turn = await tx.session.get(FloorTurn, turn_id)
    is_theirs = turn is not None and (turn.meeting_id, turn.official_id) == (meeting_id, actor.id)
    if not is_theirs:
        taken = await locked(tx, actor, meeting_id, Act.RULE_FLOOR)
    if turn is None or turn.meeting_id != meeting_id:
        raise NotFound(id=str(turn_id))
    return taken, turn


async def _must_be_their_item(tx: Tx, taken: Seat) -> None:
    let_in = await papers.guests(tx, taken.meeting.id)
    if not papers.is_let_in(taken, taken.meeting.active_item_id, let_in):
        raise NotYourItem


async def _give_time(tx: Tx, meeting: Meeting, turn: FloorTurn) -> None:
    plan = await queries.plan(tx, meeting)
    teams = {one.team: one.seconds for one in await queries.teams(tx, meeting.id)}
    whole = teams.get(turn.team) if turn.team else None
    budget = budget_of(
        timedelta(seconds=plan.speech_seconds),
        team=None if whole is None else timedelta(seconds=whole),
        team_used=await queries.team_used(tx, meeting.id, turn.team),
    )
    _set(turn, Timer(budget))


async def _advance(tx: Tx, actor: Actor, meeting: Meeting, turn: FloorTurn, made: Move) -> None:
    """Move a request to speak on, or refuse; the only place that changes its state."""
    to = after(turn.state, made)
    if made is Move.GRANT:
        held = [one for one in await queries.live(tx, meeting.id) if one.state in HOLDS]
        must_be_room(len(held), (await queries.plan(tx, meeting)).most_speakers)
    timer = timer_of(turn)
    _set(turn, timer.started(tx.now) if to is Turn.SPEAKING else timer.stopped(tx.now))
    turn.state = to
    turn.ended_at = tx.now if to in FINAL else None
    if made not in OWN or turn.official_id != actor.id:
        tx.audit(actor, f"meetings.floor_{made}", meeting.id, turn=str(turn.id))
    await _told(tx, actor, meeting, turn)


async def _told(tx: Tx, actor: Actor, meeting: Meeting, turn: FloorTurn) -> None:
    tx.session.add(turn)
    timer, plan = timer_of(turn), await queries.plan(tx, meeting)
    await tx.session.flush()
    if timer.ends_at is not None:
        job = Job(
            kind=EXPIRE,
            key=f"{turn.id} {timer.ends_at.isoformat()}",
            payload={"turn_id": str(turn.id), "budget_ms": turn.budget_ms},
            next_at=timer.ends_at,
            created_at=tx.now,
        )
        await enqueue_once(tx.session, job)
    tx.emit(
        FloorMoved(
            meeting_id=meeting.id,
            by=actor.id,
            turn_id=turn.id,
            official_id=turn.official_id,
            state=turn.state,
            budget_ms=turn.budget_ms,
            spent_ms=turn.spent_ms,
            started_at=timer.started_at,
            warns_at=timer.warns_at(timedelta(seconds=plan.warning_seconds)),
            ends_at=timer.ends_at,
        )
    )


def _set(turn: FloorTurn, timer: Timer) -> None:
    turn.budget_ms, turn.spent_ms = timer.budget // _MS, timer.spent // _MS
    turn.started_at = timer.started_at
