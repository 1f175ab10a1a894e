"""Takes up from the bus what restored databases forgot (ADR 0019). Beside the databases, while their processes stand.

The bus keeps seven days of every service's facts, byte for byte and chained. What a service's journal lacks is read
from there and put behind its own last fact; in the same transaction the service mends the state that those facts name:
``services/<name>/mending.py`` gives, as ``mends(ports)``, what ``Mends`` says. Then it hears what its cursors forgot.
Consent comes first. It may be killed anywhere and run again. What was forgotten is held in memory, 2 kB a fact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

import structlog
from sqlalchemy import select

from shared.bus import topic_of
from shared.bus_log import LogBus
from shared.cursor import AvalancheError
from shared.db import Sql, listed
from shared.errors import UnavailableError, fault
from shared.event import decode
from shared.ids import new_id
from shared.journal import heads_of
from shared.passes import Origin, timer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Iterable, Sequence
    from uuid import UUID

    from services.system import System
    from shared.bus import Record
    from shared.cursor import Consumer
    from shared.event import Recorded
    from shared.journal import Head
    from shared.shell import Shell, Tx

ORDER = ("consent", "gateway", "community", "intake", "pathway", "notify")
"""Consent first: before it has taken up what was taken back, nobody is shown anything."""
PRINCIPAL = timer("recover")
AT_ONCE = 500
log = structlog.get_logger()
Kept = Callable[[str], "AsyncIterator[list[Record]]"]


class Mends(Protocol):
    """What a service does about its state when its journal went back and was made whole again."""

    async def restored(self, tx: Tx[Any]) -> None:
        """Do what must be done after every restore, found anything or not: once for each run, in a transaction of its
        own that locks no stream, before the first fact is taken up. A run that was killed does it again.
        """
        ...

    async def took_up(self, facts: Sequence[Recorded], tx: Tx[Any]) -> Collection[UUID]:
        """Mend what ``facts`` name: one stream's, in order, those that the state has forgotten. The stream is locked
        and they are in the journal again. Says the ids of those whose state stands now as they say; the others are
        listed for people to look at. ``tx`` may remind, forget and emit, as in any command; ``tx.now`` is now.
        """
        ...


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A fact that was taken up. ``mended``: the state stands as it says; else somebody is to look at ``about``."""

    type: str
    about: UUID
    id: UUID
    mended: bool


@dataclass(frozen=True, slots=True)
class Astray:
    """Facts of a stream that do not continue its journal, or could not be taken up: left where they are."""

    about: UUID
    first: int
    why: str


@dataclass
class Found:
    """What was found of one service. ``read``: how many records the bus has of it; ``heard``: facts of others;
    ``sent_again``: its database knew another bus, so that its whole journal goes to this one. What it had said since
    the backup and not yet sent to this one is in neither, and nobody can tell.
    """

    service: str
    read: int = 0
    facts: list[Forgotten] = field(default_factory=list)
    astray: list[Astray] = field(default_factory=list)
    heard: int = 0
    parked: int = 0
    sent_again: bool = False

    @property
    def whole(self) -> bool:
        """Say whether nothing was left out."""
        return not self.astray and not self.parked


def continued(head: Head, events: Iterable[Recorded]) -> list[Recorded]:
    """Give those of ``events`` that go on from ``head`` exactly, in order. Where two could, neither does."""
    after: dict[tuple[int, str], list[Recorded]] = {}
    for event in {each.id: each for each in events}.values():
        after.setdefault((event.seq, event.prev), []).append(event)
    chain: list[Recorded] = []
    seq, tick, last = head.seq, head.tick, head.hash
    while len(found := after.get((seq + 1, last), [])) == 1 and found[0].tick > tick:
        seq, tick, last = found[0].seq, found[0].tick, found[0].hash
        chain.append(found[0])
    return chain


def kept_by(system: System) -> Kept:
    """Give what reads a topic whole from the bus of a place."""
    if isinstance(system.bus, LogBus):
        return system.bus.kept
    settings = system.kit.settings.kafka
    read = import_module("shared.bus_kafka_kept").kept  # an embedded place never loads it
    return lambda topic: read(settings, topic)


