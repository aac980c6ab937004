"""signature level."""

import sqlalchemy as sa
from alembic import op

revision = "signature_level"
down_revision = "scans"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "signature_level",
                sa.Enum(
                    "B-B",
                    "B-T",
                    "B-LTA",
                    name="level",
                    native_enum=False,
                    create_constraint=False,
                    length=32,
                ),
                nullable=True,
            )
        )
