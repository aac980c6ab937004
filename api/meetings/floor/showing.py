"""The floor as everybody sees it."""

from datetime import timedelta

from api.meetings.floor import queries
from api.meetings.floor.models import FloorPlan, FloorTurn
from api.meetings.floor.queries import timer_of
from api.meetings.floor.rules import Waiting, in_order
from api.meetings.floor.schemas import FloorOut, TurnOut
from api.meetings.models import Meeting
from core.db import ReadTx

_MS = timedelta(milliseconds=1)


async def floor(view: ReadTx, meeting: Meeting) -> FloorOut:
    """Return who waits and who speaks, and how long they may."""
    plan, teams = await queries.plan(view, meeting), await queries.teams(view, meeting.id)
    live = {one.id: one for one in await queries.live(view, meeting.id)}
    order = in_order(Waiting(one.id, one.kind, one.place) for one in live.values())
    used = {one.team: await queries.team_used(view, meeting.id, one.team) for one in teams}
    return FloorOut(
        speech_seconds=plan.speech_seconds,
        warning_seconds=plan.warning_seconds,
        most_speakers=plan.most_speakers,
        teams={one.team: one.seconds for one in teams},
        used_ms={team: time // _MS for team, time in used.items()},
        turns=[_turn(live[turn_id], plan) for turn_id in order],
    )


def _turn(turn: FloorTurn, plan: FloorPlan) -> TurnOut:
    timer = timer_of(turn)
    return TurnOut(
        id=turn.id,
        official_id=turn.official_id,
        kind=turn.kind,
        state=turn.state,
        place=turn.place,
        budget_ms=turn.budget_ms,
        spent_ms=turn.spent_ms,
        started_at=turn.started_at,
        warns_at=timer.warns_at(timedelta(seconds=plan.warning_seconds)),
        ends_at=timer.ends_at,
    )
