"""Services' rows go back to what they were, as when a backup is put back.

``keep`` and ``put_back``: every row, kept aside within the database and put back past every right; the place is opened
anew after it. ``kept`` and ``goes_back``: some tables' rows, which a test may change between, while the place goes on.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from sqlalchemy import delete

from shared.bus_log import IDENTITY, OFFSET, RECORD, LogBus
from shared.db import Sql, insert_into
from shared.db_sqlite import SqliteFile
from tests.support import postgres

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Table

    from shared.db import Row
    from tests.support.place import Place

Kept = dict["Table", list["Row"]]


def _tables(service: str) -> list[str]:
    import_module(f"services.{service}.app")
    return [table.name for table in import_module(f"services.{service}.tables").METADATA.sorted_tables]


def keep(place: Place, *services: str) -> None:
    """Keep every row of some services as it is now."""
    names = [name for service in services for name in _tables(service)]
    _by_hand(place, *(f"CREATE TABLE kept_{name} AS SELECT * FROM {name}" for name in names))  # noqa: S608 - our own


def put_back(place: Place, *services: str) -> None:
    """Have the rows be as they were kept. No process may have them in memory: open the place anew after it."""
    names = [name for service in services for name in _tables(service)]
    if not isinstance(place.system.stores, SqliteFile):
        put = [f"INSERT INTO {name} OVERRIDING SYSTEM VALUE SELECT * FROM kept_{name}" for name in names]  # noqa: S608
        _by_hand(place, "SET session_replication_role = replica", *(f"TRUNCATE {name}" for name in names), *put)
        return
    writer = place.system.file.writer
    assert writer is not None
    rules = writer.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    _by_hand(place, *(f"DROP TRIGGER {name}" for name, _ in rules))
    for name in names:
        _by_hand(place, f"DELETE FROM {name}", f"INSERT INTO {name} SELECT * FROM kept_{name}")  # noqa: S608
    _by_hand(place, *(sql for _, sql in rules))


async def loses_its_bus(place: Place) -> None:
    """Empty the log that everything goes over, as another log, and do what a steward does then."""
    bus = place.system.bus
    assert isinstance(bus, LogBus)
    async with bus.database.write() as connection:
        for table in (RECORD, OFFSET, IDENTITY):
            await connection.run(Sql(delete(table)))
    bus._identity = ""
    for relay in place.system.relays.values():
        await relay.replay()
    for consumer in place.system.consumers.values():
        await consumer.replay()
    await place.settle()


def _by_hand(place: Place, *said: str) -> None:
    """Run statements as whoever owns the machine, on one connection."""
    if isinstance(place.system.stores, SqliteFile):
        assert place.system.file.writer is not None
        for each in said:
            place.system.file.writer.execute(each)
        return
    url = place.system.kit.settings.database_of("gateway")
    postgres.statements(*said, database=url.rpartition("/")[2])


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
