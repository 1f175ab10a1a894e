"""When a session was begun and used and how; devices of groups, PINs of members, browsers away at a provider.

The new columns may be empty: a process of the version before keeps tokens without them, which end within 12 hours.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make what is new."""
    _gateway_device()
    _gateway_pin()
    _gateway_try()
    _gateway_way()
    _gateway_token()


def _gateway_device() -> None:
    op.create_table(
        "gateway_device",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("organisation", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.Column("shut_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hash"),
    )
    op.create_index(op.f("ix_gateway_device_created_at"), "gateway_device", ["created_at"], unique=False)
    op.create_index(op.f("ix_gateway_device_organisation"), "gateway_device", ["organisation"], unique=False)
    op.create_index(op.f("ix_gateway_device_used_at"), "gateway_device", ["used_at"], unique=False)


def _gateway_pin() -> None:
    op.create_table(
        "gateway_pin",
        sa.Column("member", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Uuid(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("made", sa.LargeBinary(), nullable=False),
        sa.Column("shown_as", sa.String(length=100), nullable=True),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("member"),
    )
    op.create_index(op.f("ix_gateway_pin_organisation"), "gateway_pin", ["organisation"], unique=False)
    op.create_index(op.f("ix_gateway_pin_used_at"), "gateway_pin", ["used_at"], unique=False)


def _gateway_try() -> None:
    op.create_table(
        "gateway_try",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("device", sa.Uuid(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_gateway_try_at"), "gateway_try", ["at"], unique=False)
    op.create_index(op.f("ix_gateway_try_device"), "gateway_try", ["device"], unique=False)


def _gateway_way() -> None:
    op.create_table(
        "gateway_way",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("binding", sa.String(length=64), nullable=False),
        sa.Column("sign_in_as", sa.String(length=16), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index(op.f("ix_gateway_way_until"), "gateway_way", ["until"], unique=False)


def _gateway_token() -> None:
    op.add_column("gateway_token", sa.Column("id", sa.Uuid(), nullable=True))
    op.add_column("gateway_token", sa.Column("kind", sa.String(length=16), nullable=True))
    op.add_column("gateway_token", sa.Column("created_at", sa.BigInteger(), nullable=True))
    op.add_column("gateway_token", sa.Column("used_at", sa.BigInteger(), nullable=True))
    op.add_column("gateway_token", sa.Column("idle_seconds", sa.Integer(), nullable=True))
    op.add_column("gateway_token", sa.Column("device", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_gateway_token_device"), "gateway_token", ["device"], unique=False)
    op.create_index(op.f("ix_gateway_token_id"), "gateway_token", ["id"], unique=False)
