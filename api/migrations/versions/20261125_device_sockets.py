"""number the sockets of a device."""

import sqlalchemy as sa
from alembic import op

revision = "device_sockets"
down_revision = "push_lanes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("device", sa.Column("sockets", sa.Integer(), nullable=False, server_default="0"))
