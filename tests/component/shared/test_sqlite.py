"""One file, one writer, nothing half-written: what the database does when the machine does not do as it should."""

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from shared import db_sqlite
from shared.db import ForeignTableError, NotDurableError, Sql
from shared.db_sqlite import PRAGMAS, InUseError, SqliteFile
from shared.errors import UnavailableError
from shared.ids import new_id
from tests.support.toy import HEARD, NOTE, Tell, Toy, ToyStore, an_origin, tell


def test_a_second_writing_process_is_turned_away(toy: Toy) -> None:
    code = "from pathlib import Path; from shared.db_sqlite import SqliteFile; SqliteFile(Path({!r}))"
    program = [sys.executable, "-c", code.format(str(toy.file.path))]
    there = subprocess.run(program, capture_output=True, text=True, check=False, timeout=60)
    assert there.returncode != 0
    assert "InUseError" in there.stderr
    with pytest.raises(InUseError):
        SqliteFile(toy.file.path)


async def test_a_reader_may_stand_beside_a_running_instance_and_can_write_nothing(toy: Toy) -> None:
    beside = SqliteFile(toy.file.path, read_only=True)
    subject = new_id()
    await toy.tell(subject, 1)
    async with beside.for_service("teller").read() as connection:
        assert await ToyStore(connection).noted(subject) == [1]
    with pytest.raises(InUseError):
        async with beside.for_service("teller").write():
            pass
    with pytest.raises(sqlite3.OperationalError):
        beside.reader.execute("DELETE FROM teller_note")
    beside.close()
    await toy.tell(subject, 2)


def test_a_reader_opens_what_was_left_by_a_process_that_was_killed(toy: Toy) -> None:
    left = toy.file.path.parent / "left"
    left.mkdir()
    for file in toy.file.path.parent.glob("toy.sqlite3*"):
        (left / file.name).write_bytes(file.read_bytes())
    beside = SqliteFile(left / "toy.sqlite3", read_only=True)
    assert beside.reader.execute("SELECT count(*) FROM teller_note").fetchone() == (0,)
    beside.close()


def test_it_writes_with_full_sync_and_only_the_writer_checkpoints(toy: Toy) -> None:
    assert toy.file.writer is not None
    told = {name: toy.file.writer.execute(f"PRAGMA {name}").fetchone()[0] for name in PRAGMAS}
    assert told == PRAGMAS
    log = toy.file.path.with_name("toy.sqlite3-wal")
    toy.file.writer.execute("CREATE TABLE teller_more (n)")
    long = log.stat().st_size
    with pytest.raises(sqlite3.OperationalError):
        toy.file.reader.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert log.stat().st_size == long > 0


@pytest.mark.parametrize(("name", "weaker"), [("synchronous", 1), ("synchronous", 0), ("journal_mode", "memory")])
def test_it_refuses_to_run_where_a_commit_is_not_durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, weaker: object
) -> None:
    class Weak(sqlite3.Connection):
        def execute(self, sql: str, *more: Any) -> sqlite3.Cursor:
            return super().execute("SELECT ?", (weaker,)) if sql == f"PRAGMA {name}" else super().execute(sql, *more)

    path = tmp_path / "x.sqlite3"
    with monkeypatch.context() as weakened:
        weakened.setattr(db_sqlite, "_open", lambda _: Weak(path))
        with pytest.raises(NotDurableError):
            SqliteFile(path)
    SqliteFile(path).close()


