"""The first tables of notify."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make what is new."""
    _notify_alert()
    _notify_bus()
    _notify_code()
    _notify_council()
    _notify_cursor()
    _notify_delivery()
    _notify_due()
    _notify_head()
    _notify_journal()
    _notify_lane()
    _notify_lease()
    _notify_message()


def _notify_alert() -> None:
    op.create_table(
        "notify_alert",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=48), nullable=False),
        sa.Column("asked", sa.LargeBinary(), nullable=False),
        sa.Column("awaited", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("raised_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("by_member", sa.Uuid(), nullable=True),
        sa.Column("by_organisation", sa.Uuid(), nullable=True),
        sa.Column("by_supporter", sa.Uuid(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "notify_alert_due",
        "notify_alert",
        ["next_at"],
        unique=False,
        sqlite_where=sa.text("next_at IS NOT NULL"),
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_index(
        "notify_alert_one_open",
        "notify_alert",
        ["person", "kind"],
        unique=True,
        sqlite_where=sa.text("state = 'open' AND awaited = 1"),
        postgresql_where=sa.text("state = 'open' AND awaited"),
    )


def _notify_bus() -> None:
    op.create_table("notify_bus", sa.Column("id", sa.String(length=48), nullable=False), sa.PrimaryKeyConstraint("id"))


def _notify_code() -> None:
    op.create_table(
        "notify_code",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("alert", sa.Uuid(), nullable=False),
        sa.Column("supporter", sa.Uuid(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )


def _notify_council() -> None:
    op.create_table(
        "notify_council",
        sa.Column("organisation", sa.Uuid(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("organisation"),
    )


def _notify_cursor() -> None:
    op.create_table(
        "notify_cursor",
        sa.Column("consumer", sa.String(length=48), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "source", "subject"),
    )


def _notify_delivery() -> None:
    op.create_table(
        "notify_delivery",
        sa.Column("pos", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=True),
        sa.Column("subscription", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("event", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("order", sa.Integer(), nullable=True),
        sa.Column("wired", sa.Boolean(), nullable=False),
        sa.Column("sending", sa.Boolean(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=True),
        sa.Column("last_at", sa.BigInteger(), nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("problem", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("pos"),
        sa.UniqueConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("notify_delivery_lane", "notify_delivery", ["subscription", "subject", "pos"], unique=False)
    op.create_index(
        "notify_delivery_log",
        "notify_delivery",
        ["subscription", "pos"],
        unique=False,
        sqlite_where=sa.text("wired"),
        postgresql_where=sa.text("wired"),
    )
    op.create_index(
        "notify_delivery_ready",
        "notify_delivery",
        ["subscription", "next_at"],
        unique=False,
        sqlite_where=sa.text("state = 'ready'"),
        postgresql_where=sa.text("state = 'ready'"),
    )


def _notify_due() -> None:
    op.create_table(
        "notify_due",
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=48), nullable=False),
        sa.Column("ref", sa.Uuid(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "kind", "ref"),
    )
    op.create_index(op.f("ix_notify_due_turn"), "notify_due", ["turn"], unique=False)


def _notify_head() -> None:
    op.create_table(
        "notify_head",
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("tick", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
    )


def _notify_journal() -> None:
    op.create_table(
        "notify_journal",
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
    op.create_index("notify_journal_stream", "notify_journal", ["subject", "seq"], unique=True)
    if op.get_context().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER notify_journal_dense BEFORE INSERT ON notify_journal WHEN NEW.seq <> 1 + "
            "coalesce((SELECT max(seq) FROM notify_journal WHERE subject = NEW.subject), 0) BEGIN "
            "SELECT RAISE(ABORT, 'notify_journal is dense'); END"
        )
        op.execute(
            "CREATE TRIGGER notify_journal_unsent AFTER INSERT ON notify_journal BEGIN INSERT INTO "
            "notify_unsent VALUES (NEW.pos); END"
        )
        op.execute(
            "CREATE TRIGGER notify_journal_no_update BEFORE UPDATE ON notify_journal BEGIN SELECT "
            "RAISE(ABORT, 'notify_journal is insert-only'); END"
        )
        op.execute(
            "CREATE TRIGGER notify_journal_no_delete BEFORE DELETE ON notify_journal BEGIN SELECT "
            "RAISE(ABORT, 'notify_journal is insert-only'); END"
        )


def _notify_lane() -> None:
    op.create_table(
        "notify_lane",
        sa.Column("subscription", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subscription", "subject"),
    )


def _notify_lease() -> None:
    op.create_table(
        "notify_lease",
        sa.Column("name", sa.String(length=48), nullable=False),
        sa.Column("holder", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _notify_message() -> None:
    op.create_table(
        "notify_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alert", sa.Uuid(), nullable=True),
        sa.Column("person", sa.Uuid(), nullable=True),
        sa.Column("who", sa.String(length=16), nullable=False),
        sa.Column("to", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(length=32), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("way", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("send_after", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("resend_safe", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("notify_message_alert", "notify_message", ["alert"], unique=False)
    op.create_index(
        "notify_message_going",
        "notify_message",
        ["send_after"],
        unique=False,
        sqlite_where=sa.text("state IN ('waiting', 'sending')"),
        postgresql_where=sa.text("state IN ('waiting', 'sending')"),
    )
    op.create_index(
        "notify_message_person",
        "notify_message",
        ["person"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
