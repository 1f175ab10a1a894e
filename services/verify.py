"""Reads a whole instance, writing nothing, and says what is not as promised: streams, chains, cursors, leads (J2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from services import SERVICES
from shared.event import GENESIS, Recorded, decode
from shared.events.pathway import LeadChanged, LeadWhy
from shared.journal import hash_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as promised. ``where`` is a table, ``subject`` the stream that it is in."""

    where: str
    what: str
    subject: str = ""


@dataclass
class _Stream:
    """Where a stream stands while its journal is read, and who leads if it is pathway's."""

    seq: int = 0
    tick: int = 0
    hash: str = GENESIS
    lead: UUID | None = None


@dataclass
class Verified:
    """What was read and what was found."""

    events: int = 0
    streams: int = 0
    findings: list[Finding] = field(default_factory=list)


def verify(
    reader: sqlite3.Connection, names: Iterable[str] = SERVICES, told: Callable[[int], None] = lambda _: None
) -> Verified:
    """Check every journal of ``names``. ``told`` hears of each thousand events read."""
    verified = Verified()
    journals: dict[str, dict[str, _Stream]] = {}
    integrity = reader.execute("PRAGMA quick_check(1)").fetchone()[0]
    if integrity != "ok":
        verified.findings.append(Finding("file", "SQLite finds the file damaged"))
    for name in names:
        journals[name] = _journal(reader, name, verified, told)
        verified.streams += len(journals[name])
        verified.findings.extend(_heads(reader, name, journals[name]))
        verified.findings.extend(_unsent(reader, name))
    for name in names:
        verified.findings.extend(_cursors(reader, name, journals.keys()))
    return verified


def _journal(
    reader: sqlite3.Connection, name: str, verified: Verified, told: Callable[[int], None]
) -> dict[str, _Stream]:
    streams: dict[str, _Stream] = {}
    for (raw,) in reader.execute(f"SELECT raw FROM {name}_journal ORDER BY pos"):  # noqa: S608 - our own names
        verified.events += 1
        event = decode(raw)
        stream = streams.setdefault(event.subject.hex, _Stream())
        verified.findings.extend(
            Finding(f"{name}_journal", what, str(event.subject)) for what in _wrong(event, stream, name)
        )
        stream.seq, stream.tick, stream.hash = event.seq, event.tick, event.hash
        if verified.events % 1_000 == 0:
            told(verified.events)
    return streams


def _wrong(event: Recorded, stream: _Stream, name: str) -> Iterator[str]:
    at = f"event {event.seq}"
    if event.source != name:
        yield f"{at} belongs to {event.source}"
    if event.seq != stream.seq + 1:
        yield f"{at} stands after {stream.seq}: the numbers have a gap or repeat"
    if event.prev != stream.hash:
        yield f"{at} does not follow from the one before it: the chain is broken"
    if event.tick <= stream.tick:
        yield f"{at} has a tick that does not grow"
    if event.type == LeadChanged.type and event.known():
        yield from (f"{at}: {what}" for what in _wrong_lead(event, stream))


def _wrong_lead(event: Recorded, stream: _Stream) -> Iterator[str]:
    """While somebody is supported exactly one leads: each change begins where the last one ended (J2)."""
    changed = event.event()
    if not isinstance(changed, LeadChanged):
        return
    if changed.was != stream.lead:
        yield "the lead that ends is not the lead that there was (J2)"
    if changed.now is None and changed.why is not LeadWhy.WAY_OUT:
        yield "nobody leads, and it was no way out (J2)"
    stream.lead = changed.now


def _heads(reader: sqlite3.Connection, name: str, streams: dict[str, _Stream]) -> Iterator[Finding]:
    rows = reader.execute(f"SELECT subject, seq, tick, hash FROM {name}_head")  # noqa: S608
    heads = {subject: (seq, tick, last) for subject, seq, tick, last in rows}
    for subject in heads.keys() | streams.keys():
        stream = streams.get(subject, _Stream())
        if heads.get(subject) != (stream.seq, stream.tick, stream.hash):
            yield Finding(f"{name}_head", "the head is not the last event of its stream", str(UUID(subject)))


def _unsent(reader: sqlite3.Connection, name: str) -> Iterator[Finding]:
    sql = f"SELECT count(*) FROM {name}_unsent WHERE pos NOT IN (SELECT pos FROM {name}_journal)"  # noqa: S608
    if (lost := reader.execute(sql).fetchone()[0]) > 0:
        yield Finding(f"{name}_unsent", f"{lost} facts are to be sent that are in no journal")


def _cursors(reader: sqlite3.Connection, name: str, known: Iterable[str]) -> Iterator[Finding]:
    """What was heard is what is written: the cursor's hash is that of the owner's own bytes."""
    for source in known:
        sql = (
            f"SELECT c.subject, c.seq, c.hash, j.raw FROM {name}_cursor c LEFT JOIN {source}_journal j "  # noqa: S608
            "ON j.subject = c.subject AND j.seq = c.seq WHERE c.source = ? AND c.seq > 0"
        )
        for subject, seq, last, raw in reader.execute(sql, (source,)):
            if raw is None or hash_of(raw) != last:
                what = f"it heard event {seq} of {source} otherwise than it is written"
                yield Finding(f"{name}_cursor", what, str(UUID(subject)))
