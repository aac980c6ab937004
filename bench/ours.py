"""The product's search over documents of a bench, in a database of its own."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from api import migrations
from api.lookup import corpus, queries
from api.lookup.corpus import READER, TOP
from api.lookup.filters import Filters
from api.lookup.index.port import Index
from api.lookup.plan import plan_of
from api.lookup.queries import Asked
from api.wiring import index_of
from core.db import Database
from core.ids import derived

#: A question, and the ids of the documents that answer it.
Question = tuple[str, set[str]]


class Ours:
    """The search over a set.

    Args:
        folder: takes what is written.
        url: of an empty database; none: SQLite in the folder.
    """

    def __init__(self, folder: Path, url: str | None = None) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self._url = url or f"sqlite+aiosqlite:///{folder / 'corpus.db'}"
        migrations.upgrade(self._url)
        self.took: list[float] = []
        self.cpu: list[float] = []

    @property
    def size(self) -> int:
        """Return how many bytes the database takes."""
        return sum(path.stat().st_size for path in self.folder.glob("corpus.db*"))

    def load(self, documents: Sequence[dict[str, Any]]) -> float:
        """Load documents; return how many a second."""
        lines = self.folder / "corpus.jsonl"
        lines.write_text("".join(json.dumps(one) + "\n" for one in documents), "utf-8")
        started = time.perf_counter()
        self.run(lambda db, index: corpus.load(db, index, lines, lambda _: None))
        return len(documents) / (time.perf_counter() - started)

    def run(self, work: Callable[[Database, Index], Awaitable[Any]]) -> Any:
        """Do some work on the database."""
        return asyncio.run(self._run(work))

    async def _run(self, work: Callable[[Database, Index], Awaitable[Any]]) -> Any:
        db = Database(self._url)
        done = await work(db, index_of(db))
        await db.dispose()
        return done

    def ranks(self, questions: Sequence[Question]) -> list[float]:
        """Ask; return for each question one over the rank of its answer."""
        asked = [(Asked(query=query), relevant) for query, relevant in questions]
        found: list[float] = self.run(lambda db, index: self._ranks(db, index, asked))
        return found

    def ranks_of_type(self, questions: Sequence[tuple[str, set[str], str]]) -> list[float]:
        """Ask among documents of a type."""
        asked = [
            (Asked(query=query, filters=Filters(type_code=corpus.type_code(kind))), relevant)
            for query, relevant, kind in questions
        ]
        found: list[float] = self.run(lambda db, index: self._ranks(db, index, asked))
        return found

    async def _ranks(
        self, db: Database, index: Index, questions: Sequence[tuple[Asked, set[str]]]
    ) -> list[float]:
        found = []
        for asked, relevant in questions:
            started, spent = time.perf_counter(), time.process_time()
            async with db.read() as view:
                ranked = await queries.found(view, index, READER, asked, plan_of(asked.query))
            self.took.append(1000 * (time.perf_counter() - started))
            self.cpu.append(1000 * (time.process_time() - spent))
            wanted = {derived("corpus", one) for one in relevant}
            found.append(reciprocal([one.document_id in wanted for one in ranked[:TOP]]))
        return found


def reciprocal(right: Sequence[bool]) -> float:
    """Return one over the rank of the first that is right; 0 where none is."""
    return 1 / (right.index(True) + 1) if True in right else 0.0
