"""The first tables of gateway."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make what is new."""
    _gateway_asked()
    _gateway_bus()
    _gateway_cursor()
    _gateway_demo_clock()
    _gateway_due()
    _gateway_head()
    _gateway_journal()
    _gateway_jti()
    _gateway_lease()
    _gateway_link()
    _gateway_parked()
    _gateway_partner()
    _gateway_reply()
    _gateway_token()
    _gateway_unsent()


def _gateway_asked() -> None:
    op.create_table(
        "gateway_asked",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_gateway_asked_who"), "gateway_asked", ["who"], unique=False)


def _gateway_bus() -> None:
    op.create_table("gateway_bus", sa.Column("id", sa.String(length=48), nullable=False), sa.PrimaryKeyConstraint("id"))


def _gateway_cursor() -> None:
    op.create_table(
        "gateway_cursor",
        sa.Column("consumer", sa.String(length=48), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "source", "subject"),
    )


def _gateway_demo_clock() -> None:
    op.create_table(
        "gateway_demo_clock",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("one"),
    )


def _gateway_due() -> None:
    op.create_table(
        "gateway_due",
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=48), nullable=False),
        sa.Column("ref", sa.Uuid(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "kind", "ref"),
    )
    op.create_index(op.f("ix_gateway_due_turn"), "gateway_due", ["turn"], unique=False)


def _gateway_head() -> None:
    op.create_table(
        "gateway_head",
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("tick", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
    )


def _gateway_journal() -> None:
    op.create_table(
        "gateway_journal",
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
    op.create_index("gateway_journal_stream", "gateway_journal", ["subject", "seq"], unique=True)
    if op.get_context().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER gateway_journal_dense BEFORE INSERT ON gateway_journal WHEN NEW.seq <> 1 + "
            "coalesce((SELECT max(seq) FROM gateway_journal WHERE subject = NEW.subject), 0) BEGIN "
            "SELECT RAISE(ABORT, 'gateway_journal is dense'); END"
        )
        op.execute(
            "CREATE TRIGGER gateway_journal_unsent AFTER INSERT ON gateway_journal BEGIN INSERT INTO "
            "gateway_unsent VALUES (NEW.pos); END"
        )
        op.execute(
            "CREATE TRIGGER gateway_journal_no_update BEFORE UPDATE ON gateway_journal BEGIN SELECT "
            "RAISE(ABORT, 'gateway_journal is insert-only'); END"
        )
        op.execute(
            "CREATE TRIGGER gateway_journal_no_delete BEFORE DELETE ON gateway_journal BEGIN SELECT "
            "RAISE(ABORT, 'gateway_journal is insert-only'); END"
        )


def _gateway_jti() -> None:
    op.create_table(
        "gateway_jti",
        sa.Column("partner", sa.Uuid(), nullable=False),
        sa.Column("jti", sa.String(length=128), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("partner", "jti"),
    )
    op.create_index(op.f("ix_gateway_jti_until"), "gateway_jti", ["until"], unique=False)


def _gateway_lease() -> None:
    op.create_table(
        "gateway_lease",
        sa.Column("name", sa.String(length=48), nullable=False),
        sa.Column("holder", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _gateway_link() -> None:
    op.create_table(
        "gateway_link",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("binding", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("member", sa.Uuid(), nullable=True),
        sa.Column("organisation", sa.Uuid(), nullable=True),
        sa.Column("person", sa.Uuid(), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index(op.f("ix_gateway_link_until"), "gateway_link", ["until"], unique=False)


def _gateway_parked() -> None:
    op.create_table(
        "gateway_parked",
        sa.Column("consumer", sa.String(length=48), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "source", "subject", "seq"),
    )


def _gateway_partner() -> None:
    op.create_table(
        "gateway_partner",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("keys", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.LargeBinary(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _gateway_reply() -> None:
    op.create_table(
        "gateway_reply",
        sa.Column("principal", sa.Uuid(), nullable=False),
        sa.Column("request", sa.Uuid(), nullable=False),
        sa.Column("body", sa.String(length=64), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("principal", "request"),
    )
    op.create_index(op.f("ix_gateway_reply_at"), "gateway_reply", ["at"], unique=False)


def _gateway_token() -> None:
    op.create_table(
        "gateway_token",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("principal", sa.Uuid(), nullable=False),
        sa.Column("pass", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index(op.f("ix_gateway_token_principal"), "gateway_token", ["principal"], unique=False)
    op.create_index(op.f("ix_gateway_token_until"), "gateway_token", ["until"], unique=False)


def _gateway_unsent() -> None:
    op.create_table(
        "gateway_unsent",
        sa.Column("pos", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("pos"),
    )
