"""How far a demo's clock has been moved."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import BigInteger, Column, Integer, Table, bindparam, select
from sqlalchemy.dialects.sqlite import insert as upsert

from services.gateway.tables import METADATA
from shared.db import Connection, Sql

DEMO_CLOCK = Table(
    "gateway_demo_clock", METADATA,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("seconds", BigInteger, nullable=False),
)  # fmt: skip

_READ = Sql(select(DEMO_CLOCK.c.seconds))
_set = upsert(DEMO_CLOCK).values(one=1, seconds=bindparam("seconds", type_=BigInteger))
_SET = Sql(_set.on_conflict_do_update(index_elements=["one"], set_={"seconds": _set.excluded.seconds}))


class ClockStore:
    """Reads and writes the one offset."""

    connection: Connection

    async def clock_offset(self) -> timedelta:
        """Give how far the clock has been moved; nought when it never was."""
        row = await self.connection.one(_READ)
        return timedelta(seconds=row["seconds"] if row else 0)

    async def save_clock_offset(self, offset: timedelta) -> None:
        """Keep it, so that a restart keeps it."""
        await self.connection.run(_SET, seconds=int(offset.total_seconds()))
