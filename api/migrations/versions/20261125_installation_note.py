"""what is noted once for the whole installation."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "installation_note"
down_revision = "on_behalf"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "installation_note",
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("value", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_installation_note")),
    )