async def test_a_full_disk_is_503_and_nothing_is_half_written(toy: Toy) -> None:
    assert toy.file.writer is not None
    subject = new_id()
    await toy.tell(subject, 1)
    pages = toy.file.writer.execute("PRAGMA page_count").fetchone()[0]
    toy.file.writer.execute(f"PRAGMA max_page_count={pages}")
    told = [1]

    async def fill() -> None:
        for number in range(100, 2_000):
            await toy.tell(subject, number)
            told.append(number)

    with pytest.raises(UnavailableError):
        await fill()
    toy.file.writer.execute("PRAGMA max_page_count=1000000")
    assert await toy.noted(subject) == told
    await toy.tell(subject, 5_000)
    await toy.settle()
    assert await toy.heard(subject) == [*told, 5_000]
    assert toy.file.reader.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_what_sqlite_rolled_back_by_itself_is_not_written_on_alone(toy: Toy) -> None:
    subject = new_id()

    async def stubborn(command: Tell, tx: object) -> None:
        store = tx.store  # type: ignore[attr-defined]
        await store.note(command.subject, 1)
        store.connection.driver.execute("ROLLBACK")
        await store.note(command.subject, 2)

    with pytest.raises(UnavailableError):
        await toy.teller.run(stubborn, Tell(subject), an_origin(), gives=type(None))
    assert await toy.noted(subject) == []


async def test_a_request_that_waits_too_long_for_the_writer_is_told_to_try_again(
    toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db_sqlite, "WAIT_SECONDS", 0.01)
    await toy.file.lock.acquire()
    with pytest.raises(UnavailableError):
        await toy.tell(new_id(), 1)
    toy.file.lock.release()
    assert await toy.tell(new_id(), 1) == 1


async def test_a_cancelled_command_is_undone_and_the_next_one_goes_on(toy: Toy) -> None:
    subject, waiting = new_id(), asyncio.Event()

    async def slow(command: Tell, tx: object) -> None:
        await tx.store.note(command.subject, 1)  # type: ignore[attr-defined]
        waiting.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(toy.teller.run(slow, Tell(subject), an_origin(), gives=type(None)))
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await toy.noted(subject) == []
    assert await toy.tell(subject, 2) == 2


async def test_a_service_can_not_touch_anothers_tables(toy: Toy) -> None:
    for sql in (select(HEARD), select(NOTE).join(HEARD, HEARD.c.subject == NOTE.c.subject), HEARD.delete()):
        async with toy.teller.database.read() as connection:
            with pytest.raises(ForeignTableError):
                await connection.all(Sql(sql))
    elsewhere = select(NOTE.c.number).where(NOTE.c.subject.in_(select(HEARD.c.subject)))
    async with toy.teller.database.write() as connection:
        with pytest.raises(ForeignTableError):
            await connection.run(Sql(NOTE.insert().from_select(["number"], elsewhere)))


async def test_no_transaction_touches_two_prefixes(toy: Toy) -> None:
    assert toy.file.writer is not None
    seen: list[set[str]] = []

    def look(sql: str) -> None:
        if sql.startswith("BEGIN"):
            seen.append(set())
        seen[-1].update(word for word in ("teller", "hearer", "bus") if f"{word}_" in sql)

    toy.file.writer.set_trace_callback(look)
    for number in range(3):
        await toy.tell(new_id(), number, request=new_id())
    await toy.settle()
    toy.file.writer.set_trace_callback(None)
    assert {"teller"} in seen
    assert {"hearer"} in seen
    assert {"bus"} in seen
    assert all(len(prefixes) <= 1 for prefixes in seen)


async def test_a_create_costs_at_most_six_statements_and_a_heard_event_five(toy: Toy) -> None:
    said: list[str] = []
    toy.file.watch = lambda prefix, text: said.append(text)
    await toy.teller.run(tell, Tell(new_id(), 1), an_origin(new_id()), gives=int)
    assert len(said) <= 6, said
    for _ in range(9):
        await toy.tell(new_id(), 1)
    await toy.relay.step()
    said.clear()
    await toy.consumer.step()
    assert len(said) <= 10 * 5 + 12, said


def test_the_file_and_those_beside_it_are_their_owner_s_alone(tmp_path: Path) -> None:
    before = os.umask(0o000)
    try:
        file = SqliteFile(tmp_path / "new.sqlite3")
        assert file.writer is not None
        file.writer.execute("CREATE TABLE a_thing (id)")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
        file.close()
    finally:
        os.umask(before)
    assert len(modes) == 4
    assert set(modes.values()) == {0o600}, modes
