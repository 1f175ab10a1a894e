"""`python -m tests.bench.apart`: workloads on a whole place of real processes, Kafka and PostgreSQL.

Each request goes to the port of the process that owns its path: what a reverse proxy would cost is not in the figures.
The databases lie on the real disk, with fsync.
"""

import argparse
import asyncio
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx2

from services import SERVICES
from services.cli.demo_data import keep_apart
from services.cli.options import file_in, settings_for
from services.demo.servers import Servers, local_servers
from services.demo.setting import TEAM, subscribe
from shared.clock import monotonic
from tests.bench.load import Result, drive, exchange, paced, request
from tests.bench.people import People, bring_about, in_turn
from tests.bench.served import CONTACT, STORY
from tests.bench.table import APART, Row, shown
from tests.support.cluster import Cluster, Process, a_cluster, needed
from tests.support.cluster_look import until_converged
from tests.support.wait import slowly, until

TICKS = os.sysconf("SC_CLK_TCK")
CALLERS, MOST = 8, 64
SUSTAINED_SECONDS, FLOOD_RATE, FLOOD_SECONDS = 30.0, 400, 60.0
CATCH_UP_SECONDS = 300.0
CREATED, FLOODED = ">= 200/s, heard <= 2 s", "400/s for 60 s, drained <= 60 s"
Wanted = Iterator[Callable[[], bytes]]


@dataclass
class Bench:
    """A place that is measured, its people, and the rows so far. ``part`` is what a quick run does of everything."""

    cluster: Cluster
    people: People
    rows: list[Row]
    part: float

    @property
    def processes(self) -> dict[str, Process]:
        return {name: each for name, each in self.cluster.processes.items() if each.process is not None}

    def used(self) -> dict[str, float]:
        """CPU seconds until now, by process; replicas of one service together, and ours, which makes the load."""
        each: dict[str, float] = {}
        for name, process in [*self.processes.items(), *vars(self.cluster).items()]:
            popen = getattr(process, "process", None)
            if name in {*self.processes, "broker", "postgres"} and popen is not None:
                kind = name.partition("-")[0]
                each[kind] = each.get(kind, 0.0) + sum(_cpu(pid) for pid in _tree(popen.pid))
        times = os.times()
        return each | {"load": times.user + times.system}

    def memory(self) -> dict[str, float]:
        """Resident memory by process of services, in MB."""
        return {
            name: max(_resident(pid) for pid in _tree(each.process.pid))
            for name, each in self.processes.items()
            if each.process is not None
        }

    def add(self, name: str, concurrency: int, result: Result, since: dict[str, float], note: str, goal: str) -> None:
        """Add a row; what each process used for one request is told beside it."""
        done = max(len(result.took), 1)
        each = {kind: 1000 * (now - since.get(kind, 0.0)) / done for kind, now in self.used().items()}
        note += f"; {result.failed} not 2xx" if result.failed else ""
        note += "; CPU ms: " + ", ".join(f"{kind} {ms:.2f}" for kind, ms in each.items() if ms >= 0.005)
        used = sum(ms for kind, ms in each.items() if kind != "load")
        p50, p99 = result.percentile(0.5), result.percentile(0.99)
        rss = max(self.memory().values())
        self.rows.append(Row(name, concurrency, result.per_second(), p50, p99, used, rss, note, APART, goal))

    async def quiet(self) -> float:
        """Wait until every consumer has heard everything; gives the seconds that it took."""
        took, left = await until_converged(self.cluster, CATCH_UP_SECONDS, deliveries=False)
        assert not left.anything, left
        return took

    def creating(self, noun: str, body: Any, seconds: float = float("inf")) -> Wanted:
        """Give requests that create, for everybody in turn, until ``seconds`` are over."""
        until = monotonic() + seconds
        for person in in_turn(self.people.everybody):
            if monotonic() > until:
                return
            yield partial(request, "POST", f"/v1/people/{person}/{noun}", self.people.worker.token, body)

    def reading(self, seconds: float) -> Wanted:
        """Give requests that read a plan in force."""
        until = monotonic() + seconds
        for person in in_turn(self.people.planned):
            if monotonic() > until:
                return
            yield partial(request, "GET", f"/v1/people/{person}/plan", self.people.worker.token)


def everything(rows: list[Row], *, quick: bool) -> None:
    """Run every workload and add its row. Skips where there is no broker or no PostgreSQL of our own."""
    needed()
    with local_servers() as local, a_cluster(local, harmed=False) as cluster:
        asyncio.run(_measured(cluster, local, rows, 0.1 if quick else 1.0))


async def _measured(cluster: Cluster, local: Servers, rows: list[Row], part: float) -> None:
    async with httpx2.AsyncClient(base_url=cluster.base, timeout=60) as http:
        people = await bring_about(http, cluster.token, local, 200, 20)
        bench = Bench(cluster, people, rows, part)
        await apart(bench)
        await whole(bench)


