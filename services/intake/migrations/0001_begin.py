"""The first tables of intake."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make what is new."""
    _intake_arrival()
    _intake_bus()
    _intake_circle()
    _intake_cursor()
    _intake_due()
    _intake_head()
    _intake_journal()
    _intake_known_by()
    _intake_lease()
    _intake_need()
    _intake_parked()
    _intake_passage()


def _intake_arrival() -> None:
    op.create_table(
        "intake_arrival",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("door", sa.String(length=32), nullable=False),
        sa.Column("at_organisation", sa.Uuid(), nullable=True),
        sa.Column("chosen", sa.Uuid(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("by_role", sa.String(length=24), nullable=False),
        sa.Column("by_member", sa.Uuid(), nullable=True),
        sa.Column("by_organisation", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("intake_arrival_of", "intake_arrival", ["person", "at", "id"], unique=False)


def _intake_bus() -> None:
    op.create_table("intake_bus", sa.Column("id", sa.String(length=48), nullable=False), sa.PrimaryKeyConstraint("id"))


def _intake_circle() -> None:
    op.create_table(
        "intake_circle",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("called", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("may", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("ring", sa.Integer(), nullable=True),
        sa.Column("linked_person", sa.Uuid(), nullable=True),
        sa.Column("linked_organisation", sa.Uuid(), nullable=True),
        sa.Column("linked_member", sa.Uuid(), nullable=True),
        sa.Column("mirror", sa.Uuid(), nullable=True),
        sa.Column("ways", sa.LargeBinary(), nullable=False),
        sa.Column("by_member", sa.Uuid(), nullable=True),
        sa.Column("by_organisation", sa.Uuid(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("intake_circle_of", "intake_circle", ["person", "at", "id"], unique=False)


def _intake_cursor() -> None:
    op.create_table(
        "intake_cursor",
        sa.Column("consumer", sa.String(length=48), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "source", "subject"),
    )


def _intake_due() -> None:
    op.create_table(
        "intake_due",
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=48), nullable=False),
        sa.Column("ref", sa.Uuid(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "kind", "ref"),
    )
    op.create_index(op.f("ix_intake_due_turn"), "intake_due", ["turn"], unique=False)


def _intake_head() -> None:
    op.create_table(
        "intake_head",
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("tick", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
    )


def _intake_journal() -> None:
    op.create_table(
        "intake_journal",
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
    op.create_index("intake_journal_stream", "intake_journal", ["subject", "seq"], unique=True)
    if op.get_context().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER intake_journal_dense BEFORE INSERT ON intake_journal WHEN NEW.seq <> 1 + "
            "coalesce((SELECT max(seq) FROM intake_journal WHERE subject = NEW.subject), 0) BEGIN "
            "SELECT RAISE(ABORT, 'intake_journal is dense'); END"
        )
        op.execute(
            "CREATE TRIGGER intake_journal_unsent AFTER INSERT ON intake_journal BEGIN INSERT INTO "
            "intake_unsent VALUES (NEW.pos); END"
        )
        op.execute(
            "CREATE TRIGGER intake_journal_no_update BEFORE UPDATE ON intake_journal BEGIN SELECT "
            "RAISE(ABORT, 'intake_journal is insert-only'); END"
        )
        op.execute(
            "CREATE TRIGGER intake_journal_no_delete BEFORE DELETE ON intake_journal BEGIN SELECT "
            "RAISE(ABORT, 'intake_journal is insert-only'); END"
        )


def _intake_known_by() -> None:
    op.create_table(
        "intake_known_by",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("surety", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", "person"),
    )
    op.create_index(op.f("ix_intake_known_by_person"), "intake_known_by", ["person"], unique=False)


def _intake_lease() -> None:
    op.create_table(
        "intake_lease",
        sa.Column("name", sa.String(length=48), nullable=False),
        sa.Column("holder", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _intake_need() -> None:
    op.create_table(
        "intake_need",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("matters", sa.String(length=16), nullable=False),
        sa.Column("codes", sa.LargeBinary(), nullable=False),
        sa.Column("how", sa.String(length=16), nullable=False),
        sa.Column("by_member", sa.Uuid(), nullable=True),
        sa.Column("by_organisation", sa.Uuid(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("intake_need_of", "intake_need", ["person", "at", "id"], unique=False)


def _intake_parked() -> None:
    op.create_table(
        "intake_parked",
        sa.Column("consumer", sa.String(length=48), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "source", "subject", "seq"),
    )


def _intake_passage() -> None:
    op.create_table(
        "intake_passage",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("passage", sa.Uuid(), nullable=False),
        sa.Column("story", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("heading", sa.String(length=48), nullable=False),
        sa.Column("media_type", sa.String(length=64), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("how", sa.String(length=16), nullable=False),
        sa.Column("by_member", sa.Uuid(), nullable=True),
        sa.Column("by_organisation", sa.Uuid(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("intake_passage_of", "intake_passage", ["story", "version", "place"], unique=False)
