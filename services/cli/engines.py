"""What `doctor` finds of what a place stands on: its database, its bus, every service's tables, its duty line."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING

from sqlalchemy import select

from services import SERVICES
from services.cli.duty import MODULES as DUTY
from services.cli.duty import duty_line
from services.cli.rows import asked
from services.migrate import FILE
from services.stores import NoBusError, on_postgres, opened
from shared.bus import topic_of
from shared.bus_log import IDENTITY
from shared.db import Sql
from shared.db_sqlite import SqliteFile
from shared.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from services.cli.rows import Asked, Finding
    from services.stores import Stores
    from shared.settings import Settings

AT_ONCE = 3
"""How many services are asked at the same time."""
KAFKA_MS = 2_000
"""How long a broker may take to be reached, and as long again to answer."""
_LOG = Sql(select(IDENTITY.c.id))
TOPICS = tuple(topic_of(name) for name in SERVICES)


def looked(settings: Settings) -> list[Finding]:
    """Give what was found, as (what, standing, says): what does not answer fails alone, within 5 seconds."""
    for module in (*(f"services.{name}.tables" for name in SERVICES), *DUTY):
        import_module(module)  # before anything is waited for: whoever loads modules hears no answer
    if settings.kafka.servers:
        import_module("shared.bus_kafka_kept")  # an embedded place never loads it
    return asyncio.run(_looked(settings))


async def _looked(settings: Settings) -> list[Finding]:
    postgres = on_postgres(settings)
    stores: Stores = opened(settings) if postgres else SqliteFile(settings.data / FILE, read_only=True)
    at_once = asyncio.Semaphore(AT_ONCE)

    async def one(name: str) -> Asked:
        async with at_once:
            return await asked(stores.for_service(name), name, postgres=postgres)

    try:
        bus, services = await asyncio.gather(_bus(settings, stores), asyncio.gather(*map(one, SERVICES)))
        by_name = dict(zip(SERVICES, services, strict=True))
        line = await _line(stores, by_name)
    finally:
        stores.close()
    found = bus if isinstance(bus, list) else list(_compared(bus, by_name.values(), settings))
    server = _server(by_name.values()) if postgres else []
    return [*server, *found, *(each for service in by_name.values() for each in service.findings), *line]


async def _line(stores: Stores, services: Mapping[str, Asked]) -> list[Finding]:
    if not (services["community"].answers and services["notify"].answers):
        return [("duty line", "fail", "it can't be looked at: community or notify does not answer")]
    return await duty_line(stores.for_service("community"), stores.for_service("notify"))


def _server(services: Iterable[Asked]) -> list[Finding]:
    """Say which PostgreSQL answers. That what is committed lasts is looked at with each connection that is made."""
    versions = sorted({each.server for each in services if each.server})
    if not versions:
        return [("PostgreSQL", "fail", "no service's database answers as it must: each says why")]
    durable = "fsync, full_page_writes and synchronous_commit are on"
    return [("PostgreSQL", "pass", f"{', '.join(versions)} answers; {durable}")]


async def _bus(settings: Settings, stores: Stores) -> dict[str, str] | list[Finding]:
    """Give the id of each topic's log that is there, or what is wrong with the bus as a whole."""
    if settings.kafka.servers:
        there = import_module("shared.bus_kafka_kept").there
        try:
            found: dict[str, str] = await there(settings.kafka, TOPICS, KAFKA_MS)
        except UnavailableError:
            return [("Kafka", "fail", "it does not answer: arrivals and returns go on, what follows from them waits")]
        return found
    if on_postgres(settings):
        return [("bus", "fail", NoBusError.says)]
    async with stores.for_service("bus").read() as connection:
        row = await connection.one(_LOG)
    return dict.fromkeys(TOPICS, str(row["id"])) if row else {}


def _compared(there: Mapping[str, str], services: Iterable[Asked], settings: Settings) -> Iterator[Finding]:
    """Say whether the logs are those that relays and consumers know: another one has lost what it was told."""
    what = "Kafka" if settings.kafka.servers else "bus"
    known = {who: id_ for service in services for who, id_ in service.known.items()}
    missing = [topic for topic in TOPICS if topic not in there]
    lost = sorted({topic for _, topic in known} & set(missing))
    strange = sorted(f"{who} of {topic}" for (who, topic), id_ in known.items() if there.get(topic, id_) != id_)
    if lost:
        yield (what, "fail", f"it answers, but not there, or not to be seen: {', '.join(lost)}")
    elif missing and there:
        yield (what, "warn", f"it answers; not there yet, or not to be seen: {', '.join(missing)}")
    else:
        yield (what, "pass", f"it answers; {len(there)} topics are there" if there else "nothing was sent yet")
    if strange:
        says = f"not the log that it was for {', '.join(strange)}: if it is the right one, `alongside replay journals`"
        yield (f"{what}'s identity", "fail", says)
    elif known and not lost:
        yield (f"{what}'s identity", "pass", "every relay and consumer knows it")
