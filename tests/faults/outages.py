"""Outages as those outside see them: `python -m tests.faults.outages` (MINUTES, default 10; TIMES, default 3).

The broker is away for MINUTES under 30 arrivals a second: everything is answered as ever, and what waited is heard, in
order, within two minutes of its coming back. PostgreSQL is killed, and then held still with its sockets open, TIMES
each: whatever is asked meanwhile is answered 503 within two seconds, and everything within five seconds of its coming
back (issue 4, Must hold). The last line says the figures.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from rich.console import Console

from services import SERVICES
from shared.clock import monotonic
from tests.support.cluster import a_cluster, needed
from tests.support.cluster_asking import Asking, milliseconds, until_ready
from tests.support.cluster_check import judged
from tests.support.cluster_load import a_load, noting_servers
from tests.support.cluster_look import rows
from tests.support.instance import HEARERS
from tests.support.wait import slowly, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from tests.support.cluster import Cluster
    from tests.support.cluster_load import Operation

BROKER_PACE = {"arrive": 30.0, "return": 1.0, "story": 1.0}
DATABASE_PACE = dict.fromkeys(
    ("arrive", "return", "story", "contact", "own", "read", "lead", "offers", "organisation", "choices"), 3.0
)
DRAINED_SECONDS, ANSWERED_SECONDS, BACK_SECONDS = 120.0, 2.0, 5.0
AWAY_SECONDS = 8.0
CALM_SECONDS = 3.0
UNAVAILABLE = 503
OUT = Console(highlight=False, soft_wrap=True)


@asynccontextmanager
async def asking(cluster: Cluster, local: Any) -> AsyncIterator[Asking]:
    """Bring a place about and some people who are known."""
    async with a_load(cluster, local, random.Random(0)) as load:  # noqa: S311 - what is asked next, nothing secret
        made = Asking(load)
        await made.know_people()
        yield made


def broker_away(minutes: float) -> dict[str, Any]:
    """Have the broker away for so long; give the figures, and whether they hold."""
    with noting_servers() as local, a_cluster(local) as cluster:

        async def run() -> dict[str, Any]:
            async with asking(cluster, local) as load:
                return await _without_broker(cluster, load, minutes)

        return asyncio.run(run())


async def _without_broker(cluster: Cluster, load: Asking, minutes: float) -> dict[str, Any]:
    async with load.at(BROKER_PACE):
        await slowly(CALM_SECONDS)
        await asyncio.to_thread(cluster.broker.kill)
        away = monotonic()
        await slowly(60 * minutes)
    waiting = await _behind(cluster)
    await asyncio.to_thread(cluster.broker.start)
    back = monotonic()
    await until(lambda: _drained(cluster), timeout=5 * DRAINED_SECONDS, what="all is heard")
    drained = monotonic() - back
    verdict = await judged(cluster, load.load)
    asked = [each for each in load.asked if each.began >= away]
    told = _answered(asked) | {
        "minutes": minutes, "waited": waiting, "drained_s": round(drained, 1), "found": verdict.found(),
    }  # fmt: skip
    return told | {"holds": not told["not_2xx"] and drained <= DRAINED_SECONDS and not verdict.found()}


def _answered(asked: list[Operation]) -> dict[str, Any]:
    """Say how requests were answered, and how soon."""
    took = [each.ended - each.began for each in asked]
    return {
        "asked": len(asked), "not_2xx": _counted(each for each in asked if each.outcome != "ok"),
        "p50_ms": milliseconds(took, 0.5), "p99_ms": milliseconds(took, 0.99), "max_ms": milliseconds(took, 1.0),
    }  # fmt: skip


async def _behind(cluster: Cluster) -> int:
    """Count what is still to be sent and heard, by sums: a question of milliseconds, whoever many people there are."""
    left, heads = 0, {}
    for service in SERVICES:
        sql = f"SELECT (SELECT count(*) FROM {service}_unsent), coalesce(sum(seq), 0) FROM {service}_head"  # noqa: S608
        unsent, heads[service] = (await rows(cluster, service, sql))[0]
        left += unsent
    for hearer, sources in HEARERS.items():
        sql = f"SELECT source, sum(seq) FROM {hearer}_cursor GROUP BY source"  # noqa: S608 - our own names
        heard = dict(tuple(row) for row in await rows(cluster, hearer, sql))
        left += sum(int(heads[source] - heard.get(source, 0)) for source in sources)
    return left


async def _drained(cluster: Cluster) -> Any:
    await slowly(0.5)
    return not await _behind(cluster)


def database_away(times: int) -> list[dict[str, Any]]:
    """Kill PostgreSQL and hold it, so often each; give each time's figures, and whether they hold."""
    with noting_servers() as local, a_cluster(local) as cluster:

        async def run() -> list[dict[str, Any]]:
            async with asking(cluster, local) as load:
                told = [await _without_database(cluster, load, how) for _ in range(times) for how in ("kill", "hold")]
                found = (await judged(cluster, load.load)).found()
                told[-1] |= {"found": found, "holds": told[-1]["holds"] and not found}
                return told

        return asyncio.run(run())


