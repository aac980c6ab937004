"""What tasks allow: pure functions over plain values; the tables are the specification.

A directive names one lead (chủ trì), coordinators (phối hợp), perhaps followers (theo dõi, đôn đốc)
and a deadline (NĐ 30/2020, 23.2 and 24.1). How near the deadline is, is computed and never stored:
its clock runs while the task is the lead's, and stands still while it is reported or suspended.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from uuid import UUID

from api.tasks.errors import (
    AlreadyEvaluated,
    NotYourPart,
    OwnWork,
    RemindedLately,
    WrongDeadline,
    WrongPeople,
    WrongState,
)
from core.clock import is_ahead

#: A task counts as due soon from so many days before its deadline.
SOON = timedelta(days=3)
#: The lead is warned so long before the deadline; half the time there is, if that is less.
WARNING = timedelta(days=1)
#: So long after a missed deadline it goes on to the assigner's deputy.
PATIENCE = timedelta(days=1)
#: Between two reminders of a task.
REMINDER_PAUSE = timedelta(hours=4)
_TICK = timedelta(microseconds=1)


class State(StrEnum):
    """Where a task stands, by its lead's work."""

    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    SUSPENDED = "suspended"
    REPORTED = "reported"
    RETURNED = "returned"
    COMPLETED = "completed"
    DECLINED = "declined"
    CANCELLED = "cancelled"


class Move(StrEnum):
    """What can happen to a task."""

    ACCEPT = "accept"
    DECLINE = "decline"
    START = "start"
    REPORT = "report"
    RETURN = "return"
    COMPLETE = "complete"
    CANCEL = "cancel"
    SUSPEND = "suspend"
    RESUME = "resume"
    REASSIGN = "reassign"
    ASK_EXTENSION = "ask_extension"
    WITHDRAW_EXTENSION = "withdraw_extension"
    GRANT_EXTENSION = "grant_extension"
    REFUSE_EXTENSION = "refuse_extension"
    EVALUATE = "evaluate"
    REMIND = "remind"
    WARN = "warn"
    MISS = "miss"
    ESCALATE = "escalate"


#: The lead works on it.
AT_WORK = frozenset({State.ACCEPTED, State.IN_PROGRESS, State.RETURNED})
#: The deadline's clock runs.
RUNNING = AT_WORK | {State.ASSIGNED, State.DECLINED}

#    from                move            to
_LEADING = {
    (State.ASSIGNED,    Move.ACCEPT):   State.ACCEPTED,
    (State.ASSIGNED,    Move.DECLINE):  State.DECLINED,
    (State.ASSIGNED,    Move.CANCEL):   State.CANCELLED,
    (State.ASSIGNED,    Move.REASSIGN): State.ASSIGNED,

    (State.ACCEPTED,    Move.START):    State.IN_PROGRESS,
    (State.ACCEPTED,    Move.REPORT):   State.REPORTED,
    (State.ACCEPTED,    Move.CANCEL):   State.CANCELLED,
    (State.ACCEPTED,    Move.REASSIGN): State.ASSIGNED,

    (State.IN_PROGRESS, Move.REPORT):   State.REPORTED,
    (State.IN_PROGRESS, Move.SUSPEND):  State.SUSPENDED,
    (State.IN_PROGRESS, Move.CANCEL):   State.CANCELLED,
    (State.IN_PROGRESS, Move.REASSIGN): State.ASSIGNED,

    (State.SUSPENDED,   Move.RESUME):   State.IN_PROGRESS,
    (State.SUSPENDED,   Move.CANCEL):   State.CANCELLED,

    (State.REPORTED,    Move.RETURN):   State.RETURNED,
    (State.REPORTED,    Move.COMPLETE): State.COMPLETED,
    (State.REPORTED,    Move.CANCEL):   State.CANCELLED,

    (State.RETURNED,    Move.START):    State.IN_PROGRESS,
    (State.RETURNED,    Move.REPORT):   State.REPORTED,
    (State.RETURNED,    Move.CANCEL):   State.CANCELLED,
    (State.RETURNED,    Move.REASSIGN): State.ASSIGNED,

    (State.DECLINED,    Move.REASSIGN): State.ASSIGNED,
    (State.DECLINED,    Move.CANCEL):   State.CANCELLED,
}  # fmt: skip

