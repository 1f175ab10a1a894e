"""Puts some tables of a service back to how they were, as a backup that is restored does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete

from shared.bus_log import OFFSET, LogBus
from shared.db import Sql, insert_into

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Table

    from shared.db import Row
    from tests.support.place import Place

Kept = dict["Table", list["Row"]]


async def kept(place: Place, tables: Iterable[Table]) -> Kept:
    """Give every row of some tables of one service, for ``goes_back``."""
    return {table: await place.rows(table) for table in tables}


async def goes_back(place: Place, service: str, to: Kept) -> None:
    """Put the rows back and have the service hear every fact again, as ``alongside recover`` has it."""
    async with place.system.running[service].shell.database.write() as connection:
        for table, rows in to.items():
            await connection.run(Sql(delete(table)))
            await connection.many(Sql(insert_into(table)), rows)
    bus = place.system.bus
    assert isinstance(bus, LogBus)
    async with bus.database.write() as connection:
        await connection.run(Sql(delete(OFFSET)))
    await place.system.consumers[service].bus.rewind()
