"""SQLite under ``shared.db``: one file, one writer connection in the loop's own thread, one reader beside it.

WAL with synchronous=FULL and BEGIN IMMEDIATE; only the writer checkpoints (3.40 has the WAL-reset bug). A
lock file turns a second writing process away. A commit costs about 0.3 ms, a read 8 microseconds (research,
measured).
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from shared.errors import AlongsideError, Kind, UnavailableError, WhoActs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from shared.db import Row, Sql


class InUseError(AlongsideError):
    """Another process writes to this data folder."""

    code = "data-in-use"
    kind = Kind.CONFLICT
    says = "Another Alongside is running on this data. Stop it, or ask it over HTTP."
    who = WhoActs.STEWARD


class ForeignTableError(RuntimeError):
    """A statement of one service named another service's table: a fault of ours, never of a caller."""


class SqliteFile:
    """One SQLite file with every service's tables. ``for_service`` gives a service its own view of it."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open ``path``. Raises InUseError when another process writes to it."""
        self.path = path
        self.lock = asyncio.Lock()
        self.watch: Callable[[str, str], None] | None = None
        self._guard: int | None = None if read_only else _take_lock_file(path)
        self.writer = None if read_only else _connect(path, read_only=False)
        self.reader = _connect(path, read_only=True)

    def for_service(self, prefix: str) -> SqliteDatabase:
        """Give the view that may touch only tables named ``<prefix>_…``."""
        return SqliteDatabase(self, prefix)

    def close(self) -> None:
        """Close both connections and let another process in."""
        self.reader.close()
        if self.writer is not None:
            self.writer.close()
        if self._guard is not None:
            os.close(self._guard)
            self._guard = None


class SqliteDatabase:
    """One service's view of the file."""

    def __init__(self, file: SqliteFile, prefix: str) -> None:
        """Keep whose view it is."""
        self.file = file
        self.prefix = prefix

    @asynccontextmanager
    async def write(self) -> AsyncIterator[SqliteConnection]:
        """Open the one writing transaction; every exit but a clean one rolls it back."""
        async with self.file.lock:
            writer = self.file.writer
            if writer is None:
                raise InUseError
            with _told():
                writer.execute("BEGIN IMMEDIATE")
            try:
                yield SqliteConnection(self, writer)
                with _told():
                    writer.execute("COMMIT")
            except BaseException:
                if writer.in_transaction:
                    writer.execute("ROLLBACK")
                raise

    @asynccontextmanager
    async def read(self) -> AsyncIterator[SqliteConnection]:
        """Read what is committed; no transaction is held between statements."""
        yield SqliteConnection(self, self.file.reader)


class SqliteConnection:
    """Runs statements of one service on a connection."""

    def __init__(self, database: SqliteDatabase, driver: sqlite3.Connection) -> None:
        """Keep both."""
        self.database = database
        self.driver = driver

    def _execute(self, sql: Sql, values: Mapping[str, Any]) -> tuple[Any, sqlite3.Cursor]:
        compiled = sql.on("sqlite")
        text, ready = compiled.bind(values)
        self._check(sql, text)
        with _told():
            return compiled, self.driver.execute(text, ready)

    def _check(self, sql: Sql, text: str) -> None:
        prefix = self.database.prefix
        if not all(name.startswith(f"{prefix}_") for name in sql.tables):
            message = f"{prefix} may not touch {sorted(sql.tables)}"
            raise ForeignTableError(message)
        if self.database.file.watch is not None:
            self.database.file.watch(prefix, text)

    async def all(self, sql: Sql, /, **values: Any) -> list[Row]:
        """Run a statement and give every row."""
        compiled, cursor = self._execute(sql, values)
        return [compiled.row(row) for row in cursor.fetchall()]

    async def one(self, sql: Sql, /, **values: Any) -> Row | None:
        """Run a statement and give its first row, or None."""
        compiled, cursor = self._execute(sql, values)
        row = cursor.fetchone()
        cursor.close()
        return None if row is None else compiled.row(row)

    async def run(self, sql: Sql, /, **values: Any) -> int:
        """Run a statement and give how many rows it changed."""
        return self._execute(sql, values)[1].rowcount

    async def many(self, sql: Sql, rows: Iterable[Mapping[str, Any]], /) -> None:
        """Run one statement for each of ``rows`` (no lists in it)."""
        compiled = sql.on("sqlite")
        ready = [compiled.bind(row)[1] for row in rows]
        self._check(sql, compiled.text)
        with _told():
            self.driver.executemany(compiled.text, ready)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Undo what was done inside, and only that, when it raises."""
        self.driver.execute("SAVEPOINT here")
        try:
            yield
        except BaseException:
            self.driver.execute("ROLLBACK TO here")
            self.driver.execute("RELEASE here")
            raise
        self.driver.execute("RELEASE here")


def _connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    driver = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, timeout=2.0, cached_statements=512
    )
    driver.execute("PRAGMA journal_mode=WAL")
    driver.execute("PRAGMA synchronous=FULL")
    driver.execute("PRAGMA foreign_keys=ON")
    driver.execute("PRAGMA secure_delete=ON")
    driver.execute("PRAGMA mmap_size=0")
    if read_only:
        driver.execute("PRAGMA wal_autocheckpoint=0")
        driver.execute("PRAGMA query_only=ON")
    return driver


def _take_lock_file(path: Path) -> int:
    guard = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(guard)
        raise InUseError from None
    return guard


@contextmanager
def _told() -> Iterator[None]:
    """Turn a full disk, a lock and an I/O error into 503; a fault of ours stays what it is."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_IOERR}:
            raise UnavailableError from error
        raise
