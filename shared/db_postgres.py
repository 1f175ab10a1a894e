"""PostgreSQL under ``shared.db``, on asyncpg itself: a database, a role and a pool for each service.

Writing transactions are READ COMMITTED and lock what they name before they read it; reads see one snapshot. Every
fault of the driver, the network or the server becomes ours in ``_tell``, and nowhere else: what can't answer is a 503
within 2 seconds (research, reliability P10), a connection that may be broken is thrown away and made anew.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, NoReturn
from uuid import UUID
from weakref import WeakValueDictionary

import asyncpg
from asyncpg import exceptions as pg

from shared.db import ForeignTableError, NestedError, NoTableError, NotDurableError, SecondReadError, TakenError
from shared.db_postgres_dial import Dialling, Pool, keep_alive
from shared.db_postgres_hurry import left
from shared.errors import AlongsideError, BusyError, UnavailableError
from shared.ids import new_id
from shared.telemetry import POOL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping

    from shared.db import Row, Sql

WAIT_SECONDS = 1.5
"""How long anything waits: for a transaction to begin, for a statement's answer. What a request has for all of its
beginnings together is in ``shared.db_postgres_hurry``; a statement or a commit that has gone out is not given up sooner
for it: the server would go on with it, and nobody would know how it ended."""
SHORTEST_SECONDS = 0.1
SESSION = {
    "application_name": "alongside",
    "timezone": "UTC",
    "default_transaction_read_only": "on",
    "jit": "off",
    "lock_timeout": "1200",
    "statement_timeout": "1400",
    "idle_in_transaction_session_timeout": "3000",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
}
"""What each session runs with: milliseconds, but for the seconds of keepalives. The server gives up just before we
do, so that a lock is let go by whom nobody waits for."""
MUST = {"fsync": "on", "full_page_writes": "on"}
WEAK = "off"
_GUARD = {
    alone: f"SELECT pg_advisory_xact_lock{shared}(id)::text FROM unnest($1::bigint[]) id"  # noqa: S608 - our own names
    for alone, shared in ((True, ""), (False, "_shared"))
}
_WRITE, _READ, _ONCE = "BEGIN READ WRITE", "BEGIN ISOLATION LEVEL REPEATABLE READ", ""
_GONE = ("08", "28", "3D", "53", "57", "58", "F0", "XX")
"""Classes of SQLSTATE that say nothing of the statement: connection, sign-in, no such database, out of resources,
operator, system, configuration, damage (PostgreSQL's appendix A)."""
_GONE_TOO = {"55P03", "25P02", "25P03", "25006"}
"""A lock that was not had in time, a transaction that the server ended, a server that only reads (a standby)."""
_CUT_OFF = (
    asyncpg.InterfaceError, asyncpg.InternalClientError, pg.InvalidCachedStatementError,
    OSError, TimeoutError, EOFError,
)  # fmt: skip
_AGAIN = {"40001", "40P01"}


class PostgresPlace:
    """Every service's database. ``for_service`` gives a service its own."""

    def __init__(self, url_of: Callable[[str], str], *, most: int = 8) -> None:
        """Connect to nothing yet. ``url_of`` gives a service's address with its role and password; ``most`` is how
        many connections each service has at most.
        """
        self.url_of = url_of
        self.most = most
        self.holder = new_id()
        self.owners: set[asyncio.Task[Any] | None] = set()
        self.watch: Callable[[str, str], None] | None = None
        self.databases: dict[str, PostgresDatabase] = {}
        self.dialling = Dialling(asyncpg.connect, _prepare)

    def for_service(self, prefix: str) -> PostgresDatabase:
        """Give the database whose tables are named ``<prefix>_…``."""
        if prefix not in self.databases:
            self.databases[prefix] = PostgresDatabase(self, prefix)
        return self.databases[prefix]

    def close(self) -> None:
        """Let go of every connection at once; whoever needs a clean end lets the loops and requests end first."""
        for database in self.databases.values():
            database.close()
        self.dialling.close()


class PostgresDatabase:
    """One service's database."""

    def __init__(self, place: PostgresPlace, prefix: str) -> None:
        """Keep whose it is."""
        self.place = place
        self.prefix = prefix
        self.waiting = POOL.labels(prefix)
        self.holder = place.holder
        self.turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()
        self.pool = Pool(self._dial, place.most)

    @asynccontextmanager
    async def write(self, *streams: UUID) -> AsyncIterator[PostgresConnection]:
        """Open a writing transaction; every exit but a clean one rolls it back. Who waits for another of this process
        in one of ``streams`` has no connection meanwhile: one busy person does not take them all.

        Raises UnavailableError when there is no connection in time, or when it is not known whether the transaction
        was committed: the same request id asked again gives what was kept. BusyError when another was in its way,
        NestedError inside another transaction of the same task.
        """
        me = asyncio.current_task()
        if me in self.place.owners:
            raise NestedError
        self.place.owners.add(me)
        until = asyncio.get_running_loop().time() + left(WAIT_SECONDS)
        turns = [self.turns.setdefault(each, asyncio.Lock()) for each in sorted(set(streams))]
        try:
            async with AsyncExitStack() as mine:
                try:
                    async with asyncio.timeout_at(until):
                        for turn in turns:
                            await mine.enter_async_context(turn)
                except TimeoutError as error:
                    _tell(error)
                async with self._open(until, _WRITE) as connection:
                    yield connection
        finally:
            self.place.owners.discard(me)

    @asynccontextmanager
    async def read(self, *, once: bool = False) -> AsyncIterator[PostgresConnection]:
        """Open a connection that only reads, and sees what was committed when it first read."""
        until = asyncio.get_running_loop().time() + left(WAIT_SECONDS)
        async with self._open(until, _ONCE if once else _READ) as connection:
            yield connection

    @asynccontextmanager
    async def _open(self, until: float, begin: str) -> AsyncIterator[PostgresConnection]:
        pool = self.pool
        try:
            with self.waiting.time():
                driver = await pool.take(_left(until))
        except Exception as error:  # noqa: BLE001 - every one is raised again, as ours where it can be
            _tell(error)
        connection = PostgresConnection(self, driver, until if begin == _ONCE else None)
        try:
            if begin:
                await connection.say(begin, _left(until))
            yield connection
            if begin:
                await connection.say("COMMIT")
        except BaseException as error:
            await connection.undo(error)
            raise
        finally:
            pool.give_back(driver)

    async def _dial(self) -> Any:
        return await self.place.dialling(
            self.place.url_of(self.prefix), timeout=WAIT_SECONDS, command_timeout=WAIT_SECONDS, server_settings=SESSION,
            statement_cache_size=1000, max_cached_statement_lifetime=0,
        )  # fmt: skip

    def close(self) -> None:
        """Let go of every connection at once."""
        self.pool.close()


class PostgresConnection:
    """Runs statements of one service inside a transaction."""

    def __init__(self, database: PostgresDatabase, driver: Any, once_until: float | None = None) -> None:
        """Keep whose it is. ``broken`` says that the connection itself can't be trusted any more. The one statement of
        a read ``once`` is its beginning too: both have to be in time.
        """
        self.database = database
        self.driver = driver
        self.broken = False
        self.deep = 0
        self.left = -1 if once_until is None else 1
        self.once_until = once_until

    async def say(self, text: str, seconds: float = WAIT_SECONDS) -> None:
        """Run a word of the transaction itself."""
        try:
            await self.driver.execute(text, timeout=seconds)
        except BaseException as error:  # noqa: BLE001 - as above
            self.broken = True
            _tell(error)

    async def undo(self, error: BaseException) -> None:
        """Roll back; where the connection may have been cut off in the middle of something, throw it away."""
        with suppress(asyncpg.InterfaceError, AlongsideError):  # it has gone by itself
            if not self.broken and isinstance(error, Exception) and self.driver.is_in_transaction():
                await self.say("ROLLBACK")
        with suppress(asyncpg.InterfaceError):
            if self.broken or self.driver.is_in_transaction():
                self.driver.terminate()

    async def _do(self, does: Callable[..., Any], sql: Sql, values: Mapping[str, Any]) -> tuple[Any, Any]:
        compiled = sql.on("postgresql")
        ready = compiled.numbered(values)
        self._check(sql, compiled.text)
        try:
            return compiled, await does(compiled.text, *ready, timeout=self.once_until and _left(self.once_until))
        except BaseException as error:  # noqa: BLE001 - as above
            self._failed(error)

    def _check(self, sql: Sql, text: str) -> None:
        prefix, place = self.database.prefix, self.database.place
        if not sql.only(prefix):
            message = f"{prefix} may not touch {sorted(sql.tables)}"
            raise ForeignTableError(message)
        if self.left == 0:
            raise SecondReadError
        self.left -= 1
        if place.watch is not None:
            place.watch(prefix, text)

    def _failed(self, error: BaseException) -> NoReturn:
        self.broken = self.broken or not isinstance(error, asyncpg.PostgresError)
        _tell(error)

    async def all(self, sql: Sql, /, **values: Any) -> list[Row]:
        """Run a statement and give every row."""
        compiled, rows = await self._do(self.driver.fetch, sql, values)
        return [compiled.row(row) for row in rows]

    async def one(self, sql: Sql, /, **values: Any) -> Row | None:
        """Run a statement and give its first row, or None."""
        compiled, row = await self._do(self.driver.fetchrow, sql, values)
        return None if row is None else compiled.row(row)

    async def run(self, sql: Sql, /, **values: Any) -> int:
        """Run a statement and give how many rows it changed."""
        _, status = await self._do(self.driver.execute, sql, values)
        number = status.rpartition(" ")[2]
        return int(number) if number.isdigit() else 0

    async def lock(self, sql: Sql, /, **values: Any) -> None:
        """Run a statement of ``locking``."""
        await self._do(self.driver.execute, sql, values)

    async def guard(self, *ids: UUID, alone: bool = False) -> bool:
        """Lock a number for each of ``ids``, in order: two that share one only wait for each other needlessly."""
        keys = sorted({int.from_bytes(each.bytes[8:], "big", signed=True) for each in ids})
        try:
            await self.driver.execute(_GUARD[alone], keys)
        except BaseException as error:  # noqa: BLE001 - as above
            self._failed(error)
        return True

    async def many(self, sql: Sql, rows: Iterable[Mapping[str, Any]], /) -> None:
        """Run one statement for each of ``rows``, all or none."""
        compiled = sql.on("postgresql")
        ready = [compiled.numbered(row) for row in rows]
        self._check(sql, compiled.text)
        try:
            await self.driver.executemany(compiled.text, ready)
        except BaseException as error:  # noqa: BLE001 - as above
            self._failed(error)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Undo what was done inside, and only that, when it raises."""
        self.deep += 1
        name = f"here_{self.deep}"
        await self.say(f"SAVEPOINT {name}")
        try:
            yield
        except Exception:
            if not self.broken:
                await self.say(f"ROLLBACK TO {name}")
            raise
        finally:
            self.deep -= 1
        await self.say(f"RELEASE {name}")


def _tell(error: BaseException) -> NoReturn:
    """Raise what the driver raised as one of ours: what can't answer now is a 503; a fault of ours stays what it is."""
    state = getattr(error, "sqlstate", None) or ""
    if state in _AGAIN:
        raise BusyError from error
    if isinstance(error, pg.UniqueViolationError):
        message = f"UNIQUE: {error.constraint_name}"
        raise TakenError(message) from error
    if isinstance(error, pg.UndefinedTableError):
        raise NoTableError from error
    if state.startswith(_GONE) or state in _GONE_TOO or isinstance(error, _CUT_OFF):
        raise UnavailableError from error
    raise error


def _left(until: float) -> float:
    return max(until - asyncio.get_running_loop().time(), SHORTEST_SECONDS)


async def _prepare(driver: Any) -> None:
    """Make a new connection ours. Raises NotDurableError where what is committed might not last."""
    names = [*MUST, "synchronous_commit"]
    found = await driver.fetchrow("SELECT " + ", ".join(f"current_setting('{name}') AS {name}" for name in names))
    if any(found[name] != value for name, value in MUST.items()) or found["synchronous_commit"] == WEAK:
        raise NotDurableError
    await driver.set_type_codec(
        "uuid", schema="pg_catalog", format="binary",
        encoder=lambda value: value.bytes, decoder=lambda value: UUID(bytes=bytes(value)),
    )  # fmt: skip
    keep_alive(driver._transport.get_extra_info("socket"))  # noqa: SLF001 - asyncpg gives no other way to it


async def dial(url: str) -> Any:
    """Give a plain connection, for migrations. Raises UnavailableError."""
    try:
        return await asyncpg.connect(url, timeout=WAIT_SECONDS)
    except Exception as error:  # noqa: BLE001 - as above
        _tell(error)


def protecting(prefix: str) -> tuple[str, ...]:
    """Give PostgreSQL's triggers: what is journalled is dense and unsent. That it stays as it was is by grant."""
    journal = f"{prefix}_journal"
    last = f"coalesce((SELECT max(seq) FROM {journal} WHERE subject = NEW.subject), 0)"  # noqa: S608 - our own name
    dense = f"IF NEW.seq <> 1 + {last} THEN RAISE EXCEPTION '{journal} is dense'; END IF; RETURN NEW;"
    unsent = f"INSERT INTO {prefix}_unsent VALUES (NEW.pos); RETURN NULL;"  # noqa: S608 - our own name
    said = []
    for name, when, does in (("dense", "BEFORE", dense), ("unsent", "AFTER", unsent)):
        function = f"{journal}_{name}()"
        each = f"{when} INSERT ON {journal} FOR EACH ROW EXECUTE FUNCTION {function}"
        said.append(f"CREATE OR REPLACE FUNCTION {function} RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {does} END $$")
        said.append(f"CREATE OR REPLACE TRIGGER {journal}_{name} {each}")
    return tuple(said)
