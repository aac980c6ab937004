"""What the search is compared with: FTS5 as it comes, FTS5 with our bigrams, and tantivy."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from api.lookup.analysis.text import bigrams, composed, syllables
from api.lookup.corpus import pages_of

Search = Callable[[str], list[str]]
TOP, DEEP = 10, 60


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
