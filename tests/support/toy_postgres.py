"""The toy services of ``toy`` on PostgreSQL: many write at once, in as many processes as a test likes to have."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from shared.bus_log import LogBus
from shared.clock import MovableClock
from shared.db import Sql
from shared.db_postgres import PostgresPlace
from shared.due import DueWorker
from shared.event import Recorded, decode
from shared.shell import Shell
from tests.support import postgres
from tests.support.toy import HEARER, METADATA, TELLER, Ears, Toy, ToyStore, tell_again

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sqlalchemy import Table

    from shared.bus import Bus


class PostgresToy(Toy):
    """Both services over one place's pools, as one process has them; the bus is a log in a file of the test's."""

    def __init__(self, place: PostgresPlace, bus: Bus) -> None:
        self.place = place
        self.clock = MovableClock()
        self.ears = Ears()
        self.teller: Shell[ToyStore] = Shell(place.for_service("teller"), TELLER, ToyStore, self.clock)
        self.hearer: Shell[ToyStore] = Shell(place.for_service("hearer"), HEARER, ToyStore, self.clock)
        self.on(bus)
        self.timer = DueWorker(self.teller, {"again": tell_again})

    def another(self) -> PostgresToy:
        """Give another process on the same databases and bus."""
        return PostgresToy(PostgresPlace(self.place.url_of, most=self.place.most), self.bus)

    async def journalled(self, service: str = "teller") -> list[Recorded]:
        """Give a journal in order of its positions."""
        shell: Shell[Any] = self.teller if service == "teller" else self.hearer
        table = shell.tables.journal
        async with shell.database.read() as connection:
            rows = await connection.all(Sql(select(table.c.raw).order_by(table.c.pos)))
        return [decode(row["raw"]) for row in rows]

    async def count(self, table: Table) -> int:
        """Count a table's rows."""
        shell: Shell[Any] = self.teller if table.name.startswith("teller") else self.hearer
        async with shell.database.read() as connection:
            row = await connection.one(Sql(select(func.count().label("n")).select_from(table)))
        return int((row or {})["n"])

    def close(self) -> None:
        self.place.close()


@asynccontextmanager
async def a_toy_on_postgres(folder: Path) -> AsyncIterator[PostgresToy]:
    """Make the tables anew and wire one process."""
    log = Toy(folder)
    with postgres.tables_of(METADATA, "teller", "hearer") as place:
        toy = PostgresToy(place, LogBus(log.file.for_service("bus"), log.clock))
        try:
            yield toy
        finally:
            toy.close()
            log.close()
