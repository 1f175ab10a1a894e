"""SQLite under ``shared.db``: one file, one writer connection in the loop's own thread, one reader beside it.

WAL with synchronous=FULL and BEGIN IMMEDIATE; only the writer checkpoints (3.40 has the WAL-reset bug). A
lock file turns a second writing process away; a reader opens the file read-only, so it may stand beside a
running instance. A read costs 8 microseconds, a commit 0.3 ms on a quick disk and several on a slow one: so
transactions of one service that end in the same turn of the event loop share one, each in a savepoint of its
own, and each is told only when it is durable.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn
from uuid import UUID

from shared.db import ForeignTableError, NestedError, NotDurableError, SecondReadError
from shared.errors import AlongsideError, Kind, UnavailableError, WhoActs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping
    from pathlib import Path

    from shared.db import Row, Sql

WAIT_SECONDS = 5.0
"""How long a request waits for the writer before it is told to try again."""
PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "recursive_triggers": 1}
"""What the writer runs with; each is read back, and anything weaker is refused."""
THE_ONE_WRITER = UUID(int=2)
_BROKEN = {
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN,
}  # fmt: skip


class InUseError(AlongsideError):
    """Another process writes to this data folder."""

    code = "data-in-use"
    kind = Kind.CONFLICT
    says = "Another Alongside is running on this data. Stop it, or ask it over HTTP."
    who = WhoActs.STEWARD


@dataclass(eq=False)
class _Group:
    """Transactions of one service that share a commit; ``ended`` is when they are durable, or are not."""

    prefix: str
    ended: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    due: bool = False


class SqliteFile:
    """One SQLite file with every service's tables. ``for_service`` gives a service its own view of it."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open ``path``. Raises InUseError when another process writes to it, NotDurableError for a bad disk."""
        self.path = path
        self.lock = asyncio.Lock()
        self.owner: asyncio.Task[Any] | None = None
        self.inside = False
        self.group: _Group | None = None
        self.watch: Callable[[str, str], None] | None = None
        self._guard: int | None = None if read_only else _take_lock_file(path)
        self.writer: sqlite3.Connection | None = None
        try:
            if not read_only:
                self.writer = _open_writer(path)
            self.reader = _open(f"{path.absolute().as_uri()}?mode=ro")
            self.reader.execute("PRAGMA query_only=ON")
        except sqlite3.DatabaseError as error:
            self._let_go()
            _tell(error)
        except BaseException:
            self._let_go()
            raise

    def for_service(self, prefix: str) -> SqliteDatabase:
        """Give the view that may touch only tables named ``<prefix>_…``."""
        return SqliteDatabase(self, prefix)

    def join(self, prefix: str) -> _Group:
        """Give the open transaction, which is this service's: another's is committed first, a new one begun."""
        if self.group is not None and self.group.prefix != prefix:
            self._end(self.group)
        if self.group is None:
            self._say("BEGIN IMMEDIATE")
            self.group = _Group(prefix)
            asyncio.get_running_loop().call_soon(self._end_soon, self.group)
        return self.group

    def leave(self, group: _Group) -> None:
        """Say that one of the group is done; the last one ends it where its time has come, or the file is broken."""
        if self.group is group and (group.due or not self._writing()):
            self._end(group)

    def close(self) -> None:
        """Close both connections, the writer last because it alone checkpoints, and let another process in."""
        if self.group is not None:
            self._end(self.group)
        self.reader.close()
        self._let_go()

    def _end_soon(self, group: _Group) -> None:
        if self.inside:
            group.due = True
        elif self.group is group:
            self._end(group)

    def _end(self, group: _Group) -> None:
        """Commit for the whole group. SQLite has rolled back by itself where the disk is full: nobody is told yes."""
        self.group = None
        try:
            self._commit()
        except Exception as error:  # noqa: BLE001 - it is raised where each of the group waits
            group.ended.set_exception(error)
            group.ended.exception()  # whoever waits is told; nobody has to
            if self._writing():
                self._say("ROLLBACK")
        else:
            group.ended.set_result(None)

    def _commit(self) -> None:
        if not self._writing():
            raise UnavailableError
        self._say("COMMIT")

    def _writing(self) -> bool:
        return self.writer is not None and self.writer.in_transaction

    def _say(self, text: str) -> None:
        if self.writer is None:
            raise InUseError
        try:
            self.writer.execute(text)
        except sqlite3.DatabaseError as error:
            _tell(error)

    def _let_go(self) -> None:
        if self.writer is not None:
            self.writer.close()
        if self._guard is not None:
            os.close(self._guard)
            self._guard = None


