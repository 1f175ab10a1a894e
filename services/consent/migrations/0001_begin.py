"""The first tables of consent."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make what is new."""
    _consent_bus()
    _consent_choice()
    _consent_cursor()
    _consent_due()
    _consent_head()
    _consent_journal()
    _consent_lease()
    _consent_ledger()
    _consent_ledger_batch()
    _consent_offer()
    _consent_parked()


def _consent_bus() -> None:
    op.create_table("consent_bus", sa.Column("id", sa.String(length=48), nullable=False), sa.PrimaryKeyConstraint("id"))


def _consent_choice() -> None:
    op.create_table(
        "consent_choice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("who_kind", sa.String(length=24), nullable=False),
        sa.Column("who_id", sa.Uuid(), nullable=True),
        sa.Column("who_role", sa.String(length=24), nullable=True),
        sa.Column("parts", sa.LargeBinary(), nullable=False),
        sa.Column("purposes", sa.LargeBinary(), nullable=False),
        sa.Column("permit", sa.Boolean(), nullable=False),
        sa.Column("hide", sa.Boolean(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("given_how", sa.String(length=16), nullable=False),
        sa.Column("given_to_member", sa.Uuid(), nullable=True),
        sa.Column("given_to_organisation", sa.Uuid(), nullable=True),
        sa.Column("lawful_basis", sa.String(length=48), nullable=True),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.Column("owed_by", sa.Uuid(), nullable=True),
        sa.Column("instead", sa.Uuid(), nullable=True),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "consent_choice_owed",
        "consent_choice",
        ["owed_by"],
        unique=False,
        sqlite_where=sa.text("owed_by IS NOT NULL"),
        postgresql_where=sa.text("owed_by IS NOT NULL"),
    )
    op.create_index("consent_choice_person", "consent_choice", ["person", "number"], unique=True)


def _consent_cursor() -> None:
    op.create_table(
        "consent_cursor",
        sa.Column("consumer", sa.String(length=48), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "source", "subject"),
    )


def _consent_due() -> None:
    op.create_table(
        "consent_due",
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=48), nullable=False),
        sa.Column("ref", sa.Uuid(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "kind", "ref"),
    )
    op.create_index(op.f("ix_consent_due_turn"), "consent_due", ["turn"], unique=False)


def _consent_head() -> None:
    op.create_table(
        "consent_head",
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("tick", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
    )


def _consent_journal() -> None:
    op.create_table(
        "consent_journal",
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
    op.create_index("consent_journal_stream", "consent_journal", ["subject", "seq"], unique=True)
    if op.get_context().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER consent_journal_dense BEFORE INSERT ON consent_journal WHEN NEW.seq <> 1 + "
            "coalesce((SELECT max(seq) FROM consent_journal WHERE subject = NEW.subject), 0) BEGIN "
            "SELECT RAISE(ABORT, 'consent_journal is dense'); END"
        )
        op.execute(
            "CREATE TRIGGER consent_journal_unsent AFTER INSERT ON consent_journal BEGIN INSERT INTO "
            "consent_unsent VALUES (NEW.pos); END"
        )
        op.execute(
            "CREATE TRIGGER consent_journal_no_update BEFORE UPDATE ON consent_journal BEGIN SELECT "
            "RAISE(ABORT, 'consent_journal is insert-only'); END"
        )
        op.execute(
            "CREATE TRIGGER consent_journal_no_delete BEFORE DELETE ON consent_journal BEGIN SELECT "
            "RAISE(ABORT, 'consent_journal is insert-only'); END"
        )


def _consent_lease() -> None:
    op.create_table(
        "consent_lease",
        sa.Column("name", sa.String(length=48), nullable=False),
        sa.Column("holder", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _consent_ledger() -> None:
    op.create_table(
        "consent_ledger",
        sa.Column("pos", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("permitted", sa.Boolean(), nullable=False),
        sa.Column("why", sa.String(length=24), nullable=False),
        sa.Column("choice", sa.Uuid(), nullable=True),
        sa.Column("part", sa.String(length=24), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("thing", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("organisation", sa.Uuid(), nullable=True),
        sa.Column("member", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("pos"),
        sa.UniqueConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("consent_ledger_person", "consent_ledger", ["person", "permitted", "pos"], unique=False)
    if op.get_context().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER consent_ledger_no_update BEFORE UPDATE ON consent_ledger BEGIN SELECT "
            "RAISE(ABORT, 'consent_ledger is insert-only'); END"
        )
        op.execute(
            "CREATE TRIGGER consent_ledger_no_delete BEFORE DELETE ON consent_ledger BEGIN SELECT "
            "RAISE(ABORT, 'consent_ledger is insert-only'); END"
        )


def _consent_ledger_batch() -> None:
    op.create_table(
        "consent_ledger_batch",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("prev", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    if op.get_context().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER consent_ledger_batch_no_update BEFORE UPDATE ON consent_ledger_batch BEGIN "
            "SELECT RAISE(ABORT, 'consent_ledger_batch is insert-only'); END"
        )
        op.execute(
            "CREATE TRIGGER consent_ledger_batch_no_delete BEFORE DELETE ON consent_ledger_batch BEGIN "
            "SELECT RAISE(ABORT, 'consent_ledger_batch is insert-only'); END"
        )


def _consent_offer() -> None:
    op.create_table(
        "consent_offer",
        sa.Column("offer", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Uuid(), nullable=False),
        sa.Column("at_crisis", sa.Boolean(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("offer"),
    )
    op.create_index(op.f("ix_consent_offer_organisation"), "consent_offer", ["organisation"], unique=False)


def _consent_parked() -> None:
    op.create_table(
        "consent_parked",
        sa.Column("consumer", sa.String(length=48), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "source", "subject", "seq"),
    )
