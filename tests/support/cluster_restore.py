"""A database that goes back to what it was ten minutes ago, put right as the runbook says; and what that excuses."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any

from shared.clock import monotonic
from tests.support.cluster import REPOSITORY
from tests.support.cluster_engines import make_database
from tests.support.cluster_look import rows
from tests.support.cluster_nemesis import replay
from tests.support.wait import slowly, until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.cluster import Cluster, Process
    from tests.support.cluster_load import Operation

RESTORED = ("consent", "intake", "community", "pathway", "notify")
RECOVER_SECONDS, SENT_SECONDS = 120, 60
OWNERS = {
    "arrive": "intake", "story": "intake", "contact": "pathway", "let in": "consent", "let see": "consent",
}  # fmt: skip
"""Whose rows an operation's own words lie in."""


@dataclass(frozen=True, slots=True)
class Restored:
    """Which database went back. What it was told after ``kept`` and before ``back`` it was told in vain; nothing else
    was, anywhere. Instants are of the monotonic clock.
    """

    service: str = ""
    kept: float = inf
    back: float = inf

    def forgot(self, each: Operation) -> bool:
        """Say whether an operation's own words may be gone, since its answer came after the back-up was begun."""
        return OWNERS.get(each.kind) == self.service and each.ended >= self.kept and each.began <= self.back


@dataclass(frozen=True, slots=True)
class BackUp:
    """A back-up of one database."""

    service: str
    file: Path
    kept: float


def keep(cluster: Cluster, service: str) -> BackUp:
    """Back a service's database up while everything runs."""
    file = cluster.folder / f"{service}.dump"
    kept = monotonic()
    cluster.postgres.asked(
        "pg_dump", "--format=custom", "--compress=0", f"--file={file}", cluster.postgres.url(f"alongside_{service}")
    )
    return BackUp(service, file, kept)


async def restore(cluster: Cluster, back_up: BackUp, ago: float) -> Restored:
    """Put a database back once its back-up is ``ago`` seconds old, and do what the runbook says then."""
    await slowly(max(0.0, back_up.kept + ago - monotonic()))
    await until(lambda: _all_sent(cluster, back_up.service), timeout=SENT_SECONDS, what="the bus has every fact")
    mine = [process for process in cluster.processes.values() if back_up.service in process.services]
    for process in mine:
        await asyncio.to_thread(process.kill)
    await asyncio.to_thread(_put_back, cluster, back_up)
    back = monotonic()
    await asyncio.to_thread(_recover, mine[0], back_up.service)
    for process in mine:
        await asyncio.to_thread(process.start)
    for process in cluster.processes.values():
        await asyncio.to_thread(process.until_ready)
    await replay(cluster, ["lanes"])
    return Restored(back_up.service, back_up.kept, back)


async def _all_sent(cluster: Cluster, service: str) -> Any:
    """Say whether the bus has all that this database says: what nobody else has is gone with it, and where others have
    heard it already their lanes wait for a person (docs/runbook.md, Kafka is lost as well).
    """
    sql = f"SELECT count(*) FROM {service}_unsent"  # noqa: S608 - our own names
    return not (await rows(cluster, service, sql))[0][0]


def _put_back(cluster: Cluster, back_up: BackUp) -> None:
    name = f"alongside_{back_up.service}"
    cluster.postgres.asked("dropdb", "--force", f"--maintenance-db={cluster.postgres.url()}", name)
    make_database(cluster.postgres, back_up.service)
    cluster.postgres.asked("pg_restore", "--exit-on-error", f"--dbname={cluster.postgres.url(name)}", str(back_up.file))


def _recover(process: Process, service: str) -> None:
    """Run what whoever is on call runs, with the settings of the process that serves it."""
    words = [sys.executable, "-m", "services", "recover", service, "--data", str(process.folder)]
    done = subprocess.run(
        words, cwd=REPOSITORY, env=os.environ | process.settings, capture_output=True, check=False,
        timeout=RECOVER_SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
