"""Ten thousand saved searches against one new document: what holding it against them costs."""

import asyncio
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from api import migrations
from api.documents.models import Document
from api.lookup import corpus
from api.lookup.analysis.text import fold, tokens
from api.lookup.filters import Filters
from api.lookup.saved import queries, service
from api.lookup.saved.service import Wish
from api.wiring import index_of
from bench.harness import Report, note, percentile
from core.actor import Actor, Role
from core.db import Database
from core.ids import derived
from core.sessions import Principal

SEARCHES, OFFICIALS, NEW = 10_000, 500, 300


def measure(report: Report, rows: Sequence[dict[str, Any]], folder: Path, name: str) -> None:
    """Save searches made of the documents' own words, then hold new documents against them."""
    folder.mkdir(parents=True)
    url = f"sqlite+aiosqlite:///{folder / 'saved.db'}"
    migrations.upgrade(url)
    asyncio.run(_measure(report, rows, folder, name, url))


async def _measure(
    report: Report, rows: Sequence[dict[str, Any]], folder: Path, name: str, url: str
) -> None:
    db, dice = Database(url), random.Random(2)
    lines = folder / "new.jsonl"
    chosen = dice.sample(list(rows), min(NEW, len(rows)))
    lines.write_text(
        "".join(corpus.Line(**row).model_dump_json() + "\n" for row in chosen), "utf-8"
    )
    await corpus.load(db, index_of(db), lines, lambda _: None)
    note(f"saving {SEARCHES} searches ...")
    await _save(db, rows, dice)
    took, cpu, answered, weighed = await _held_against(db)
    report.add(f"{name}: {SEARCHES} saved searches, one document: p50", "ms", percentile(took, 0.5))
    report.add(f"{name}: {SEARCHES} saved searches, one document: p99", "ms",
               percentile(took, 0.99), goal="ours <= 5")  # fmt: skip
    report.add(f"{name}: the same, CPU p99", "ms", percentile(cpu, 0.99))
    report.add(f"{name}: searches that a document answers, mean", "searches", answered)
    report.add(f"{name}: searches that are weighed for it, mean", "searches", weighed)
    await db.dispose()


async def _save(db: Database, rows: Sequence[dict[str, Any]], dice: random.Random) -> None:
    owners = [Actor(derived("owner", str(n)), corpus.AGENCY) for n in range(OFFICIALS)]
    async with db.begin() as tx:
        tx.session.add_all(
            Principal(official_id=one.id, agency_id=one.agency_id, roles=[Role.CLERK])
            for one in owners
        )
    per_owner = SEARCHES // OFFICIALS
    for one in owners:
        async with db.begin() as tx:
            for n in range(per_owner):
                wish = Wish(name=str(n), query=_query(rows, dice), filters=Filters())
                await service.keep(tx, one, derived(one.id, str(n)), wish)


def _query(rows: Sequence[dict[str, Any]], dice: random.Random) -> str:
    """Return a few words that follow each other in a title or a body."""
    row = dice.choice(rows)
    words = str(row["title"] if dice.random() < 0.5 and row["title"] else row["body"]).split()
    words = words or ["nghị", "quyết"]
    start = dice.randrange(max(1, len(words) - 3))
    query = " ".join(words[start : start + dice.randrange(2, 9)])
    if not tokens(query):  # rules of tables and the like
        return "văn bản"
    return fold(query) if dice.random() < 0.5 else query


async def _held_against(db: Database) -> tuple[list[float], list[float], float, float]:
    async with db.read() as view:
        ids = (await view.session.exec(select(Document.id).order_by(col(Document.id)))).all()
    took, cpu, answered, weighed = [], [], 0, 0
    for document_id in ids:
        async with db.read() as view:
            found = await queries.findable(view, document_id)
            assert found is not None
            started, spent = time.perf_counter(), time.process_time()
            matched = await queries.answered_by(view, found)
            took.append(1000 * (time.perf_counter() - started))
            cpu.append(1000 * (time.process_time() - spent))
            answered += sum(map(len, matched.values()))
            weighed += len(await queries.candidates(view, found))
    return took, cpu, answered / len(ids), weighed / len(ids)
