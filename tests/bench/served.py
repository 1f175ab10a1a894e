"""Workloads against a real `alongside run`, with the load source on the same two cores."""

import asyncio
import os
import statistics
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import httpx2

from services.demo.servers import local_servers
from services.demo.setting import TEAM, subscribe
from shared.clock import monotonic
from tests.bench.load import Result, drive, request
from tests.bench.people import People, bring_about, in_turn
from tests.bench.table import Row
from tests.support.instance import Instance
from tests.support.wait import slowly, until

TICKS = os.sysconf("SC_CLK_TCK")
STORY = {"passages": [{"heading": "what-i-need-now", "words": "Somewhere to rest for a few nights."}]}
CONTACT = {"outcome": "made", "how": "phone", "note": "I rang. They know that I am saying so.", "shown_to_person": True}


async def everything(folder: Path, rows: list[Row], *, quick: bool) -> None:
    """Run every served workload and add its row."""
    many, reads = (400, 4_000) if quick else (2_000, 20_000)
    with local_servers() as local:
        instance = Instance(folder, local)
        token = await asyncio.to_thread(instance.start)
        async with httpx2.AsyncClient(base_url=instance.base, timeout=60) as http:
            people = await bring_about(http, token, local, 200, 20)
            for noun, body in (("stories", STORY), ("contacts", CONTACT)):
                await create(instance, people, "warm-up", noun, body, 100)
            rows.append(await create(instance, people, "create-story", "stories", STORY, many))
            rows.append(await create(instance, people, "create-contact", "contacts", CONTACT, many))
            rows.append(await read_plan(instance, people, 8, reads))
            rows.append(await read_plan(instance, people, 32, reads))
            rows.append(await to_webhook(instance, people, 100 if quick else 400))
        assert await asyncio.to_thread(instance.stop) == 0
        rows.append(await start(instance))


async def start(instance: Instance) -> Row:
    """Start an existing instance three times; the middle time, and what it holds in memory once it serves."""
    took, memory = [], 0.0
    for _ in range(3):
        began = monotonic()
        await asyncio.to_thread(instance.start)
        took.append(monotonic() - began)
        memory = rss(instance)
        await asyncio.to_thread(instance.stop)
    middle = statistics.median(took)
    return Row(
        "start", 1, 1 / middle, middle * 1000, max(took) * 1000, None, memory, "existing instance, until it serves"
    )


def rss(instance: Instance) -> float:
    """Resident memory of the process, in MB."""
    assert instance.process is not None
    status = Path(f"/proc/{instance.process.pid}/status").read_text()
    line = next(each for each in status.splitlines() if each.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def cpu(instance: Instance) -> float:
    """CPU seconds that the process has used."""
    assert instance.process is not None
    fields = Path(f"/proc/{instance.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def row(name: str, concurrency: int, result: Result, used: float, instance: Instance, note: str) -> Row:
    done = len(result.took)
    note += f"; {result.failed} not 2xx" if result.failed else ""
    p50, p99 = result.percentile(0.5), result.percentile(0.99)
    return Row(name, concurrency, result.per_second(), p50, p99, 1000 * used / max(done, 1), rss(instance), note)


async def create(instance: Instance, people: People, name: str, noun: str, body: Any, many: int) -> Row:
    """Create with consent, ledger and journal; then say how long the consumers took to hear the last of it."""
    token, turn = people.worker.token, in_turn(people.everybody)
    wanted: Iterator[Callable[[], bytes]] = (
        partial(request, "POST", f"/v1/people/{person}/{noun}", token, body) for person in islice(turn, many)
    )
    before = cpu(instance)
    result = await drive(instance.port, wanted, 8)
    caught_up = await quiet(instance)
    return row(name, 8, result, cpu(instance) - before, instance, f"consumers within {caught_up:.2f} s of the last")


async def quiet(instance: Instance) -> float:
    """Wait until nothing is unsent or unheard; gives the seconds that it took."""
    began = monotonic()
    await until(lambda: instance.behind() == 0, timeout=120)
    return monotonic() - began


async def read_plan(instance: Instance, people: People, concurrency: int, many: int) -> Row:
    """Read plans in force, each with its decision and its durable ledger row."""
    token, turn = people.worker.token, in_turn(people.planned)
    wanted = (partial(request, "GET", f"/v1/people/{person}/plan", token) for person in islice(turn, many))
    before = cpu(instance)
    result = await drive(instance.port, wanted, concurrency)
    return row("read-plan", concurrency, result, cpu(instance) - before, instance, "decision and durable ledger row")


async def to_webhook(instance: Instance, people: People, many: int) -> Row:
    """Create a contact twenty times a second; from the answer's commit to the partner's receipt of the webhook."""
    token, receiver = people.worker.token, people.world.receivers[TEAM]
    await subscribe(people.world, TEAM)
    await quiet(instance)
    receiver.heard.clear()
    sent: dict[str, float] = {}
    result = Result()
    for person in islice(in_turn(people.everybody), many):
        began = monotonic()
        one = await drive(instance.port, [partial(request, "POST", f"/v1/people/{person}/contacts", token, CONTACT)], 1)
        sent.setdefault(person, began + one.took[0])
        await slowly(max(0.0, 0.05 - (monotonic() - began)))
    kind = "pathway.contact-made"
    await until(lambda: sum(each["type"] == kind for each in receiver.heard) >= len(sent), timeout=60)
    for each in receiver.heard:
        if each["type"] == kind and each["subject"] in sent:
            result.took.append(max(0.0, each["at_receiver"] - sent.pop(each["subject"])))
    result.seconds = many / 20
    return row("commit-to-webhook", 1, result, 0.0, instance, "paced 20/s; from the answer to the receiver")
