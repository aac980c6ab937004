"""word files."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "word_files"
down_revision = "offline_copy"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "media_type",
                AutoString(length=100),
                nullable=False,
                server_default="application/pdf",
            )
        )
