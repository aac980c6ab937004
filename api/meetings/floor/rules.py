"""Who speaks next and for how long: pure functions over plain values; the table specifies."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from api.meetings.floor.errors import FloorTaken, TimeUsedUp, WrongTurn

#: How many may have the floor at once, at most: so many voices are forwarded (facts: K = 3).
MOST_SPEAKERS = 3
SPEECH, WARNING = timedelta(minutes=5), timedelta(minutes=1)
LONGEST = timedelta(hours=4)
NO_TIME = timedelta()


class Kind(StrEnum):
    """What somebody wants the floor for (phát biểu, ý kiến về thể thức)."""

    SPEECH = "speech"
    POINT_OF_ORDER = "point_of_order"


class Turn(StrEnum):
    """Where a request to speak stands."""

    REQUESTED = "requested"
    QUEUED = "queued"
    GRANTED = "granted"
    SPEAKING = "speaking"
    PAUSED = "paused"
    DONE = "done"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Move(StrEnum):
    """What can happen to a request to speak."""

    ADMIT = "admit"
    GRANT = "grant"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    END = "end"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


#    from             move            to
MOVES = {
    (Turn.REQUESTED, Move.ADMIT):    Turn.QUEUED,
    (Turn.REQUESTED, Move.WITHDRAW): Turn.WITHDRAWN,
    (Turn.QUEUED,    Move.GRANT):    Turn.GRANTED,
    (Turn.QUEUED,    Move.WITHDRAW): Turn.WITHDRAWN,
    (Turn.GRANTED,   Move.START):    Turn.SPEAKING,
    (Turn.GRANTED,   Move.WITHDRAW): Turn.WITHDRAWN,
    (Turn.SPEAKING,  Move.PAUSE):    Turn.PAUSED,
    (Turn.SPEAKING,  Move.END):      Turn.DONE,
    (Turn.SPEAKING,  Move.EXPIRE):   Turn.EXPIRED,
    (Turn.PAUSED,    Move.RESUME):   Turn.SPEAKING,
    (Turn.PAUSED,    Move.END):      Turn.DONE,
}  # fmt: skip
BEGIN = {True: Turn.REQUESTED, False: Turn.QUEUED}
FINAL = frozenset(Turn) - {turn for turn, _ in MOVES}
#: Who has the floor, or is just getting it.
HOLDS = frozenset({Turn.GRANTED, Turn.SPEAKING, Turn.PAUSED})
#: What a speaker may do with a turn of their own; the rest is the chair's.
OWN = frozenset({Move.START, Move.END, Move.WITHDRAW})


def after(turn: Turn, move: Move) -> Turn:
    """Return the state that `move` leads to, or refuse the move."""
    try:
        return MOVES[turn, move]
    except KeyError:
        raise WrongTurn(state=turn, move=move) from None


def must_be_room(holders: int, most: int) -> None:
    """Refuse one speaker more than may have the floor."""
    if holders >= most:
        raise FloorTaken(most=most)


@dataclass(frozen=True, slots=True)
class Timer:
    """How long somebody may speak, and has spoken.

    Clients are told these values alone: whoever knows the server's clock shows the same rest.

    Attributes:
        budget: with every extension.
        spent: before `started_at`.
        started_at: since when they speak; None while they do not.
    """

    budget: timedelta
    spent: timedelta = NO_TIME
    started_at: datetime | None = None

    def used(self, now: datetime) -> timedelta:
        """Return how much of the budget is used; never more than there is."""
        running = max(NO_TIME, now - self.started_at) if self.started_at else NO_TIME
        return min(self.budget, self.spent + running)

    def left(self, now: datetime) -> timedelta:
        """Return how much is left."""
        return self.budget - self.used(now)

    @property
    def ends_at(self) -> datetime | None:
        """When the time will be used up, if they go on speaking."""
        return self.started_at + (self.budget - self.spent) if self.started_at else None

    def warns_at(self, warning: timedelta) -> datetime | None:
        """Return when phones sound that the time is nearly over."""
        ends_at, started_at = self.ends_at, self.started_at
        return max(started_at, ends_at - warning) if ends_at and started_at else None

    def started(self, now: datetime) -> "Timer":
        """Return the timer as it runs from `now` on, or refuse when nothing is left."""
        if self.left(now) <= NO_TIME:
            raise TimeUsedUp
        return replace(self, started_at=self.started_at or now)

    def stopped(self, now: datetime) -> "Timer":
        """Return the timer as it stands still."""
        return Timer(self.budget, self.used(now))

    def extended(self, more: timedelta) -> "Timer":
        """Return the timer with a larger budget."""
        return replace(self, budget=min(LONGEST, self.budget + more))


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody in the queue, as the order judges them."""

    id: UUID
    kind: Kind
    place: int


def in_order(queue: Iterable[Waiting]) -> list[UUID]:
    """Return the queue in its order: points of order first, then as they asked."""
    ordered = sorted(queue, key=lambda one: (one.kind is not Kind.POINT_OF_ORDER, one.place))
    return [one.id for one in ordered]


def budget_of(own: timedelta, *, team: timedelta | None, team_used: timedelta) -> timedelta:
    """Return how long somebody may speak: their own time, within what their group has left."""
    return own if team is None else max(NO_TIME, min(own, team - team_used))
