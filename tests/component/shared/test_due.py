"""Time that comes: each reminder once, the poisoned one alone, however far the clock jumps."""

from collections.abc import Callable
from datetime import timedelta

from shared.clock import MovableClock
from shared.due import DueItem, DueWorker
from shared.ids import new_id
from shared.shell import Tx
from tests.support.toy import TELLER, Toy, ToyStore, tell_again

DAY = timedelta(days=1)


def clock(toy: Toy) -> MovableClock:
    assert isinstance(toy.clock, MovableClock)
    return toy.clock


def worker(toy: Toy, handle: Callable[[DueItem, Tx[ToyStore]], object]) -> DueWorker[ToyStore]:
    return DueWorker(toy.teller, {"again": handle})  # type: ignore[dict-item]


async def test_a_reminder_comes_when_its_time_has_come_and_only_once(toy: Toy) -> None:
    subject = new_id()
    await toy.tell(subject, 1, again_at=DAY)
    await toy.settle()
    assert await toy.noted(subject) == [1]
    clock(toy).move(DAY)
    await toy.settle()
    await toy.settle()
    assert await toy.noted(subject) == [1, 2]
    assert await toy.heard(subject) == [1, 2]


async def test_a_year_at_once_brings_all_in_the_order_of_their_time(toy: Toy) -> None:
    subjects = [new_id() for _ in range(120)]
    for n, subject in enumerate(subjects):
        await toy.tell(subject, 1, again_at=DAY * (120 - n))
    came = []

    async def note(item: DueItem, tx: Tx[ToyStore]) -> None:
        came.append(item.subject)

    toy.timer = worker(toy, note)
    clock(toy).move(DAY * 366)
    await toy.settle()
    assert came == subjects[::-1]


async def test_the_same_reminder_again_moves_it(toy: Toy) -> None:
    subject = new_id()
    await toy.tell(subject, 1, again_at=DAY)
    await toy.tell(subject, 2, again_at=DAY * 3)
    clock(toy).move(DAY * 2)
    await toy.settle()
    assert await toy.noted(subject) == [1, 2]
    clock(toy).move(DAY * 2)
    await toy.settle()
    assert await toy.noted(subject) == [1, 2, 3]


async def test_one_that_fails_is_tried_later_alone_and_keeps_its_own_time(toy: Toy) -> None:
    sick, well = new_id(), new_id()
    for subject in (sick, well):
        await toy.tell(subject, 1, again_at=DAY)
    tried = []

    async def some(item: DueItem, tx: Tx[ToyStore]) -> None:
        tried.append((item.subject, item.at))
        if item.subject == sick and len(tried) < 4:
            await tx.store.note(item.subject, 99)
            raise RuntimeError
        await tell_again(item, tx)

    toy.timer = worker(toy, some)
    clock(toy).move(DAY)
    await toy.settle()
    assert await toy.noted(well) == [1, 2]
    assert await toy.noted(sick) == [1]
    for _ in range(4):
        clock(toy).move(timedelta(minutes=5))
        await toy.settle()
    assert await toy.noted(sick) == [1, 2]
    assert toy.rows("teller_due") == 0
    assert len({at for subject, at in tried if subject == sick}) == 1


async def test_one_that_was_moved_after_it_was_read_does_not_come_early(toy: Toy) -> None:
    subject = new_id()
    await toy.tell(subject, 1, again_at=DAY)
    other = new_id()
    await toy.tell(other, 1, again_at=DAY / 2)

    async def moving(item: DueItem, tx: Tx[ToyStore]) -> None:
        if item.subject == other:
            tx.remind("again", tx.now + DAY, subject)
        else:
            await tell_again(item, tx)

    toy.timer = worker(toy, moving)
    clock(toy).move(DAY)
    await toy.settle()
    assert await toy.noted(subject) == [1]


async def test_only_the_holder_of_the_lease_works(toy: Toy) -> None:
    subject = new_id()
    await toy.tell(subject, 1, again_at=DAY)
    clock(toy).move(DAY)
    toy.timer.lease.holder = new_id()
    assert await toy.timer.lease.held()
    other = DueWorker(toy.teller, {"again": tell_again})
    assert not await other.step()
    assert await toy.timer.step()
    assert TELLER.prefix == "teller"
    assert await toy.noted(subject) == [1, 2]
