"""Faults planted in the kernel's own loops are found by the checker that `make faults` and its like go by.

Each is told twice: with the loop as it is, which must leave nothing to find, and with the fault, which must be found.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Integer, bindparam, or_

from shared import cursor
from shared.bus import Record
from shared.clock import monotonic
from shared.cursor import Batch, Consumer, on
from shared.db import Sql, listed
from shared.decisions import WITHDRAWAL_WAIT_SECONDS, Answer, Ask, Decisions, Why
from shared.errors import NotFoundError
from shared.event import Part, Recorded
from shared.ids import new_id
from shared.news import AskOfMany
from shared.passes import Origin
from shared.relay import Relay
from shared.shell import Shell
from tests.support.cluster_check import disclosed
from tests.support.cluster_load import Noting, Operation
from tests.support.crash import SUBJECTS, broken
from tests.support.toy import CALLER, TELLER, Told, Toy, ToyStore, UnluckyError
from tests.support.wait import slowly

R1 = SUBJECTS[0]
Story = Callable[[Toy, Any], Awaitable[None]]


class DiedError(RuntimeError):
    """The process ended here."""


@pytest.fixture
def toy(tmp_path: Path) -> Any:
    made = Toy(tmp_path)
    yield made
    made.close()


def consumer(toy: Toy, kind: type[Consumer[ToyStore]]) -> Consumer[ToyStore]:
    """Give the hearer's consumer as a process that starts has it."""
    return kind(toy.hearer, toy.bus, toy, (on(Told, toy.ears.hear),), ("teller",))


async def told(toy: Toy, *numbers: int) -> None:
    for number in numbers:
        await toy.tell(R1, number)
    while await toy.relay.step():
        pass


def harm(toy: Toy, sql: str) -> None:
    """Change the file behind the kernel's back."""
    assert toy.file.writer is not None
    toy.file.writer.execute(sql)


async def turned(toy: Toy, kind: type[Consumer[ToyStore]] = Consumer) -> None:
    """Start the consumer anew, and turn it until it has nothing to do."""
    toy.consumer = consumer(toy, kind)
    await toy.settle()


async def dies_while_it_hears(toy: Toy, kind: Any) -> None:
    """It dies in a handler, and is started again."""
    await told(toy, 1, 2)
    toy.consumer = consumer(toy, kind)
    toy.consumer.hear = _died  # type: ignore[assignment,method-assign]
    with pytest.raises(DiedError):
        await toy.consumer.step()
    await turned(toy, kind)


class OffsetFirst(Consumer[ToyStore]):
    """Its place on the bus is kept before the effect is."""

    async def step(self) -> bool:
        if not await self._right_bus():
            return False
        records = await self.bus.poll(100)
        await self.bus.commit()
        if records:
            await self.hear([event for each in records if (event := await self._read(each))])
        return bool(records)


async def comes_again(toy: Toy, kind: Any) -> None:
    """The bus brings what was heard once more."""
    await told(toy, 1, 2)
    await turned(toy, kind)
    harm(toy, "DELETE FROM bus_offset")
    await turned(toy, kind)


class NoCursorCheck(Consumer[ToyStore]):
    """It applies whatever comes."""

    async def _one(self, batch: Batch, event: Recorded, *, new: bool = True) -> None:
        await self._apply(batch, event)
        batch.places.advance(event)


async def loses_one_on_the_way(toy: Toy, kind: Any) -> None:
    """The bus brings the third and not the second; the owner's journal has it."""
    await told(toy, 1, 2, 3)
    harm(toy, "DELETE FROM bus_record WHERE pos = 2")
    await turned(toy, kind)


class GapsAreTaken(NoCursorCheck):
    """It neither looks for what is missing nor waits for it."""

    async def _with_missing(self, events: Sequence[Recorded]) -> list[Recorded]:
        return list(events)


