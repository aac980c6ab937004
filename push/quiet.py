"""Quiet hours: when an official's devices do not ring, but for what is most urgent.

They are judged in Viet Nam when a message is due, so that a change of mind counts at once.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from sqlmodel import col, update

from core.actor import Actor
from core.clock import VIETNAM
from core.db import ReadTx, Tx
from push.errors import NoHours
from push.models import PushMessage, QuietHours
from push.rules import State

#: Why a message waits.
REASON = "quiet_hours"


@dataclass(frozen=True, slots=True)
class Hours:
    """From when to when, by the clock on the wall; they may span midnight."""

    starts: time
    ends: time

    def must_be_some(self) -> None:
        """Refuse hours that never end."""
        if self.starts == self.ends:
            raise NoHours

    def end_after(self, now: datetime) -> datetime | None:
        """Return when the quiet that reigns at a moment ends; None if none does."""
        here = now.astimezone(VIETNAM)
        clock, spans_midnight = here.time(), self.starts > self.ends
        after_start, before_end = clock >= self.starts, clock < self.ends
        if not (after_start or before_end if spans_midnight else after_start and before_end):
            return None
        end = datetime.combine(here.date(), self.ends, VIETNAM)
        return (end if before_end else end + timedelta(days=1)).astimezone(UTC)


async def hours_of(view: ReadTx, official_id: UUID) -> Hours | None:
    """Return an official's quiet hours."""
    kept = await view.session.get(QuietHours, official_id)
    return Hours(kept.starts, kept.ends) if kept else None


async def choose(tx: Tx, actor: Actor, hours: Hours) -> None:
    """Let an official be left alone every day from one hour to another."""
    hours.must_be_some()
    kept = QuietHours(
        official_id=actor.id,
        agency_id=actor.agency_id,
        starts=hours.starts,
        ends=hours.ends,
        changed_at=tx.now,
    )
    await tx.session.merge(kept)
    await _judge_anew(tx, actor)


async def lift(tx: Tx, actor: Actor) -> None:
    """Let an official's devices ring at any hour."""
    kept = await tx.session.get(QuietHours, actor.id)
    if kept is not None:
        await tx.session.delete(kept)
        await _judge_anew(tx, actor)


async def _judge_anew(tx: Tx, actor: Actor) -> None:
    """Let what waits for the end of the quiet be due now: the lane asks once more."""
    waiting = update(PushMessage).where(
        col(PushMessage.official_id) == actor.id,
        col(PushMessage.state) == State.WAITING,
        col(PushMessage.error) == REASON,
    )
    await tx.session.exec(
        waiting.values(next_at=tx.now, error=None).execution_options(synchronize_session=False)
    )
