"""More tables of intake."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make what is new."""
    _intake_person()
    _intake_reach()
    _intake_reply()
    _intake_story()
    _intake_told_again()
    _intake_unsent()


def _intake_person() -> None:
    op.create_table(
        "intake_person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("called", sa.Text(), nullable=False),
        sa.Column("born", sa.String(length=10), nullable=True),
        sa.Column("nhs_number", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("first_lead", sa.Uuid(), nullable=False),
        sa.Column("first_chosen", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )


def _intake_reach() -> None:
    op.create_table(
        "intake_reach",
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("mark", sa.Uuid(), nullable=False),
        sa.Column("told", sa.LargeBinary(), nullable=False),
        sa.Column("by_person", sa.Boolean(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("hashed", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person"),
    )


def _intake_reply() -> None:
    op.create_table(
        "intake_reply",
        sa.Column("principal", sa.Uuid(), nullable=False),
        sa.Column("request", sa.Uuid(), nullable=False),
        sa.Column("body", sa.String(length=64), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("principal", "request"),
    )
    op.create_index(op.f("ix_intake_reply_at"), "intake_reply", ["at"], unique=False)


def _intake_story() -> None:
    op.create_table(
        "intake_story",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("intake_story_of", "intake_story", ["person", "at", "id"], unique=False)


def _intake_told_again() -> None:
    op.create_table(
        "intake_told_again",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Uuid(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by_role", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_intake_told_again_organisation"), "intake_told_again", ["organisation"], unique=False)
    op.create_index(op.f("ix_intake_told_again_person"), "intake_told_again", ["person"], unique=False)


def _intake_unsent() -> None:
    op.create_table(
        "intake_unsent",
        sa.Column("pos", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("pos"),
    )
