"""The `khonggiay lookup` words at a terminal: progress on stderr, one line of JSON on stdout."""

import asyncio
import json
import random
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy import make_url

from api import migrations
from api.lookup import corpus, flows
from api.lookup.analysis.text import fold
from api.lookup.errors import NoArchive
from api.lookup.index.port import Index
from api.wiring import index_of
from core.db import Database
from core.errors import AppError, DatabaseUnreachable
from core.messages import LANGUAGES, say

_ASYNC_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
_ASYNC_DRIVERS["postgres"] = _ASYNC_DRIVERS["postgresql"]

Work = Callable[[Database, Index], Awaitable[dict[str, float | int]]]


def load(url: str, file: Path) -> int:
    """Load a corpus; return the exit status."""
    address = _address(url)
    if address.startswith("sqlite"):
        Path(address.partition(":///")[2]).absolute().parent.mkdir(parents=True, exist_ok=True)
    migrations.upgrade(address)

    async def work(db: Database, index: Index) -> dict[str, float | int]:
        with _progress("documents", _lines_in(file)) as progress:
            return {"documents": await corpus.load(db, index, file, progress)}

    return _run(address, work)


def evaluate(url: str, file: Path, spelling: str) -> int:
    """Measure the search with the questions of a file; return the exit status."""
    dice = random.Random(0)  # noqa: S311 - the same questions every time
    spellings: dict[str, Callable[[str], str]] = {
        "folded": fold,
        "half": lambda query: corpus.halved(query, dice),
    }
    spell = spellings.get(spelling)

    async def work(db: Database, index: Index) -> dict[str, float | int]:
        questions = corpus.questions_in(file)
        if spell:
            questions = [one.model_copy(update={"query": spell(one.query)}) for one in questions]
        with _progress("questions", len(questions)) as progress:
            return await corpus.evaluate(db, index, questions, progress)

    return _run(_archive_at(url), work)


def rebuild(url: str) -> int:
    """Read every document anew; return the exit status."""

    async def work(db: Database, index: Index) -> dict[str, float | int]:
        with _progress("documents", await flows.documents_there_are(db)) as progress:
            return {"documents": await flows.rebuild(db, index, progress)}

    return _run(_archive_at(url), work)


def _run(url: str, work: Work) -> int:
    async def all_of_it() -> dict[str, float | int]:
        db = Database(url)
        try:
            return await work(db, index_of(db))
        finally:
            await db.dispose()

    try:
        print(json.dumps(asyncio.run(all_of_it())))  # noqa: T201 - what the command gives
    except AppError as refusal:
        for language in LANGUAGES:
            Console(stderr=True).print(say(refusal.code, language, **refusal.facts))
        return 1
    return 0


def _archive_at(url: str) -> str:
    """Return the address of an archive that is there already, with the schema of this program."""
    address = _address(url)
    try:
        is_there = _is_there(address) and migrations.current(address) == migrations.newest()
    except OSError as error:
        raise DatabaseUnreachable from error
    if not is_there:
        raise NoArchive(database=make_url(address).render_as_string())
    return address


def _is_there(address: str) -> bool:
    """Say whether a database can be there: asking SQLite for a file would make it."""
    return not address.startswith("sqlite") or Path(address.partition(":///")[2]).is_file()


def _address(url: str) -> str:
    """Return the URL with the driver that we speak to the engine with."""
    scheme, _, rest = url.partition("://")
    address = f"{_ASYNC_DRIVERS.get(scheme, scheme)}://{rest}"
    if scheme not in _ASYNC_DRIVERS and scheme not in _ASYNC_DRIVERS.values():
        raise NoArchive(database=url)
    return address


def _lines_in(file: Path) -> int:
    with file.open("rb") as lines:
        return sum(1 for line in lines if line.strip())


@contextmanager
def _progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=sys.stderr)) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)
