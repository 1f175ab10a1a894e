"""Puts the web pages before the public, in a process that runs gateway, and carries what they ask to the API: to this
process, or to the one where the owner of the path runs.
"""

from __future__ import annotations

import asyncio
import re
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import httpx2
import orjson

from services.portal.app import Pages
from services.portal.asking import Heard, Request
from services.portal.static import Static
from shared.app import STATUS_BY_KIND
from shared.errors import UnavailableError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from services.portal.asking import Speak
    from shared.settings import Settings

SECONDS, REACHED_SECONDS = 10.0, 1.0


def served(app: FastAPI, settings: Settings) -> None:
    """Have ``app`` answer for the pages too, after its routes, and for the files that they load."""
    app.router.routes.append(Pages(apart(app, settings.services) if settings.services else here(app), settings))
    app.add_middleware(Static)


def here(app: Any) -> Speak:
    """Give what asks the app of this process. It waits for the answer, not for what is done after it: by that time it
    could be told who is known here (C4).
    """
    after: set[asyncio.Task[None]] = set()

    async def speak(asked: Request) -> Heard:
        call = _Call(asked)
        serving = asyncio.create_task(app(call.scope, call.receive, call.send))
        after.add(serving)
        serving.add_done_callback(after.discard)
        answered = asyncio.create_task(call.answered.wait())
        try:
            await asyncio.wait({serving, answered}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            serving.cancel()
            raise
        finally:
            answered.cancel()
        if not call.answered.is_set():
            serving.result()
            raise BrokenOffError
        return Heard(call.status, b"".join(call.body), call.headers)

    return speak


class BrokenOffError(RuntimeError):
    """The app ended without an answer: a fault of ours."""


class _Call:
    """One request to an ASGI app, and what it answers."""

    def __init__(self, asked: Request) -> None:
        path, _, query = asked.path.partition("?")
        headers = {"host": "alongside.within", "content-length": str(len(asked.body)), **asked.headers}
        self.scope: dict[str, Any] = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": asked.method, "scheme": "http",
            "path": unquote(path), "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            "server": ("alongside.within", 80), "extensions": {},
        }  # fmt: skip
        self.scope |= dict(client=(asked.address, 0))  # noqa: C408 - ASGI's word, so no string of ours
        self.given: bytes | None = asked.body
        self.answered = asyncio.Event()
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body: list[bytes] = []

    async def receive(self) -> dict[str, Any]:
        """Give the body, then wait as a connection that stays does."""
        if self.given is None:
            await asyncio.Event().wait()
        body, self.given = self.given, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: dict[str, Any]) -> None:
        """Take the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
        else:
            self.body.append(message.get("body", b""))
            if not message.get("more_body"):
                self.answered.set()


def apart(app: Any, addresses: dict[str, list[str]]) -> Speak:
    """Give what asks whoever owns a path; ``addresses``: where the services live that run elsewhere.

    A replica that can't be reached is passed over; what one began is not begun again by us.
    """
    waits = httpx2.Timeout(SECONDS, connect=REACHED_SECONDS)
    far = {
        name: [httpx2.AsyncClient(base_url=each, timeout=waits, trust_env=False) for each in at]
        for name, at in addresses.items()
    }
    at_home, turn = here(app), count()

    async def speak(asked: Request) -> Heard:
        path = asked.path.partition("?")[0]
        owner = next((owner for shape, owner in _owners() if shape.fullmatch(path)), None)
        if owner not in far:
            return await at_home(asked)
        replicas, first = far[owner], next(turn)
        for n in range(len(replicas)):
            try:
                return await _sent(replicas[(first + n) % len(replicas)], asked)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                continue
            except httpx2.HTTPError:
                break
        return Heard(STATUS_BY_KIND[UnavailableError.kind], orjson.dumps({"code": UnavailableError.code}))

    return speak


@cache
def _owners() -> list[tuple[re.Pattern[str], str]]:
    """Give each public path's shape with its owner: by the first page, not by every start."""
    from services.calls.elsewhere import wired_over_nothing  # noqa: PLC0415
    from services.cli.routes import expression, owners  # noqa: PLC0415

    with wired_over_nothing() as system:
        found = owners({name: running.routers for name, running in system.running.items()})
    return [(re.compile(expression(path)), owner) for path, owner in found]


async def _sent(http: httpx2.AsyncClient, asked: Request) -> Heard:
    answer = await http.request(asked.method, asked.path, headers=asked.headers, content=asked.body or None)
    return Heard(answer.status_code, answer.content, {name.lower(): value for name, value in answer.headers.items()})
