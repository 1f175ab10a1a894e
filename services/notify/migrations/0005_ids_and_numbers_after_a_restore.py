"""By what the ids of deliveries are made, and after which number they go on when the database was put back."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make what is new."""
    _notify_subscription()
    _keys()


def _notify_subscription() -> None:
    op.add_column("notify_subscription", sa.Column("id_key", sa.LargeBinary(), nullable=True))
    op.add_column("notify_subscription", sa.Column("base", sa.Integer(), nullable=True))


def _keys() -> None:
    """Give each subscription its key; one that a process of the version before makes is given its own when it sends."""
    table = sa.table("notify_subscription", sa.column("id"), sa.column("id_key", sa.LargeBinary()))
    there = [row.id for row in op.get_bind().execute(sa.select(table.c.id))]
    for each in there:
        op.execute(sa.update(table).where(table.c.id == each).values(id_key=secrets.token_bytes(32)))
