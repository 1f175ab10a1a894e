"""More tables of pathway."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make what is new."""
    _pathway_timeline()
    _pathway_unsafe_nights()
    _pathway_unsent()
    _pathway_watch()
    _pathway_way_out()
    _pathway_witness()


def _pathway_timeline() -> None:
    op.create_table(
        "pathway_timeline",
        sa.Column("event", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("tick", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("part", sa.String(length=24), nullable=True),
        sa.Column("organisation", sa.Uuid(), nullable=True),
        sa.Column("about", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("event"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("pathway_timeline_person", "pathway_timeline", ["person", "tick", "source", "seq"], unique=False)


def _pathway_unsafe_nights() -> None:
    op.create_table(
        "pathway_unsafe_nights",
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("answer", sa.String(length=24), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reached_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("person"),
    )


def _pathway_unsent() -> None:
    op.create_table(
        "pathway_unsent",
        sa.Column("pos", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("pos"),
    )


def _pathway_watch() -> None:
    op.create_table(
        "pathway_watch",
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
        sa.Column("contact_by", sa.BigInteger(), nullable=True),
        sa.Column("drifting_since", sa.BigInteger(), nullable=True),
        sa.Column("promises", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("person"),
    )


def _pathway_way_out() -> None:
    op.create_table(
        "pathway_way_out",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("last_lead", sa.Uuid(), nullable=True),
        sa.Column("plan", sa.Uuid(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("mind_changed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_pathway_way_out_last_lead"), "pathway_way_out", ["last_lead"], unique=False)
    op.create_index(op.f("ix_pathway_way_out_person"), "pathway_way_out", ["person"], unique=False)


def _pathway_witness() -> None:
    op.create_table(
        "pathway_witness",
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("member", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Uuid(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person", "member"),
    )