class SqliteDatabase:
    """One service's view of the file."""

    holder = THE_ONE_WRITER

    def __init__(self, file: SqliteFile, prefix: str) -> None:
        """Keep whose view it is."""
        self.file = file
        self.prefix = prefix

    @asynccontextmanager
    async def write(self, *_streams: UUID) -> AsyncIterator[SqliteConnection]:
        """Open the one writing transaction; every exit but a clean one rolls it back.

        Raises UnavailableError when the writer is not free in time, NestedError inside another transaction.
        """
        file = self.file
        writer = await self._turn()
        try:
            group = file.join(self.prefix)
            try:
                connection = SqliteConnection(self, writer, writing=True)
                async with connection.savepoint("mine"):
                    yield connection
            finally:
                file.leave(group)
        finally:
            file.owner, file.inside = None, False
            file.lock.release()
        await asyncio.shield(group.ended)

    async def _turn(self) -> sqlite3.Connection:
        file, me = self.file, asyncio.current_task()
        if file.writer is None:
            raise InUseError
        if file.owner is me and me is not None:
            raise NestedError
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await file.lock.acquire()
        except TimeoutError:
            raise UnavailableError from None
        file.owner, file.inside = me, True
        return file.writer

    @asynccontextmanager
    async def read(self, *, once: bool = False) -> AsyncIterator[SqliteConnection]:
        """Read what is committed; no transaction is held between statements."""
        yield SqliteConnection(self, self.file.reader, once=once)


class SqliteConnection:
    """Runs statements of one service on a connection."""

    def __init__(
        self, database: SqliteDatabase, driver: sqlite3.Connection, *, writing: bool = False, once: bool = False
    ) -> None:
        """Keep whose it is; ``writing`` says that a transaction is open as long as this is used."""
        self.database = database
        self.driver = driver
        self.writing = writing
        self.left = 1 if once else -1

    def say(self, text: str) -> None:
        """Run a word of the transaction itself."""
        try:
            self.driver.execute(text)
        except sqlite3.DatabaseError as error:
            _tell(error)

    def _execute(self, sql: Sql, values: Mapping[str, Any]) -> tuple[Any, sqlite3.Cursor]:
        compiled = sql.on("sqlite")
        text, ready = compiled.bind(values)
        self._check(sql, text)
        try:
            return compiled, self.driver.execute(text, ready)
        except sqlite3.DatabaseError as error:
            _tell(error)

    def _check(self, sql: Sql, text: str) -> None:
        prefix = self.database.prefix
        if not sql.only(prefix):
            message = f"{prefix} may not touch {sorted(sql.tables)}"
            raise ForeignTableError(message)
        if self.left == 0:
            raise SecondReadError
        self.left -= 1
        if self.writing and not self.driver.in_transaction:
            raise UnavailableError  # SQLite has rolled back by itself (a full disk): nothing more may be written
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

    async def lock(self, sql: Sql, /, **values: Any) -> None:
        """Do nothing: there is one writer."""

    async def guard(self, *ids: UUID, alone: bool = False) -> bool:  # noqa: ARG002 - there is one writer
        """Do nothing, and say that nobody else has written."""
        return False

    async def many(self, sql: Sql, rows: Iterable[Mapping[str, Any]], /) -> None:
        """Run one statement for each of ``rows`` (no lists in it)."""
        compiled = sql.on("sqlite")
        ready = [compiled.bind(row)[1] for row in rows]
        self._check(sql, compiled.text)
        try:
            self.driver.executemany(compiled.text, ready)
        except sqlite3.DatabaseError as error:
            _tell(error)

    @asynccontextmanager
    async def savepoint(self, name: str = "here") -> AsyncIterator[None]:
        """Undo what was done inside, and only that, when it raises."""
        self.say(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException:
            if self.driver.in_transaction:
                self.driver.execute(f"ROLLBACK TO {name}")
                self.driver.execute(f"RELEASE {name}")
            raise
        self.say(f"RELEASE {name}")


def _open(uri: str) -> sqlite3.Connection:
    driver = sqlite3.connect(
        uri, uri=True, isolation_level=None, check_same_thread=False, timeout=2.0, cached_statements=512
    )
    driver.execute("PRAGMA mmap_size=0")
    return driver


def _open_writer(path: Path) -> sqlite3.Connection:
    if not path.exists():
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))  # and so are the files beside it: nobody else's
    driver = _open(path.absolute().as_uri())
    for name, value in PRAGMAS.items():
        driver.execute(f"PRAGMA {name}={value}")
        if driver.execute(f"PRAGMA {name}").fetchone()[0] != value:
            driver.close()
            raise NotDurableError
    driver.execute("PRAGMA wal_autocheckpoint=4000")  # 16 MB: a fifth less of a commit than with 4
    driver.execute("PRAGMA journal_size_limit=67108864")
    return driver


def _take_lock_file(path: Path) -> int:
    guard = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(guard)
        raise InUseError from None
    return guard


def _tell(error: sqlite3.DatabaseError) -> NoReturn:
    """Turn a full disk, a lock and a broken file into 503; a fault of ours stays what it is."""
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in _BROKEN:
        raise UnavailableError from error
    raise error
