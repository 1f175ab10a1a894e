"""Which story a delivery belongs to."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make what is new."""
    _notify_delivery()


def _notify_delivery() -> None:
    op.add_column("notify_delivery", sa.Column("correlation", sa.Uuid(), nullable=True))
