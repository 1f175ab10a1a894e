"""Indexes that the statements on alerts use; one that none used goes."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make what is new."""
    _notify_alert()
    _notify_delivery()
    _notify_told()


def _notify_alert() -> None:
    op.create_index("notify_alert_person", "notify_alert", ["person"], unique=False)


def _notify_delivery() -> None:
    op.drop_index(
        op.f("notify_delivery_log"),
        table_name="notify_delivery",
        sqlite_where=sa.text("wired"),
        postgresql_where=sa.text("wired"),
    )


def _notify_told() -> None:
    op.create_index("notify_told_to", "notify_told", ["who", "to"], unique=False)
