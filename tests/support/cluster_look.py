"""Looks at a place of real processes from outside: what its databases hold, read with no code of the services."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import asyncpg

from services import SERVICES
from tests.support.instance import HEARERS
from tests.support.wait import slowly

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from tests.support.cluster import Cluster

Lane = tuple[str, str, "UUID"]
"""Who hears, of whom, about whom."""


async def rows(cluster: Cluster, service: str, sql: str, *given: Any) -> list[Any]:
    """Run one question against a service's database, as its administrator and past every link."""
    connection = await asyncpg.connect(cluster.postgres.url(f"alongside_{service}"), timeout=10)
    try:
        found: list[Any] = await connection.fetch(sql, *given)
        return found
    finally:
        await connection.close()


_WAITS = """
SELECT concat_ws(' ', d.state, 'after', d.tries, 'tries', d.problem, d.sending,
       CASE d.state WHEN 'ready' THEN round((d.next_at / 1e6 - extract(epoch FROM now())) / 10) END), count(*)
FROM notify_delivery d JOIN notify_subscription s ON s.id = d.subscription
WHERE d.state IN ('ready', 'waiting') AND s.state = 'active' GROUP BY 1 ORDER BY 2 DESC LIMIT 8
"""
"""The last number: how many tens of seconds from now it is tried again."""


@dataclass
class Behind:
    """What is still on its way: facts not sent, facts not heard by one that listens, deliveries and lanes that wait."""

    unsent: int = 0
    unheard: dict[Lane, tuple[int, int]] = field(default_factory=dict)
    parked: list[tuple[str, str, int, str]] = field(default_factory=list)
    deliveries: dict[str, int] = field(default_factory=dict)
    """How many wait, by how they stand."""

    @property
    def anything(self) -> bool:
        return bool(self.unsent or self.unheard or self.parked or self.deliveries)

    def __str__(self) -> str:
        some = [f"{h} of {s}: {a}/{b}" for (h, s, _), (a, b) in list(self.unheard.items())[:5]]
        heard = f"{len(self.unheard)} streams unheard {some}"
        return f"{self.unsent} unsent, {heard}, deliveries {self.deliveries}, parked {self.parked[:5]}"


async def behind(cluster: Cluster, *, deliveries: bool = True) -> Behind:
    """Say what has not arrived yet; without ``deliveries`` where nobody is left who takes them. Raises what a database
    raises that is away.
    """
    found = Behind()
    cursors = {hearer: await _cursors(cluster, hearer) for hearer in HEARERS}
    for service in SERVICES:
        found.unsent += (await rows(cluster, service, f"SELECT count(*) FROM {service}_unsent"))[0][0]  # noqa: S608
        parked = f"SELECT source, seq, reason FROM {service}_parked"  # noqa: S608 - our own names
        found.parked += [(service, *row) for row in await rows(cluster, service, parked)]
        heads = await rows(cluster, service, f"SELECT subject, seq FROM {service}_head WHERE seq > 0")  # noqa: S608
        for hearer, sources in HEARERS.items():
            if service in sources:
                for subject, seq in heads:
                    heard = cursors[hearer].get((service, subject), 0)
                    if heard != seq:
                        found.unheard[hearer, service, subject] = (heard, seq)
    if deliveries:
        found.deliveries = dict(await rows(cluster, "notify", _WAITS))
    return found


async def _cursors(cluster: Cluster, hearer: str) -> dict[tuple[str, UUID], int]:
    sql = f"SELECT source, subject, seq FROM {hearer}_cursor"  # noqa: S608 - our own names
    return {(source, subject): seq for source, subject, seq in await rows(cluster, hearer, sql)}


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of a journal, as plain JSON says it."""

    id: str
    type: str
    source: str
    subject: str
    seq: int
    prev: str
    raw: bytes
    data: dict[str, Any]


async def journals(cluster: Cluster) -> dict[str, list[Fact]]:
    """Give every service's journal, each stream in its order."""
    found = {}
    for service in SERVICES:
        sql = f"SELECT raw FROM {service}_journal ORDER BY subject, seq"  # noqa: S608 - our own names
        found[service] = [_fact(row["raw"]) for row in await rows(cluster, service, sql)]
    return found


def _fact(raw: bytes) -> Fact:
    told = json.loads(raw)
    return Fact(
        told["id"], told["type"], told["source"], told["subject"], told["seq"], told["prev"], raw, told["data"]
    )  # fmt: skip


def by_subject(facts: list[Fact]) -> Iterator[tuple[str, list[Fact]]]:
    """Give each stream."""
    streams: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        streams[fact.subject].append(fact)
    yield from streams.items()


async def until_converged(cluster: Cluster, seconds: float, *, deliveries: bool = True) -> tuple[float, Behind]:
    """Wait until nothing is on its way; gives how long it took and what is left when it takes too long."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while True:
        try:
            left = await behind(cluster, deliveries=deliveries)
        except (OSError, asyncpg.PostgresError, TimeoutError):
            left = Behind(unsent=-1)
        if not left.anything or loop.time() - began > seconds:
            return loop.time() - began, left
        await slowly(0.25)
