"""saved searches, and messages that are judged when they leave."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "saved_searches"
down_revision = "secret_votes"
branch_labels = None
depends_on = None

_SORT = sa.Enum(
    "relevance", "newest", "oldest", "number", name="sort", native_enum=False, length=32
)


def upgrade() -> None:
    op.create_table(
        "saved_search",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("official_id", sa.Uuid(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("query", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("sort", _SORT, nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("alerts", sa.Boolean(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("changed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("watched", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_search")),
    )
    with op.batch_alter_table("saved_search", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_saved_search_official_id"), ["official_id"], unique=False
        )
    op.create_table(
        "saved_search_term",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("term", sqlmodel.sql.sqltypes.AutoString(length=220), nullable=False),
        sa.Column("search_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["search_id"], ["saved_search.id"], name=op.f("fk_saved_search_term_search_id")
        ),
        sa.PrimaryKeyConstraint(
            "agency_id", "term", "search_id", name=op.f("pk_saved_search_term")
        ),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("saved_search_term", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_saved_search_term_search_id"), ["search_id"], unique=False
        )
    op.create_table(
        "search_alert",
        sa.Column("search_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("official_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_search_alert_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["search_id"], ["saved_search.id"], name=op.f("fk_search_alert_search_id")
        ),
        sa.PrimaryKeyConstraint("search_id", "document_id", name=op.f("pk_search_alert")),
    )
    with op.batch_alter_table("search_alert", schema=None) as batch_op:
        batch_op.create_index("ix_search_alert_told", ["document_id", "official_id"], unique=False)
    with op.batch_alter_table("push_message", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("judged", sa.Boolean(), nullable=False, server_default=sa.false())
        )
