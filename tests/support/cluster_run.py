"""One place, worked on and harmed, then judged: a batch of rounds. `python -m tests.faults` runs many of them."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.support.cluster import a_cluster
from tests.support.cluster_check import NOTHING, Verdict, judged
from tests.support.cluster_load import a_load, noting_servers
from tests.support.cluster_nemesis import Nemesis, can_be_together
from tests.support.cluster_restore import keep, restore
from tests.support.wait import slowly, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.support.cluster import Cluster
    from tests.support.cluster_load import Load

AT_ONCE = (1, 2, 2, 3, 3)
"""How many harms come together: a night seldom brings one alone."""
REST_SECONDS = 0.4
"""Between one writer's requests, on average: three writers and two people who change their minds."""
BETWEEN_SECONDS = (0.2, 2.0)
AGO_SECONDS, RESTORE = 600.0, "restore "
AT_LEAST = 10
"""Operations that were answered before the first harm."""


@dataclass
class Batch:
    """What came of a batch: its rounds, how operations ended, what was found."""

    seed: int
    rounds: Counter[str] = field(default_factory=Counter)
    operations: Counter[str] = field(default_factory=Counter)
    verdict: Verdict = field(default_factory=Verdict)


def a_batch(
    plan: Sequence[str], *, seed: int, ago: float = AGO_SECONDS, told: Callable[[str], None] = lambda _: None
) -> Batch:
    """Run one: a fresh place, the rounds of ``plan`` in turn, the end judged. ``seed`` chooses all but timing.

    One round may be "restore <service>": it comes last, with a back-up of the beginning, ``ago`` seconds old or older.
    """
    dice = random.Random(seed)  # noqa: S311 - a seed tells what was done
    with noting_servers() as local, a_cluster(local) as cluster:

        async def run() -> Batch:
            async with a_load(cluster, local, dice) as load:
                return await _harmed(cluster, load, plan, Batch(seed), told, ago)

        return asyncio.run(run())


def occasions(plan: Sequence[str], dice: random.Random) -> Iterator[list[str]]:
    """Put the rounds of ``plan`` together, one to three that can come at once; each is in one of them."""
    left = list(plan)
    while left:
        names = [left.pop(0)]
        many = dice.choice(AT_ONCE)
        for name in list(left):
            if len(names) < many and all(can_be_together(name, other) for other in names):
                names.append(name)
                left.remove(name)
        yield names


async def _harmed(
    cluster: Cluster, load: Load, plan: Sequence[str], batch: Batch, told: Callable[[str], None], ago: float
) -> Batch:
    nemesis, restored = Nemesis(cluster, load.dice), NOTHING
    (back,) = [name for name in plan if name.startswith(RESTORE)] or [""]
    working = asyncio.create_task(load.run(REST_SECONDS))
    try:
        await until(lambda: working.done() or len(load.done) > AT_LEAST, timeout=60, what="the load is at work")
        back_up = await asyncio.to_thread(keep, cluster, back.removeprefix(RESTORE)) if back else None
        for names in occasions([name for name in plan if name != back], load.dice):
            if working.done():
                break
            told(f"{', '.join(names)} ({len(load.done)} operations so far)")
            async with asyncio.TaskGroup() as group:
                for harm in nemesis.together(names):
                    group.create_task(harm)
            await nemesis.until_ready()
            batch.rounds.update(names)
            await slowly(load.dice.uniform(*BETWEEN_SECONDS))
        if back_up and not working.done():
            told(f"{back} ({len(load.done)} operations so far)")
            restored = await restore(cluster, back_up, ago)
            batch.rounds[back] += 1
            await slowly(BETWEEN_SECONDS[1])
    finally:
        load.over = True
    await working
    batch.verdict = await judged(cluster, load, restored)
    batch.operations = load.counts()
    return batch