async def one_can_not_be_heard_for_a_while(toy: Toy, kind: Any) -> None:
    """The second breaks its handler; when that is mended, a steward lets the lane go on."""
    await told(toy, 1, 2, 3)
    toy.ears.failing = lambda fact: RuntimeError() if fact.number == 2 else None
    await turned(toy, kind)
    toy.ears.failing = lambda _: None
    toy.consumer = consumer(toy, kind)
    await toy.consumer.replay()
    await toy.settle()


class Skips(Consumer[ToyStore]):
    """What breaks its handler is passed over."""

    async def _apply(self, batch: Batch, event: Recorded) -> cursor.Why | None:
        await super()._apply(batch, event)
        return None


class Overtakes(Consumer[ToyStore]):
    """What comes behind a lane that waits is heard before it."""

    async def _one(self, batch: Batch, event: Recorded, *, new: bool = True) -> None:
        if await self._apply(batch, event) is not None:
            await self._park(batch, (event.source, event.subject, event.seq), event.raw, cursor.Why.ERROR, new=new)
        elif not batch.places.parked:
            batch.places.advance(event)


async def dies_between_effect_and_cursor(toy: Toy, kind: Any) -> None:
    """It dies when the effect is made, and is started again."""
    await told(toy, 1)
    toy.consumer = consumer(toy, kind)
    toy.consumer.store.keep = _died  # type: ignore[assignment,method-assign]
    with pytest.raises(DiedError):
        await toy.consumer.step()
    await turned(toy, kind)


async def _died(*_: Any) -> None:
    raise DiedError


class CursorLater(Consumer[ToyStore]):
    """Effect and cursor are two transactions."""

    async def _together(self, events: Sequence[Recorded]) -> None:
        async with self.shell.database.write() as connection:
            batch = await self._open(connection, [event.subject for event in events])
            for event in events:
                await self._one(batch, event)
        async with self.shell.database.write() as connection:
            await self.store.keep(connection, batch.places)


@pytest.mark.parametrize(
    ("story", "planted"),
    [
        (dies_while_it_hears, OffsetFirst),
        (comes_again, NoCursorCheck),
        (loses_one_on_the_way, GapsAreTaken),
        (one_can_not_be_heard_for_a_while, Skips),
        (one_can_not_be_heard_for_a_while, Overtakes),
        (dies_between_effect_and_cursor, CursorLater),
    ],
    ids=["offset-first", "no-cursor-check", "gaps-are-taken", "skips-what-breaks", "overtakes", "cursor-later"],
)
async def test_a_fault_planted_in_the_consumer_is_found(tmp_path: Path, story: Story, planted: Any) -> None:
    assert await _left_by(tmp_path / "whole", story, Consumer) == []
    assert await _left_by(tmp_path / "planted", story, planted) != []


async def _left_by(folder: Path, story: Story, kind: Any) -> list[str]:
    toy = Toy(folder)
    try:
        await story(toy, kind)
        return broken(toy, {event.data["number"] for event in toy.journal()})
    finally:
        toy.close()


class MarksFirst(Relay):
    """It says that it has sent before it sends."""

    async def step(self) -> bool:
        async with self.database.read() as connection:
            rows = await connection.all(self._next, most=500)
        if not rows or not await self.lease.held():
            return False
        async with self.database.write() as connection:
            await connection.run(self._sent, sent=[row["pos"] for row in rows], epoch=self.lease.epoch)
        await self.bus.publish(self.topic, [Record(row["subject"].bytes, row["raw"]) for row in rows])
        return True


class Dying:
    """A bus during whose publishing the process ends."""

    def __init__(self, toy: Toy) -> None:
        self.toy = toy

    async def publish(self, topic: str, records: Sequence[Record]) -> None:
        raise DiedError

    async def identity(self, topic: str) -> str:
        return await self.toy.bus.identity(topic)


