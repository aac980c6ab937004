"""push lanes."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "push_lanes"
down_revision = "second_factors"
branch_labels = None
depends_on = None

_URGENCY = sa.Enum(
    "normal", "urgent", "very_urgent", "flash", name="urgency", native_enum=False, length=32
)
_KIND = sa.Enum(
    "recorded", "fcm_token", "fcm_fid", "webpush", name="addresskind", native_enum=False, length=32
)


def upgrade() -> None:
    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.add_column(sa.Column("urgency", _URGENCY, nullable=False, server_default="normal"))
        batch_op.add_column(sa.Column("told_by", sa.Uuid(), nullable=True))

    op.execute("DELETE FROM push_address WHERE kind <> 'recorded'")
    with op.batch_alter_table("push_address", schema=None) as batch_op:
        batch_op.add_column(sa.Column("agency_id", sa.Uuid(), nullable=True))
        batch_op.alter_column(
            "kind", existing_type=sa.VARCHAR(length=16), type_=_KIND, existing_nullable=False
        )
    _take_agency_from_principal("push_address")

    with op.batch_alter_table("push_message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("agency_id", sa.Uuid(), nullable=True))
        batch_op.add_column(
            sa.Column("precedence", sa.Integer(), nullable=False, server_default="3")
        )
        batch_op.add_column(
            sa.Column("reserve", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(
            sa.Column("leased_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True)
        )
        batch_op.drop_index("ix_push_message_due")
        batch_op.create_index(
            "ix_push_message_due", ["state", "precedence", "next_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_push_message_notification_id"), ["notification_id"], unique=False
        )
    _take_agency_from_principal("push_message")


def _take_agency_from_principal(table: str) -> None:
    op.execute(
        f"UPDATE {table} SET agency_id = (SELECT principal.agency_id FROM principal"  # noqa: S608
        f" WHERE principal.official_id = {table}.official_id)"
    )
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.alter_column("agency_id", existing_type=sa.Uuid(), nullable=False)
