"""the CSC server."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "csc_server"
down_revision = "escalation"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "csc_client",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("redirect_uri", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("secret_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_csc_client")),
    )
    op.create_index(op.f("ix_csc_client_agency_id"), "csc_client", ["agency_id"])
    op.create_table(
        "csc_grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("official_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column(
            "scope",
            sa.Enum("service", "credential", name="scope", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("hashes", sa.JSON(), nullable=False),
        sa.Column("code_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("code_challenge", sqlmodel.sql.sqltypes.AutoString(length=128), nullable=False),
        sa.Column("granted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("redeemed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("token_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("token_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("revoked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["csc_client.id"], name=op.f("fk_csc_grant_client_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_csc_grant")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_csc_grant_code_hash")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_csc_grant_token_hash")),
    )
    op.create_index(op.f("ix_csc_grant_official_id"), "csc_grant", ["official_id"])
    op.create_index(op.f("ix_csc_grant_client_id"), "csc_grant", ["client_id"])
    op.create_table(
        "csc_authorization",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("official_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("phone_number", sqlmodel.sql.sqltypes.AutoString(length=15), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "prompting", "authorised", "refused", "redeemed",
                name="state", native_enum=False, length=32,
            ),
            nullable=False,
        ),
        sa.Column("hashes", sa.JSON(), nullable=False),
        sa.Column("transactions", sa.JSON(), nullable=False),
        sa.Column("signer", sa.JSON(), nullable=False),
        sa.Column("started_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("sad_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("sad_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("signatures", sa.JSON(), nullable=True),
        sa.Column("response_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["csc_client.id"], name=op.f("fk_csc_authorization_client_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_csc_authorization")),
        sa.UniqueConstraint("sad_hash", name=op.f("uq_csc_authorization_sad_hash")),
        sa.UniqueConstraint("response_hash", name=op.f("uq_csc_authorization_response_hash")),
    )  # fmt: skip
    op.create_index(op.f("ix_csc_authorization_official_id"), "csc_authorization", ["official_id"])
    op.create_index(
        op.f("ix_csc_authorization_phone_number"), "csc_authorization", ["phone_number"]
    )
