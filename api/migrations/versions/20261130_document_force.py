"""signers as on paper, and from when to when a document holds."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "document_force"
down_revision = "saved_searches"
branch_labels = None
depends_on = None

_NOTED = sa.Enum(
    "not_yet", "in_force", "partly_ended", "suspended", "ended", name="validity",
    native_enum=False, length=32,
)  # fmt: skip
#: Our own papers name their signer already.
_SIGNERS = """
    UPDATE document SET signer = coalesce(
        (SELECT full_name FROM official WHERE official.id = document.signer_id), ''
    ) WHERE signer_id IS NOT NULL
"""


def upgrade() -> None:
    """Add the columns; the archive is read anew by the work that follows."""
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "signer",
                sqlmodel.sql.sqltypes.AutoString(length=200),
                nullable=False,
                server_default="",
            )
        )
        batch_op.add_column(sa.Column("in_force_from", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("in_force_until", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("force_noted", _NOTED, nullable=True))
    op.execute(_SIGNERS)
    with op.batch_alter_table("lookup_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("until", sa.Integer(), nullable=False, server_default="0"))