class Recover:
    """Takes up what some services of a place forgot. Nothing else turns meanwhile."""

    def __init__(self, system: System, kept: Kept) -> None:
        """Every service is wired in ``system``, whose loops stand; ``kept`` reads a topic."""
        self.system = system
        self.kept = kept

    async def run(self, names: Iterable[str]) -> list[Found]:
        """Make journals whole, each with its state, then let each service hear what it missed.

        Raises UnavailableError when bus or database is away: it is run again.
        """
        found = [Found(name) for name in ORDER if name in set(names)]
        for each in found:
            await self._take_up(each)
        for each in found:
            if each.service not in self.system.consumers or await self._hear(each):
                await self._know_the_bus(each)
        return found

    async def _take_up(self, found: Found) -> None:
        shell = self.system.running[found.service].shell
        mends: Mends = import_module(f"services.{found.service}.mending").mends(self.system.kit.ports)
        beyond = await self._beyond(found, shell)
        async with shell.database.write() as connection:
            tx = shell.transaction(connection, Origin(PRINCIPAL, new_id()))
            await mends.restored(tx)
            await shell.journal(connection, {}, tx)
        for subject, events in sorted(beyond.items(), key=lambda each: min(event.time for event in each[1])):
            try:
                await self._stream(found, shell, mends, subject, events)
            except UnavailableError:
                raise
            except Exception as error:  # noqa: BLE001 - logged by its kind and place; one stream never holds up another
                log.error("not-taken-up", service=found.service, **fault(error))
                found.astray.append(Astray(subject, min(event.seq for event in events), "error"))

    async def _beyond(self, found: Found, shell: Shell[Any]) -> dict[UUID, list[Recorded]]:
        """Give the facts of the bus that the journal does not have, by stream."""
        beyond: dict[UUID, list[Recorded]] = {}
        async for records in self.kept(topic_of(found.service)):
            found.read += len(records)
            events = _events(records, found.service)
            there = await self._journalled(shell, events)
            for event in events:
                if event.id not in there:
                    beyond.setdefault(event.subject, []).append(event)
        return beyond

    async def _stream(
        self, found: Found, shell: Shell[Any], mends: Mends, subject: UUID, events: list[Recorded]
    ) -> None:
        """Put what continues behind the head and mend what it names, in one transaction."""
        tables = shell.tables
        async with shell.database.write(subject) as connection:
            await connection.lock(tables.lock, subjects=[subject])
            heads = heads_of(await connection.all(tables.heads, subjects=[subject]), [subject])
            chain = continued(heads[subject], events)
            mended: Collection[UUID] = ()
            if chain:
                await connection.many(tables.append, [_row(event) for event in chain])
                head = heads[subject]
                head.seq, head.tick, head.hash = chain[-1].seq, chain[-1].tick, chain[-1].hash
                await connection.many(tables.move, [{"subject": subject} | _ends(head)])
                tx = shell.transaction(connection, Origin(PRINCIPAL, new_id()))
                mended = await mends.took_up(chain, tx)
                await shell.journal(connection, heads, tx)
        found.facts += [Forgotten(each.type, subject, each.id, each.id in mended) for each in chain]
        left = {event.id: event.seq for event in events if event not in chain}
        if left:
            found.astray.append(Astray(subject, min(left.values()), "does-not-continue"))

    async def _hear(self, found: Found) -> bool:
        """Hear what the cursors forgot, by the consumer's own rules: once, in order, parked where it can't be. Says
        whether it came to the end.
        """
        consumer = self.system.consumers[found.service]
        missed: list[Recorded] = []
        for source in consumer.known.topics:
            async for records in self.kept(topic_of(source)):
                missed += await self._unheard(consumer, _events(records, source), source)
        missed = _in_time(missed)
        parked = await self._parked(consumer)
        try:
            for start in range(0, len(missed), AT_ONCE):
                await consumer.hear(missed[start : start + AT_ONCE])
                found.heard = min(start + AT_ONCE, len(missed))
        except AvalancheError:
            log.error("hearing-stopped", service=found.service)
            found.parked += 1
            return False
        found.parked += len(await self._parked(consumer) - parked)
        return True

    async def _unheard(self, consumer: Consumer[Any], events: list[Recorded], source: str) -> list[Recorded]:
        """Give those beyond the cursors that stand in their owner's journal; what does not is of another life."""
        async with consumer.shell.database.read() as connection:
            places = await consumer.store.places(connection, [event.subject for event in events])
        beyond = [event for event in events if event.seq > places.of((event.source, event.subject))[0]]
        there = await self._journalled(self.system.running[source].shell, beyond)
        return [event for event in beyond if event.id in there]

    async def _journalled(self, shell: Shell[Any], events: list[Recorded]) -> set[UUID]:
        journal = shell.tables.journal
        known = Sql(select(journal.c.id).where(listed(journal.c.id, "ids")))
        if not events:
            return set()
        async with shell.database.read() as connection:
            return {row["id"] for row in await connection.all(known, ids=[event.id for event in events])}

    async def _know_the_bus(self, found: Found) -> None:
        """Take the bus as it is. Was it another at the time of the backup, everything is sent again: nobody can say
        what it lost. All that it has was read above, so that nothing goes by unheard.
        """
        relay = self.system.relays[found.service]
        if not await relay.known.same():
            await relay.replay()
            found.sent_again = True
        if consumer := self.system.consumers.get(found.service):
            await consumer.known.accept()

    async def _parked(self, consumer: Consumer[Any]) -> set[tuple[str, UUID]]:
        async with consumer.shell.database.read() as connection:
            return set(await consumer.store.lanes(connection))


def _events(records: Iterable[Record], source: str) -> list[Recorded]:
    """Give what are events of this source; what a consumer would turn away is nobody's."""
    events = []
    for record in records:
        try:
            event = decode(record.value)
        except Exception as error:  # noqa: BLE001 - logged by its kind and place; what it says may be somebody's words
            log.error("unreadable", **fault(error))
            continue
        if event.source == source and record.key == event.subject.bytes:
            events.append(event)
    return events


def _in_time(events: Iterable[Recorded]) -> list[Recorded]:
    """Put events of several sources in the order of time; a stream's stay in its own, each once."""
    streams: dict[tuple[str, UUID], dict[int, Recorded]] = {}
    for event in events:
        streams.setdefault((event.source, event.subject), {}).setdefault(event.seq, event)
    timed = []
    for stream in streams.values():
        latest = None
        for seq in sorted(stream):
            event = stream[seq]
            latest = event.time if latest is None else max(latest, event.time)
            timed.append((latest, event.source, event.seq, event))
    return [each[-1] for each in sorted(timed, key=lambda each: each[:3])]


def _row(event: Recorded) -> dict[str, Any]:
    row = {"id": event.id, "subject": event.subject, "seq": event.seq, "type": event.type}
    return row | {"at": event.time, "raw": event.raw}


def _ends(head: Head) -> dict[str, Any]:
    return {"seq": head.seq, "tick": head.tick, "hash": head.hash}
