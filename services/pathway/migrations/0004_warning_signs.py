"""Asks that warning signs are showing, and which line of the plan they are."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make what is new."""
    _pathway_ask()


def _pathway_ask() -> None:
    op.add_column("pathway_ask", sa.Column("kind", sa.String(length=16), server_default="more", nullable=False))
    op.add_column("pathway_ask", sa.Column("line", sa.Uuid(), nullable=True))
