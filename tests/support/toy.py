"""Two small services on the real kernel: a teller who notes numbers, and a hearer who counts what was told.

For tests of the kernel itself: real SQLite, the real bus, no HTTP. Each note has a number; the hearer keeps every
number that it heard in the order in which it heard it, so that what is lost, doubled or out of order can be seen.
"""

from __future__ import annotations

import pathlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Column, Identity, Integer, MetaData, Table, create_engine, func, select

from shared.bus_log import METADATA as BUS_TABLES
from shared.bus_log import LogBus
from shared.clock import MovableClock
from shared.cursor import Consumer, on
from shared.db import Id, Sql, insert_into, same
from shared.db_sqlite import SqliteFile
from shared.due import DueItem, DueWorker
from shared.errors import AlongsideError, Kind, NotFoundError, Reason, UnavailableError
from shared.event import Event, Recorded, Role, decode, fact
from shared.ids import new_id
from shared.journal import KernelTables
from shared.passes import Origin, Pass
from shared.relay import Relay
from shared.shell import Shell, TurnedBack, Tx

if TYPE_CHECKING:
    from pathlib import Path

    from shared.bus import Bus
    from shared.clock import Clock
    from shared.db import Connection

METADATA = MetaData()
TELLER = KernelTables("teller", METADATA)
HEARER = KernelTables("hearer", METADATA)
NOTE = Table(
    "teller_note", METADATA, Column("subject", Id, primary_key=True), Column("number", Integer, primary_key=True)
)
HEARD = Table(
    "hearer_heard", METADATA,
    Column("place", Integer, Identity(), primary_key=True), Column("subject", Id), Column("number", Integer),
)  # fmt: skip


@fact("teller.told", says="Somebody told a number.", part=None)
class Told(Event):
    """A number was told."""

    number: int


@fact("hearer.counted", says="A number was counted.", part=None)
class Counted(Event):
    """What the hearer makes of what it heard: so many until now."""

    total: int


class Why(Reason):
    """Why a number is turned back."""

    UNLUCKY = "unlucky", "Thirteen is turned back."


class UnluckyError(AlongsideError):
    """Thirteen is turned back, and that is a fact too."""

    code = "toy-unlucky"
    kind = Kind.CONFLICT
    says = "Not this number."


@dataclass(frozen=True)
class Tell:
    """Tell ``number`` of ``subject``."""

    subject: UUID
    number: int = 1
    again_at: timedelta | None = None

    @property
    def streams(self) -> tuple[UUID, ...]:
        return (self.subject,)


@dataclass
class ToyStore:
    """Statements of both; each uses its own."""

    connection: Connection

    _note = Sql(insert_into(NOTE))
    _noted = Sql(select(NOTE.c.number).where(same(NOTE.c.subject)).order_by(NOTE.c.number))
    _hear = Sql(insert_into(HEARD, without=("place",)))
    _total = Sql(select(func.count().label("total")).select_from(HEARD).where(same(HEARD.c.subject)))
    _heard = Sql(select(HEARD.c.number).where(same(HEARD.c.subject)).order_by(HEARD.c.place))

    async def note(self, subject: UUID, number: int) -> None:
        await self.connection.run(self._note, subject=subject, number=number)

    async def noted(self, subject: UUID) -> list[int]:
        return [row["number"] for row in await self.connection.all(self._noted, subject=subject)]

    async def hear(self, subject: UUID, number: int) -> int:
        await self.connection.run(self._hear, subject=subject, number=number)
        return (await self.connection.one(self._total, subject=subject) or {})["total"]  # type: ignore[no-any-return]

    async def heard(self, subject: UUID) -> list[int]:
        return [row["number"] for row in await self.connection.all(self._heard, subject=subject)]


async def tell(command: Tell, tx: Tx[ToyStore]) -> int:
    """Note a number; 13 is turned back with its fact, a negative one is refused without a trace."""
    if command.number < 0:
        await tx.store.note(command.subject, command.number)
        raise NotFoundError
    tx.emit(Told(subject=command.subject, number=command.number))
    if command.number == 13:
        return TurnedBack(UnluckyError(reasons=(Why.UNLUCKY,), facts={"number": 13}))  # type: ignore[return-value]
    await tx.store.note(command.subject, command.number)
    if command.again_at is not None:
        tx.remind("again", tx.now + command.again_at, command.subject)
    return command.number


