"""How long the events of a stream can be resumed, and how they are dropped after that.

Only the places in the stream are dropped, always from its oldest end; the facts stay. A phone that
comes back with an older position is told `trimmed` and takes a snapshot.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from uuid import UUID

from sqlmodel import col, delete, select

from core.db import ReadTx, Tx
from core.streams import Fact, Stream, StreamEntry

#: What phones are promised, by the kind of stream. A room's time begins when it is closed; the
#: streams of documents and tasks are their traces, and are kept for good.
KEEP = {
    "user": timedelta(days=30),
    "room": timedelta(days=7),
    "task": timedelta(days=30),
    "document": timedelta(days=30),
}
#: How much one round may take, so that no writer waits long for it.
STREAMS, ENTRIES = 100, 500

#: Says for some of a kind's subjects before which moment their events may go; absent: none may.
Until = Callable[[ReadTx, Sequence[UUID]], Awaitable[Mapping[UUID, datetime]]]


async def by_age(view: ReadTx, subjects: Sequence[UUID]) -> Mapping[UUID, datetime]:
    """Let the events of a user stream go when they are old."""
    return dict.fromkeys(subjects, view.now - KEEP["user"])


class Trimming:
    """A chore that looks at some streams of one kind each time, at all of them in turn."""

    def __init__(self, kind: str, until: Until) -> None:
        self._prefix = f"{kind}:"
        self._until = until
        self._after = ""

    async def __call__(self, tx: Tx) -> None:
        """Drop what may go from the next streams."""
        keys = await self._next(tx)
        subjects = {UUID(key.removeprefix(self._prefix)): key for key in keys}
        for subject, moment in (await self._until(tx, list(subjects))).items():
            await _drop(tx, subjects[subject], moment)

    async def _next(self, tx: Tx) -> Sequence[str]:
        key = col(Stream.key)
        statement = select(Stream.key).where(key.startswith(self._prefix), key > self._after)
        keys = (await tx.session.exec(statement.order_by(key).limit(STREAMS))).all()
        self._after = keys[-1] if len(keys) == STREAMS else ""
        return keys


async def _drop(tx: Tx, stream: str, moment: datetime) -> None:
    """Drop the oldest entries: only while each is older than `moment`, so that no gap is left."""
    seq = col(StreamEntry.seq)
    oldest = (
        select(StreamEntry.seq, Fact.at)
        .join(Fact, col(Fact.id) == col(StreamEntry.fact_id))
        .where(StreamEntry.stream == stream)
        .order_by(seq)
        .limit(ENTRIES)
    )
    rows = (await tx.session.exec(oldest)).all()
    old = [place for place, _ in takewhile(lambda row: row[1] < moment, rows)]
    if old:
        gone = delete(StreamEntry).where(col(StreamEntry.stream) == stream, seq <= old[-1])
        await tx.session.exec(gone)
