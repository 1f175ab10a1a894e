"""What `doctor` asks of each service's tables, on either engine: what waits, who leads its loops, the buses it knows.

It only reads, a few rows of each, and a service that does not answer within seconds fails alone.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from services.migrate import at_head
from shared.bus import topic_of
from shared.clock import real_now
from shared.db import EPOCH, NotDurableError, Sql
from shared.errors import UnavailableError
from shared.lease import LENGTH, DatabaseNow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from sqlalchemy import Column

    from shared.db import Connection, Database, Row
    from shared.journal import KernelTables

LATE_SECONDS = 60.0
"""A fact that waits so long for the bus, or a reminder that is so late, is somebody's to look at."""
ANSWER_SECONDS = 4.5
"""How long a service's database may take for all that is asked of it."""
_SERVER = Sql(select(func.current_setting("server_version").label("version")))
MOST = 10_000
"""Rows are counted up to here."""
Finding = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a service's tables say. ``known``: the id of each topic's log that it has spoken to, by who in it did;
    ``server``: the version of the PostgreSQL that answers.
    """

    findings: tuple[Finding, ...]
    answers: bool = True
    server: str = ""
    known: dict[tuple[str, str], str] = field(default_factory=dict)


async def asked(database: Database, name: str, *, postgres: bool) -> Asked:
    """Give what was found of a service."""
    server = ""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            if postgres:
                async with database.read() as connection:
                    server = (await connection.one(_SERVER) or {})["version"]
            if not await at_head(database):
                says = "its tables are not what this version expects: `alongside migrate`"
                return Asked(((name, "fail", says),), server=server)
            async with database.read() as connection:
                return replace(await _looked(connection, name), server=server)
    except NotDurableError as error:
        return Asked(((name, "fail", str(error)),), answers=False)
    except (UnavailableError, TimeoutError, OSError):
        return Asked(((name, "fail", "its database does not answer, or does not know this role"),), answers=False)


async def _looked(connection: Connection, name: str) -> Asked:
    tables: KernelTables = import_module(f"services.{name}.tables").KERNEL
    now = real_now()
    found = await connection.one(_waiting(tables), now=now) or {}
    leases = await connection.all(Sql(select(tables.lease, DatabaseNow().label("now")).order_by(tables.lease.c.name)))
    known = await connection.all(Sql(select(tables.bus)))
    held = {each["name"] for each in leases if each["until"] > each["now"]}
    parts = (row["id"].partition("=") for row in known)
    return Asked(
        (*_said(name, found, now), *_led(name, leases, set(_late(found, now)) - held)),
        known={(_part(name, who), topic_of(name if who == "relay" else who)): id_ for who, _, id_ in parts},
    )


def _part(name: str, who: str) -> str:
    return f"{name}'s {'relay' if who == 'relay' else 'consumer'}"


def _waiting(tables: KernelTables) -> Sql:
    journal, unsent, parked, due = tables.journal.c, tables.unsent.c, tables.parked.c, tables.due.c
    now_due = due.turn < bindparam("now", type_=due.turn.type)
    first = select(func.min(unsent.pos)).scalar_subquery()
    return Sql(
        select(
            _up_to(unsent.pos).label("unsent"),
            select(journal.at).where(journal.pos == first).scalar_subquery().label("oldest_unsent"),
            _up_to(parked.seq).label("parked"),
            select(func.min(parked.at)).scalar_subquery().label("oldest_parked"),
            _up_to(due.turn, now_due).label("due"),
            select(func.min(due.turn)).where(now_due).scalar_subquery().label("oldest_due"),
        )
    )


def _up_to(column: Column[Any], *where: Any) -> Any:
    some = select(column).where(*where).limit(MOST).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def _late(found: Row, now: datetime) -> Iterator[str]:
    """Name the loops that have let something wait too long."""
    for loop, what in (("relay", "unsent"), ("due", "due")):
        if age(found[f"oldest_{what}"], now) > LATE_SECONDS:
            yield loop


def _said(name: str, found: Row, now: datetime) -> Iterator[Finding]:
    words = []
    for what, told in (
        ("unsent", "facts not on the bus yet"),
        ("parked", "events in parked lanes"),
        ("due", "reminders to be given"),
    ):
        since = age(found[f"oldest_{what}"], now)
        waits = f", the oldest for {_long(since)}" if found[what] else ""
        mended = " (`alongside replay` once the cause is mended)" if what == "parked" and found[what] else ""
        words.append(f"{_count(found[what])} {told}{waits}{mended}")
    yield (name, "warn" if found["parked"] or any(_late(found, now)) else "pass", "; ".join(words))


def _led(name: str, leases: Iterable[Row], unled: set[str]) -> Iterator[Finding]:
    """Say who leads each loop, as eight letters of a process's own random id, and since when it has said so."""
    words = [_lease(each["name"], each["holder"].hex[:8], each["epoch"], each["until"], each["now"]) for each in leases]
    words += [f"nobody leads {loop}, and its work waits: is a process of {name} up?" for loop in sorted(unled)]
    yield (f"{name} leases", "warn" if unled else "pass", "; ".join(words) or "none yet")


def _lease(loop: str, holder: str, epoch: int, until: datetime, now: datetime) -> str:
    if until > now:
        return f"{loop}: {holder} leads (epoch {epoch}, said so {_long((now - until + LENGTH).total_seconds())} ago)"
    gone = "let go" if until <= EPOCH else f"nobody for {_long((now - until).total_seconds())}"
    return f"{loop}: {gone} (epoch {epoch}, last {holder})"


def age(since: datetime | None, now: datetime) -> float:
    """Give for how many seconds something has waited; nought when nothing does."""
    return 0.0 if since is None else max((now - since).total_seconds(), 0.0)


def _long(seconds: float) -> str:
    return f"{max(seconds, 0.0):,.0f} s"


def _count(number: int) -> str:
    return f"{number:,} or more" if number >= MOST else str(number)
