"""Transactions that end in one turn of the loop share a commit: each whole, none told before it is durable."""

import asyncio

import pytest

from shared.errors import UnavailableError
from shared.ids import new_id
from tests.support.toy import Tell, Toy, an_origin


def words_of(toy: Toy) -> list[str]:
    """Collect what the writer is told from now on, but for the statements themselves."""
    assert toy.file.writer is not None
    said: list[str] = []
    words = ("BEGIN", "COMMIT", "ROLLBACK")
    toy.file.writer.set_trace_callback(lambda sql: said.append(sql) if sql.startswith(words) else None)
    return said


async def test_those_who_come_together_share_a_commit_and_each_is_whole(toy: Toy) -> None:
    said, people = words_of(toy), [new_id() for _ in range(8)]
    await asyncio.gather(*(toy.tell(person, number) for number, person in enumerate(people)))
    assert said == ["BEGIN IMMEDIATE", "COMMIT"]
    assert [await toy.noted(person) for person in people] == [[number] for number in range(8)]
    assert [event.seq for event in toy.journal()] == [1] * 8


async def test_nobody_is_told_before_it_is_durable(toy: Toy) -> None:
    person, other = new_id(), new_id()
    seen: list[list[int]] = []

    async def tell_and_look(subject: object) -> None:
        await toy.tell(subject, 1)  # type: ignore[arg-type]
        seen.append([toy.rows("teller_note")])  # by the reading connection: what is committed

    await asyncio.gather(tell_and_look(person), tell_and_look(other))
    assert seen == [[2], [2]]


async def test_one_that_fails_undoes_itself_alone(toy: Toy) -> None:
    people = [new_id() for _ in range(3)]

    async def fails(command: Tell, tx: object) -> None:
        await tx.store.note(command.subject, 7)  # type: ignore[attr-defined]
        raise KeyError

    said = words_of(toy)
    done = await asyncio.gather(
        toy.tell(people[0], 1),
        toy.teller.run(fails, Tell(people[1]), an_origin(), gives=type(None)),
        toy.tell(people[2], 3),
        return_exceptions=True,
    )
    assert (done[0], type(done[1]), done[2]) == (1, KeyError, 3)
    assert [await toy.noted(person) for person in people] == [[1], [], [3]]
    assert said.count("COMMIT") == 1


async def test_where_sqlite_undoes_all_by_itself_nobody_of_the_group_is_told_yes(toy: Toy) -> None:
    people = [new_id() for _ in range(3)]

    async def undone(command: Tell, tx: object) -> None:
        await tx.store.note(command.subject, 7)  # type: ignore[attr-defined]
        tx.store.connection.driver.execute("ROLLBACK")  # type: ignore[attr-defined]
        await tx.store.note(command.subject, 8)  # type: ignore[attr-defined]

    done = await asyncio.gather(
        toy.tell(people[0], 1),
        toy.teller.run(undone, Tell(people[1]), an_origin(), gives=type(None)),
        toy.tell(people[2], 3),
        return_exceptions=True,
    )
    assert [type(each) for each in done] == [UnavailableError, UnavailableError, int]
    assert [await toy.noted(person) for person in people] == [[], [], [3]]


async def test_a_disk_that_is_full_at_the_commit_is_no_for_everybody_in_it(toy: Toy) -> None:
    assert toy.file.writer is not None
    person = new_id()
    await toy.tell(person, 1)
    pages = toy.file.writer.execute("PRAGMA page_count").fetchone()[0]
    toy.file.writer.execute(f"PRAGMA max_page_count={pages}")
    told = 0
    while not told:
        done = await asyncio.gather(*(toy.tell(new_id(), 1) for _ in range(50)), return_exceptions=True)
        told = sum(isinstance(each, UnavailableError) for each in done)
        assert all(isinstance(each, int | UnavailableError) for each in done)
    toy.file.writer.execute("PRAGMA max_page_count=1000000")
    before = toy.rows("teller_note")
    assert await toy.tell(person, 2) == 2
    assert toy.rows("teller_note") == before + 1
    assert toy.file.reader.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_another_service_never_joins(toy: Toy) -> None:
    said = words_of(toy)

    async def hears() -> None:
        async with toy.hearer.database.write():
            pass

    await asyncio.gather(toy.tell(new_id(), 1), hears(), toy.tell(new_id(), 2))
    assert said == ["BEGIN IMMEDIATE", "COMMIT"] * 3


async def test_one_who_goes_away_while_it_is_committed_takes_nobody_with_them(toy: Toy) -> None:
    person, other = new_id(), new_id()
    going = asyncio.create_task(toy.tell(person, 1))
    staying = asyncio.create_task(toy.tell(other, 2))
    await asyncio.sleep(0)  # both have written, and nothing is committed
    assert toy.rows("teller_note") == 0
    going.cancel()
    assert await staying == 2
    with pytest.raises(asyncio.CancelledError):
        await going
    assert await toy.noted(other) == [2]


async def test_what_waits_for_its_commit_is_kept_when_the_file_is_let_go(toy: Toy) -> None:
    person = new_id()
    telling = asyncio.create_task(toy.tell(person, 1))
    await asyncio.sleep(0)
    path = toy.file.path
    toy.file.close()
    assert await telling == 1
    again = type(toy.file)(path)
    assert again.reader.execute("SELECT count(*) FROM teller_note").fetchone() == (1,)
    again.close()
