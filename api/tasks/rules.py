"""What tasks allow: pure functions over plain values; the table is the specification.

A directive names one lead (chủ trì), coordinators (phối hợp) and a deadline (NĐ 30/2020, 23.2).
How near the deadline is, is computed and never stored.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from api.tasks.errors import NotYourPart, WrongDeadline, WrongPeople, WrongState

#: A task counts as due soon from so many days before its deadline.
SOON = timedelta(days=3)


class State(StrEnum):
    """Where a task stands, by its lead's work."""

    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
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


#    from                move            to
MOVES = {
    (State.ASSIGNED,    Move.ACCEPT):   State.ACCEPTED,
    (State.ASSIGNED,    Move.DECLINE):  State.DECLINED,
    (State.ASSIGNED,    Move.CANCEL):   State.CANCELLED,

    (State.ACCEPTED,    Move.START):    State.IN_PROGRESS,
    (State.ACCEPTED,    Move.REPORT):   State.REPORTED,
    (State.ACCEPTED,    Move.CANCEL):   State.CANCELLED,

    (State.IN_PROGRESS, Move.REPORT):   State.REPORTED,
    (State.IN_PROGRESS, Move.CANCEL):   State.CANCELLED,

    (State.REPORTED,    Move.RETURN):   State.RETURNED,
    (State.REPORTED,    Move.COMPLETE): State.COMPLETED,
    (State.REPORTED,    Move.CANCEL):   State.CANCELLED,

    (State.RETURNED,    Move.START):    State.IN_PROGRESS,
    (State.RETURNED,    Move.REPORT):   State.REPORTED,
    (State.RETURNED,    Move.CANCEL):   State.CANCELLED,
}  # fmt: skip

BEGIN = State.ASSIGNED
FINAL = frozenset(State) - {state for state, _ in MOVES}

#: Who makes a move: the lead works, the assigner decides.
LEAD_MOVES = frozenset({Move.ACCEPT, Move.DECLINE, Move.START, Move.REPORT})
ASSIGNER_MOVES = frozenset({Move.RETURN, Move.COMPLETE, Move.CANCEL})


class Part(StrEnum):
    """What somebody is to a task."""

    LEAD = "lead"
    COORDINATOR = "coordinator"


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


class Bucket(StrEnum):
    """How near the deadline is."""

    ON_TIME = "on_time"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    DONE_ON_TIME = "done_on_time"
    DONE_LATE = "done_late"
    CLOSED = "closed"


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


def must_be_allowed(move: Move, *, actor_id: UUID, lead_id: UUID, assigner_id: UUID) -> None:
    """Refuse a move to everybody but the one whose move it is."""
    mover = lead_id if move in LEAD_MOVES else assigner_id
    if actor_id != mover:
        raise NotYourPart(move=move)


def must_be_a_team(assigner_id: UUID, lead_id: UUID, coordinators: Collection[UUID]) -> None:
    """Refuse a lead who is also a coordinator, the same one twice, or who assigned the task."""
    others = set(coordinators)
    if lead_id in others or len(others) != len(coordinators) or assigner_id in {lead_id, *others}:
        raise WrongPeople


def must_be_in_time(now: datetime, deadline: datetime, dues: Iterable[datetime]) -> None:
    """Refuse a deadline that has passed, and a coordinator's behind the task's."""
    if deadline <= now or any(not now < due <= deadline for due in dues):
        raise WrongDeadline


def bucket(state: State, deadline: datetime, reported_at: datetime | None, now: datetime) -> Bucket:
    """Return how near the deadline is; a confirmed report counts from when it was made."""
    if state not in FINAL:
        if now > deadline:
            return Bucket.OVERDUE
        return Bucket.DUE_SOON if deadline - now <= SOON else Bucket.ON_TIME
    if state is not State.COMPLETED:
        return Bucket.CLOSED
    in_time = reported_at is not None and reported_at <= deadline
    return Bucket.DONE_ON_TIME if in_time else Bucket.DONE_LATE
