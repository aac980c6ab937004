"""withdrawn documents are found at once."""

import sqlalchemy as sa
from alembic import op

revision = "withdrawn_index"
down_revision = "minutes_updates"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index(
            "ix_document_withdrawn",
            ["id"],
            unique=False,
            sqlite_where=sa.text("withdrawn IS 1"),
            postgresql_where=sa.text("withdrawn IS true"),
        )
