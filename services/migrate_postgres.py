"""Brings the tables of services on PostgreSQL up to what the code expects: each in its own database, as its owner.

What SQLite's triggers hold is held here by grants and by triggers that are made anew each time: the journal is
insert-only because the service's own role can do no more, dense and unsent by trigger.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sqlalchemy import MetaData, Table

from services import SERVICES
from services.migrate import Moved, NewerDataError, head, metadata_of, revisions, upgrade, version_table
from shared.db_postgres import dial, protecting
from shared.errors import AlongsideError, Kind, UnavailableError, WhoActs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection

    from shared.settings import Settings

LOCK_TIMEOUT = "2s"
"""How long a migration waits for a lock: whoever is served behind it waits as long (research, engineering (b) 9)."""
ONE_AT_A_TIME = 4_294_967_311
"""The advisory lock that a migration of a database holds."""
READ_ONLY = {"read_only": True}
IN_BYTES = {"C", "POSIX"}


class CollationError(AlongsideError):
    """The database would sort texts by a language, not by their bytes."""

    code = "data-collation"
    kind = Kind.CONFLICT
    says = "This database sorts by a language. Make it from template0 with LC_COLLATE 'C', LC_CTYPE 'C' and UTF8."
    who = WhoActs.STEWARD


async def waiting(settings: Settings, owners: Iterable[str] = SERVICES) -> list[str]:
    """Name the services that `migrate` would do something for. Changes nothing."""
    found = []
    for owner in owners:
        async with _transaction(settings, owner) as connection:
            if await _standing(connection, owner) != head(owner):
                found.append(owner)
    return found


async def migrate(settings: Settings, owners: Iterable[str] = SERVICES) -> list[Moved]:
    """Bring each service's tables to head, each in a transaction of its own database.

    Raises NewerDataError and CollationError; UnavailableError when a lock could not be had within 2 seconds.
    """
    moved = []
    for owner in owners:
        role = urlsplit(settings.database_of(owner)).username or owner
        async with _transaction(settings, owner) as connection:
            await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})")
            was = await _standing(connection, owner)
            if was is not None and was not in revisions(owner):
                raise NewerDataError(facts={"owner": owner})
            if was != head(owner):
                await connection.run_sync(upgrade, owner)
                await _say(connection, protecting(owner))
                moved.append(Moved(owner, was, head(owner) or ""))
            version = Table(version_table(owner), MetaData(), info=READ_ONLY)
            await _say(connection, grants([*metadata_of(owner).sorted_tables, version], role))
    return moved


def grants(tables: Iterable[Table], role: str) -> list[str]:
    """Give the statements by which ``role`` may do with each table what its service does, and no more."""
    name = '"' + role.replace('"', '""') + '"'
    said = [f"GRANT USAGE ON SCHEMA public TO {name}"]
    for table in tables:
        rights = "SELECT, INSERT, UPDATE, DELETE"
        if table.info.get("read_only"):
            rights = "SELECT"
        elif table.info.get("insert_only"):
            rights = "SELECT, INSERT"
        said += [f"REVOKE ALL ON {table.name} FROM PUBLIC, {name}", f"GRANT {rights} ON {table.name} TO {name}"]
    return said


@asynccontextmanager
async def _transaction(settings: Settings, owner: str) -> AsyncIterator[AsyncConnection]:
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 - heavy, and only needed here
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415
    from sqlalchemy.pool import NullPool  # noqa: PLC0415

    url = settings.database_of(owner, owner=bool(settings.database_owner_url.get_secret_value()))
    engine = create_async_engine("postgresql+asyncpg://", async_creator=lambda: dial(url), poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            await _must_sort_by_bytes(connection)
            yield connection
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", "") == "55P03":
            raise UnavailableError from error
        raise
    finally:
        await engine.dispose()


async def _must_sort_by_bytes(connection: AsyncConnection) -> None:
    asked = "SELECT datcollate FROM pg_database WHERE datname = current_database()"
    found = (await connection.exec_driver_sql(asked)).scalar_one()
    if found.partition(".")[0] not in IN_BYTES:
        raise CollationError


async def _standing(connection: AsyncConnection, owner: str) -> str | None:
    def look(plain: Connection) -> Any:
        if not plain.dialect.has_table(plain, version_table(owner)):
            return None
        return plain.exec_driver_sql(f"SELECT version_num FROM {version_table(owner)}").scalar()  # noqa: S608

    found: str | None = await connection.run_sync(look)
    return found


async def _say(connection: AsyncConnection, statements: Iterable[str]) -> None:
    for statement in statements:
        await connection.exec_driver_sql(statement)
