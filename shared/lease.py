"""Leadership of a loop: a row with a holder, an epoch and an end, by the database's clock.

A stopped leader loses its lease; what it does later carries an old epoch and changes nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ColumnElement

from shared.db import EPOCH, Instant, Sql, insert_into
from shared.ids import new_id

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from shared.db import Database
    from shared.journal import KernelTables

LENGTH = timedelta(seconds=10)
"""How long a lease lasts unrenewed; a session time-out of the design is at most this."""


class DatabaseNow(ColumnElement[Any]):
    """The database's own clock as an ``Instant``."""

    type = Instant()
    inherit_cache = True


@compiles(DatabaseNow, "sqlite")
def _sqlite_now(element: DatabaseNow, compiler: Any, **options: Any) -> str:  # noqa: ARG001 - SQLAlchemy's
    return "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000"


class Lease:
    """One holder's claim to one loop of one service."""

    def __init__(
        self, database: Database, tables: KernelTables, name: str, holder: UUID | None = None
    ) -> None:
        """Claim nothing yet."""
        self.database = database
        self.name = name
        self.holder = holder or new_id()
        self.epoch = 0
        self.until: datetime | None = None
        lease = tables.lease
        mine = lease.c.name == bindparam("name")
        self._read = Sql(select(lease, DatabaseNow().label("now")).where(mine))
        self._now = Sql(
            select(DatabaseNow().label("now")).select_from(
                select(func.count().label("n")).select_from(lease).subquery()
            )
        )
        self._make = Sql(insert_into(lease))
        self._take = Sql(
            update(lease)
            .where(mine)
            .values(
                holder=bindparam("who", type_=lease.c.holder.type),
                epoch=bindparam("number", type_=lease.c.epoch.type),
                until=bindparam("end", type_=Instant),
            )
        )

    async def held(self) -> bool:
        """Take, renew or learn that another holds it. Call it before each step; it writes only when it
        must.
        """
        async with self.database.read() as connection:
            row = await connection.one(self._read, name=self.name)
        if row is not None and row["holder"] == self.holder and row["until"] - row["now"] > LENGTH / 2:
            return True
        if row is not None and row["holder"] != self.holder and row["until"] > row["now"]:
            return False
        return await self._claim()

    async def _claim(self) -> bool:
        async with self.database.write() as connection:
            row = await connection.one(self._read, name=self.name)
            now = (row or await connection.one(self._now) or {})["now"]
            if row is not None and row["holder"] != self.holder and row["until"] > now:
                return False
            self.until = now + LENGTH
            if row is None:
                self.epoch = 1
                await connection.run(
                    self._make, name=self.name, holder=self.holder, epoch=1, until=self.until
                )
            else:
                self.epoch = row["epoch"] + (row["holder"] != self.holder)
                await connection.run(
                    self._take, name=self.name, who=self.holder, number=self.epoch, end=self.until
                )
            return True

    async def release(self) -> None:
        """Let the next one in at once; the epoch stays, so that it only ever grows."""
        async with self.database.write() as connection:
            row = await connection.one(self._read, name=self.name)
            if row is not None and row["holder"] == self.holder:
                await connection.run(
                    self._take, name=self.name, who=self.holder, number=row["epoch"], end=EPOCH
                )
