"""The relay loses nothing, sends in order, and an old leader's word counts for nothing."""

import asyncio
from collections.abc import Sequence

import pytest

from shared.bus import Record
from shared.db import EPOCH
from shared.errors import UnavailableError
from shared.ids import new_id
from shared.journal import KernelTables
from shared.lease import Lease
from shared.relay import Relay
from tests.support.toy import TELLER, Toy


class BrokenBus:
    """A bus whose publishing fails, before or after the records are kept."""

    def __init__(self, toy: Toy, *, keeps: bool) -> None:
        self.toy = toy
        self.keeps = keeps

    async def publish(self, topic: str, records: Sequence[Record]) -> None:
        if self.keeps:
            await self.toy.bus.publish(topic, records)
        raise UnavailableError

    async def identity(self, topic: str) -> str:
        return await self.toy.bus.identity(topic)


@pytest.mark.parametrize("keeps", [False, True])
async def test_what_may_not_be_on_the_bus_is_sent_again_and_heard_once(toy: Toy, *, keeps: bool) -> None:
    subject = new_id()
    await toy.tell(subject, 1)
    whole, toy.relay.bus = toy.relay.bus, BrokenBus(toy, keeps=keeps)  # type: ignore[assignment]
    with pytest.raises(UnavailableError):
        await toy.relay.step()
    assert toy.rows("teller_unsent") == 1
    toy.relay.bus = whole
    await toy.settle()
    assert await toy.heard(subject) == [1]
    assert toy.rows("bus_record") == 1 + keeps


async def test_no_transaction_is_open_while_it_sends(toy: Toy) -> None:
    await toy.tell(new_id(), 1)
    seen = []

    class Looking(BrokenBus):
        async def publish(self, topic: str, records: Sequence[Record]) -> None:
            seen.append(toy.file.lock.locked())

    toy.relay.bus = Looking(toy, keeps=False)  # type: ignore[assignment]
    await toy.relay.step()
    assert seen == [False]


async def test_a_leader_that_was_stopped_while_sending_marks_nothing_as_sent(toy: Toy) -> None:
    subject = new_id()
    await toy.tell(subject, 1)
    old, new = (Relay(toy.teller.database, TELLER, toy.bus, holder=new_id()) for _ in range(2))

    class Overtaken(BrokenBus):
        async def publish(self, topic: str, records: Sequence[Record]) -> None:
            await end(toy, "relay")
            assert await new.lease.held()

    old.bus = Overtaken(toy, keeps=False)  # type: ignore[assignment]
    await old.step()
    assert toy.rows("teller_unsent") == 1
    assert not await old.lease.held()
    await new.step()
    assert toy.rows("teller_unsent") == 0


async def end(toy: Toy, name: str, tables: KernelTables = TELLER) -> None:
    """Let a lease run out, as ten seconds would."""
    assert toy.file.writer is not None
    toy.file.writer.execute(f"UPDATE {tables.prefix}_lease SET until = 0 WHERE name = ?", (name,))  # noqa: S608


async def test_one_holds_a_lease_and_another_takes_it_when_it_has_run_out(toy: Toy) -> None:
    one, other = (Lease(toy.teller.database, TELLER, "x", new_id()) for _ in range(2))
    assert await one.held()
    assert await one.held()
    assert not await other.held()
    await end(toy, "x")
    assert await other.held()
    assert not await one.held()
    assert (one.epoch, other.epoch) == (1, 2)


async def test_of_two_who_claim_at_once_one_gets_it(toy: Toy) -> None:
    leases = [Lease(toy.teller.database, TELLER, "x", new_id()) for _ in range(5)]
    assert sum(await asyncio.gather(*(lease._claim() for lease in leases))) == 1


async def test_a_released_lease_is_free_at_once_and_its_epoch_only_grows(toy: Toy) -> None:
    one, other = (Lease(toy.teller.database, TELLER, "x", new_id()) for _ in range(2))
    await one.held()
    await one.release()
    assert await other.held()
    assert other.epoch == 2
    await one.release()
    assert await other.held()


async def test_after_a_restart_the_one_writer_leads_at_once_and_marks_what_it_sends(toy: Toy) -> None:
    await toy.tell(new_id(), 1)
    await toy.settle()
    again = Relay(toy.teller.database, TELLER, toy.bus)
    await toy.tell(new_id(), 2)
    assert await again.step()
    assert toy.rows("teller_unsent") == 0


async def test_replay_puts_the_whole_journal_back_and_whoever_heard_it_skips_it(toy: Toy) -> None:
    subject = new_id()
    for number in range(1, 6):
        await toy.tell(subject, number)
    await toy.settle()
    await toy.relay.replay(at_once=2)
    assert toy.rows("teller_unsent") == 5
    await toy.settle()
    assert await toy.heard(subject) == [1, 2, 3, 4, 5]
    assert toy.rows("bus_record") == 10


def test_a_lease_that_has_run_out_ends_before_all_others() -> None:
    assert EPOCH.timestamp() == 0
