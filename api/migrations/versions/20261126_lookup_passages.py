"""lookup passages."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

from api.lookup.ddl import SHELVES

revision = "lookup_passages"
down_revision = "signature_level"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Put passages in the place of pages; what was indexed is read anew by the work that follows."""
    op.execute("DROP TABLE lookup_fts")
    op.drop_table("lookup_page")
    op.execute("DELETE FROM lookup_entry")
    with op.batch_alter_table("lookup_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("fields", sqlmodel.sql.sqltypes.AutoString(), nullable=False))
    op.create_table(
        "lookup_passage",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("folded", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_lookup_passage")),
        sa.UniqueConstraint(
            "document_id", "page", "part", name=op.f("uq_lookup_passage_document_id_page_part")
        ),
    )
    for statement in SHELVES[op.get_bind().dialect.name]:
        op.execute(statement)
