"""what we remember of transactions with an operator."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "operator_transaction"
down_revision = "single_sign_on"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "operator_transaction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("asked", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(length=400), nullable=True),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_transaction")),
    )
