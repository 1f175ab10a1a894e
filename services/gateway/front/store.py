"""How far a demo's clock has been moved."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import BigInteger, Column, Integer, Table, bindparam, select

from services.gateway.tables import METADATA
from shared.db import Connection, Sql, changing, putting

DEMO_CLOCK = Table(
    "gateway_demo_clock", METADATA,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("seconds", BigInteger, nullable=False),
)  # fmt: skip

_READ = Sql(select(DEMO_CLOCK.c.seconds))
_on = bindparam("by", type_=BigInteger)
_MOVE = Sql(
    changing(putting(DEMO_CLOCK, one=1, seconds=_on), ("one",), {"seconds": DEMO_CLOCK.c.seconds + _on}).returning(
        DEMO_CLOCK.c.seconds
    )
)


class ClockStore:
    """Reads and writes the one offset."""

    connection: Connection

    async def clock_offset(self) -> timedelta:
        """Give how far the clock has been moved; nought when it never was."""
        row = await self.connection.one(_READ)
        return timedelta(seconds=row["seconds"] if row else 0)

    async def move_clock(self, by: timedelta) -> timedelta:
        """Move it on, kept over a restart; gives how far it has been moved in all."""
        row = await self.connection.one(_MOVE, by=int(by.total_seconds()))
        return timedelta(seconds=(row or {})["seconds"])
