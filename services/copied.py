"""Copies what `verify` and `trace` read of a place on PostgreSQL into a file of SQLite's: ids and codes, no words.

Cursors first, journals after them: what was heard is in its owner's journal by then, while the place runs.
"""

from __future__ import annotations

import sqlite3
from contextlib import asynccontextmanager, closing
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import bindparam, select, tuple_

from services import SERVICES
from services.stores import opened
from shared.db import Sql

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Table

    from shared.db import Connection
    from shared.journal import KernelTables
    from shared.settings import Settings

PAGE = 1_000
"""Rows of a statement: each is answered long before the server gives it up."""


@asynccontextmanager
async def copied(settings: Settings) -> AsyncIterator[Path]:
    """Give the file, for as long as it is read; it lies beside the data. Raises UnavailableError."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".alongside-copy-", dir=settings.data) as folder:
        path = Path(folder) / "copy.sqlite3"
        stores = opened(settings)
        try:
            with closing(sqlite3.connect(path)) as file:
                for names in (("cursor",), ("head", "journal", "unsent")):
                    for service in SERVICES:
                        tables: KernelTables = import_module(f"services.{service}.tables").KERNEL
                        async with stores.for_service(service).read() as connection:
                            for name in names:
                                await _table(connection, getattr(tables, name), file)
                file.commit()
        finally:
            stores.close()
        yield path


async def _table(connection: Connection, table: Table, file: sqlite3.Connection) -> None:
    """Copy a table in the order of its key, a page at a time, within the transaction's one view of it."""
    columns, key = list(table.columns), list(table.primary_key.columns)
    names = ", ".join(column.name for column in columns)
    file.execute(f"CREATE TABLE {table.name} ({names})")
    put = f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(columns))})"  # noqa: S608 - our own names
    page = select(table).order_by(*key).limit(PAGE)
    begin = Sql(page)
    go_on = Sql(page.where(tuple_(*key) > tuple_(*(bindparam(f"after_{c.name}", type_=c.type) for c in key))))
    rows = await connection.all(begin)
    while rows:
        file.executemany(put, [[_plain(row[column.name]) for column in columns] for row in rows])
        rows = await connection.all(go_on, **{f"after_{c.name}": rows[-1][c.name] for c in key})


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    return value.isoformat() if hasattr(value, "isoformat") else value
