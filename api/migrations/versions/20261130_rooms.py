"""rooms: signed ballots, recordings."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

from core.audit import APPEND_ONLY

revision = "rooms"
down_revision = "withdrawn_index"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What is append-only is not copied: a column is added where the table stands.
    op.add_column(
        "vote", sa.Column("signed", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("vote_ballot", sa.Column("evidence", sa.JSON(), nullable=True))
    op.create_table(
        "recording",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("running", "stopped", "kept", name="state", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("started_by", sa.Uuid(), nullable=False),
        sa.Column("started_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("stopped_by", sa.Uuid(), nullable=True),
        sa.Column("stopped_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_recording_meeting_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording")),
    )
    op.create_index(op.f("ix_recording_meeting_id"), "recording", ["meeting_id"])
    runs = sa.text("state = 'running'")
    op.create_index(
        "uq_recording_running", "recording", ["meeting_id"], unique=True, sqlite_where=runs,
        postgresql_where=runs,
    )  # fmt: skip
    op.create_table(
        "recording_track",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("official_id", sa.Uuid(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("media_type", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("begun_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recording.id"], name=op.f("fk_recording_track_recording_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording_track")),
    )
    op.create_index(op.f("ix_recording_track_recording_id"), "recording_track", ["recording_id"])
    op.create_table(
        "recording_read",
        sa.Column("track_id", sa.Uuid(), nullable=False),
        sa.Column("official_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("last_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["track_id"], ["recording_track.id"], name=op.f("fk_recording_read_track_id")
        ),
        sa.PrimaryKeyConstraint("track_id", "official_id", name=op.f("pk_recording_read")),
    )
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement.format(table="recording_track"))
