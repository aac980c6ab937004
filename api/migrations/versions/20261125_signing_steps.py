"""signing steps, prompts and evidence."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

from core.audit import APPEND_ONLY

revision = "signing_steps"
down_revision = "lookup_passages"
branch_labels = None
depends_on = None

_MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
_TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        "live_prompt",
        sa.Column("phone_number", _TEXT(length=15), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("transaction_id", sa.Uuid(), nullable=False),
        sa.Column("since", _MOMENT(), nullable=False),
        sa.PrimaryKeyConstraint("phone_number", name=op.f("pk_live_prompt")),
    )
    op.create_table(
        "evidence_record",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("at", _MOMENT(), nullable=False),
        sa.Column("kind", _TEXT(length=40), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("sha256", _TEXT(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["signature_request.id"], name=op.f("fk_evidence_record_request_id")
        ),
        sa.PrimaryKeyConstraint("request_id", "ordinal", name=op.f("pk_evidence_record")),
    )
    _widen_requests()
    op.execute(
        "INSERT INTO live_prompt (phone_number, agency_id, transaction_id, since) SELECT"
        " phone_number, agency_id, transaction_id, dispatched_at FROM signature_request"
        " WHERE state = 'dispatched'"
    )
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement.format(table="evidence_record"))


def _widen_requests() -> None:
    """Add what a request needs; those that were there were asked for by nobody known."""
    role = sa.Enum("initial", "sign", name="part", native_enum=False, length=32)
    with op.batch_alter_table("signature_request", schema=None) as batch_op:
        batch_op.drop_index("uq_signature_request_prompted")
        batch_op.add_column(sa.Column("role", role, nullable=False, server_default="sign"))
        batch_op.add_column(sa.Column("turn", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("asked_by", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("deadline", _MOMENT(), nullable=True))
        batch_op.add_column(sa.Column("consented_at", _MOMENT(), nullable=True))
        batch_op.add_column(
            sa.Column("evidence_count", sa.Integer(), nullable=False, server_default="0")
        )
        batch_op.add_column(
            sa.Column("evidence_head", _TEXT(length=64), nullable=False, server_default="")
        )
    op.execute(
        "UPDATE signature_request SET asked_by = signer_id, deadline = created_at,"
        " consented_at = dispatched_at"
    )
    with op.batch_alter_table("signature_request", schema=None) as batch_op:
        batch_op.alter_column("asked_by", nullable=False)
        batch_op.alter_column("deadline", nullable=False)
