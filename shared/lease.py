"""Leadership of a loop: a row with a holder, an epoch and an end, by the database's clock.

A stopped leader loses its lease; what it does later carries an old epoch and changes nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ColumnElement

from shared.db import EPOCH, Instant, Sql, locking, same, upsert_into
from shared.telemetry import LED

if TYPE_CHECKING:
    from datetime import datetime

    from shared.db import Connection, Database
    from shared.journal import KernelTables

NOBODY = UUID(int=0)
LENGTH = timedelta(seconds=10)
"""How long a lease lasts unrenewed; a session time-out of the design is at most this."""


class DatabaseNow(ColumnElement[Any]):
    """The database's own clock as an ``Instant``."""

    type = Instant()
    inherit_cache = True


@compiles(DatabaseNow, "postgresql")
def _postgres_now(element: DatabaseNow, compiler: Any, **options: Any) -> str:  # noqa: ARG001 - SQLAlchemy's
    return "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)"


@compiles(DatabaseNow, "sqlite")
def _sqlite_now(element: DatabaseNow, compiler: Any, **options: Any) -> str:  # noqa: ARG001 - SQLAlchemy's
    return "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000"


class Lease:
    """One holder's claim to one loop of one service."""

    def __init__(self, database: Database, tables: KernelTables, name: str, holder: UUID | None = None) -> None:
        """Claim nothing yet. ``holder`` is who else than the database's own holder it is (in tests)."""
        self.database = database
        self.name = name
        self.holder = holder or database.holder
        self.epoch = 0
        self.led = LED.labels(tables.prefix, name)
        lease = tables.lease
        self._now = Sql(select(DatabaseNow().label("now")))
        self._read = Sql(select(lease, DatabaseNow().label("now")).where(same(lease.c.name)))
        self._take = Sql(upsert_into(lease, "name"))
        self._lock = Sql(locking(lease.c.name, "names", holder=NOBODY, epoch=0, until=EPOCH))

    async def held(self) -> bool:
        """Take, renew or learn that another holds it. Call it before each step; it writes only when it must."""
        held = await self._held()
        self.led.set(held)
        return held

    async def _held(self) -> bool:
        async with self.database.read(once=True) as connection:
            row = await connection.one(self._read, name=self.name)
        if row is not None and row["holder"] == self.holder and row["until"] - row["now"] > LENGTH / 2:
            self.epoch = row["epoch"]
            return True
        if row is not None and row["holder"] != self.holder and row["until"] > row["now"]:
            return False
        return await self._claim()

    async def _claim(self) -> bool:
        async with self.database.write() as connection:
            await connection.lock(self._lock, names=[self.name])
            row = await connection.one(self._read, name=self.name)
            now = (row or await connection.one(self._now) or {})["now"]
            mine = row is not None and row["holder"] == self.holder
            if row is not None and not mine and row["until"] > now:
                return False
            self.epoch = (row["epoch"] if row else 0) + (not mine)
            await self._write(connection, now + LENGTH)
            return True

    async def release(self) -> None:
        """Let the next one in at once; the epoch stays, so that it only ever grows."""
        self.led.set(0)
        async with self.database.write() as connection:
            await connection.lock(self._lock, names=[self.name])
            row = await connection.one(self._read, name=self.name)
            if row is not None and row["holder"] == self.holder:
                self.epoch = row["epoch"]
                await self._write(connection, EPOCH)

    async def _write(self, connection: Connection, until: datetime) -> None:
        await connection.run(self._take, name=self.name, holder=self.holder, epoch=self.epoch, until=until)
