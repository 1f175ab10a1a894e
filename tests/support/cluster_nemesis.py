"""What harms a place: kills, lost cables, processes that hang past their leases, full disks, a broker without its data.

Each kind is a round: it harms, waits a little, and puts things right again as far as an administrator would.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx2

from tests.support.wait import slowly, until

if TYPE_CHECKING:
    import random

    from tests.support.cluster import Cluster

CONSENT = ("consent-1", "consent-2")
KILLED = ("broker", "postgres", "consent", "care", "notify", "front")
HELD_SECONDS = (11.0, 14.0)
"""Longer than a lease (10 s) and a consumer's session (6 s here)."""
CUT_SECONDS = (1.0, 8.0)
SLOW, SLOW_SECONDS = 0.25, (0.05, 0.5)
"""How many of the lost cables are only slow ones, and how much later everything comes on those."""
DOWN_SECONDS = (0.0, 1.5)
FULL_SECONDS = (2.0, 5.0)
REPLAY_SECONDS = 60.0
ALONE = ("wipe",)
"""What a steward puts right by asking a place that stands."""


def can_be_together(one: str, other: str) -> bool:
    """Say whether two rounds may come at once: not twice the same, nor what needs the place, or PostgreSQL, whole."""
    both = {one, other}
    return one != other and not both.intersection(ALONE) and both != {"disk", "kill postgres"}


@dataclass
class Nemesis:
    """Harms one place, as the dice say."""

    cluster: Cluster
    dice: random.Random

    def together(self, names: Sequence[str]) -> list[Coroutine[Any, Any, None]]:
        """Give the rounds of these names. What is killed is not held at the same time."""
        others: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
            "partition": self.partition, "disk": self.fill, "wipe": self.wipe,
        }  # fmt: skip
        killed = [self._whom(name.removeprefix("kill ")) for name in names if name.startswith("kill ")]
        rounds = [self.kill(name) for name in killed]
        rounds += [self.hold(killed) for name in names if name == "hold"]
        return [*rounds, *(others[name]() for name in names if name in others)]

    def _whom(self, what: str) -> str:
        return self.dice.choice(CONSENT) if what == "consent" else what

    async def kill(self, name: str) -> None:
        """End it with -9, whatever it does, and start it again."""
        one = self._one(name)
        await asyncio.to_thread(one.kill)
        await slowly(self.dice.uniform(*DOWN_SECONDS))
        await asyncio.to_thread(one.start)

    async def partition(self) -> None:
        """Cut one link, both ways, or make it slow; sometimes every connection on it is broken when it heals."""
        link = self.cluster.links[self.dice.choice(sorted(self.cluster.links))]
        if self.dice.random() < SLOW:
            link.delay = self.dice.uniform(*SLOW_SECONDS)
        else:
            link.cut()
        try:
            await slowly(self.dice.uniform(*CUT_SECONDS))
        finally:
            link.delay = 0.0
            link.heal()
            if self.dice.random() < 0.5:
                link.reset()

    async def hold(self, but: Sequence[str] = ()) -> None:
        """Stop a process with relays and consumers past its leases, then let it go on where it was."""
        there = [name for name in (*CONSENT, "care", "notify") if name not in but]
        process = self.cluster.processes[self.dice.choice(there)]
        process.hold()
        try:
            await slowly(self.dice.uniform(*HELD_SECONDS))
        finally:
            process.go_on()

    async def fill(self) -> None:
        """Fill the disk under the databases; make room again, and start the server if it ended over it."""
        await asyncio.to_thread(self.cluster.postgres.fill)
        try:
            await slowly(self.dice.uniform(*FULL_SECONDS))
        finally:
            await asyncio.to_thread(self.cluster.postgres.make_room)

    async def wipe(self) -> None:
        """Take all that the broker kept; a steward then has everything sent again, and lets consumers go on."""
        broker = self.cluster.broker
        await asyncio.to_thread(broker.kill)
        await asyncio.to_thread(broker.wipe)
        await asyncio.to_thread(broker.start)
        await replay(self.cluster)

    def _one(self, name: str) -> Killed:
        if name == "broker":
            return self.cluster.broker
        return self.cluster.postgres if name == "postgres" else self.cluster.processes[name]

    async def until_ready(self) -> None:
        """Wait until every process is ready again: the next harm comes to a place that stands."""

        for process in self.cluster.processes.values():
            await asyncio.to_thread(process.until_ready)


if TYPE_CHECKING:
    from typing import Protocol

    class Killed(Protocol):
        """What can be killed and started."""

        def kill(self) -> None: ...

        def start(self) -> None: ...


async def replay(cluster: Cluster, whats: Sequence[str] = ("journals", "lanes")) -> None:
    """Do what the runbook says after a broker lost its data: journals again, then lanes; again until both are done."""
    headers = {"Authorization": f"Bearer {cluster.token}"}
    async with httpx2.AsyncClient(base_url=cluster.base, headers=headers, timeout=REPLAY_SECONDS) as http:
        for what in whats:

            async def done(what: str = what) -> Any:
                try:
                    return (await http.post("/v1/operations/replay", json={"what": what})).is_success
                except httpx2.TransportError:
                    return False

            await until(done, timeout=REPLAY_SECONDS, what=f"{what} are replayed")
