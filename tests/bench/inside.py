"""Workloads inside one process: relay, consumers, decisions, timers, without HTTP and without its load."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from shared.clock import monotonic
from shared.due import DueItem
from shared.event import Part, Role
from shared.events.intake import StoryTold
from shared.ids import new_id
from shared.passes import Origin, timer
from shared.ports import Act, Ask
from shared.shell import Tx
from tests.bench.table import Row
from tests.support.place import Place, a_pass, a_place

EVENTS_EACH = 10


@dataclass(frozen=True)
class Tell:
    """A command that only says something, several times, about one subject."""

    subject: UUID
    reminder: bool = False

    @property
    def streams(self) -> tuple[UUID, ...]:
        return (self.subject,)


async def tell(command: Tell, tx: Tx[object]) -> None:
    for _ in range(EVENTS_EACH):
        tx.emit(StoryTold(subject=command.subject, story=tx.new_id(), passages=1))


async def remind(command: Tell, tx: Tx[object]) -> None:
    tx.remind("bench", tx.now, command.subject)


async def nothing(item: DueItem, tx: Tx[object]) -> None:
    """What a timer works here: an ordinary command that does nothing."""


async def everything(folder: Path, rows: list[Row], *, quick: bool) -> None:
    """Run every workload and add its row."""
    many = 500 if quick else 2_000
    async with a_place(folder) as place:
        rows.append(await relay(place, many))
        rows.append(await consume(place))
        rows.append(await decide(place, many * 5))
        rows.append(await due(place, many))


def rate(name: str, concurrency: int, done: int, seconds: float, note: str) -> Row:
    return Row(name, concurrency, done / seconds, None, None, None, None, note)


async def relay(place: Place, many: int) -> Row:
    """Journal events, then carry them to the bus; only the carrying is timed."""
    shell = place.system.running["intake"].shell
    for _ in range(many):
        await shell.run(tell, Tell(new_id()), Origin(timer("bench"), new_id()), gives=type(None))
    began = monotonic()
    while await place.system.relays["intake"].step():
        pass
    return rate("relay", 1, many * EVENTS_EACH, monotonic() - began, "events from the journal to the bus")


async def consume(place: Place) -> Row:
    """Hear what the relay has sent: pathway's timeline, a row for each event."""
    consumer, done, began = place.system.consumers["pathway"], 0, monotonic()
    while await consumer.step():
        done += 1
    shell = place.system.running["pathway"].shell
    heard = place.system.file.reader.execute(f"SELECT sum(seq) FROM {shell.tables.cursor.name}").fetchone()[0]  # noqa: S608
    return rate("consume", 1, int(heard), monotonic() - began, f"pathway's timeline, {done} batches")


async def decide(place: Place, many: int) -> Row:
    """Decide for a stranger: read the choices and the standing, say no, keep the ledger row."""
    decisions, stranger = place.system.kit.decisions, a_pass(Role.PRACTITIONER, organisation=new_id())
    left = iter(range(many))

    async def ask() -> None:
        for _ in left:
            await decisions.ask(Ask(stranger, new_id(), Part.PLAN, Act.READ))

    began = monotonic()
    await asyncio.gather(*(ask() for _ in range(32)))
    seconds = monotonic() - began
    return rate("decide", 32, many, seconds, "decisions of a stranger, with their ledger rows")


async def due(place: Place, many: int) -> Row:
    """Work reminders whose time has come, each an ordinary command of its own."""
    shell, worker = place.system.running["pathway"].shell, place.system.timers["pathway"]
    worker.handlers = {**worker.handlers, "bench": nothing}
    for _ in range(many):
        await shell.run(remind, Tell(new_id()), Origin(timer("bench"), new_id()), gives=type(None))
    place.clock.move(timedelta(seconds=1))
    began = monotonic()
    while await worker.step():
        pass
    return rate("due", 1, many, monotonic() - began, "reminders worked")
