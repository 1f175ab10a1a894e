"""The first tables of community."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make what is new."""
    _community_bus()
    _community_cursor()
    _community_due()
    _community_head()
    _community_journal()
    _community_lease()
    _community_member()
    _community_offer()
    _community_offer_found_by()
    _community_organisation()
    _community_parked()
    _community_place()


def _community_bus() -> None:
    op.create_table(
        "community_bus", sa.Column("id", sa.String(length=48), nullable=False), sa.PrimaryKeyConstraint("id")
    )


def _community_cursor() -> None:
    op.create_table(
        "community_cursor",
        sa.Column("consumer", sa.String(length=48), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "source", "subject"),
    )


def _community_due() -> None:
    op.create_table(
        "community_due",
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=48), nullable=False),
        sa.Column("ref", sa.Uuid(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "kind", "ref"),
    )
    op.create_index(op.f("ix_community_due_turn"), "community_due", ["turn"], unique=False)


def _community_head() -> None:
    op.create_table(
        "community_head",
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("tick", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
    )


def _community_journal() -> None:
    op.create_table(
        "community_journal",
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
    op.create_index("community_journal_stream", "community_journal", ["subject", "seq"], unique=True)
    if op.get_context().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER community_journal_dense BEFORE INSERT ON community_journal WHEN NEW.seq <> "
            "1 + coalesce((SELECT max(seq) FROM community_journal WHERE subject = NEW.subject), 0) "
            "BEGIN SELECT RAISE(ABORT, 'community_journal is dense'); END"
        )
        op.execute(
            "CREATE TRIGGER community_journal_unsent AFTER INSERT ON community_journal BEGIN INSERT "
            "INTO community_unsent VALUES (NEW.pos); END"
        )
        op.execute(
            "CREATE TRIGGER community_journal_no_update BEFORE UPDATE ON community_journal BEGIN SELECT "
            "RAISE(ABORT, 'community_journal is insert-only'); END"
        )
        op.execute(
            "CREATE TRIGGER community_journal_no_delete BEFORE DELETE ON community_journal BEGIN SELECT "
            "RAISE(ABORT, 'community_journal is insert-only'); END"
        )


def _community_lease() -> None:
    op.create_table(
        "community_lease",
        sa.Column("name", sa.String(length=48), nullable=False),
        sa.Column("holder", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _community_member() -> None:
    op.create_table(
        "community_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("telephone", sa.String(length=32), nullable=True),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("named_worker", sa.Boolean(), nullable=False),
        sa.Column("expert_by_experience", sa.Boolean(), nullable=False),
        sa.Column("on_duty", sa.Boolean(), nullable=False),
        sa.Column("hours", sa.LargeBinary(), nullable=False),
        sa.Column("joined_at", sa.BigInteger(), nullable=False),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("community_member_email", "community_member", ["email"], unique=False)
    op.create_index(op.f("ix_community_member_organisation"), "community_member", ["organisation"], unique=False)


def _community_offer() -> None:
    op.create_table(
        "community_offer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("needs", sa.LargeBinary(), nullable=False),
        sa.Column("intensity", sa.String(length=48), nullable=False),
        sa.Column("for_whom", sa.LargeBinary(), nullable=False),
        sa.Column("languages", sa.LargeBinary(), nullable=False),
        sa.Column("where", sa.LargeBinary(), nullable=False),
        sa.Column("when", sa.Text(), nullable=False),
        sa.Column("how_to_come", sa.Text(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("places_free", sa.Integer(), nullable=True),
        sa.Column("leaving_needs_a_bed", sa.Boolean(), nullable=False),
        sa.Column("watched_after_leaving", sa.Boolean(), nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=True),
        sa.Column("checked_by", sa.Uuid(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("community_offer_listing", "community_offer", ["name", "id"], unique=False)
    op.create_index(op.f("ix_community_offer_organisation"), "community_offer", ["organisation"], unique=False)


def _community_offer_found_by() -> None:
    op.create_table(
        "community_offer_found_by",
        sa.Column("offer", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("word", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("offer", "kind", "word"),
    )
    op.create_index("community_offer_found_by_word", "community_offer_found_by", ["kind", "word"], unique=False)


def _community_organisation() -> None:
    op.create_table(
        "community_organisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=48), nullable=False),
        sa.Column("does", sa.Text(), nullable=False),
        sa.Column("reach", sa.LargeBinary(), nullable=False),
        sa.Column("membership", sa.String(length=16), nullable=False),
        sa.Column("funded", sa.Boolean(), nullable=False),
        sa.Column("commissioned", sa.Boolean(), nullable=False),
        sa.Column("can_lead", sa.Boolean(), nullable=False),
        sa.Column("round_the_clock", sa.Boolean(), nullable=False),
        sa.Column("safeguarding_contact", sa.Text(), nullable=True),
        sa.Column("safety_page", sa.Text(), nullable=True),
        sa.Column("buddy", sa.Uuid(), nullable=True),
        sa.Column("category", sa.String(length=64), nullable=True),
        sa.Column("offered_to_strangers", sa.Boolean(), nullable=False),
        sa.Column("first_member", sa.LargeBinary(), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("joined_at", sa.BigInteger(), nullable=True),
        sa.Column("directory_key", sa.String(length=64), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("directory_key"),
    )
    op.create_index("community_organisation_listing", "community_organisation", ["name", "id"], unique=False)


def _community_parked() -> None:
    op.create_table(
        "community_parked",
        sa.Column("consumer", sa.String(length=48), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "source", "subject", "seq"),
    )


def _community_place() -> None:
    op.create_table(
        "community_place",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("backstop", sa.Uuid(), nullable=True),
        sa.Column("ready", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
