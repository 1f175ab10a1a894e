"""A whole place in one process on a fresh SQLite file: services, a moved clock, and callers with a pass.

``place.client(pass_)`` gives an HTTP client of the real app that signs in as ``pass_``: the sign-in itself is
gateway's and has tests of its own.
"""

from __future__ import annotations

import os
import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx2
from sqlalchemy import select

from services.system import SERVICES, System, build
from shared.app import Edge
from shared.bus_log import LogBus
from shared.clock import MovableClock
from shared.db import Sql
from shared.db_sqlite import SqliteDatabase, SqliteFile
from shared.event import Recorded, Role, decode
from shared.ids import new_id
from shared.passes import Pass
from shared.service import Running
from shared.settings import Settings
from tests.support import postgres
from tests.support.migrated import migrated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable
    from pathlib import Path

    from sqlalchemy import Table

    from shared.db import Row

LEAP = timedelta(days=1)
LOCKS = "unnest("
"""What only locks: embedded there is no such statement, and tests that count leave it out on PostgreSQL."""
ENGINE = os.environ.get("ALONGSIDE_TEST_ENGINE", "sqlite")
"""Which engine places keep their rows on: ``sqlite``, or ``postgres`` (the bus stays a log in a file)."""


@dataclass
class Place:
    """A running place. Time moves only when the test says so; loops turn in ``settle``."""

    system: System
    clock: MovableClock
    tokens: dict[str, Pass] = field(default_factory=dict)

    async def identify(self, token: str) -> Pass | None:
        """Know the passes that ``client`` was given; ask gateway for others."""
        if token in self.tokens:
            return self.tokens[token]
        gateway = self.system.running.get("gateway")
        return await gateway.port.identify(token) if gateway else None

    def client(self, by: Pass | None = None) -> httpx2.AsyncClient:
        """Give a client of the app that is signed in as ``by`` (nobody when None)."""
        headers = {}
        if by is not None:
            token = secrets.token_hex(8)
            self.tokens[token] = by
            headers = {"Authorization": f"Bearer {token}"}
        transport = httpx2.ASGITransport(app=self.system.app)
        return httpx2.AsyncClient(transport=transport, base_url="http://place", headers=headers)

    async def settle(self) -> None:
        """Turn every loop until nothing is left to do now."""
        await self.system.settle()

    async def pass_time(self, by: timedelta) -> None:
        """Move the clock on, at most a day at a time, and let what is due happen."""
        while by > timedelta():
            step = min(by, LEAP)
            self.clock.move(step)
            await self.settle()
            by -= step

    async def journal(self, service: str, subject: UUID | None = None) -> list[Recorded]:
        """Give a service's journal in order, of one subject or all."""
        shell = self.system.running[service].shell
        table = shell.tables.journal
        async with shell.database.read() as connection:
            rows = await connection.all(Sql(select(table.c.raw).order_by(table.c.pos)))
        events = [decode(row["raw"]) for row in rows]
        return [event for event in events if subject is None or event.subject == subject]

    def watch(self, hears: Callable[[str, str], None] | None) -> None:
        """Have every statement told as it is run: whose it is, and its text; those that only lock are left out."""

        def but_locks(prefix: str, text: str) -> None:
            if hears is not None and LOCKS not in text:
                hears(prefix, text)

        self.system.stores.watch = None if hears is None else but_locks

    async def rows(self, table: Table) -> list[Row]:
        """Give every row of a table, in the order of its key."""
        async with self.system.running[table.name.partition("_")[0]].shell.database.read() as connection:
            return await connection.all(Sql(select(table).order_by(*table.primary_key)))

    async def kept(self) -> bytes:
        """Give all that is kept: the file itself with what it holds back, or every row of every table."""
        if ENGINE == "sqlite":
            return b"".join(each.read_bytes() for each in self.system.file.path.parent.glob("alongside.sqlite3*"))
        services: list[Any] = list(self.system.running.values())
        real = [each for each in services if isinstance(each, Running)]  # tests put doubles beside them
        tables = [table for each in real for table in each.metadata.sorted_tables]
        return repr([await self.rows(table) for table in tables]).encode()

    def by_hand(self, *said: str) -> None:
        """Run statements as whoever owns the machine can, past every right."""
        if ENGINE == "sqlite":
            assert self.system.file.writer is not None
            for each in said:
                self.system.file.writer.execute(each)
        else:
            url = self.system.kit.settings.database_of("gateway")
            postgres.statements(*said, database=url.rpartition("/")[2])

    async def types(self, service: str, subject: UUID | None = None) -> list[str]:
        """Give the types of a service's facts in order."""
        return [event.type for event in await self.journal(service, subject)]


def make_tables(path: Path) -> None:
    """Make every table in a fresh file: a copy of the one that the migrations made for this run of the tests."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(migrated())


def on_postgres(folder: Path, clock: MovableClock, names: tuple[str, ...], told: dict[str, Any]) -> System:
    """Build a place whose services keep their rows on PostgreSQL, each with its own role."""
    kept = folder / "database"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        kept.write_text(postgres.a_database(postgres.migrated()))
        make_tables(folder / "bus.sqlite3")
    bus = LogBus(SqliteFile(folder / "bus.sqlite3").for_service("bus"), clock)
    return build(Settings(**told | postgres.told_of(kept.read_text())), clock, names, bus=bus)


@asynccontextmanager
async def a_place(
    folder: Path, names: Iterable[str] = SERVICES, *, engine: str = ENGINE, **settings: Any
) -> AsyncIterator[Place]:
    """Build a place of ``names`` in ``folder``; its ports may be replaced in ``place.system.kit.ports``.

    A folder that holds a place already is gone on with, as after a restart.
    """
    clock = MovableClock()
    told: dict[str, Any] = {"data": folder, "demo": True} | settings
    if engine == "postgres":
        system = on_postgres(folder, clock, tuple(names), told)
    else:
        if not (folder / "alongside.sqlite3").exists():
            make_tables(folder / "alongside.sqlite3")
        system = build(Settings(**told), clock, tuple(names))
    place = Place(system, clock)
    system.app.user_middleware.clear()
    system.app.add_middleware(Edge, identify=place.identify)
    try:
        yield place
    finally:
        await system.loops.stop()
        system.close()
        if engine == "postgres":
            assert isinstance(system.bus, LogBus)
            assert isinstance(system.bus.database, SqliteDatabase)
            system.bus.database.file.close()


def a_pass(role: Role = Role.PRACTITIONER, *, organisation: UUID | None = None, **more: Any) -> Pass:
    """Give a pass of a new member of ``organisation``."""
    return Pass(role, new_id(), member=new_id(), organisation=organisation, **more)


def person_pass(person: UUID) -> Pass:
    """Give the pass of a person who signed in."""
    return Pass(Role.PERSON, person, person=person)
