"""More tables of consent."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make what is new."""
    _consent_reply()
    _consent_unsent()


def _consent_reply() -> None:
    op.create_table(
        "consent_reply",
        sa.Column("principal", sa.Uuid(), nullable=False),
        sa.Column("request", sa.Uuid(), nullable=False),
        sa.Column("body", sa.String(length=64), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("principal", "request"),
    )
    op.create_index(op.f("ix_consent_reply_at"), "consent_reply", ["at"], unique=False)


def _consent_unsent() -> None:
    op.create_table(
        "consent_unsent",
        sa.Column("pos", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("pos"),
    )