async def _without_database(cluster: Cluster, load: Asking, how: str) -> dict[str, Any]:
    load.asked.clear()
    async with load.at(DATABASE_PACE):
        await slowly(CALM_SECONDS)
        away = monotonic()
        await asyncio.to_thread(cluster.postgres.kill if how == "kill" else lambda: _tell(cluster, signal.SIGSTOP))
        await slowly(AWAY_SECONDS)
        back = monotonic()
        await asyncio.to_thread(cluster.postgres.start if how == "kill" else lambda: _tell(cluster, signal.SIGCONT))
        if how == "kill":
            back = monotonic()
        else:
            await until(lambda: _takes_statements(cluster), timeout=10, what="PostgreSQL goes on")
        ended = await _all_ready(cluster)
        ready = monotonic() - back
        await slowly(max(0.0, BACK_SECONDS - ready) + CALM_SECONDS)
    told = _judged(how, load.asked, away, back) | {"ready_s": round(ready, 1), "ended": ended}
    return told | {"holds": told["holds"] and ready <= BACK_SECONDS and not ended}


async def _all_ready(cluster: Cluster) -> dict[str, str]:
    """Wait until every process is ready; start again what ended, and give the end of its log: nothing should."""
    ended = {}
    for name, process in cluster.processes.items():
        if process.process is None or process.process.poll() is not None:
            ended[name] = process.said()[-800:]
            process.kill()
            process.start()
    await asyncio.gather(*(until_ready(process.port) for process in cluster.processes.values()))
    return ended


def _judged(how: str, asked: list[Operation], away: float, back: float) -> dict[str, Any]:
    """Say how it was meanwhile and after. What was being answered as it went away may have any end, but in time."""
    meanwhile = [each for each in asked if away <= each.began < back]
    after = [each for each in asked if each.began >= back]
    wrong = _counted(each for each in meanwhile if each.status != UNAVAILABLE and not _good(each, back))
    around = [(each.ended - each.began, each.kind) for each in asked if each.ended >= away and each.began < back]
    slowest, kind = max(around, default=(0.0, ""))
    told_so = max((each.ended - each.began for each in asked if each.status == UNAVAILABLE), default=0.0)
    firsts = [
        min((each.ended - back for each in asked if each.kind == kind and _good(each, back)), default=float("inf"))
        for kind in {each.kind for each in asked}
    ]
    back_s, last_503_s = max(firsts), max((each.began - back for each in after if each.outcome != "ok"), default=0.0)
    holds = not wrong and slowest <= ANSWERED_SECONDS and max(back_s, last_503_s) <= BACK_SECONDS
    return {
        "how": how, "asked": len(meanwhile), "not_503": wrong, "max_ms": round(1000 * slowest), "slowest": kind,
        "max_503_ms": round(1000 * told_so), "back_s": round(back_s, 1), "last_503_s": round(last_503_s, 1),
        "after": _counted(each for each in after if each.outcome != "ok"), "holds": holds,
    }  # fmt: skip


def _good(each: Operation, since: float) -> bool:
    return each.outcome == "ok" and each.ended >= since


def _counted(some: Iterable[Operation]) -> dict[str, int]:
    return dict(Counter(f"{each.kind} {each.status}" for each in some))


async def _takes_statements(cluster: Cluster) -> Any:
    try:
        await rows(cluster, "intake", "SELECT 1")
    except (OSError, asyncpg.PostgresError, TimeoutError):
        return False
    return True


def _tell(cluster: Cluster, number: signal.Signals) -> None:
    """Hold PostgreSQL with every process of it, or let it go on: each of them is in a group of its own."""
    assert cluster.postgres.process is not None
    pid = cluster.postgres.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for each in (pid, *map(int, children)):
        try:
            os.kill(each, number)
        except ProcessLookupError:
            continue


def outages(minutes: float, times: int) -> dict[str, Any]:
    """Do all of it; give the figures of each part, and under ``holds`` whether all hold."""
    database = database_away(times)
    for told in database:
        OUT.print(f"  database: {told}")
    broker = broker_away(minutes)
    OUT.print(f"  broker: {broker}")
    holds = broker["holds"] and all(told["holds"] for told in database)
    return {"broker": broker, "database": database, "holds": holds}


def said(told: dict[str, Any]) -> str:
    """Give the last line."""
    broker, database = told["broker"], told["database"]
    line = f"outages: broker away {broker['minutes']:g} min: {broker['asked']} asked, "
    line += f"{sum(broker['not_2xx'].values())} not 2xx, p50 {broker['p50_ms']} ms, p99 {broker['p99_ms']} ms, "
    line += f"max {broker['max_ms']} ms, drained in {broker['drained_s']} s; PostgreSQL away {len(database)} times: "
    line += f"{sum(each['asked'] for each in database)} asked, "
    line += f"{sum(sum(each['not_503'].values()) for each in database)} not 503, "
    line += f"slowest {max(each['max_ms'] for each in database)} ms, "
    line += f"back in {max(max(each['back_s'], each['last_503_s'], each['ready_s']) for each in database)} s: "
    return line + ("all held" if told["holds"] else "NOT HELD")


def main() -> int:
    try:
        needed()
    except (pytest.skip.Exception, pytest.fail.Exception) as missing:
        OUT.print(str(missing))
        return 2
    told = outages(float(os.environ.get("MINUTES", "10")), int(os.environ.get("TIMES", "3")))
    print(said(told), flush=True)  # noqa: T201 - the contract's last line, never wrapped
    return 0 if told["holds"] else 1


if __name__ == "__main__":
    sys.exit(main())