async def tell_again(item: DueItem, tx: Tx[ToyStore]) -> None:
    """Tell the next number when the reminder comes."""
    number = max(await tx.store.noted(item.subject)) + 1
    await tx.store.note(item.subject, number)
    tx.emit(Told(subject=item.subject, number=number))


@dataclass
class Ears:
    """The hearer's handler; a test may have it fail."""

    failing: Callable[[Told], Exception | None] = lambda _: None
    calls: list[int] = field(default_factory=list)

    async def hear(self, told: Told, _: Recorded, tx: Tx[ToyStore]) -> None:
        self.calls.append(told.number)
        total = await tx.store.hear(told.subject, told.number)
        if (error := self.failing(told)) is not None:
            raise error
        tx.emit(Counted(subject=told.subject, total=total))


@cache
def _empty() -> bytes:
    """Give the bytes of a file with every table and nothing in them."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/empty.sqlite3"
        engine = create_engine(f"sqlite:///{path}")
        BUS_TABLES.create_all(engine)
        METADATA.create_all(engine)
        engine.dispose()
        return pathlib.Path(path).read_bytes()


class Toy:
    """Both services in one file, with a clock that only a test moves and loops that only a test turns."""

    def __init__(self, folder: Path, clock: Clock | None = None) -> None:
        path = folder / "toy.sqlite3"
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_empty())
        self.file = SqliteFile(path)
        self.clock = clock or MovableClock()
        self.ears = Ears()
        teller, hearer = self.file.for_service("teller"), self.file.for_service("hearer")
        self.teller: Shell[ToyStore] = Shell(teller, TELLER, ToyStore, self.clock)
        self.hearer: Shell[ToyStore] = Shell(hearer, HEARER, ToyStore, self.clock)
        self.on(LogBus(self.file.for_service("bus"), self.clock))
        self.timer = DueWorker(self.teller, {"again": tell_again})

    def on(self, bus: Bus) -> None:
        """Wire relay and consumer to a bus."""
        self.bus = bus
        self.relay = Relay(self.teller.database, TELLER, bus)
        self.consumer: Consumer[ToyStore] = Consumer(self.hearer, bus, self, (on(Told, self.ears.hear),), ("teller",))

    async def tell(self, subject: UUID, number: int, *, request: UUID | None = None, **more: Any) -> int:
        """Tell one number, as a caller would."""
        origin = an_origin(request, body=f"{subject} {number}")
        return await self.teller.run(tell, Tell(subject, number, **more), origin, gives=int)

    async def settle(self) -> None:
        """Turn every loop until nothing is left to do now."""
        while any([await step() for step in (self.timer.step, self.relay.step, self.consumer.step)]):
            pass

    async def noted(self, subject: UUID) -> list[int]:
        return await self.teller.read(lambda store: store.noted(subject))

    async def noted_in_order(self, subject: UUID) -> list[int]:
        """Give the numbers as the journal has them."""
        return [event.data["number"] for event in self.journal() if event.subject == subject]

    async def heard(self, subject: UUID) -> list[int]:
        return await self.hearer.read(lambda store: store.heard(subject))

    async def span(self, source: str, subject: UUID, first: int, last: int) -> list[bytes]:
        """Be the journals that a consumer fetches what is missing from."""
        if source != "teller":
            raise UnavailableError
        async with self.teller.database.read() as connection:
            rows = await connection.all(TELLER.span, subject=subject, first=first, last=last)
        return [row["raw"] for row in rows]

    def journal(self, service: str = "teller") -> list[Recorded]:
        """Give a journal in order."""
        rows = self.file.reader.execute(f"SELECT raw FROM {service}_journal ORDER BY pos")  # noqa: S608 - our own name
        return [decode(raw) for (raw,) in rows]

    def rows(self, table: str) -> int:
        """Count a table's rows."""
        return int(self.file.reader.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - our own name

    def close(self) -> None:
        self.file.close()


CALLER = Pass(Role.SYSTEM, UUID(int=77), organisation=UUID(int=78))


def an_origin(request: UUID | None = None, *, body: str = "") -> Origin:
    """Give the origin of one request of the same caller."""
    return Origin(CALLER, new_id(), request, body)
