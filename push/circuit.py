"""A fuse before a provider: while it refuses our credentials, nothing is sent and nothing is lost.

When the pause is over one message goes ahead to try; the others follow when it has arrived.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=10)
#: How long the others wait for the one that tries.
TRIAL = timedelta(seconds=15)


@dataclass(slots=True)
class Circuit:
    """Whether a provider may be asked; as soon as it takes something, the circuit is done with."""

    blows: int = 0
    open_until: datetime | None = None

    def wait_until(self, now: datetime) -> datetime | None:
        """Return until when a message has to wait; whoever need not is the one that tries."""
        if self.open_until is None:
            return None
        if now < self.open_until:
            return self.open_until
        self.open_until = now + TRIAL
        return None

    def blow(self, now: datetime) -> datetime:
        """Open the circuit for a while, for twice as long each time; return until when."""
        if self.open_until is None or self.open_until <= now + TRIAL:
            self.blows += 1
            pause = FIRST_PAUSE * (1 << min(self.blows - 1, 10))
            self.open_until = now + min(LONGEST_PAUSE, pause)
        return self.open_until
