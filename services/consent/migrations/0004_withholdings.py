"""Passages that people withhold."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make what is new."""
    _consent_withholding()


def _consent_withholding() -> None:
    op.create_table(
        "consent_withholding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("passage", sa.Uuid(), nullable=False),
        sa.Column("who_kind", sa.String(length=24), nullable=False),
        sa.Column("who_id", sa.Uuid(), nullable=True),
        sa.Column("who_role", sa.String(length=24), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("given_back_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("consent_withholding_person", "consent_withholding", ["person", "number"], unique=True)