#: Moves after which the task stands where it stood, and in which states they are made.
_STAYING = {
    Move.ASK_EXTENSION: AT_WORK,
    Move.WITHDRAW_EXTENSION: AT_WORK,
    Move.GRANT_EXTENSION: AT_WORK,
    Move.REFUSE_EXTENSION: AT_WORK,
    Move.EVALUATE: frozenset({State.COMPLETED}),
    Move.REMIND: AT_WORK | {State.ASSIGNED},
    Move.WARN: AT_WORK | {State.ASSIGNED},
    Move.MISS: RUNNING,
    Move.ESCALATE: RUNNING,
}

MOVES = _LEADING | {
    (state, move): state for move, states in _STAYING.items() for state in sorted(states)
}

BEGIN = State.ASSIGNED
FINAL = frozenset(State) - {state for state, _ in _LEADING}

#: Who makes a move: the lead works, the assigner decides, followers urge, and time passes.
LEAD_MOVES = frozenset(
    {
        Move.ACCEPT,
        Move.DECLINE,
        Move.START,
        Move.REPORT,
        Move.ASK_EXTENSION,
        Move.WITHDRAW_EXTENSION,
    }
)
URGING_MOVES = frozenset({Move.REMIND})
CLOCK_MOVES = frozenset({Move.WARN, Move.MISS, Move.ESCALATE})
ASSIGNER_MOVES = frozenset(Move) - LEAD_MOVES - URGING_MOVES - CLOCK_MOVES
#: What nobody does about their own work, in whatever right.
JUDGING_MOVES = frozenset(
    {Move.RETURN, Move.COMPLETE, Move.GRANT_EXTENSION, Move.REFUSE_EXTENSION, Move.EVALUATE}
)


class Part(StrEnum):
    """What somebody is to a task."""

    LEAD = "lead"
    COORDINATOR = "coordinator"
    FOLLOWER = "follower"


class PartState(StrEnum):
    """Where a coordinator stands."""

    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    REPORTED = "reported"


class PartMove(StrEnum):
    """What a coordinator does."""

    ACCEPT = "accept"
    REPORT = "report"


#    from                    move              to
PART_MOVES = {
    (PartState.ASSIGNED, PartMove.ACCEPT): PartState.ACCEPTED,
    (PartState.ACCEPTED, PartMove.REPORT): PartState.REPORTED,
}  # fmt: skip


class ExtensionState(StrEnum):
    """Where a request for a later deadline stands."""

    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


#    from                   move                     to
EXTENSION_MOVES = {
    (ExtensionState.ASKED, Move.GRANT_EXTENSION):    ExtensionState.GRANTED,
    (ExtensionState.ASKED, Move.REFUSE_EXTENSION):   ExtensionState.REFUSED,
    (ExtensionState.ASKED, Move.WITHDRAW_EXTENSION): ExtensionState.WITHDRAWN,
}  # fmt: skip


class Bucket(StrEnum):
    """How near the deadline is."""

    ON_TIME = "on_time"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    DONE_ON_TIME = "done_on_time"
    DONE_LATE = "done_late"
    CLOSED = "closed"


class Grade(StrEnum):
    """How well a task was done."""

    EXCELLENT = "excellent"
    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


def after(state: State, move: Move) -> State:
    """Return the state that `move` leads to, or refuse the move."""
    try:
        return MOVES[state, move]
    except KeyError:
        raise WrongState(state=state, move=move) from None


def part_after(state: PartState, move: PartMove) -> PartState:
    """Return the state that a coordinator's move leads to, or refuse it."""
    try:
        return PART_MOVES[state, move]
    except KeyError:
        raise WrongState(state=state, move=move) from None


def extension_after(state: ExtensionState, move: Move) -> ExtensionState:
    """Return the state that a decision about an extension leads to, or refuse it."""
    try:
        return EXTENSION_MOVES[state, move]
    except KeyError:
        raise WrongState(state=state, move=move) from None


