"""signing lists."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

from api.signing.rules import State
from core.columns import choice

revision = "signing_lists"
down_revision = "signing_steps"
branch_labels = None
depends_on = None

_MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
_TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        "signing_list",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("signer_id", sa.Uuid(), nullable=False),
        sa.Column("phone_number", _TEXT(length=15), nullable=False),
        sa.Column("state", choice(State), nullable=False),
        sa.Column("reason", _TEXT(length=200), nullable=True),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("manifest", _TEXT(), nullable=True),
        sa.Column("sim", sa.JSON(), nullable=True),
        sa.Column("transaction_id", sa.Uuid(), nullable=True),
        sa.Column("verification_code", _TEXT(length=4), nullable=True),
        sa.Column("display_text", _TEXT(length=60), nullable=True),
        sa.Column("raw_signature", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", _MOMENT(), nullable=False),
        sa.Column("consented_at", _MOMENT(), nullable=True),
        sa.Column("dispatched_at", _MOMENT(), nullable=True),
        sa.Column("ended_at", _MOMENT(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_list")),
        sa.UniqueConstraint("transaction_id", name=op.f("uq_signing_list_transaction_id")),
    )
    with op.batch_alter_table("signing_list", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_signing_list_signer_id"), ["signer_id"], unique=False)
    with op.batch_alter_table("signature_request", schema=None) as batch_op:
        batch_op.add_column(sa.Column("list_id", sa.Uuid(), nullable=True))
        batch_op.create_index(op.f("ix_signature_request_list_id"), ["list_id"], unique=False)
