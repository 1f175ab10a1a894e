"""Brings the tables of every service up to what the code expects: forwards only, all in one transaction.

Each service keeps its migrations in its own folder and its place in its own table (``<service>_version``), so
that a service can move to a database of its own. alembic is only imported when there is something to do.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, MetaData, String, Table, select

from services import SERVICES
from shared.db import NoTableError, Sql
from shared.db_sqlite import SqliteFile
from shared.errors import AlongsideError, Kind, WhoActs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection

    from shared.db import Database

ROOT = Path(__file__).resolve().parents[1]
OWNERS = ("bus", *SERVICES)
FILE = "alongside.sqlite3"


class NewerDataError(AlongsideError):
    """The data were written by a later version of Alongside."""

    code = "data-newer"
    kind = Kind.CONFLICT
    says = "These data were written by a later version of Alongside. Run that version, or a later one."
    who = WhoActs.STEWARD


class BehindError(AlongsideError):
    """The tables are not what this version expects; on PostgreSQL nothing is changed at a start."""

    code = "data-behind"
    kind = Kind.CONFLICT
    says = "The tables are not what this version expects. Run `alongside migrate` first."
    who = WhoActs.STEWARD


@dataclass(frozen=True, slots=True)
class Moved:
    """One owner's tables: from which revision (None: there were none) to which."""

    owner: str
    was: str | None
    now: str


def folder_of(owner: str) -> Path:
    """Give where an owner's migrations lie."""
    return ROOT / "shared" / "migrations" if owner == "bus" else ROOT / "services" / owner / "migrations"


def version_table(owner: str) -> str:
    """Give the table that says which revision an owner's tables are at."""
    return f"{owner}_version"


def revisions(owner: str) -> list[str]:
    """Give an owner's revisions in order: the numbers with which their files begin."""
    return sorted(path.name.partition("_")[0] for path in folder_of(owner).glob("[0-9]*_*.py"))


def head(owner: str) -> str | None:
    """Give the revision that the code expects; None for an owner without tables."""
    return next(reversed(revisions(owner)), None)


def standing(reader: sqlite3.Connection, owner: str) -> str | None:
    """Give the revision that an owner's tables are at; None when there are none."""
    try:
        row = reader.execute(f"SELECT version_num FROM {version_table(owner)}").fetchone()  # noqa: S608 - our own names
    except sqlite3.OperationalError:
        return None
    return row[0] if row else None


def behind(reader: sqlite3.Connection, names: Iterable[str] = SERVICES) -> list[str]:
    """Name the owners whose tables are not what the code expects."""
    return [owner for owner in ("bus", *names) if standing(reader, owner) != head(owner)]


def behind_in(path: Path) -> list[str]:
    """As ``behind``, of a file that nobody here has open; every owner when there is no file."""
    if not path.exists():
        return list(OWNERS)
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as reader:
        return behind(reader)


@cache
def _version_of(owner: str) -> Sql:
    return Sql(select(Table(version_table(owner), MetaData(), Column("version_num", String))))


async def at_head(database: Database) -> bool:
    """Say whether a service's tables are what the code expects, as the service itself sees them."""
    try:
        async with database.read() as connection:
            row = await connection.one(_version_of(database.prefix))
    except (NoTableError, sqlite3.OperationalError):
        return False
    return row is not None and row["version_num"] == head(database.prefix)


def migrate(path: Path) -> list[Moved]:
    """Bring the tables of ``path`` to head. Raises InUseError beside a running instance, and NewerDataError."""
    if path.exists() and not behind_in(path):
        return []
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = SqliteFile(path)
    try:
        before = {owner: standing(file.reader, owner) for owner in OWNERS}
        for owner, was in before.items():
            if was is not None and was not in revisions(owner):
                raise NewerDataError(facts={"owner": owner})
        with _connection(path) as connection:
            for owner in OWNERS:
                upgrade(connection, owner)
    finally:
        file.close()
    return [Moved(owner, was, now) for owner, was in before.items() if (now := head(owner)) and now != was]


@contextmanager
def _connection(path: Path) -> Iterator[Connection]:
    """Open one transaction that holds its DDL too: the driver's own would let that through."""
    from sqlalchemy import create_engine, event  # noqa: PLC0415 - only when there is something to do

    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def by_hand(driver: Any, _: Any) -> None:
        driver.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def upgrade(connection: Connection, owner: str) -> None:
    """Run the revisions that an owner's tables have not had."""
    from alembic.config import Config  # noqa: PLC0415 - heavy, and only needed here
    from alembic.runtime.environment import EnvironmentContext  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    folder = str(folder_of(owner))
    script = ScriptDirectory(folder, version_locations=[folder])

    def steps(revision: Any, _: Any) -> Any:
        return script._upgrade_revs("head", revision)  # noqa: SLF001 - what alembic's own ``upgrade`` command calls

    with EnvironmentContext(Config(), script, fn=steps) as environment:
        environment.configure(connection=connection, version_table=version_table(owner), transactional_ddl=True)
        environment.run_migrations()


def metadata_of(owner: str) -> MetaData:
    """Give the tables as the code has them now."""
    if owner == "bus":
        return import_module("shared.bus_log").METADATA  # type: ignore[no-any-return]
    import_module(f"services.{owner}.app")
    return import_module(f"services.{owner}.tables").METADATA  # type: ignore[no-any-return]
