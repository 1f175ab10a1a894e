"""The first tables of bus."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make what is new."""
    _bus_identity()
    _bus_offset()
    _bus_record()


def _bus_identity() -> None:
    op.create_table(
        "bus_identity", sa.Column("id", sa.String(length=36), nullable=False), sa.PrimaryKeyConstraint("id")
    )


def _bus_offset() -> None:
    op.create_table(
        "bus_offset",
        sa.Column("consumer", sa.String(length=64), nullable=False),
        sa.Column("pos", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("consumer"),
    )


def _bus_record() -> None:
    op.create_table(
        "bus_record",
        sa.Column("pos", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("pos"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_bus_record_at"), "bus_record", ["at"], unique=False)
