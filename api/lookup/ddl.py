"""SQL that makes the index, by dialect; run by the migrations.

Both engines only store which document holds which term. The tokens are made in Python, so that
neither folds nor splits anything: `ascii` leaves every other letter alone, `_` joins bigrams.
"""

#: Alembic leaves tables of this prefix alone: full-text engines add their own.
PREFIX = "lookup_fts"

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
