"""More tables of notify."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make what is new."""
    _notify_parked()
    _notify_reply()
    _notify_subscription()
    _notify_subscription_event()
    _notify_told()
    _notify_unsent()


def _notify_parked() -> None:
    op.create_table(
        "notify_parked",
        sa.Column("consumer", sa.String(length=48), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "source", "subject", "seq"),
    )


def _notify_reply() -> None:
    op.create_table(
        "notify_reply",
        sa.Column("principal", sa.Uuid(), nullable=False),
        sa.Column("request", sa.Uuid(), nullable=False),
        sa.Column("body", sa.String(length=64), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("principal", "request"),
    )
    op.create_index(op.f("ix_notify_reply_at"), "notify_reply", ["at"], unique=False)


def _notify_subscription() -> None:
    op.create_table(
        "notify_subscription",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", sa.LargeBinary(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("secret", sa.String(length=80), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("old_secret", sa.String(length=80), nullable=True),
        sa.Column("old_until", sa.BigInteger(), nullable=True),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("last_problem", sa.String(length=48), nullable=True),
        sa.Column("quiet_until", sa.BigInteger(), nullable=True),
        sa.Column("paused_why", sa.String(length=48), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("notify_subscription_owner", "notify_subscription", ["organisation", "made_at"], unique=False)


def _notify_subscription_event() -> None:
    op.create_table(
        "notify_subscription_event",
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("subscription", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("type", "subscription"),
    )


def _notify_told() -> None:
    op.create_table(
        "notify_told",
        sa.Column("alert", sa.Uuid(), nullable=False),
        sa.Column("who", sa.String(length=16), nullable=False),
        sa.Column("to", sa.Uuid(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("alert", "who", "to"),
    )


def _notify_unsent() -> None:
    op.create_table(
        "notify_unsent",
        sa.Column("pos", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("pos"),
    )
