"""What the search is compared with: FTS5 as it comes and with our bigrams, tantivy, PostgreSQL."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import cache
from typing import Any
from uuid import uuid4

import asyncpg

from api.lookup.analysis.text import bigrams, composed, syllables
from api.lookup.corpus import pages_of
from tests.support.databases import postgres_binaries, postgres_server

Search = Callable[[str], list[str]]
TOP, DEEP = 10, 60


def timed(peer: Search, query: str) -> tuple[list[str], float]:
    """Ask a peer; return what it found, and the milliseconds that it took."""
    started = time.perf_counter()
    return peer(query), 1000 * (time.perf_counter() - started)


def built(
    make: Callable[..., Search | None], documents: Sequence[dict[str, Any]]
) -> tuple[Search | None, float]:
    """Build a peer; return it, and the seconds that it took."""
    started = time.perf_counter()
    return make(documents), time.perf_counter() - started


def stock_fts5(documents: Sequence[dict[str, Any]]) -> Search:
    """SQLite's own tokenizer without diacritics, its own bm25, any of the words."""
    return _fts5(documents, "unicode61 remove_diacritics 2", _words)


def fts5_bigrams(documents: Sequence[dict[str, Any]]) -> Search:
    """SQLite's bm25 over our folded syllables and bigrams."""

    def terms(text: str) -> list[str]:
        tokens = syllables(text)
        return [*tokens, *bigrams(tokens)]

    return _fts5(documents, "ascii tokenchars '_'", terms)


def tantivy(documents: Sequence[dict[str, Any]]) -> Search | None:
    """Lower case and ASCII folding; None where tantivy is not installed."""
    try:
        import tantivy as engine  # type: ignore[import-not-found]  # noqa: PLC0415 - a peer
    except ImportError:
        return None
    builder = engine.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw")
    builder.add_text_field("text", tokenizer_name="folded")
    index = engine.Index(builder.build())
    chain = engine.TextAnalyzerBuilder(engine.Tokenizer.simple()).filter(engine.Filter.lowercase())
    index.register_tokenizer("folded", chain.filter(engine.Filter.ascii_fold()).build())
    writer = index.writer(50_000_000, 1)
    for one, text in _passages(documents):
        writer.add_document(engine.Document(id=one, text=text))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def search(query: str) -> list[str]:
        asked = " ".join(_words(query))
        hits = searcher.search(index.parse_query(asked, ["text"]), DEEP).hits if asked else []
        return _distinct([searcher.doc(place)["id"][0] for _, place in hits])

    return search


def has_postgresql() -> bool:
    """Say whether a server can be started here."""
    return postgres_binaries() is not None


def postgresql(documents: Sequence[dict[str, Any]]) -> Search | None:
    """PostgreSQL's own ranking, in a server that lives as long as this process."""
    return postgresql_at(new_database(_server()), documents) if has_postgresql() else None


def postgresql_at(url: str, documents: Sequence[dict[str, Any]]) -> Search:
    """`ts_rank`, lengths considered, over the folded words; any of the words."""
    runner = asyncio.Runner()
    db = runner.run(asyncpg.connect(url))
    rows = [(one, " ".join(syllables(text))) for one, text in _passages(documents)]
    runner.run(_fill(db, rows))

    def search(query: str) -> list[str]:
        any_of = " | ".join(dict.fromkeys(syllables(query)))
        found = runner.run(db.fetch(_TS_RANK, any_of, DEEP)) if any_of else []
        return _distinct([row[0] for row in found])

    return search


_TS_RANK = """
    SELECT id FROM passage, to_tsquery('simple', $1) AS asked
    WHERE terms @@ asked ORDER BY ts_rank(terms, asked, 1) DESC LIMIT $2
"""


async def _fill(db: Any, rows: Sequence[tuple[str, str]]) -> None:
    await db.execute("CREATE TABLE passage (id text, terms tsvector)")
    await db.executemany("INSERT INTO passage VALUES ($1, to_tsvector('simple', $2))", rows)
    await db.execute("CREATE INDEX ON passage USING gin (terms)")
    await db.execute("ANALYZE passage")


def new_database(server: str) -> str:
    """Make an empty database; return its address."""
    name = f"bench_{uuid4().hex[:12]}"
    asyncio.run(_create(server, name))
    return f"{server}/{name}"


async def _create(server: str, name: str) -> None:
    db = await asyncpg.connect(f"{server}/postgres")
    await db.execute(f'CREATE DATABASE "{name}"')
    await db.close()


_running = ExitStack()


@cache
def _server() -> str:
    return _running.enter_context(postgres_server())


def end() -> None:
    """End the server, if one was started."""
    _running.close()


def _fts5(
    documents: Sequence[dict[str, Any]], tokenizer: str, terms: Callable[[str], list[str]]
) -> Search:
    db = sqlite3.connect(":memory:")
    db.execute(f'CREATE VIRTUAL TABLE f USING fts5(id UNINDEXED, t, tokenize="{tokenizer}")')
    rows = ((one, " ".join(terms(text))) for one, text in _passages(documents))
    db.executemany("INSERT INTO f VALUES (?, ?)", rows)

    def search(query: str) -> list[str]:
        any_of = " OR ".join(f'"{term}"' for term in dict.fromkeys(terms(query)))
        statement = "SELECT id FROM f WHERE f MATCH ? ORDER BY bm25(f) LIMIT ?"
        return _distinct(
            [one for (one,) in db.execute(statement, (any_of, DEEP))] if any_of else []
        )

    return search


def _passages(documents: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    found = []
    for one in documents:
        heading = composed(
            f"{one.get('type') or ''} {one.get('title') or ''} {one['number'] or ''}"
        )
        pages = list(pages_of(composed(one.get("body") or ""))) or [""]
        found += [(one["id"], f"{heading} {page}") for page in pages]
    return found


def _words(text: str) -> list[str]:
    return "".join(letter if letter.isalnum() else " " for letter in composed(text)).split()


def _distinct(ids: list[str]) -> list[str]:
    return list(dict.fromkeys(ids))[:TOP]
