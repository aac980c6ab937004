"""minutes updates: minutes that are written together, kept as updates of Yjs."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op
from pycrdt import Doc, Text

revision = "minutes_updates"
down_revision = "document_force"
branch_labels = None
depends_on = None


def upgrade() -> None:
    written = _written()
    with op.batch_alter_table("minutes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("head", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("writers", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.drop_column("text")
    updates = op.create_table(
        "minutes_update",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["minutes.meeting_id"], name=op.f("fk_minutes_update_meeting_id")
        ),
        sa.PrimaryKeyConstraint("meeting_id", "seq", name=op.f("pk_minutes_update")),
    )
    if written:
        op.bulk_insert(updates, written)
        op.execute(
            "UPDATE minutes SET head = 1 WHERE meeting_id IN"
            " (SELECT meeting_id FROM minutes_update)"
        )


def _written() -> list[dict[str, Any]]:
    """Return each text that was written so far as the one update that makes it."""
    minutes = sa.table(
        "minutes",
        sa.column("meeting_id", sa.Uuid()),
        sa.column("agency_id", sa.Uuid()),
        sa.column("text", sa.String()),
    )
    rows = op.get_bind().execute(sa.select(minutes).where(minutes.c.text != "")).all()
    return [
        {
            "meeting_id": row.meeting_id,
            "seq": 1,
            "agency_id": row.agency_id,
            "content": _update_of(row.text),
            "at": datetime.now(UTC),
        }
        for row in rows
    ]


def _update_of(text: str) -> bytes:
    document: Doc[Text] = Doc()
    document["minutes"] = Text(text)
    return document.get_update()
