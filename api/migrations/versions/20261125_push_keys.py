"""push keys."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "push_keys"
down_revision = "meeting_record"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("push_address", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("p256dh", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=True)
        )
        batch_op.add_column(
            sa.Column("auth", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True)
        )
        batch_op.add_column(
            sa.Column("rich", sa.Boolean(), nullable=False, server_default=sa.false())
        )
