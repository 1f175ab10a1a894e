"""Journey 1 on real processes over Kafka and PostgreSQL: every check holds, and every journal is whole (ADR 0016)."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.support.cluster import REPOSITORY, Cluster, Receiving, a_cluster, needed
from tests.support.cluster_look import until_converged
from tests.support.ports import a_free_port

pytestmark = pytest.mark.whole_place
LAST = re.compile(r"journey: (\d+) checks held, (\d+) broken")
AT_LEAST = 50
CONVERGED_SECONDS = 60


@dataclass
class Told:
    """The place after the journey, and what the command said."""

    cluster: Cluster
    demo: subprocess.CompletedProcess[str]


def alongside(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "services", *words]
    environment = os.environ | settings
    return subprocess.run(
        command, check=False, cwd=REPOSITORY, capture_output=True, text=True, timeout=400, env=environment
    )


@pytest.fixture(scope="module")
def told() -> Iterator[Told]:
    needed()
    ports = [a_free_port() for _ in range(3)]
    with a_cluster(Receiving(ports[0], f"http://127.0.0.1:{ports[1]}")) as cluster:
        base = ("--base", cluster.base, "--token", cluster.token)
        yield Told(cluster, alongside("demo", *base, "--ports", *map(str, ports)))


def test_journey_1_is_told_on_real_processes_and_every_check_holds(told: Told) -> None:
    last = LAST.fullmatch(told.demo.stdout.rstrip().splitlines()[-1])
    assert last, told.demo.stdout[-3000:] + told.demo.stderr[-3000:]
    assert (int(last[2]), told.demo.returncode) == (0, 0), told.demo.stdout[-3000:]
    assert int(last[1]) >= AT_LEAST


def test_whoever_listens_has_heard_everything_and_no_lane_waits(told: Told) -> None:
    _, left = asyncio.run(until_converged(told.cluster, CONVERGED_SECONDS, deliveries=False))
    assert not left.anything, left


def test_every_journal_is_whole_and_somebody_leads_at_every_position(told: Told) -> None:
    url = told.cluster.settings_here().database_url.get_secret_value()
    done = alongside("verify", "--json", ALONGSIDE_DATABASE_URL=url, ALONGSIDE_DATA=str(told.cluster.folder / "here"))
    found = json.loads(done.stdout)
    assert (found["findings"], done.returncode) == ([], 0)
    assert found["events"] > 50
