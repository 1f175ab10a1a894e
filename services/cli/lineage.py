"""``alongside trace``, ``replay`` and ``verify``: what happened, what waits, and whether all is as promised."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import asynccontextmanager, closing
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

import typer

from services.cli.door import a_door, asked
from services.cli.options import DataOption, existing, settings_for
from services.cli.output import JsonFlag, Out, plainly
from services.stores import on_postgres

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from services.verify import Verified
    from shared.event import Recorded


def read_only(path: Path) -> sqlite3.Connection:
    """Open the data for reading, beside a running instance too."""
    reader = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    reader.execute("PRAGMA query_only=ON")
    return reader


@asynccontextmanager
async def reading(data: Path | None) -> AsyncIterator[sqlite3.Connection]:
    """Give the data for reading: the file itself, or a copy of what PostgreSQL keeps. Raises NoDataError."""
    settings = settings_for(data)
    if not on_postgres(settings):
        with closing(read_only(existing(settings))) as reader:
            reader.execute("BEGIN")
            yield reader
        return
    from services.copied import copied

    async with copied(settings) as path:
        with closing(read_only(path)) as reader:
            yield reader


def trace(
    about: Annotated[UUID, typer.Argument(help="An id: of an event, of what it is about, or an X-Correlation-ID.")],
    data: DataOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Show every event of one id and what came of it, over all services. Ids and codes only."""
    out = Out(as_json)
    with plainly(out):
        found = asyncio.run(_traced(data, about))
        rows = [
            (e.time.strftime("%Y-%m-%d %H:%M:%S"), e.type, e.subject, e.seq, e.actor.role.value, e.id, e.cause)
            for e in found
        ]
        out.table(("time", "event", "about", "number", "by", "id", "because of"), rows)
        if not found:
            out.say("Nothing here has this id.")
        out.give([_plain(event) for event in found])


async def _traced(data: Path | None, about: UUID) -> list[Recorded]:
    async with reading(data) as reader:
        return traced(reader, about)


def traced(reader: sqlite3.Connection, about: UUID) -> list[Recorded]:
    """Give the events whose id, subject or correlation this is, and all that they caused, oldest first."""
    from services import SERVICES
    from shared.event import decode

    asked_for = str(about)
    found: dict[UUID, Recorded] = {}
    queries = [
        f"SELECT raw FROM {name}_journal WHERE subject = ?1 OR id = ?1 "  # noqa: S608 - our own names
        f"OR json_extract(CAST(raw AS TEXT), '$.correlation') = ?2"
        for name in SERVICES
    ]
    for query in queries:
        for (raw,) in reader.execute(query, (about.hex, asked_for)):
            event = decode(raw)
            found[event.id] = event
    return sorted(found.values(), key=lambda e: (e.time, e.tick, e.source, e.seq))


def _plain(event: Recorded) -> dict[str, Any]:
    shown = ("id", "type", "version", "source", "subject", "seq", "tick", "time", "cause", "correlation", "data")
    by = {"role": event.actor.role, "member": event.actor.member, "organisation": event.actor.organisation}
    return {name: getattr(event, name) for name in shown} | {"actor": by}


def replay(
    what: Annotated[
        Literal["lanes", "journals"],
        typer.Argument(
            help="lanes: try what is parked again. journals: send everything again, for a bus that lost its data."
        ),
    ] = "lanes",
    service: Annotated[list[str] | None, typer.Option(help="Only these services.")] = None,
    data: DataOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Let parked lanes go on, or send journals again. Whoever has heard an event skips it."""
    out = Out(as_json)
    with plainly(out):
        told = asyncio.run(_replay(data, {"what": what, "services": service or []}))
        for name, lanes in told.get("lanes_going_on", {}).items():
            out.say(f"{name}: {lanes} {'lane goes' if lanes == 1 else 'lanes go'} on")
        for name in told.get("to_be_sent_again", ()):
            out.say(f"{name}: its journal will be sent again")
        out.give(told)


async def _replay(data: Path | None, body: dict[str, Any]) -> Any:
    async with a_door(settings_for(data)) as http:
        return await asked(http, "POST", "/v1/operations/replay", body)


def verify(data: DataOption = None, as_json: JsonFlag = False) -> None:
    """Read every journal and say what is not as promised: numbers, chains, cursors, and who leads. Writes nothing."""
    out = Out(as_json)
    with plainly(out):
        found = asyncio.run(_verified(data, out))
        out.table(("where", "what", "about"), [(f.where, f.what, f.subject) for f in found.findings])
        out.say(f"{found.events:,} events in {found.streams:,} streams read, {len(found.findings)} found wrong.")
        out.give({"events": found.events, "streams": found.streams, "findings": found.findings})
    if found.findings:
        raise typer.Exit(1)


async def _verified(data: Path | None, out: Out) -> Verified:
    from services import verify as checks

    async with reading(data) as reader:
        return checks.verify(reader, told=lambda n: out.say(f"{n:,} events read"))
