"""The process is killed with -9 at random points of journey 1 and started again: nothing lost, nothing done twice.

The same journey told without a kill is what it is held against: the same facts about R, as often, in R's own timeline;
exactly one lead at every position of the journal; every check of the journey; `verify` clean.
"""

import asyncio
import random
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

import httpx2
import pytest
from rich.console import Console

from services import verify
from services.cli.lineage import read_only
from services.cli.options import file_in, settings_for
from services.demo.journey_1.returning import WITHIN
from services.demo.servers import local_servers
from services.demo.tell import a_world, tell
from services.demo.telling import Telling
from shared.event import decode
from tests.support.instance import Instance
from tests.support.wait import until

LONGEST_PAUSE = 1.2
"""Seconds from one start to the next kill, at most: some kills come while it still catches up."""


@dataclass
class Run:
    """What one telling of the journey left behind."""

    told: Telling
    facts: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    kills: int = 0


async def tell_while_killing(folder: Path, dice: random.Random | None, most: int) -> Run:
    """Tell journey 1; when there are `dice`, kill the process at random points, `most` times at most."""
    with local_servers() as local:
        instance = Instance(folder, local)
        token = await asyncio.to_thread(instance.start)
        run = Run(Telling(console=Console(file=StringIO())))
        async with httpx2.AsyncClient(base_url=instance.base, timeout=30) as http:
            telling = asyncio.create_task(tell(run.told, a_world(http, token, local), {}))
            while dice is not None and instance.kills < most and not telling.done():
                await asyncio.wait({telling}, timeout=dice.uniform(0.02, LONGEST_PAUSE))
                if not telling.done():
                    await asyncio.to_thread(instance.kill)
                    await asyncio.to_thread(instance.start)
            await telling
            await until(lambda: instance.behind() == 0, timeout=60)
        assert instance.stop() == 0
    run.kills = instance.kills
    read(folder, run)
    return run


def read(folder: Path, run: Run) -> None:
    """Read what is left, with the instance stopped: facts about anybody by type, and what `verify` finds."""
    with closing(read_only(file_in(settings_for(folder)))) as reader:
        run.findings = [f"{each.where}: {each.what}" for each in verify.verify(reader, told=lambda _: None).findings]
        for service in ("intake", "pathway", "consent", "notify"):
            rows = reader.execute(f"SELECT raw FROM {service}_journal")  # noqa: S608 - our own names
            run.facts.update(decode(raw).type for (raw,) in rows)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return asyncio.run(tell_while_killing(tmp_path_factory.mktemp("undisturbed"), None, 0))


def test_killed_at_random_points_nothing_is_lost_nothing_done_twice_and_somebody_always_leads(
    undisturbed: Run, tmp_path: Path, kills: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not undisturbed.told.broken
    assert not undisturbed.findings
    seed = random.SystemRandom().randrange(2**32)
    dice, done, telling = random.Random(seed), 0, 0  # noqa: S311 - when to kill, nothing secret
    while done < kills:
        telling += 1
        run = asyncio.run(tell_while_killing(tmp_path / str(telling), dice, kills - done))
        broken = [
            each for each in run.told.broken if not each.startswith(WITHIN)
        ]  # no second holds in a killed process
        assert not broken, (seed, broken)
        assert not run.findings, (seed, run.findings)
        assert run.facts == undisturbed.facts, (seed, run.facts - undisturbed.facts, undisturbed.facts - run.facts)
        done += run.kills
    with capsys.disabled():
        said = f"{done} kills over {telling} journeys, seed {seed}: 0 lost, 0 done twice, 0 without a lead"
        Console().print(f"\n{said}")
