"""Puts the web pages before the public, in a process that runs gateway, and carries what they ask to the API: to this
process, or to the one where the owner of the path runs.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any

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

SECONDS = 10.0
WITHIN = "http://alongside.within"


def served(app: FastAPI, settings: Settings) -> None:
    """Have ``app`` answer for the pages too, after its routes, and for the files that they load."""
    app.router.routes.append(Pages(apart(app, settings.services) if settings.services else here(app), settings))
    app.add_middleware(Static)


def here(app: Any) -> Speak:
    """Give what asks the app of this process."""

    async def speak(asked: Request) -> Heard:
        transport = httpx2.ASGITransport(app, raise_app_exceptions=False, client=(asked.address, 0))
        async with httpx2.AsyncClient(transport=transport, base_url=WITHIN) as http:
            return await _sent(http, asked)

    return speak


def apart(app: Any, addresses: dict[str, list[str]]) -> Speak:
    """Give what asks whoever owns a path; ``addresses``: where the services live that run elsewhere.

    A replica that can't be reached is passed over; what one began is not begun again by us.
    """
    far = {name: [httpx2.AsyncClient(base_url=each, timeout=SECONDS) for each in at] for name, at in addresses.items()}
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
            except httpx2.ConnectError:
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
