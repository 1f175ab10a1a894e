"""What a database must do, the same for every engine: all or nothing, values as they were, its own tables only."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    create_engine,
    func,
    select,
)

from shared.db import (
    EPOCH,
    Database,
    ForeignTableError,
    Id,
    Instant,
    Json,
    NestedError,
    SecondReadError,
    Sql,
    TakenError,
    insert_into,
    insert_unless,
    listed,
    locking,
    same,
    upsert_into,
)
from shared.db_sqlite import SqliteFile
from shared.dialects import found_in
from shared.errors import UnavailableError
from shared.ids import new_id
from tests.support import postgres

ENGINES = ["sqlite", "postgres"]
METADATA = MetaData()
THING = Table(
    "thing_all", METADATA,
    Column("id", Id, primary_key=True), Column("at", Instant), Column("told", Json), Column("raw", LargeBinary),
    Column("words", String(40)), Column("yes", Boolean), Column("number", Integer), Column("other", Id),
)  # fmt: skip
PUT = Sql(insert_into(THING))
SET = Sql(upsert_into(THING, "id"))
GET = Sql(select(THING).where(same(THING.c.id)))
SOME = Sql(select(THING.c.number).where(listed(THING.c.id, "ids")).order_by(THING.c.number))
KEEP = Sql(insert_unless(THING))
SORTED = Sql(select(THING.c.words).order_by(THING.c.words))
FOUND = Sql(select(THING.c.words).where(found_in(THING.c.words, bindparam("text", type_=String))))
COUNT = Sql(select(func.count().label("n")).select_from(THING))
NONE: dict[str, Any] = dict.fromkeys(("at", "told", "raw", "words", "yes", "number", "other"))


LOCK = Sql(locking(THING.c.id, "ids"))


@pytest.fixture(params=ENGINES)
async def database(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    if request.param == "postgres":
        with postgres.tables_of(METADATA, "thing") as place:
            yield place.for_service("thing")
        return
    path = tmp_path / "store.sqlite3"
    engine = create_engine(f"sqlite:///{path}")
    METADATA.create_all(engine)
    engine.dispose()
    file = SqliteFile(path)
    yield file.for_service("thing")
    file.close()


async def put(database: Database, **values: Any) -> UUID:
    made = new_id()
    async with database.write() as connection:
        await connection.run(PUT, **NONE | values, id=made)
    return made


async def count(database: Database) -> int:
    async with database.read() as connection:
        return int((await connection.one(COUNT) or {})["n"])


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"at": datetime(2026, 11, 22, 7, 18, 43, 123456, tzinfo=UTC), "number": -5, "yes": True},
        {"at": datetime(1969, 1, 1, tzinfo=UTC), "words": "Nùñez 😀 ' \" ; DROP", "yes": False},
        {"told": {"a": [1, None, "é"]}, "raw": b"\x00\xff", "other": UUID(int=1), "number": 2**40},
        {"told": [], "words": ""},
    ],
)
async def test_values_come_back_as_they_were(database: Database, values: dict[str, Any]) -> None:
    made = await put(database, **values)
    async with database.read() as connection:
        row = await connection.one(GET, id=made)
    assert row == NONE | values | {"id": made}


async def test_instants_are_one_instant_whatever_their_zone_and_sort_by_time(database: Database) -> None:
    east = timezone(timedelta(hours=9))
    made = await put(database, at=datetime(2026, 1, 1, 9, tzinfo=east))
    async with database.read() as connection:
        row = await connection.one(GET, id=made)
    assert row is not None
    assert row["at"] == datetime(2026, 1, 1, 0, tzinfo=UTC)
    assert row["at"].tzinfo is UTC
    assert row["at"] > EPOCH


async def test_what_raises_leaves_nothing(database: Database) -> None:
    async def fail() -> None:
        async with database.write() as connection:
            await connection.run(PUT, **NONE, id=new_id())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await count(database) == 0


async def test_a_savepoint_undoes_its_own_and_only_that(database: Database) -> None:
    async def inside(connection: Any, *, fails: bool) -> None:
        async with connection.savepoint():
            await connection.run(PUT, **NONE, id=new_id())
            if fails:
                raise RuntimeError

    async with database.write() as connection:
        await connection.run(PUT, **NONE, id=new_id())
        with pytest.raises(RuntimeError):
            await inside(connection, fails=True)
        await inside(connection, fails=False)
    assert await count(database) == 2


async def test_nobody_sees_what_is_not_committed(database: Database) -> None:
    async with database.write() as connection:
        await connection.run(PUT, **NONE, id=new_id())
        assert await count(database) == 0
    assert await count(database) == 1


async def test_transactions_that_lock_a_row_come_one_after_another(database: Database) -> None:
    made = await put(database, number=0)

    async def add() -> None:
        async with database.write() as connection:
            await connection.lock(LOCK, ids=[made])
            row = await connection.one(GET, id=made) or {}
            await asyncio.sleep(0)
            await connection.run(SET, **row | {"number": row["number"] + 1})

    await asyncio.gather(*(add() for _ in range(20)))
    async with database.read() as connection:
        assert (await connection.one(GET, id=made) or {})["number"] == 20


async def test_an_upsert_changes_what_stands(database: Database) -> None:
    made = await put(database, number=1, words="old")
    async with database.write() as connection:
        await connection.run(SET, **NONE | {"number": 2, "words": "new"}, id=made)
    async with database.read() as connection:
        row = await connection.one(GET, id=made) or {}
    assert (row["number"], row["words"], await count(database)) == (2, "new", 1)


@pytest.mark.parametrize("size", [0, 1, 2, 700])
async def test_a_list_may_have_any_length(database: Database, size: int) -> None:
    ids = [await put(database, number=n) for n in range(3)]
    asked = (ids + [new_id() for _ in range(size)])[:size]
    async with database.read() as connection:
        rows = await connection.all(SOME, ids=asked)
    assert [row["number"] for row in rows] == list(range(min(size, 3)))


async def test_many_is_all_or_nothing(database: Database) -> None:
    twice = new_id()

    async def write(ids: list[UUID]) -> None:
        async with database.write() as connection:
            await connection.many(PUT, [NONE | {"id": each} for each in ids])

    with pytest.raises(Exception, match="UNIQUE"):
        await write([new_id(), twice, twice])
    assert await count(database) == 0
    await write([new_id(), twice])
    assert await count(database) == 2


async def test_a_row_that_stands_already_is_left_as_it_is_and_the_count_says_so(database: Database) -> None:
    made = await put(database, number=1)
    async with database.write() as connection:
        assert await connection.run(KEEP, **NONE | {"number": 2}, id=made) == 0
        assert await connection.run(KEEP, **NONE | {"number": 2}, id=new_id()) == 1
        assert await connection.run(SET, **NONE | {"number": 3}, id=made) == 1
    async with database.read() as connection:
        assert (await connection.one(GET, id=made) or {})["number"] == 3


async def test_a_key_that_stands_already_undoes_a_savepoint_only(database: Database) -> None:
    made = await put(database)

    async def again(connection: Any) -> None:
        async with connection.savepoint():
            await connection.run(PUT, **NONE, id=made)

    async with database.write() as connection:
        with pytest.raises((TakenError, sqlite3.IntegrityError)):
            await again(connection)
        await connection.run(PUT, **NONE, id=new_id())
    assert await count(database) == 2


async def test_texts_sort_by_their_bytes_and_are_found_letter_for_letter(database: Database) -> None:
    words = ["b", "B", "a", "é", "Z", "_", "z"]
    for each in words:
        await put(database, words=each)
    async with database.read() as connection:
        assert [row["words"] for row in await connection.all(SORTED)] == sorted(words, key=str.encode)
        assert [row["words"] for row in await connection.all(FOUND, text="Z")] == ["Z"]
        assert [row["words"] for row in await connection.all(FOUND, text="%")] == []


@pytest.mark.parametrize("once", [False, True])
async def test_a_read_writes_nothing(database: Database, *, once: bool) -> None:
    async with database.read(once=once) as connection:
        with pytest.raises(UnavailableError):
            await connection.run(PUT, **NONE, id=new_id())
    assert await count(database) == 0


async def test_a_read_of_one_statement_runs_no_other(database: Database) -> None:
    async with database.read(once=True) as connection:
        await connection.one(COUNT)
        with pytest.raises(SecondReadError):
            await connection.one(COUNT)


async def test_what_a_read_of_one_statement_raises_harms_no_later_one(database: Database) -> None:
    async def fail() -> None:
        async with database.read(once=True) as connection:
            await connection.one(COUNT)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await count(database) == 0


async def test_a_transaction_inside_a_transaction_of_the_same_task_is_a_fault(database: Database) -> None:
    async with database.write():
        with pytest.raises(NestedError):
            await database.write().__aenter__()


async def test_another_services_table_is_out_of_reach(database: Database) -> None:
    other = Table("other_all", MetaData(), Column("id", Id, primary_key=True))
    async with database.read() as connection:
        for sql in (select(other), select(THING).where(THING.c.id.in_(select(other.c.id)))):
            with pytest.raises(ForeignTableError):
                await connection.all(Sql(sql))
