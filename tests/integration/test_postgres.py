"""What only PostgreSQL can do wrong: many writers at once, locks, a server that goes away, rights."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from services.consent.ledger.domain import Entry
from services.consent.ledger.store import LedgerStore
from services.consent.ledger.writer import Ledger, broken_batches
from services.instance import turning
from services.stores import NoBusError
from services.system import build
from shared.clock import MovableClock, real_now
from shared.db import NotDurableError
from shared.db_postgres import WAIT_SECONDS, PostgresPlace
from shared.db_postgres_hurry import within
from shared.errors import OtherBodyError, UnavailableError
from shared.event import GENESIS, Part, Role
from shared.ids import new_id
from shared.journal import Head, hash_of
from shared.lease import Lease
from shared.passes import Purpose
from shared.ports import Act, Why
from shared.settings import Settings
from shared.shell import Shell, Tx
from tests.support import postgres
from tests.support.toy import HEARD, NOTE, TELLER, Tell, Told, ToyStore, an_origin, tell
from tests.support.toy_postgres import PostgresToy, a_toy_on_postgres
from tests.support.wait import until


@pytest.fixture
async def toy(tmp_path: Path) -> AsyncIterator[PostgresToy]:
    async with a_toy_on_postgres(tmp_path) as made:
        yield made


async def test_facts_of_one_stream_from_many_processes_are_dense_and_chained(toy: PostgresToy) -> None:
    subject, others = new_id(), [toy, toy.another()]
    await asyncio.gather(*(others[n % 2].tell(subject, 20 + n) for n in range(8)))
    journal = await toy.journalled()
    assert [event.seq for event in journal] == list(range(1, 9))
    assert [event.prev for event in journal] == [GENESIS, *(hash_of(event.raw) for event in journal[:-1])]
    others[1].close()


async def test_two_of_one_request_at_once_have_one_effect_and_one_answer(toy: PostgresToy) -> None:
    subject, request, other = new_id(), new_id(), toy.another()
    answers = await asyncio.gather(*(each.tell(subject, 5, request=request) for each in [toy, other] * 3))
    assert answers == [5] * 6
    assert await toy.count(TELLER.journal) == 1
    with pytest.raises(OtherBodyError):
        await toy.tell(subject, 6, request=request)
    other.close()


@dataclass(frozen=True)
class _AboutNobody:
    streams: tuple[UUID, ...] = ()


async def test_two_of_one_request_that_names_no_stream_have_one_effect_too(toy: PostgresToy) -> None:
    request, began = new_id(), asyncio.Barrier(2)

    async def add(_: _AboutNobody, tx: Tx[ToyStore]) -> UUID:
        made = tx.new_id()
        await tx.store.note(made, 1)
        if began.n_waiting or not met:
            met.append(1)
            await began.wait()
        return made

    met: list[int] = []
    origin = an_origin(request)
    answers = await asyncio.gather(*(toy.teller.run(add, _AboutNobody(), origin, gives=UUID) for _ in range(2)))
    assert len(set(answers)) == 1
    assert await toy.count(NOTE) == 1


async def test_a_stream_is_locked_before_it_is_read_even_when_nothing_was_ever_said_in_it(toy: PostgresToy) -> None:
    subject, inside, go_on = new_id(), asyncio.Event(), asyncio.Event()

    async def slow(command: Tell, tx: Tx[ToyStore]) -> list[int]:
        inside.set()
        await go_on.wait()
        return await note_the_next(command, tx)

    async def note_the_next(command: Tell, tx: Tx[ToyStore]) -> list[int]:
        noted = await tx.store.noted(command.subject)
        await tx.store.note(command.subject, len(noted))
        return noted

    first = asyncio.create_task(toy.teller.run(slow, Tell(subject), an_origin(), gives=list[int]))
    await inside.wait()
    other = toy.another()
    second = asyncio.create_task(other.teller.run(note_the_next, Tell(subject), an_origin(), gives=list[int]))
    waits: Callable[[], bool | Awaitable[bool]] = _somebody_waits
    await until(waits)
    go_on.set()
    assert (await first, await second) == ([], [0])
    other.close()


async def test_commands_that_name_the_same_streams_in_any_order_never_lock_one_another_out(toy: PostgresToy) -> None:
    @dataclass(frozen=True)
    class Both:
        streams: tuple[UUID, ...]

    async def on_both(command: Both, tx: Tx[ToyStore]) -> None:
        tx.emit(*(Told(subject=each, number=1) for each in command.streams))

    one, two = new_id(), new_id()
    await asyncio.gather(
        *(toy.teller.run(on_both, Both(each), an_origin(), gives=type(None)) for each in [(one, two), (two, one)] * 4)
    )
    assert await toy.count(TELLER.journal) == 16


async def test_of_two_that_lock_each_other_out_one_is_undone_and_begun_again(toy: PostgresToy) -> None:
    one, two, met = new_id(), new_id(), asyncio.Barrier(2)
    tries: list[UUID] = []

    async def widens(command: Tell, tx: Tx[ToyStore]) -> None:
        tries.append(command.subject)
        if len(tries) <= 2:
            await met.wait()
        await tx.widen(two if command.subject == one else one)
        tx.emit(Told(subject=one, number=1), Told(subject=two, number=1))

    await asyncio.gather(*(toy.teller.run(widens, Tell(each), an_origin(), gives=type(None)) for each in (one, two)))
    assert len(tries) == 3
    assert await toy.count(TELLER.journal) == 4


async def test_what_is_committed_late_under_an_earlier_position_is_sent_too(toy: PostgresToy) -> None:
    early, late, inside, go_on = new_id(), new_id(), asyncio.Event(), asyncio.Event()

    async def held(command: Tell, tx: Tx[ToyStore]) -> None:
        tx.emit(Told(subject=command.subject, number=1))
        await toy.teller.journal(tx.connection, {command.subject: Head()}, tx)
        tx.facts.clear()
        inside.set()
        await go_on.wait()

    first = asyncio.create_task(toy.teller.run(held, Tell(early), an_origin(), gives=type(None)))
    await inside.wait()
    await toy.tell(late, 2)
    await toy.settle()
    assert (await toy.heard(late), await toy.heard(early)) == ([2], [])
    go_on.set()
    await first
    await toy.settle()
    assert await toy.heard(early) == [1]
    assert [event.subject for event in await toy.journalled()] == [early, late]
    assert await toy.count(TELLER.unsent) == 0


async def test_a_zombie_consumer_does_nothing_twice(toy: PostgresToy) -> None:
    subject, other = new_id(), toy.another()
    for number in range(1, 13):
        await toy.tell(subject, number)
    await toy.relay.step()
    await asyncio.gather(toy.consumer.step(), other.consumer.step())
    assert await toy.heard(subject) == list(range(1, 13))
    assert await toy.count(HEARD) == 12
    other.close()


async def test_of_many_that_want_a_lease_one_has_it_and_a_stopped_one_is_followed_by_a_greater_epoch(
    toy: PostgresToy,
) -> None:
    leases = [Lease(toy.teller.database, TELLER, "relay", new_id()) for _ in range(6)]
    async with AsyncExitStack() as connected:  # what is tried here is not how soon six connections are made
        for _ in leases:
            await connected.enter_async_context(toy.teller.database.read())
    held = await asyncio.gather(*(lease.held() for lease in leases))
    assert sorted(held) == [False] * 5 + [True]
    leader = leases[held.index(True)]
    assert leader.epoch == 1
    await leader.release()
    follower = leases[held.index(False)]
    assert await follower.held()
    assert follower.epoch == 2


async def test_nobody_may_change_or_take_away_what_is_journalled_not_even_the_service(toy: PostgresToy) -> None:
    await toy.tell(new_id(), 1)
    connection = await asyncpg.connect(toy.place.url_of("teller"))
    for sql in ("UPDATE teller_journal SET seq = 9", "DELETE FROM teller_journal", "TRUNCATE teller_journal"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(sql)
    with pytest.raises(asyncpg.RaiseError, match="dense"):
        await connection.execute(
            "INSERT INTO teller_journal (id, subject, seq, type, at, raw) "
            "VALUES (gen_random_uuid(), gen_random_uuid(), 2, 'x', 0, '')"
        )
    await connection.close()


async def test_a_lock_that_is_not_had_in_time_is_unavailable_and_the_next_one_goes_on(toy: PostgresToy) -> None:
    subject, inside, go_on = new_id(), asyncio.Event(), asyncio.Event()

    async def held(command: Tell, tx: Tx[ToyStore]) -> None:
        inside.set()
        await go_on.wait()

    first = asyncio.create_task(toy.teller.run(held, Tell(subject), an_origin(), gives=type(None)))
    await inside.wait()
    began = asyncio.get_running_loop().time()
    with pytest.raises(UnavailableError):
        await toy.tell(subject, 2)
    assert asyncio.get_running_loop().time() - began < 3
    go_on.set()
    await first
    assert await toy.tell(subject, 2) == 2


@pytest.mark.parametrize(("waits", "at_most"), [(1, 2 * WAIT_SECONDS), (5, 3 * WAIT_SECONDS)])
async def test_a_request_that_finds_no_connection_free_is_unavailable_however_often_it_waits(
    tmp_path: Path, toy: PostgresToy, waits: int, at_most: float
) -> None:
    place = PostgresPlace(toy.place.url_of, most=1)
    database = place.for_service("teller")
    async with database.read():
        began = asyncio.get_running_loop().time()
        with within(1.0):
            for _ in range(waits):
                with pytest.raises(UnavailableError):
                    async with database.read():
                        pass
        assert asyncio.get_running_loop().time() - began < at_most, "five whole waits are 7.5 s"
    place.close()


async def test_connections_that_were_cut_are_made_anew_and_what_was_open_is_undone(toy: PostgresToy) -> None:
    subject = new_id()

    async def cut_off(command: Tell, tx: Tx[ToyStore]) -> None:
        await tx.store.note(command.subject, 1)
        await _cut_all(toy)
        await tx.store.note(command.subject, 2)

    with pytest.raises(UnavailableError):
        await toy.teller.run(cut_off, Tell(subject), an_origin(), gives=type(None))
    assert await toy.noted(subject) == []
    await _cut_all(toy)

    async def tells() -> int:
        try:
            return await toy.tell(subject, 3)
        except UnavailableError:
            return 0

    goes_on: Callable[[], int | Awaitable[int]] = tells
    assert await until(goes_on) == 3


async def test_a_commit_whose_outcome_is_unknown_is_unavailable_and_asked_again_gives_what_was_kept(
    toy: PostgresToy,
) -> None:
    subject, request = new_id(), new_id()
    origin = an_origin(request, body="b")

    async def commits_unseen(command: Tell, tx: Tx[ToyStore]) -> int:
        driver: Any = tx.connection
        plain = driver.say

        async def say(text: str, *seconds: float) -> None:
            await plain(text, *seconds)
            if text == "COMMIT":
                driver.broken = True
                raise UnavailableError

        driver.say = say
        return await tell(command, tx)

    with pytest.raises(UnavailableError):
        await toy.teller.run(commits_unseen, Tell(subject, 4), origin, gives=int)
    assert await toy.teller.run(tell, Tell(subject, 4), origin, gives=int) == 4
    assert await toy.count(TELLER.journal) == 1


async def test_a_server_that_may_lose_what_it_committed_is_turned_away(toy: PostgresToy) -> None:
    url = toy.place.url_of("teller")
    name = url.partition("://")[2].partition(":")[0]
    postgres.statements(f"ALTER ROLE {name} SET synchronous_commit = off")
    place = PostgresPlace(toy.place.url_of)
    try:
        with pytest.raises(NotDurableError):
            async with place.for_service("teller").read():
                pass
    finally:
        postgres.statements(f"ALTER ROLE {name} RESET synchronous_commit")
        place.close()


async def test_nothing_listens_there_is_unavailable_at_once() -> None:
    place = PostgresPlace(lambda _: "postgresql://nobody:x@127.0.0.1:1/none")
    with pytest.raises(UnavailableError):
        async with place.for_service("teller").write():
            pass
    place.close()


async def test_reads_see_one_snapshot(toy: PostgresToy) -> None:
    subject = new_id()
    async with toy.teller.database.read() as connection:
        store = ToyStore(connection)
        before = await store.noted(subject)
        await toy.tell(subject, 1)
        assert await store.noted(subject) == before == []
    assert await toy.noted(subject) == [1]


async def test_what_is_due_is_done_once_by_two_timers(toy: PostgresToy) -> None:
    subject, other = new_id(), toy.another()
    other.clock = toy.clock
    other.teller.clock = toy.clock
    await toy.tell(subject, 1, again_at=timedelta(hours=1))
    assert isinstance(toy.clock, MovableClock)
    toy.clock.move(timedelta(hours=2))
    await asyncio.gather(toy.timer.step(), other.timer.step())
    assert await toy.noted(subject) == [1, 2]
    other.close()


async def _cut_all(toy: PostgresToy) -> None:
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}' AND pid <> pg_backend_pid()"
    postgres.statements(cut.format(toy.place.url_of("teller").rpartition("/")[2]))


async def _somebody_waits() -> bool:
    connection = await asyncpg.connect(postgres.server())
    try:
        return bool(await connection.fetchval("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))
    finally:
        await connection.close()


async def test_two_processes_of_consent_write_one_ledger_whose_chain_holds() -> None:
    database = postgres.a_database(postgres.migrated())
    settings = Settings(**postgres.told_of(database))
    places = [PostgresPlace(settings.database_of) for _ in range(2)]
    ledgers = [Ledger(place.for_service("consent")) for place in places]
    for _ in range(5):
        await asyncio.gather(*(each.write(_a_look()) for each in ledgers * 3))
    async with places[0].for_service("consent").read() as connection:
        store = LedgerStore(connection)
        assert await broken_batches(store) == []
        assert len(await store.lines(1, 100)) == 30
    for place in places:
        place.close()
    postgres.drop(database)


def _a_look() -> Entry:
    who = new_id()
    return Entry(
        new_id(), real_now(), who, True, Why.SELF, None, Part.PLAN, Act.READ, Purpose.SUPPORT, None, Role.PERSON,
        None, None,
    )  # fmt: skip


async def test_commands_that_wait_for_a_busy_person_take_no_connection_from_others(toy: PostgresToy) -> None:
    busy, other, inside, go_on = new_id(), new_id(), asyncio.Event(), asyncio.Event()
    place = PostgresPlace(toy.place.url_of, most=2)
    teller = Shell(place.for_service("teller"), TELLER, ToyStore, toy.clock)

    async def slow(command: Tell, tx: Tx[ToyStore]) -> int:
        inside.set()
        await go_on.wait()
        return await tell(command, tx)

    first = asyncio.create_task(teller.run(slow, Tell(busy), an_origin(), gives=int))
    await inside.wait()
    queued = [asyncio.create_task(teller.run(tell, Tell(busy, n), an_origin(), gives=int)) for n in range(20, 30)]
    assert await teller.run(tell, Tell(other, 7), an_origin(), gives=int) == 7
    go_on.set()
    await first
    assert sorted(await asyncio.gather(*queued)) == list(range(20, 30))
    place.close()


async def test_a_place_on_postgresql_without_a_broker_does_not_begin_to_serve(tmp_path: Path) -> None:
    postgres.needed()
    system = build(Settings(data=tmp_path, **postgres.told_of(postgres.migrated())), MovableClock())
    with pytest.raises(NoBusError):
        async with turning(system):
            pass
