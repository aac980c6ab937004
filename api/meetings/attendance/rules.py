"""Who counts as present: pure functions over plain values; the tables are the specification."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from api.meetings.attendance.errors import NotThisWay
from api.meetings.rules import Form, State

#: How long a code on the screen can be scanned; the screen shows the next one before that.
CODE_LIVES = timedelta(seconds=30)
CODE_SHOWN = timedelta(seconds=20)
#: While a meeting stands here people come and go.
COME_AND_GO = frozenset({State.CHECKIN_OPEN, State.IN_SESSION, State.RECESS})


class Way(StrEnum):
    """How somebody checked in."""

    CODE = "code"
    REMOTE = "remote"
    BY_HAND = "by_hand"


#: By which ways one checks in oneself; by hand the chair or the secretary does it for one.
WAYS = {
    Form.IN_PERSON: frozenset({Way.CODE}),
    Form.ONLINE: frozenset({Way.REMOTE}),
    Form.HYBRID: frozenset({Way.CODE, Way.REMOTE}),
    Form.BALLOT: frozenset[Way](),
}


def must_come_this_way(form: Form, way: Way) -> None:
    """Refuse a way that the form of the meeting does not have."""
    if way not in WAYS[form]:
        raise NotThisWay(form=form, way=way)


def is_shown(shown_at: datetime, now: datetime) -> bool:
    """Say whether a code can still be scanned."""
    return shown_at <= now < shown_at + CODE_LIVES


@dataclass(frozen=True, slots=True)
class Voter:
    """Somebody entitled to vote, and who stands for them.

    Attributes:
        delegate_id: who took over their place.
    """

    official_id: UUID
    weight: int = 1
    delegate_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Quorum:
    """How many of those entitled are here, counted in persons and in votes, and what is asked.

    Attributes:
        percent: so many hundredths of those entitled must be present.
    """

    entitled: int
    present: int
    weight_entitled: int
    weight_present: int
    percent: int

    @property
    def is_met(self) -> bool:
        """Whether enough are here; of nobody, nobody is not enough."""
        if not self.entitled:
            return False
        return Fraction(self.present, self.entitled) >= Fraction(self.percent, 100)


def quorum(voters: Iterable[Voter], here: Collection[UUID], *, percent: int) -> Quorum:
    """Count who is present: a voter, or the delegate who took over their place."""
    everybody = list(voters)
    present = [one for one in everybody if one.official_id in here or one.delegate_id in here]
    return Quorum(
        entitled=len(everybody),
        present=len(present),
        weight_entitled=sum(one.weight for one in everybody),
        weight_present=sum(one.weight for one in present),
        percent=percent,
    )
