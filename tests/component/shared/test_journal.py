"""The journal stays as it was written, dense and unsent, whoever writes."""

import sqlite3

import pytest

from shared.ids import new_id
from tests.support.toy import Toy


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE teller_journal SET type = 'teller.other'",
        "UPDATE teller_journal SET raw = x'00' WHERE seq = 1",
        "DELETE FROM teller_journal",
        "DELETE FROM teller_journal WHERE seq = 1",
        "INSERT OR REPLACE INTO teller_journal SELECT pos, id, subject, seq, type, at, x'00' FROM teller_journal",
        "INSERT INTO teller_journal SELECT pos + 9, x'01', subject, seq + 2, type, at, raw FROM teller_journal",
        "INSERT INTO teller_journal SELECT pos + 9, x'01', subject, seq, type, at, raw FROM teller_journal",
    ],
)
async def test_what_is_journalled_is_not_changed_dropped_replaced_or_numbered_with_a_gap(toy: Toy, sql: str) -> None:
    await toy.tell(new_id(), 1)
    before = [event.raw for event in toy.journal()]
    assert toy.file.writer is not None
    with pytest.raises(sqlite3.IntegrityError):
        toy.file.writer.execute(sql)
    assert [event.raw for event in toy.journal()] == before


async def test_whoever_writes_a_fact_writes_that_it_is_unsent(toy: Toy) -> None:
    await toy.tell(new_id(), 1)
    assert toy.file.writer is not None
    toy.file.writer.execute("DELETE FROM teller_unsent")
    toy.file.writer.execute(
        "INSERT INTO teller_journal (id, subject, seq, type, at, raw) "
        "SELECT x'02', x'03', 1, type, at, raw FROM teller_journal"
    )
    assert toy.rows("teller_unsent") == 1
