"""More tables of pathway."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make what is new."""
    _pathway_link()
    _pathway_lost_sight()
    _pathway_move()
    _pathway_need()
    _pathway_parked()
    _pathway_plan()
    _pathway_plan_answer()
    _pathway_plan_in_force()
    _pathway_plan_version()
    _pathway_promise()
    _pathway_quiet_voice()
    _pathway_reply()
    _pathway_stopped()


def _pathway_link() -> None:
    op.create_table(
        "pathway_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("offer", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Uuid(), nullable=False),
        sa.Column("intensity", sa.String(length=48), nullable=False),
        sa.Column("takes", sa.LargeBinary(), nullable=False),
        sa.Column("need", sa.Uuid(), nullable=True),
        sa.Column("leads", sa.Boolean(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("answer_by", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("named", sa.Uuid(), nullable=True),
        sa.Column("deputy", sa.Uuid(), nullable=True),
        sa.Column("first_date", sa.BigInteger(), nullable=True),
        sa.Column("met_by", sa.Uuid(), nullable=True),
        sa.Column("met_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=48), nullable=True),
        sa.Column("alternative", sa.Uuid(), nullable=True),
        sa.Column("by_silence", sa.Boolean(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_pathway_link_organisation"), "pathway_link", ["organisation"], unique=False)
    op.create_index(
        "pathway_link_live",
        "pathway_link",
        ["person", "offer"],
        unique=True,
        sqlite_where=sa.text("state IN ('linked', 'met', 'unsettled', 'welcomed')"),
        postgresql_where=sa.text("state IN ('linked', 'met', 'unsettled', 'welcomed')"),
    )
    op.create_index("pathway_link_of_person", "pathway_link", ["person", "opened_at", "id"], unique=False)


def _pathway_lost_sight() -> None:
    op.create_table(
        "pathway_lost_sight",
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Uuid(), nullable=False),
        sa.Column("instead", sa.Uuid(), nullable=True),
        sa.Column("correlation", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("person", "organisation"),
    )


def _pathway_move() -> None:
    op.create_table(
        "pathway_move",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("lead", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("there", sa.Text(), nullable=True),
        sa.Column("met_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_pathway_move_person"), "pathway_move", ["person"], unique=False)


def _pathway_need() -> None:
    op.create_table(
        "pathway_need",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _pathway_parked() -> None:
    op.create_table(
        "pathway_parked",
        sa.Column("consumer", sa.String(length=48), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "source", "subject", "seq"),
    )


def _pathway_plan() -> None:
    op.create_table(
        "pathway_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("tag", sa.Uuid(), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("not_now", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("pathway_plan_of_person", "pathway_plan", ["person", "at", "id"], unique=False)


def _pathway_plan_answer() -> None:
    op.create_table(
        "pathway_plan_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("plan", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=24), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("member", sa.Uuid(), nullable=True),
        sa.Column("organisation", sa.Uuid(), nullable=True),
        sa.Column("witness", sa.Uuid(), nullable=True),
        sa.Column("how", sa.String(length=24), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("would_agree_to", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("pathway_plan_answer_of", "pathway_plan_answer", ["plan", "revision", "at"], unique=False)


def _pathway_plan_in_force() -> None:
    op.create_table(
        "pathway_plan_in_force",
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("plan", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("tag", sa.Uuid(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("person", "kind"),
    )


def _pathway_plan_version() -> None:
    op.create_table(
        "pathway_plan_version",
        sa.Column("plan", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("agreed_at", sa.BigInteger(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("co_produced", sa.Boolean(), nullable=False),
        sa.Column("did_not_want_to", sa.Text(), nullable=True),
        sa.Column("review_on", sa.BigInteger(), nullable=True),
        sa.Column("drafted_role", sa.String(length=24), nullable=False),
        sa.Column("drafted_member", sa.Uuid(), nullable=True),
        sa.Column("drafted_organisation", sa.Uuid(), nullable=True),
        sa.Column("drafted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("plan", "revision"),
    )


def _pathway_promise() -> None:
    op.create_table(
        "pathway_promise",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("contact", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Uuid(), nullable=True),
        sa.Column("member", sa.Uuid(), nullable=True),
        sa.Column("by", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("kept_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_pathway_promise_person"), "pathway_promise", ["person"], unique=False)


def _pathway_quiet_voice() -> None:
    op.create_table(
        "pathway_quiet_voice",
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("member", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Uuid(), nullable=False),
        sa.Column("expert", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person", "member"),
    )


def _pathway_reply() -> None:
    op.create_table(
        "pathway_reply",
        sa.Column("principal", sa.Uuid(), nullable=False),
        sa.Column("request", sa.Uuid(), nullable=False),
        sa.Column("body", sa.String(length=64), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("principal", "request"),
    )
    op.create_index(op.f("ix_pathway_reply_at"), "pathway_reply", ["at"], unique=False)


def _pathway_stopped() -> None:
    op.create_table(
        "pathway_stopped",
        sa.Column("organisation", sa.Uuid(), nullable=False),
        sa.Column("correlation", sa.Uuid(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("stopped", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("organisation"),
    )
