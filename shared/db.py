"""Statements and transactions on the driver itself: SQLAlchemy Core says them, the driver runs them.

A statement is a module constant, compiled once per dialect, and means the same on both. One SQLite file holds
every service's tables, on PostgreSQL each has a database of its own; either way they stand under its service's
prefix, and a connection of one service refuses a statement that names another's table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import orjson
from sqlalchemy import (
    ARRAY,
    Column,
    Insert,
    LargeBinary,
    Table,
    Uuid,
    and_,
    bindparam,
    false,
    func,
    insert,
    select,
)
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.sql import visitors
from sqlalchemy.types import BigInteger, TypeDecorator

from shared.dialects import DIALECTS
from shared.errors import AlongsideError, Kind, WhoActs

Row = dict[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept as whole microseconds since 1970 in UTC: sorts and compares the same on both
    engines.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:  # noqa: ARG002 - SQLAlchemy's
        """Give microseconds since 1970."""
        return None if value is None else (value - EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        """Give the instant in UTC."""
        return None if value is None else EPOCH + value * _MICROSECOND


class Json(TypeDecorator[Any]):
    """A value kept as JSON bytes that no query looks into."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> bytes:  # noqa: ARG002
        """Give the bytes."""
        return orjson.dumps(value)

    def process_result_value(self, value: bytes | None, dialect: Any) -> Any:  # noqa: ARG002
        """Read the bytes."""
        return None if value is None else orjson.loads(value)


Id = Uuid(as_uuid=True)


class NotDurableError(AlongsideError):
    """The database can't be written so that what is committed outlives a power cut."""

    code = "not-durable"
    kind = Kind.UNAVAILABLE
    says = "This database cannot keep what is written to it safely. Its full sync must be on, and its disk allow it."
    who = WhoActs.STEWARD


class ForeignTableError(RuntimeError):
    """A statement of one service named another service's table: a fault of ours, never of a caller."""


class NestedError(RuntimeError):
    """A transaction was opened inside a transaction of the same task: a fault of ours, never of a caller."""


class SecondReadError(RuntimeError):
    """A read that was opened for one statement ran another: a fault of ours, never of a caller."""


class TakenError(RuntimeError):
    """A key that was about to be written stands already. Where many write at once another may just have done so:
    whoever tries the whole again finds it there.
    """


class NoTableError(RuntimeError):
    """A table that a statement names is not there: the migrations have not run."""


class Sql:
    """One Core statement, compiled for a dialect when it is first run there."""

    def __init__(self, statement: Any) -> None:
        """Keep the statement and the names of the tables that it touches."""
        self.statement = statement
        self.tables = frozenset(t.name for t in visitors.iterate(statement) if isinstance(t, Table)) | _target(
            statement
        )
        self.compiled: dict[str, Compiled] = {}
        self._only: set[str] = set()

    def only(self, prefix: str) -> bool:
        """Say whether every table that it touches is named ``<prefix>_…``."""
        if prefix not in self._only and all(name.startswith(f"{prefix}_") for name in self.tables):
            self._only.add(prefix)
        return prefix in self._only

    def on(self, dialect: str) -> Compiled:
        """Give the statement compiled for ``dialect``."""
        found = self.compiled.get(dialect)
        if found is None:
            found = self.compiled[dialect] = Compiled(self.statement, dialect)
        return found


