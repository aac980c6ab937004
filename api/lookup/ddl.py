"""SQL that makes the index, by dialect; run by the migrations.

Both engines only store which row holds which term. The terms are made in Python, so that neither
folds nor splits anything: `ascii` leaves every other letter alone, `_` joins bigrams.
"""

#: Alembic leaves tables of these names alone: full-text engines add their own.
PREFIX = "lookup_fts"

#: As the first migration made it; the second put passages in the place of documents.
CREATE = {
    "sqlite": (
        (
            "CREATE VIRTUAL TABLE lookup_fts USING fts5"
            "(words, bigrams, detail=column, tokenize=\"ascii tokenchars '_'\")"
        ),
    ),
    "postgresql": (
        (
            "CREATE TABLE lookup_fts (position integer PRIMARY KEY,"
            " words tsvector NOT NULL, bigrams tsvector NOT NULL)"
        ),
        "CREATE INDEX ix_lookup_fts_words ON lookup_fts USING gin (words)",
        "CREATE INDEX ix_lookup_fts_bigrams ON lookup_fts USING gin (bigrams)",
    ),
}

#: Passages and headings. `content=''`: the terms can be made again from what lies beside them.
SHELVES = {
    "sqlite": tuple(
        f"CREATE VIRTUAL TABLE lookup_fts_{shelf} USING fts5"
        "(terms, content='', detail=none, tokenize=\"ascii tokenchars '_'\")"
        for shelf in ("passage", "heading")
    ),
    "postgresql": tuple(
        statement
        for shelf in ("passage", "heading")
        for statement in (
            (
                f"CREATE TABLE lookup_fts_{shelf}"
                " (position integer PRIMARY KEY, terms tsvector NOT NULL)"
            ),
            f"CREATE INDEX ix_lookup_fts_{shelf}_terms ON lookup_fts_{shelf} USING gin (terms)",
        )
    ),
}
