"""The first tables of pathway."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make what is new."""
    _pathway_alongside()
    _pathway_ask()
    _pathway_bus()
    _pathway_contact()
    _pathway_cursor()
    _pathway_due()
    _pathway_head()
    _pathway_holding()
    _pathway_independence()
    _pathway_journal()
    _pathway_lease()


def _pathway_alongside() -> None:
    op.create_table(
        "pathway_alongside",
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("person", "organisation"),
    )
    op.create_index(op.f("ix_pathway_alongside_organisation"), "pathway_alongside", ["organisation"], unique=False)


def _pathway_ask() -> None:
    op.create_table(
        "pathway_ask",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("by_person", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.Uuid(), nullable=True),
        sa.Column("member", sa.Uuid(), nullable=True),
        sa.Column("lead", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("answer_by", sa.BigInteger(), nullable=False),
        sa.Column("unanswered_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("link", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_pathway_ask_lead"), "pathway_ask", ["lead"], unique=False)
    op.create_index("pathway_ask_person", "pathway_ask", ["person", "asked_at"], unique=False)


def _pathway_bus() -> None:
    op.create_table("pathway_bus", sa.Column("id", sa.String(length=48), nullable=False), sa.PrimaryKeyConstraint("id"))


def _pathway_contact() -> None:
    op.create_table(
        "pathway_contact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("how", sa.String(length=32), nullable=False),
        sa.Column("organisation", sa.Uuid(), nullable=True),
        sa.Column("member", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("happened_at", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("pathway_contact_person", "pathway_contact", ["person", "at", "id"], unique=False)


def _pathway_cursor() -> None:
    op.create_table(
        "pathway_cursor",
        sa.Column("consumer", sa.String(length=48), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "source", "subject"),
    )


def _pathway_due() -> None:
    op.create_table(
        "pathway_due",
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=48), nullable=False),
        sa.Column("ref", sa.Uuid(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "kind", "ref"),
    )
    op.create_index(op.f("ix_pathway_due_turn"), "pathway_due", ["turn"], unique=False)


def _pathway_head() -> None:
    op.create_table(
        "pathway_head",
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("tick", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
    )


def _pathway_holding() -> None:
    op.create_table(
        "pathway_holding",
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("lead", sa.Uuid(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("named", sa.Uuid(), nullable=True),
        sa.Column("deputy", sa.Uuid(), nullable=True),
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=True),
        sa.Column("met_at", sa.BigInteger(), nullable=True),
        sa.Column("intensity", sa.String(length=48), nullable=False),
        sa.Column("chosen", sa.Uuid(), nullable=True),
        sa.Column("chosen_since", sa.BigInteger(), nullable=True),
        sa.Column("before", sa.LargeBinary(), nullable=False),
        sa.Column("last_lead", sa.Uuid(), nullable=True),
        sa.Column("blind", sa.Integer(), nullable=False),
        sa.Column("crisis_until", sa.BigInteger(), nullable=True),
        sa.Column("out_at", sa.BigInteger(), nullable=True),
        sa.Column("alarmed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("person"),
    )
    op.create_index(op.f("ix_pathway_holding_chosen"), "pathway_holding", ["chosen"], unique=False)
    op.create_index(op.f("ix_pathway_holding_deputy"), "pathway_holding", ["deputy"], unique=False)
    op.create_index(op.f("ix_pathway_holding_last_lead"), "pathway_holding", ["last_lead"], unique=False)
    op.create_index(op.f("ix_pathway_holding_lead"), "pathway_holding", ["lead"], unique=False)
    op.create_index(op.f("ix_pathway_holding_named"), "pathway_holding", ["named"], unique=False)


def _pathway_independence() -> None:
    op.create_table(
        "pathway_independence",
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("agreed", sa.Integer(), nullable=False),
        sa.Column("way_back", sa.Text(), nullable=True),
        sa.Column("check_ins", sa.Integer(), nullable=True),
        sa.Column("check_in_by", sa.Uuid(), nullable=True),
        sa.Column("how", sa.String(length=16), nullable=False),
        sa.Column("witness", sa.Uuid(), nullable=True),
        sa.Column("witness_of", sa.Uuid(), nullable=True),
        sa.Column("witness_chosen", sa.Integer(), nullable=False),
        sa.Column("said_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person"),
    )


def _pathway_journal() -> None:
    op.create_table(
        "pathway_journal",
        sa.Column("pos", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("pos"),
        sa.UniqueConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("pathway_journal_stream", "pathway_journal", ["subject", "seq"], unique=True)
    if op.get_context().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER pathway_journal_dense BEFORE INSERT ON pathway_journal WHEN NEW.seq <> 1 + "
            "coalesce((SELECT max(seq) FROM pathway_journal WHERE subject = NEW.subject), 0) BEGIN "
            "SELECT RAISE(ABORT, 'pathway_journal is dense'); END"
        )
        op.execute(
            "CREATE TRIGGER pathway_journal_unsent AFTER INSERT ON pathway_journal BEGIN INSERT INTO "
            "pathway_unsent VALUES (NEW.pos); END"
        )
        op.execute(
            "CREATE TRIGGER pathway_journal_no_update BEFORE UPDATE ON pathway_journal BEGIN SELECT "
            "RAISE(ABORT, 'pathway_journal is insert-only'); END"
        )
        op.execute(
            "CREATE TRIGGER pathway_journal_no_delete BEFORE DELETE ON pathway_journal BEGIN SELECT "
            "RAISE(ABORT, 'pathway_journal is insert-only'); END"
        )


def _pathway_lease() -> None:
    op.create_table(
        "pathway_lease",
        sa.Column("name", sa.String(length=48), nullable=False),
        sa.Column("holder", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