class Compiled:
    """SQL text with what turns values into the driver's and rows into ours."""

    def __init__(self, statement: Any, dialect: str) -> None:
        """Compile once; lists (``IN``) are written out for each length when they are run."""
        engine = DIALECTS[dialect]()
        if getattr(statement, "is_insert", False) and not _returns(statement):
            statement = statement.inline()  # nobody asks which number a row was given
        compiled = statement.compile(dialect=engine)
        self.text = str(compiled)
        binds = compiled.binds.items()
        makers = {name: bind.type.dialect_impl(engine).bind_processor(engine) for name, bind in binds}
        self.lists = tuple((name, makers[name]) for name, bind in binds if bind.expanding)
        self.single = tuple((name, makers[name]) for name, bind in binds if not bind.expanding)
        self.fixed = {name: bind.value for name, bind in binds if not bind.required}
        columns = getattr(statement, "exported_columns", ()) if _returns(statement) else ()
        self.columns = tuple((c.name, c.type.dialect_impl(engine).result_processor(engine, None)) for c in columns)
        self.order = self._numbered(compiled.positiontup or ())

    def _numbered(self, names: Sequence[str]) -> tuple[tuple[str, Any, bool], ...]:
        """Give the parameters in the order of their numbers, a list as one array behind the others."""
        lists, single = dict(self.lists), dict(self.single)
        order = [(name, single[name], False) for name in names if name not in lists]
        for name in [name for name in dict.fromkeys(names) if name in lists]:
            order.append((name, lists[name], True))
            for word, instead in (("NOT IN", "<> ALL"), ("IN", "= ANY")):
                self.text = self.text.replace(f"{word} (__[POSTCOMPILE_{name}])", f"{instead} (${len(order)})")
        return tuple(order)

    def bind(self, values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Give the text and the parameters by name, a list written out. Raises KeyError for a value not given."""
        given = values if not self.fixed else {**self.fixed, **values}
        ready = {name: given[name] if make is None else make(given[name]) for name, make in self.single}
        text = self.text
        for name, make in self.lists:
            marks = []
            for n, item in enumerate(given[name]):
                marks.append(f":{name}_{n}")
                ready[f"{name}_{n}"] = item if make is None else make(item)
            text = text.replace(f"(__[POSTCOMPILE_{name}])", f"({', '.join(marks) or 'NULL'})")
        return text, ready

    def numbered(self, values: Mapping[str, Any]) -> list[Any]:
        """Give the parameters by their numbers. Raises KeyError for a value not given."""
        given = values if not self.fixed else {**self.fixed, **values}
        return [
            (list(given[name]) if make is None else [make(item) for item in given[name]])
            if many
            else (given[name] if make is None else make(given[name]))
            for name, make, many in self.order
        ]

    def row(self, values: Sequence[Any]) -> Row:
        """Turn a driver's row into ours."""
        return {
            name: value if process is None else process(value)
            for (name, process), value in zip(self.columns, values, strict=True)
        }


class Connection(Protocol):
    """What a store may do. Reads on a read connection see one snapshot; writes happen inside one
    transaction.
    """

    async def all(self, sql: Sql, /, **values: Any) -> list[Row]:
        """Run a statement and give every row."""
        ...

    async def one(self, sql: Sql, /, **values: Any) -> Row | None:
        """Run a statement and give its first row, or None."""
        ...

    async def run(self, sql: Sql, /, **values: Any) -> int:
        """Run a statement and give how many rows it changed."""
        ...

    async def many(self, sql: Sql, rows: Iterable[Mapping[str, Any]], /) -> None:
        """Run one statement for each of ``rows``."""
        ...

    async def lock(self, sql: Sql, /, **values: Any) -> None:
        """Run a statement of ``locking`` where others may write at the same time; else there is nothing to do."""
        ...

    async def guard(self, *ids: UUID, alone: bool = False) -> bool:
        """Let nobody else hold one of ``ids`` alone until the transaction ends, or (``alone``) hold it at all: for rows
        that no stream guards. Says whether others may have written meanwhile; where there is one writer, none has.

        The last lock that a transaction takes, after its streams (ADR 0014).
        """
        ...

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        """Undo what was done inside, and only that, when it raises."""
        ...


class Database(Protocol):
    """One service's view of its database."""

    prefix: str
    holder: UUID
    """Who holds leases through it: this process, or whoever the SQLite lock file lets in."""

    def write(self, *streams: UUID) -> AbstractAsyncContextManager[Connection]:
        """Open the one writing transaction: committed at the end, rolled back when anything is raised.

        ``streams``: those whose heads it will lock; of one process one takes a connection for them at a time.
        """
        ...

    def read(self, *, once: bool = False) -> AbstractAsyncContextManager[Connection]:
        """Open a read-only connection. All its statements see one snapshot; ``once`` is for one statement alone, which
        is one anyway: on PostgreSQL it is spared a transaction, two journeys of three. Another raises SecondReadError.
        """
        ...


def insert_into(table: Table, *, without: tuple[str, ...] = ()) -> Insert:
    """Give an INSERT that takes every column of ``table`` but ``without`` by its name."""
    return insert(table).values(_taken(table, without))


def upsert_into(table: Table, *keys: str, only: Iterable[str] = (), without: tuple[str, ...] = ()) -> Any:
    """Give an INSERT of a whole row but ``without``; where ``keys`` stand already, the others are changed, or
    ``only`` those.
    """
    put = upsert(table).values(_taken(table, without))
    others = only or [c.name for c in table.columns if c.name not in {*keys, *without}]
    return changing(put, keys, {name: put.excluded[name] for name in others})


def changing(put: Any, keys: Iterable[str], changes: Mapping[str, Any]) -> Any:
    """Have ``put``, an INSERT made by ``putting``, make ``changes`` where ``keys`` stand already."""
    return _both(put.on_conflict_do_update(index_elements=list(keys), set_=dict(changes)))


def putting(table: Table, **values: Any) -> Any:
    """Give an INSERT of ``values`` for ``changing``; its ``excluded`` is the row that was to be inserted."""
    return upsert(table).values(values)


def insert_unless(table: Table, **values: Any) -> Any:
    """Give an INSERT of a whole row, or of ``values``, that does nothing where any of its keys stands already."""
    return _both(upsert(table).values(values or _taken(table)).on_conflict_do_nothing())


def locking(key: Column[Any], name: str, **first: Any) -> Any:
    """Give a statement that locks the row of every ``key`` in the list ``:name``, in the order of the keys, until the
    transaction ends. One that is not there yet is written with what ``first`` says of its other columns.

    Only for ``Connection.lock``: SQLite has one writer and would not understand it.
    """
    table = key.table
    keys = select(func.unnest(bindparam(name, type_=ARRAY(key.type))).label("key")).subquery("keys")
    others = [bindparam(f"first_{n}", value, type_=table.c[n].type).label(n) for n, value in first.items()]
    rows = select(keys.c.key, *others).order_by(keys.c.key)
    put = upsert(table).from_select([key.name, *first], rows)
    # Never true, so that nothing is written; the row is locked all the same (PostgreSQL, INSERT, ON CONFLICT).
    return _both(put.on_conflict_do_update(index_elements=[key.name], set_={key.name: key}, where=false()))


def _both(put: Any) -> Any:
    put._post_values_clause.constraint_target = None  # noqa: SLF001 - PostgreSQL's compiler asks for it
    return put


def same(*columns: Column[Any], named: str = "") -> Any:
    """Give ``column = :column and …``; an UPDATE needs other names than its columns': ``named`` goes before."""
    return and_(*(c == bindparam(f"{named}{c.name}", type_=c.type) for c in columns))


def listed(column: Any, name: str) -> Any:
    """Give ``column IN (:name)`` for a list of any length, empty included."""
    return column.in_(bindparam(name, expanding=True, type_=column.type))


def _taken(table: Table, without: tuple[str, ...] = ()) -> dict[str, Any]:
    return {c.name: bindparam(c.name, type_=c.type) for c in table.columns if c.name not in without}


def _target(statement: Any) -> frozenset[str]:
    table = getattr(statement, "table", None)
    return frozenset([table.name]) if isinstance(table, Table) else frozenset()


def _returns(statement: Any) -> bool:
    return bool(getattr(statement, "is_select", False) or getattr(statement, "_returning", ()))
