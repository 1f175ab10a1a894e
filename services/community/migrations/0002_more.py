"""More tables of community."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make what is new."""
    _community_reply()
    _community_route()
    _community_route_test()
    _community_rulebook()
    _community_unsent()
    _community_vouch()


def _community_reply() -> None:
    op.create_table(
        "community_reply",
        sa.Column("principal", sa.Uuid(), nullable=False),
        sa.Column("request", sa.Uuid(), nullable=False),
        sa.Column("body", sa.String(length=64), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("principal", "request"),
    )
    op.create_index(op.f("ix_community_reply_at"), "community_reply", ["at"], unique=False)


def _community_route() -> None:
    op.create_table(
        "community_route",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("from_hour", sa.Integer(), nullable=False),
        sa.Column("to_hour", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("unanswered", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("community_route_owner", "community_route", ["owner", "position"], unique=False)


def _community_route_test() -> None:
    op.create_table(
        "community_route_test",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("route", sa.Uuid(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("tried_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_community_route_test_route"), "community_route_test", ["route"], unique=False)


def _community_rulebook() -> None:
    op.create_table(
        "community_rulebook",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=True),
        sa.Column("in_force_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )


def _community_unsent() -> None:
    op.create_table(
        "community_unsent",
        sa.Column("pos", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("pos"),
    )


def _community_vouch() -> None:
    op.create_table(
        "community_vouch",
        sa.Column("organisation", sa.Uuid(), nullable=False),
        sa.Column("by_member", sa.Uuid(), nullable=False),
        sa.Column("by_organisation", sa.Uuid(), nullable=False),
        sa.Column("as_expert", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "by_member"),
    )
