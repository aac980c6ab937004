"""tell after commit: nothing is kept of what was told."""

import sqlalchemy as sa
from alembic import op

revision = "tell_after_commit"
down_revision = "notification_wishes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_fact_waiting", table_name="fact")
    op.drop_column("fact", "relayed_at")


def downgrade() -> None:
    op.add_column("fact", sa.Column("relayed_at", sa.DateTime(timezone=True), nullable=True))
