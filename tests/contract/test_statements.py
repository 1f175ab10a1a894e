"""Every statement of every service is understood by both engines, and PostgreSQL knows what each parameter is."""

import gc
from pathlib import Path

import asyncpg

from services.system import SERVICES, build
from shared.clock import MovableClock
from shared.db import Sql
from shared.db_sqlite import SqliteFile
from shared.settings import Settings
from tests.support import postgres
from tests.support.place import make_tables

ONLY_POSTGRES = "unnest("
"""What SQLite is never asked: to lock rows."""
NARROW = {"int2", "int4", "varchar", "int4[]", "varchar[]", "unknown"}


def every(folder: Path) -> list[tuple[str, Sql]]:
    """Give every statement that a whole place has, each with the service whose it is."""
    make_tables(folder / "alongside.sqlite3")
    system = build(Settings(data=folder), MovableClock())
    try:
        found = {id(each): each for each in gc.get_objects() if isinstance(each, Sql)}.values()
        mine = [(name, sql) for sql in found for name in SERVICES if sql.tables and sql.only(name)]
    finally:
        system.close()
    assert len(mine) > 300
    return mine


class _Anything(dict[str, object]):
    def __missing__(self, name: str) -> None:
        return None


def test_every_statement_is_understood_by_sqlite(tmp_path: Path) -> None:
    statements = every(tmp_path)
    file = SqliteFile(tmp_path / "alongside.sqlite3", read_only=True)
    for _, sql in statements:
        compiled = sql.on("sqlite")
        if ONLY_POSTGRES not in compiled.text:
            text, _ = compiled.bind({name: [None] for name, _ in compiled.lists} | _nothing(compiled.single))
            file.reader.execute(f"EXPLAIN {text}", _Anything())
    file.close()


async def test_every_statement_is_understood_by_postgresql_with_parameters_as_wide_as_sqlites(tmp_path: Path) -> None:
    postgres.needed()
    connection = await asyncpg.connect(postgres.told_of(postgres.migrated())["database_owner_url"])
    wrong = []
    for service, sql in every(tmp_path):
        compiled = sql.on("postgresql")
        try:
            prepared = await connection.prepare(compiled.text)
        except asyncpg.PostgresError as error:
            wrong.append(f"{service}: {error}: {compiled.text}")
            continue
        kinds = [kind.name for kind in prepared.get_parameters()]
        if NARROW & set(kinds) or len(kinds) != len(compiled.order):
            wrong.append(f"{service}: {kinds}: {compiled.text}")
        if compiled.columns and len(prepared.get_attributes()) != len(compiled.columns):
            wrong.append(f"{service}: it gives other columns: {compiled.text}")
    await connection.close()
    assert not wrong, "\n".join(wrong)


def _nothing(single: tuple[tuple[str, object], ...]) -> dict[str, object]:
    return {name: None for name, make in single}
