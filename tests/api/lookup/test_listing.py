"""A list of what passes filters is paged through to its end, in every order, on each engine."""

import json
from base64 import urlsafe_b64encode
from collections.abc import AsyncGenerator
from datetime import date, timedelta
from pathlib import Path

import pytest

from api.documents.models import Document
from api.documents.rules import Direction
from api.lookup import corpus, exporting, queries
from api.lookup.corpus import READER
from api.lookup.exporting import Column
from api.lookup.filters import Filters, Sort
from api.lookup.index.port import Index
from api.lookup.queries import Asked
from api.lookup.ranking import DOCUMENTS
from api.wiring import index_of
from core.db import Database

Archive = tuple[Database, Index]
MANY = DOCUMENTS + 30
EVERYTHING = Filters(direction=Direction.INCOMING)
DAY = date(2026, 1, 1)


def line(n: int) -> dict[str, str | None]:
    """Several on one day and under one number, some without either."""
    return {
        "id": f"{n}",
        "title": f"Công văn thứ {n}",
        "number": f"{n % 50 + 1}/QĐ-UBND" if n % 7 else None,
        "date": f"{DAY - timedelta(days=n * 37 % 90)}" if n % 11 else None,
    }


@pytest.fixture
async def archive(database_url: str, tmp_path: Path) -> AsyncGenerator[Archive]:
    db = Database(database_url)
    file = tmp_path / "corpus.jsonl"
    file.write_text("".join(json.dumps(line(n)) + "\n" for n in range(MANY)), "utf-8")
    await corpus.load(db, index_of(db), file, print)
    yield db, index_of(db)
    await db.dispose()


def _day(paper: Document) -> int:
    return paper.issued_on.toordinal() if paper.issued_on else 0


ORDERS = {
    Sort.RELEVANCE: lambda paper: (-_day(paper), paper.id),
    Sort.NEWEST: lambda paper: (-_day(paper), paper.id),
    Sort.OLDEST: lambda paper: (_day(paper) or 10**9, paper.id),
    Sort.NUMBER: lambda paper: (-int(paper.symbol.partition("/")[0] or -1), paper.id),
}


async def test_a_list_goes_on_to_its_last_document_in_every_order(archive: Archive) -> None:
    db, index = archive

    async with db.read() as view:
        for sort, place in ORDERS.items():
            seen: list[Document] = []
            cursor: str | None = None
            while cursor or not seen:
                asked = Asked(query="", filters=EVERYTHING, sort=sort, cursor=cursor, limit=50)
                part = await queries.search(view, index, READER, asked)
                seen += [one.document for one in part.results]
                cursor = part.cursor
                assert part.found == DOCUMENTS
            assert len(seen) == MANY
            assert [one.id for one in seen] == [one.id for one in sorted(seen, key=place)], sort


async def test_a_list_is_taken_away_whole(archive: Archive) -> None:
    db, index = archive

    async with db.read() as view:
        asked = Asked(query="", filters=EVERYTHING)
        rows = await exporting.rows(view, index, READER, asked, [Column.ID])

    assert len({row for (row,) in rows}) == MANY + 1


@pytest.mark.parametrize("sort", Sort)
async def test_a_cursor_of_nowhere_is_no_fault_of_ours(archive: Archive, sort: Sort) -> None:
    db, index = archive

    async with db.read() as view:
        for far in (10**40, -(10**40)):
            plain = f"1 {far} {far} {READER.id.hex}"
            cursor = urlsafe_b64encode(plain.encode()).decode().rstrip("=")
            asked = Asked(query="", filters=EVERYTHING, sort=sort, cursor=cursor)
            found = len((await queries.search(view, index, READER, asked)).results)
            assert found == (20 if far > 0 else 0)
