"""How long a document's signatures last: the levels, and when the next one is tried."""

from datetime import datetime, timedelta

from api.documents.rules import Level, State

#:  state             level to reach
GOALS = {
    State.SUBMITTED:  Level.B_T,  # of those who have signed already
    State.SIGNED:     Level.B_T,
    State.SEALED:     Level.B_LTA,
    State.ISSUED:     Level.B_LTA,
}  # fmt: skip
_SOONEST, _LATEST = timedelta(seconds=2), timedelta(hours=1)
#: A new stamp is due when a quarter of the old one's time is left, at least half a year before.
_MARGIN = timedelta(days=182)


def goal_of(state: State) -> Level | None:
    """Return the level that a document in this state should have; None: not now."""
    return GOALS.get(state)


def pause_after(since: datetime, now: datetime) -> timedelta:
    """Return how long to wait for a silent service: a quarter of the time it has been so."""
    return min(_LATEST, max(_SOONEST, (now - since) / 4))


def renewal_due(stamped: datetime, until: datetime) -> datetime:
    """Return when a stamp needs the next one: well before its certificate ends."""
    return until - min(max(_MARGIN, (until - stamped) / 4), (until - stamped) / 2)
