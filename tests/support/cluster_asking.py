"""Asks a place for things at a steady pace, whether it answers or not, and keeps how each was answered.

What is due is asked when it is due: no slow answer keeps the next request back, and each answer's time counts from when
it was due. Raw sockets, a connection a request, so that it takes little of the cores that it shares.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

import orjson

from services.demo.setting import CENTRE, PEERS
from shared.clock import monotonic
from tests.bench.load import exchange, request
from tests.support.cluster_load import Operation
from tests.support.wait import slowly, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from tests.support.cluster_load import Load

GIVE_UP_SECONDS = 30.0
SIGN_IN_SECONDS = 120.0
"""Partners' tokens live five minutes."""
KNOWN = 8


@dataclass
class Wish:
    """One thing to be asked for."""

    kind: str
    method: str
    path: str
    token: str
    body: Any = None
    person: str = ""


class Asking:
    """What can be asked for by name, of the people that a load knows."""

    def __init__(self, load: Load) -> None:
        """``load`` keeps what was asked, for the checker."""
        self.load = load
        self.turn = count()
        self.asked: list[Operation] = []

    async def know_people(self) -> None:
        """Let some arrive who are known from now on and let the group see."""

        async def enough() -> Any:
            if len(self.load.people) < KNOWN:
                await self.load.arrive()
            return len(self.load.people) >= KNOWN

        await until(enough, timeout=60, what="some people are known")

    def wish(self, kind: str, number: int) -> Wish:
        """Give what ``kind`` asks for this time."""
        load = self.load
        person = load.people[next(self.turn) % len(load.people)]
        group, own = load.world.systems[PEERS].token, load.tokens[person]
        if kind == "arrive":
            return Wish(kind, "POST", "/v1/arrivals", group, {"called": f"N{number}", "door": "peer"})
        if kind == "return":
            return Wish(kind, "POST", "/v1/arrivals", own, {"called": f"N{number}"}, person)
        if kind == "story":
            body: dict[str, Any] = {"passages": [{"heading": "what-happened", "words": f"story {number}"}]}
            return Wish(kind, "POST", f"/v1/people/{person}/stories", own, body, person)
        if kind == "contact":
            body = {"outcome": "made", "how": "phone", "note": f"contact {number}"}
            return Wish(kind, "POST", f"/v1/people/{person}/contacts", group, body, person)
        path = {
            "own": f"/v1/people/{person}/stories",
            "read": f"/v1/people/{person}/stories",
            "lead": f"/v1/people/{person}/lead",
            "offers": "/v1/offers",
            "organisation": f"/v1/organisations/{load.world.organisations[CENTRE]}",
            "choices": f"/v1/people/{person}/choices",
        }[kind]
        return Wish(kind, "GET", path, own if kind in {"own", "choices"} else group, None, person)

    async def ask(self, kind: str, due: float) -> Operation:
        """Ask for one thing and keep how it ended; ``due`` is its beginning, of the monotonic clock."""
        number = next(self.load.numbers)
        wish = self.wish(kind, number)
        made = Operation(number, kind, wish.person, due)
        try:
            async with asyncio.timeout(GIVE_UP_SECONDS):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.load.cluster.front.port)
                try:
                    sent = request(wish.method, wish.path, wish.token, wish.body)
                    made.status, answer = await exchange(reader, writer, sent)
                finally:
                    writer.transport.abort()
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            made.status = 0
        else:
            if 200 <= made.status < 300:
                made.outcome, made.told = "ok", orjson.loads(answer) if kind in {"arrive", "return"} else {}
            elif 400 <= made.status < 500:
                made.outcome = "failed"
        made.ended = monotonic()
        if made.status >= 400:
            made.told = _problem(answer)
        self.asked.append(made)
        self.load.done.append(made)
        return made

    @asynccontextmanager
    async def at(self, pace: dict[str, float]) -> AsyncIterator[None]:
        """Ask for each kind so often a second, until the end of the block; comes out when all is answered."""
        over = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for kind, often in pace.items():
                group.create_task(self._at(kind, often, over, group))
            group.create_task(self._signed_in(over))
            try:
                yield
            finally:
                over.set()

    async def _at(self, kind: str, often: float, over: asyncio.Event, group: asyncio.TaskGroup) -> None:
        began = monotonic()
        for turn in count():
            due = began + turn / often
            if await _over(over, due):
                return
            group.create_task(self.ask(kind, due))

    async def _signed_in(self, over: asyncio.Event) -> None:
        """Keep the group's token fresh."""
        while not await _over(over, monotonic() + SIGN_IN_SECONDS):
            await self.load.world.systems[PEERS].sign_in()


def _problem(answer: bytes) -> dict[str, Any]:
    """Give what was said instead."""
    try:
        told = orjson.loads(answer)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


async def _over(over: asyncio.Event, due: float) -> bool:
    """Wait until ``due``; say whether it was over before."""
    left = due - monotonic()
    if left <= 0:
        await slowly(0)
        return over.is_set()
    try:
        async with asyncio.timeout(left):
            await over.wait()
    except TimeoutError:
        return False
    return True


async def is_ready(port: int) -> bool:
    """Ask a process whether requests may come to it."""
    try:
        async with asyncio.timeout(5):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                status, _ = await exchange(reader, writer, request("GET", "/_ready", ""))
            finally:
                writer.transport.abort()
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return False
    return status == 200


async def until_ready(port: int, seconds: float = 60) -> None:
    """Wait until a process says that it is ready, asking it some times a second."""

    async def ready() -> Any:
        await slowly(0.1)
        return await is_ready(port)

    await until(ready, timeout=seconds, what="the process is ready")


def milliseconds(took: Iterable[float], part: float) -> int:
    """Give below how many milliseconds this part of them lies."""
    ordered = sorted(took)
    return round(1000 * ordered[min(len(ordered) - 1, int(len(ordered) * part))]) if ordered else 0