async def apart(bench: Bench) -> None:
    """Measure what five processes do."""
    await drive(care(bench), bench.creating("stories", STORY, 3), CALLERS)
    await drive(care(bench), bench.creating("contacts", CONTACT, 3), CALLERS)
    await create(bench, "create-story", "stories", STORY)
    await create(bench, "create-contact", "contacts", CONTACT)
    for callers in (CALLERS, 4 * CALLERS):
        await read_plan(bench, "read-plan", care(bench), callers, "decided over HTTP, ledger row durable", ">= 500/s")
    await to_webhook(bench)
    await flood(bench)
    memory = bench.memory()
    told = ", ".join(f"{name} {mb:.0f}" for name, mb in memory.items())
    rss = max(memory.values())
    bench.rows.append(Row("memory", 1, None, None, None, None, rss, f"MB after all that: {told}", APART, "<= 150 MB"))


def care(bench: Bench) -> int:
    """Give the port of who owns stories, contacts and plans."""
    return bench.cluster.processes["care"].port


async def create(bench: Bench, name: str, noun: str, body: Any) -> None:
    """Create with consent, ledger and journal; then say how long the consumers took to hear the last of it."""
    await bench.quiet()
    before = bench.used()
    result = await drive(care(bench), bench.creating(noun, body, SUSTAINED_SECONDS * bench.part), CALLERS)
    heard = await bench.quiet()
    bench.add(name, CALLERS, result, before, f"consumers within {heard:.1f} s of the last", CREATED)


async def flood(bench: Bench) -> None:
    """Create 400 times a second for a minute; then say how long until all is answered and heard."""
    await bench.quiet()
    before, began, seconds = bench.used(), monotonic(), FLOOD_SECONDS * bench.part
    result = await paced(care(bench), bench.creating("stories", STORY), FLOOD_RATE, seconds, MOST)
    await bench.quiet()
    note = f"{FLOOD_RATE}/s came for {seconds:.0f} s; all answered {max(result.seconds - seconds, 0):.1f} s and heard "
    note += f"{monotonic() - began - seconds:.1f} s after the last came"
    bench.add("create-flood", MOST, result, before, note, FLOODED)


async def read_plan(bench: Bench, name: str, port: int, callers: int, note: str, goal: str) -> None:
    """Read plans in force, each with its decision and its durable ledger row."""
    await drive(port, bench.reading(2), callers)
    before = bench.used()
    result = await drive(port, bench.reading(SUSTAINED_SECONDS * bench.part / 2), callers)
    bench.add(name, callers, result, before, note, goal)


async def to_webhook(bench: Bench) -> None:
    """Create a contact twenty times a second; from the answer's commit to the partner's receipt of the webhook."""
    people, receiver = bench.people, bench.people.world.receivers[TEAM]
    await subscribe(people.world, TEAM)
    await bench.quiet()
    receiver.heard.clear()
    sent: dict[str, float] = {}
    before, wanted = bench.used(), bench.creating("contacts", CONTACT)
    streams = await asyncio.open_connection("127.0.0.1", care(bench))
    for person, _ in zip(people.everybody, range(int(400 * bench.part)), strict=False):
        began = monotonic()
        status, _ = await exchange(*streams, next(wanted)())
        assert status == httpx2.codes.CREATED
        sent[person] = monotonic()
        await slowly(max(0.0, 0.05 - (monotonic() - began)))
    streams[1].close()
    kind, many = "pathway.contact-made", len(sent)
    await until(lambda: sum(each["type"] == kind for each in receiver.heard) >= many, timeout=60)
    heard = [each for each in receiver.heard if each["type"] == kind]
    result = Result(seconds=many / 20)
    result.took = [
        max(0.0, each["at_receiver"] - sent.pop(each["subject"])) for each in heard if each["subject"] in sent
    ]
    bench.add("commit-to-webhook", 1, result, before, "paced 20/s; from the answer to the receiver", "p50 <= 40 ms")


async def whole(bench: Bench) -> None:
    """Read plans where one process runs every service, on the same broker and databases."""
    cluster = bench.cluster
    for each in cluster.processes.values():
        await asyncio.to_thread(each.kill)
    one = a_whole(cluster, cluster.folder / "whole")
    cluster.processes["whole"] = one
    try:
        one.start()
        await asyncio.to_thread(one.until_ready)
        await bench.quiet()
        await read_plan(bench, "read-plan-one-process", one.port, CALLERS, "all services in one", ">= 1,000/s")
        await read_plan(bench, "read-plan-one-process", one.port, 4 * CALLERS, "all services in one", ">= 1,000/s")
    finally:
        await asyncio.to_thread(one.kill)


def a_whole(cluster: Cluster, data: Path) -> Process:
    """Give a process of every service, not started yet."""
    keep_apart(data, file_in(settings_for(data)))
    settings = {name: value for name, value in cluster.settings.items() if name != "ALONGSIDE_SERVICES"}
    url = cluster.postgres.url("alongside_{service}", "alongside_{service}")
    return Process("whole", tuple(SERVICES), data, settings | {"ALONGSIDE_DATABASE_URL": url})


def _tree(pid: int) -> list[int]:
    """Give a process and all that came of it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(each for child in children for each in _tree(int(child)))]


def _cpu(pid: int) -> float:
    """CPU seconds of a process and of those of its children that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(each) for each in fields[11:15]) / TICKS


def _resident(pid: int) -> float:
    """Resident memory of a process in MB."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def main() -> None:
    given = argparse.ArgumentParser(prog="bench.apart")
    given.add_argument("--quick", action="store_true", help="a tenth of the time")
    rows: list[Row] = []
    everything(rows, quick=given.parse_args().quick)
    shown(rows)


if __name__ == "__main__":
    main()
