"""How far a demo's clock has been moved."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import BigInteger, Column, Integer, Table, select

from services.gateway.tables import METADATA
from shared.db import Connection, Sql, upsert_into

DEMO_CLOCK = Table(
    "gateway_demo_clock", METADATA,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("seconds", BigInteger, nullable=False),
)  # fmt: skip

_READ = Sql(select(DEMO_CLOCK.c.seconds))
_SET = Sql(upsert_into(DEMO_CLOCK, "one"))


class ClockStore:
    """Reads and writes the one offset."""

    connection: Connection

    async def clock_offset(self) -> timedelta:
        """Give how far the clock has been moved; nought when it never was."""
        row = await self.connection.one(_READ)
        return timedelta(seconds=row["seconds"] if row else 0)

    async def save_clock_offset(self, offset: timedelta) -> None:
        """Keep it, so that a restart keeps it."""
        await self.connection.run(_SET, one=1, seconds=int(offset.total_seconds()))
