"""The ordered first twenty are the same on SQLite and on PostgreSQL, for every query."""

import json
import random
from pathlib import Path
from uuid import UUID

import pytest

from api.lookup import corpus, queries
from api.lookup.analysis.text import fold
from api.lookup.corpus import READER
from api.lookup.plan import plan_of
from api.lookup.queries import Asked
from api.wiring import index_of
from core.db import Database
from tests.support.databases import PostgresFactory, SqliteFactory
from tests.support.library import QUESTIONS, lines

TOP = 20
WORDS = " ".join(f"{line['title']} {line['body']}" for line in lines()).split()


def rows() -> list[dict[str, str]]:
    """The corpus, and distractors that share its words and repeat each other."""
    dice = random.Random(3)
    made = [
        {
            "id": f"d{n}",
            "title": " ".join(dice.choices(WORDS, k=dice.randrange(1, 9))),
            "body": " ".join(dice.choices(WORDS, k=dice.randrange(0, 90))),
            "date": f"20{dice.randrange(20, 27)}-01-0{dice.randrange(1, 9)}",
            "number": f"{dice.randrange(1, 40)}/QĐ-UBND",
        }
        for n in range(250)
    ]
    return [*lines(), *made, *({**one, "id": f"{one['id']} again"} for one in made[:40])]


def asked() -> list[str]:
    dice = random.Random(5)
    drawn = []
    for _ in range(150):
        start, count = dice.randrange(len(WORDS) - 12), dice.randrange(1, 12)
        near = WORDS[start : start + count]
        words = near if dice.random() < 0.6 else dice.choices(WORDS, k=count)
        drawn.append(" ".join(words) if dice.random() < 0.5 else fold(" ".join(words)))
    return [*drawn, *(query for query, _ in QUESTIONS), '"tu bổ đê điều" lũ', "12/qđ-ubnd"]


async def orders(url: str, path: Path) -> list[list[tuple[UUID, int]]]:
    db = Database(url)
    index = index_of(db)
    await corpus.load(db, index, path, lambda _: None)
    found = []
    for query in asked():
        async with db.read() as view:
            ranked = await queries.found(view, index, READER, Asked(query=query), plan_of(query))
        found.append([(one.document_id, one.place.score) for one in ranked[:TOP]])
    await db.dispose()
    return found


@pytest.fixture
def urls(sqlite: SqliteFactory, postgres: PostgresFactory, tmp_path: Path) -> list[str]:
    return [sqlite.url(tmp_path), postgres.url(tmp_path)]


@pytest.mark.engines
async def test_both_engines_give_the_same_order(urls: list[str], tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows()), "utf-8")

    embedded, scaled_out = [await orders(url, path) for url in urls]

    assert scaled_out == embedded
    assert sum(len(one) == TOP for one in embedded) > TOP