def movers(
    move: Move, *, lead_id: UUID, assigner_id: UUID, followers: Collection[UUID]
) -> set[UUID]:
    """Return whose move it is."""
    if move in CLOCK_MOVES:
        return set()
    if move in LEAD_MOVES:
        return {lead_id}
    return {assigner_id, *followers} if move in URGING_MOVES else {assigner_id}


def must_stand_for(
    whose: Collection[UUID], *, actor_id: UUID, acts_for: Collection[UUID], move: str
) -> UUID | None:
    """Return for whom the actor makes a move, None for themselves, or refuse everybody else.

    Args:
        whose: those whose move it is.
        actor_id: who makes it.
        acts_for: those for whom the actor acts.
        move: for the refusal.
    """
    if actor_id in whose:
        return None
    principals = sorted(set(whose) & set(acts_for))
    if not principals:
        raise NotYourPart(move=move)
    return principals[0]


def must_not_judge_own_work(move: Move, actor_id: UUID, workers: Collection[UUID | None]) -> None:
    """Refuse to let anybody take, send back or grade what they did themselves."""
    if move in JUDGING_MOVES and actor_id in workers:
        raise OwnWork(move=move)


def must_be_a_team(assigners: Collection[UUID], lead_id: UUID, others: Collection[UUID]) -> None:
    """Refuse anybody who is named twice, or who gives the task in whatever right."""
    named = {lead_id, *others}
    if len(named) != len(others) + 1 or not named.isdisjoint(assigners):
        raise WrongPeople


def must_be_in_time(now: datetime, deadline: datetime, dues: Iterable[datetime]) -> None:
    """Refuse a deadline that has passed or is far away, and a coordinator's behind the task's."""
    must_be_ahead(now, deadline)
    if any(not now < due <= deadline for due in dues):
        raise WrongDeadline


def must_be_ahead(now: datetime, deadline: datetime) -> None:
    """Refuse a deadline that has passed or is far away."""
    if not is_ahead(deadline, now):
        raise WrongDeadline


def must_be_later(now: datetime, deadline: datetime, wanted: datetime) -> None:
    """Refuse an extension that extends nothing."""
    must_be_ahead(now, wanted)
    if wanted <= deadline:
        raise WrongDeadline


def must_not_cut(deadline: datetime, dues: Iterable[datetime]) -> None:
    """Refuse a deadline before a coordinator's."""
    if any(due > deadline for due in dues):
        raise WrongDeadline


def must_not_be_evaluated(*, evaluated: bool) -> None:
    """Refuse a second grade: the first one stays."""
    if evaluated:
        raise AlreadyEvaluated


def must_have_paused(last: datetime | None, now: datetime) -> None:
    """Refuse to remind people again and again."""
    if last is not None and now < last + REMINDER_PAUSE:
        left = last + REMINDER_PAUSE - now
        raise RemindedLately(retry_after_seconds=ceil(left.total_seconds()))


def bucket(state: State, deadline: datetime, stopped_at: datetime | None, now: datetime) -> Bucket:
    """Return how near the deadline is.

    Args:
        state: of the task.
        deadline: as it stands.
        stopped_at: when it was reported or suspended; a confirmed report counts from then.
        now: the present moment.
    """
    if state is State.CANCELLED:
        return Bucket.CLOSED
    if state is State.COMPLETED:
        in_time = stopped_at is not None and stopped_at <= deadline
        return Bucket.DONE_ON_TIME if in_time else Bucket.DONE_LATE
    at = now if state in RUNNING or stopped_at is None else stopped_at
    if at > deadline:
        return Bucket.OVERDUE
    return Bucket.DUE_SOON if deadline - at <= SOON else Bucket.ON_TIME


def alarms(now: datetime, deadline: datetime) -> dict[Move, datetime]:
    """Return when time itself makes its moves: a warning, the missed deadline, the escalation.

    A deadline that has passed is not missed a second time: whoever gets the task then has the
    same time until it goes on.
    """
    if deadline <= now:
        return {Move.ESCALATE: now + PATIENCE}
    return {
        Move.WARN: deadline - min(WARNING, (deadline - now) / 2),
        Move.MISS: deadline + _TICK,
        Move.ESCALATE: deadline + PATIENCE,
    }
