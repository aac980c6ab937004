"""quiet hours."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "quiet_hours"
down_revision = "push_keys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quiet_hours",
        sa.Column("official_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("changed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("official_id", name=op.f("pk_quiet_hours")),
    )
