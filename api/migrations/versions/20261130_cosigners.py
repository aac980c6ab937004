"""several who sign one paper, files beside a document, pinned certificates."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

from api.signing.beside.rules import Form, Kind
from api.signing.pins.rules import Keeper
from core.columns import choice

revision = "cosigners"
down_revision = "rooms"
branch_labels = None
depends_on = None

_MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
_TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cosigners", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("signature_request", schema=None) as batch_op:
        batch_op.add_column(sa.Column("place", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "side_file",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("kind", choice(Kind), nullable=False),
        sa.Column("form", choice(Form), nullable=True),
        sa.Column("title", _TEXT(length=300), nullable=False),
        sa.Column("source_sha256", _TEXT(length=64), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("sha256", _TEXT(length=64), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", _MOMENT(), nullable=False),
        sa.Column("sealed_at", _MOMENT(), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_side_file_document_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_side_file")),
    )
    with op.batch_alter_table("side_file", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_side_file_document_id"), ["document_id"], unique=False)
    op.create_table(
        "pinned_certificate",
        sa.Column("official_id", sa.Uuid(), nullable=False),
        sa.Column("keeper", choice(Keeper), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("phone_number", _TEXT(length=15), nullable=False),
        sa.Column("sha256", _TEXT(length=64), nullable=False),
        sa.Column("since", _MOMENT(), nullable=False),
        sa.Column("confirmed_from", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("official_id", "keeper", name=op.f("pk_pinned_certificate")),
    )
