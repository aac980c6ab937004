"""the codes on papers, by which anybody checks them."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "checking_codes"
down_revision = "signing_lists"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "checking_code",
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_checking_code_document_id")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_checking_code")),
        sa.UniqueConstraint("document_id", name=op.f("uq_checking_code_document_id")),
    )


def downgrade() -> None:
    op.drop_table("checking_code")
