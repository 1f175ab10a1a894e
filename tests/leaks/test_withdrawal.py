"""Nothing covered leaves after a withdrawal's answer: over real sockets, with readers hammering and a full queue."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from shared.clock import monotonic
from shared.decisions import WITHDRAWAL_WAIT_SECONDS
from shared.event import Part
from tests.support.notify_servers import Script, receiving, reply
from tests.support.place import person_pass
from tests.support.served import Served, Written, served
from tests.support.wait import until
from tests.support.whole_place import CANARY, WholePlace, whole_place

if TYPE_CHECKING:
    from uuid import UUID

    from shared.passes import Pass

IN_FORCE = b'"in_force":true'
PARTS = (Part.STORY, Part.PLAN, Part.JOURNEY, Part.CIRCLE)
READERS = 24
SUBSCRIPTIONS = 10
STORIES = 100


@pytest.fixture
async def here(tmp_path: Path):
    async with whole_place(tmp_path) as made:
        yield made


class Sent:
    """Notes what leaves by webhooks: the network under the guard of the socket."""

    def __init__(self, inner: Any, written: Written) -> None:
        self.inner = inner
        self.written = written

    async def connect_tcp(self, *args: Any, **more: Any) -> Any:
        stream = await self.inner.connect_tcp(*args, **more)
        write = stream.write

        async def noted(buffer: bytes, *args: Any, **more: Any) -> None:
            self.written.writes.append((monotonic(), bytes(buffer)))
            await write(buffer, *args, **more)

        stream.write = noted
        return stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def network_of(here: WholePlace) -> Any:
    """Give the guard through which every webhook leaves."""
    (loop,) = [each for each in here.place.system.loops.loops if each.name == "notify-delivery"]
    return loop.step.__self__.egress._pool._network_backend  # type: ignore[attr-defined]


async def queued(here: WholePlace, script: Script, by: Pass) -> None:
    """Have a thousand deliveries wait: ten subscriptions, paused while a hundred parts of a story are told."""
    system = here.place.client(by)
    ids = []
    for _ in range(SUBSCRIPTIONS):
        made = await system.post("/v1/subscriptions", json={"url": script.url(), "events": ["intake.story-told"]})
        assert made.status_code == 201, made.text
        ids.append(made.json()["id"])
    await here.place.settle()
    for each in ids:
        assert (await system.post(f"/v1/subscriptions/{each}/pause")).status_code < 300
    for _ in range(STORIES):
        passages = [{"heading": "what-happened", "words": f"More of the {CANARY}."}]
        told = await here.me.post(f"/v1/people/{here.r}/stories", json={"passages": passages})
        assert told.status_code == 201
    await here.place.settle()
    for each in ids:
        assert (await system.post(f"/v1/subscriptions/{each}/resume")).status_code < 300


async def hammer(at: Served, by: Pass, paths: list[str], seen: list[tuple[float, int, bytes]]) -> None:
    reader = await at.reader(by)
    while True:
        for path in paths:
            sent = monotonic()
            status, _, body = await reader.ask("GET", path)
            seen.append((sent, status, body))


def paths_of(here: WholePlace) -> list[str]:
    return [
        f"/v1/people/{here.r}/stories?limit=5",
        f"/v1/people/{here.r}/stories/{here.story}",
        f"/v1/people/{here.r}/stories/{here.story}/versions",
    ]


async def taken_back(at: Served, r: UUID, choice: UUID) -> float:
    """Have R withdraw; give when they had the answer."""
    me = await at.reader(person_pass(r))
    status, _, body = await me.ask("POST", f"/v1/choices/{choice}/withdrawal", b"{}")
    assert status == 200, body
    return monotonic()


async def test_after_a_withdrawals_answer_no_covered_byte_leaves__c2(here: WholePlace) -> None:
    choice = await here.yes(here.group.id, *PARTS)
    by = here.system_of(here.group)
    async with receiving(Script([reply(204)])) as script, served(here.place) as at:
        network = network_of(here)
        network.inner = Sent(network.inner, at.written)
        await queued(here, script, by)
        seen: list[tuple[float, int, bytes]] = []
        readers = [asyncio.create_task(hammer(at, here.group.by, paths_of(here), seen)) for _ in range(READERS)]
        here.place.system.loops.start()
        covered = str(here.r).encode()

        def left() -> int:
            return sum(covered in data and b"intake.story-told" in data for _, data in at.written.writes)

        await until(lambda: left() > 30 and len(seen) > 100)
        answered = await taken_back(at, here.r, choice)
        first_byte = at.written.first(IN_FORCE)
        assert at.written.last(CANARY.encode(), b"intake.story-told") < first_byte
        left_by_then = left()
        await until(lambda: sum(sent > answered for sent, _, _ in seen) > 500)
        await here.place.system.loops.stop()
        for each in readers:
            each.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
        await here.place.settle()
    assert at.written.last(CANARY.encode(), b"intake.story-told") < first_byte
    assert 30 < left_by_then == left() < SUBSCRIPTIONS * STORIES
    assert {status for sent, status, _ in seen if sent > answered} == {404}
    assert any(status == 200 and CANARY.encode() in body for _, status, body in seen)


async def test_what_is_retried_after_a_withdrawal_is_decided_again__c7(here: WholePlace) -> None:
    choice = await here.yes(here.group.id, *PARTS)
    async with receiving(Script([reply(204), reply(503)])) as script:
        system = here.place.client(here.system_of(here.group))
        made = await system.post("/v1/subscriptions", json={"url": script.url(), "events": ["intake.story-told"]})
        assert made.status_code == 201
        await here.place.settle()
        passages = [{"heading": "what-happened", "words": "More."}]
        await here.me.post(f"/v1/people/{here.r}/stories", json={"passages": passages})
        await here.place.settle()
        tried = len(script.about(here.r))
        assert tried >= 1
        await here.withdraw(choice)
        await here.place.pass_time(timedelta(days=2))
        assert len(script.about(here.r)) == tried


async def test_a_reader_who_does_not_read_gets_nothing_of_it_later__c2(here: WholePlace) -> None:
    for _ in range(12):
        words = f"The {CANARY}. " * 800
        passages = [{"heading": "what-happened", "words": words[:19_000]} for _ in range(20)]
        told = await here.me.post(f"/v1/people/{here.r}/stories", json={"passages": passages})
        assert told.status_code == 201, told.text
    choice = await here.yes(here.group.id, Part.STORY)
    async with served(here.place, kernel_buffer=32_768) as at:
        slow = await at.reader(here.group.by)
        slow.writer.transport.pause_reading()  # type: ignore[attr-defined]
        slow.send("GET", f"/v1/people/{here.r}/stories?limit=50")
        await until(lambda: at.written.last(CANARY.encode()) > 0)
        assert at.written.waiting() > 100_000
        await taken_back(at, here.r, choice)
        assert at.written.waiting() == 0
        slow.writer.transport.resume_reading()  # type: ignore[attr-defined]
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await slow.answer()


async def test_a_404_at_the_gate_is_like_any_404__c4(here: WholePlace) -> None:
    """A reader let in, then held up past their permit's life while the choice is taken back."""
    choice = await here.yes(here.group.id, Part.STORY)
    decisions = here.place.system.kit.decisions
    decide, held = decisions.decider.decide, asyncio.Event()

    async def slowly(ask: Any) -> Any:
        answer = await decide(ask)
        if not held.is_set():
            await held.wait()
        return answer

    async with served(here.place) as at:
        decisions.decider = type("Slow", (), {"decide": staticmethod(slowly)})()
        reader = await at.reader(here.group.by)
        reader.send("GET", f"/v1/people/{here.r}/stories")
        await until(lambda: decisions_of(here) > 0)
        started = monotonic()
        await taken_back(at, here.r, choice)
        assert monotonic() - started > WITHDRAWAL_WAIT_SECONDS
        held.set()
        late = await reader.answer()
        nobody = await reader.ask("GET", f"/v1/people/{here.story}/stories")
    assert plain(late) == plain(nobody)
    assert late[0] == 404


def decisions_of(here: WholePlace) -> int:
    found = here.place.system.file.reader.execute("SELECT count(*) FROM consent_ledger").fetchone()
    return int(found[0])


def plain(answer: tuple[int, bytes, bytes]) -> tuple[int, list[bytes], Any]:
    """Give an answer without what differs in any two: ids of the request, the time."""
    status, head, body = answer
    lines = sorted(line for line in head.split(b"\r\n") if not line.lower().startswith((b"x-correlation", b"date:")))
    return status, lines, orjson.loads(body)
