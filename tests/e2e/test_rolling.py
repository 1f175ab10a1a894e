"""With two of every process each is restarted in turn, and nobody outside notices (docs/runbook.md, "Upgrade").

The reverse proxy of the tests does here what HAProxy does: it asks each replica whether it is ready and sends nothing
more to one that is not. A process is told to stop (SIGTERM), drains, ends by itself and is started again.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from services import SERVICES
from shared.clock import monotonic
from tests.support.cluster import PROCESSES, Cluster, a_cluster, needed
from tests.support.cluster_asking import Asking, is_ready, until_ready
from tests.support.cluster_check import judged
from tests.support.cluster_load import a_load, noting_servers
from tests.support.cluster_look import rows
from tests.support.wait import slowly

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.cluster_load import Operation

pytestmark = [pytest.mark.whole_place, pytest.mark.timed]
TWO_OF_EACH = PROCESSES | {f"{name}-2": PROCESSES[name] for name in ("front", "care", "notify")}
PACE = dict.fromkeys(
    ("arrive", "return", "story", "contact", "own", "read", "lead", "offers", "organisation", "choices"), 1.0
)
LOOK_SECONDS = 0.2
"""How often the proxy looks whether a replica is ready."""
DRAIN_SECONDS = "1.5"
STOP_SECONDS = 60
ALWAYS_SENDING = ("intake", "pathway")
"""Whose relays lead all the while; others lead only where they have something to send."""
CALM_SECONDS = 3.0


@asynccontextmanager
async def looking(cluster: Cluster) -> AsyncIterator[None]:
    """Have the proxy leave out what is not ready, as HAProxy's checks do."""
    all_of = {service: tuple(ports) for service, ports in cluster.front.replicas.items()}

    async def look() -> None:
        while True:
            ports = sorted({port for each in all_of.values() for port in each})
            said = dict(zip(ports, await asyncio.gather(*map(is_ready, ports)), strict=True))
            for service, each in all_of.items():
                cluster.front.replicas[service] = [port for port in each if said[port]] or list(each)
            await slowly(LOOK_SECONDS)

    task = asyncio.create_task(look())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        cluster.front.replicas.update({service: list(each) for service, each in all_of.items()})


def stop(cluster: Cluster, name: str) -> int:
    """Tell a process to stop; gives its exit code when it has ended by itself."""
    process = cluster.processes[name].process
    assert process is not None
    process.terminate()
    code = process.wait(STOP_SECONDS)
    cluster.processes[name].kill()  # what watched over it
    return code


async def epochs(cluster: Cluster) -> dict[str, int]:
    """Give how often the lead of each service's relay has moved."""
    found = {}
    for service in SERVICES:
        sql = f"SELECT epoch FROM {service}_lease WHERE name = 'relay'"  # noqa: S608 - our own names
        found[service] = sum(row[0] for row in await rows(cluster, service, sql))
    return found


@dataclass
class Rolled:
    """What came of it: when each restart began, exit codes, how often each lead moved, what the checker says."""

    asked: list[Operation]
    began: dict[str, float]
    codes: dict[str, int]
    moved: dict[str, int]
    found: dict[str, list[str]]
    took: float

    def failed(self) -> list[str]:
        """Give each request that failed: what it was, how it was answered and after how long, and how long before that
        which process was told to stop.
        """
        return [
            f"{each.kind} {each.status} {each.told.get('code')} in {each.ended - each.began:.2f} s, {self._at(each)}"
            for each in self.asked
            if each.outcome != "ok"
        ]

    def _at(self, failed: Operation) -> str:
        name, began = next(
            ((name, began) for name, began in reversed(self.began.items()) if began <= failed.began), ("nothing", 0.0)
        )
        return f"{failed.began - began:.2f} s after {name}"


async def restarted(cluster: Cluster, local: Any) -> Rolled:
    """Restart everything in turn under load."""
    async with a_load(cluster, local, random.Random(0)) as load:  # noqa: S311 - nothing secret
        asking = Asking(load)
        await asking.know_people()
        before, codes, began = await epochs(cluster), {}, {}
        async with looking(cluster), asking.at(PACE):
            await slowly(CALM_SECONDS)
            for name, process in cluster.processes.items():
                began[name] = monotonic()
                codes[name] = await asyncio.to_thread(stop, cluster, name)
                process.start()
                await until_ready(process.port)
                await slowly(3 * LOOK_SECONDS)
        took = monotonic() - min(began.values())
        found = (await judged(cluster, load)).found()
        after = await epochs(cluster)
        return Rolled(asking.asked, began, codes, {each: after[each] - before[each] for each in SERVICES}, found, took)


# What is ended leaves connections half-open at the cables of the tests; their loop is gone by then.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_two_of_every_process_are_restarted_in_turn_and_not_one_request_fails(
    capsys: pytest.CaptureFixture[str],
) -> None:
    needed()
    with pytest.MonkeyPatch.context() as settings, noting_servers() as local:
        settings.setenv("ALONGSIDE_DRAIN_SECONDS", DRAIN_SECONDS)
        with a_cluster(local, harmed=False, processes=TWO_OF_EACH) as cluster:
            rolled = asyncio.run(restarted(cluster, local))
    assert not rolled.failed(), "\n".join([f"of {len(rolled.asked)} requests:", *rolled.failed()])
    assert {each.kind for each in rolled.asked} == set(PACE)
    assert set(rolled.codes.values()) == {0}, rolled.codes
    assert not rolled.found, rolled.found
    assert all(rolled.moved[each] for each in ALWAYS_SENDING), rolled.moved
    slowest = max(each.ended - each.began for each in rolled.asked)
    with capsys.disabled():
        print(f"\n{len(rolled.codes)} restarts in {rolled.took:.0f} s, {len(rolled.asked)} requests, ", end="")  # noqa: T201
        print(f"slowest {slowest:.2f} s")  # noqa: T201