@pytest.mark.parametrize(("kind", "whole"), [(Relay, True), (MarksFirst, False)], ids=["whole", "marks-first"])
async def test_a_relay_that_marks_before_it_sends_is_found(toy: Toy, kind: type[Relay], *, whole: bool) -> None:
    await toy.tell(R1, 1)
    dying = kind(toy.teller.database, TELLER, toy.bus)
    dying.bus = Dying(toy)  # type: ignore[assignment]
    with pytest.raises(DiedError):
        await dying.step()
    await toy.settle()
    assert (broken(toy, {1}) == []) == whole


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "lease-without-epoch"])
async def test_a_lease_without_an_epoch_is_found(toy: Toy, *, whole: bool) -> None:
    """A relay hangs when it has sent; another leads; the bus loses its data and is filled again; the first goes on."""
    await toy.tell(R1, 1)
    first, second = toy.relay, Relay(toy.teller.database, TELLER, toy.bus, holder=new_id())

    class Hanging(Dying):
        async def publish(self, topic: str, records: Sequence[Record]) -> None:
            await self.toy.bus.publish(topic, records)
            await first.lease.release()
            assert await second.lease.held()
            harm(self.toy, "DELETE FROM bus_record")
            await second.replay()

    first.bus = Hanging(toy)  # type: ignore[assignment]
    if not whole:
        first._sent = _without_epoch()
    await first.step()
    while await second.step():
        pass
    while await toy.consumer.step():
        pass
    assert (broken(toy, {1}) == []) == whole


def _without_epoch() -> Sql:
    """Give the statement that marks as sent, with an epoch that it does not look at."""
    epoch = bindparam("epoch", type_=Integer)
    return Sql(TELLER.unsent.delete().where(listed(TELLER.unsent.c.pos, "sent"), or_(epoch >= 0, epoch < 0)))


class Forgetful(Shell[ToyStore]):
    """It does not look whether a request was answered already."""

    async def run(self, handler: Any, command: Any, origin: Origin, *, gives: Any) -> Any:
        return await super().run(handler, command, replace(origin, request_id=None), gives=gives)


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "no-kept-reply"])
async def test_a_shell_that_forgets_its_answers_is_found(toy: Toy, *, whole: bool) -> None:
    if not whole:
        toy.teller = Forgetful(toy.teller.database, TELLER, ToyStore, toy.clock)
    request = new_id()
    for _ in range(2):
        with suppress(UnluckyError):
            await toy.tell(R1, 13, request=request)
    await toy.settle()
    assert (broken(toy, {13}) == []) == whole


async def test_an_event_that_is_journalled_and_never_queued_is_found(toy: Toy) -> None:
    harm(toy, "DROP TRIGGER teller_journal_unsent")
    await toy.tell(R1, 1)
    await toy.settle()
    assert broken(toy, {1}) != []


class Changing:
    """Consent, as a person changes their mind."""

    permits = True

    async def surely_not(self, ask: AskOfMany) -> frozenset[UUID]:
        return frozenset()

    async def decide(self, ask: Ask) -> Answer:
        return Answer(permitted=self.permits, why=Why.CHOICE if self.permits else Why.NO_CHOICE)

    async def hidden(self, person: UUID, ids: frozenset[UUID]) -> frozenset[UUID]:
        return frozenset()


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "permit-cached-60-s"])
async def test_a_permit_that_is_kept_for_60_seconds_is_found(*, whole: bool) -> None:
    consent, ask = Changing(), Ask(CALLER, R1, Part.STORY)
    decisions, done = Decisions(consent), [Operation(1, "let see", str(R1), monotonic())]
    permit = await decisions.need(ask)
    consent.permits = False
    await slowly(WITHDRAWAL_WAIT_SECONDS)
    done.append(Operation(2, "withdraw", str(R1), monotonic(), monotonic(), "ok"))
    read = Operation(3, "read", str(R1), monotonic())
    with suppress(NotFoundError):
        if whole or monotonic() - permit.asked_at > 60:
            await decisions.gate(permit)
        read.outcome = "ok"
    read.ended = monotonic()
    assert (list(disclosed([*done, read], Noting("centre"))) == []) == whole
