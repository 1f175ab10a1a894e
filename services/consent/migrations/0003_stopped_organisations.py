"""Which organisations have stopped."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make what is new."""
    _consent_stopped()


def _consent_stopped() -> None:
    op.create_table(
        "consent_stopped", sa.Column("organisation", sa.Uuid(), nullable=False), sa.PrimaryKeyConstraint("organisation")
    )
