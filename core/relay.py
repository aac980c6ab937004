"""The relay: right after a commit, wakes every listener of the streams that have grown.

Nothing is kept of what was told. A process that dies between its commit and this has told nobody;
listeners find it when they next compare their streams with the log.
"""

from collections.abc import Sequence

from core.bus.port import Bus, Wake
from core.db import Database
from core.streams import Entry


def tell(bus: Bus, entries: Sequence[Entry]) -> None:
    """Publish what one transaction has added to the log."""
    for entry in entries:
        bus.publish(Wake(entry.stream, entry.seq, entry.frame()))


async def wake_workers(db: Database, bus: Bus) -> None:
    """Let whoever waits for commits of this process hear of those of the others, until cancelled.

    Work that a fact starts was committed with it, so its wake-up is the work's as well.
    """
    async with bus.subscribe() as heard:
        async for one in heard:
            ephemeral = isinstance(one, Wake) and one.seq is None
            if not ephemeral:
                db.nudge()
