"""Pages that need no sign-in: documentation, what an error means; what a steward may do; and a demo's clock.

Nothing here names a person. ``router`` and ``operations_router`` are part
of every instance, ``demo_router`` of a demo only.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import FileResponse, Response

from services.gateway.front import handlers
from services.gateway.front.pages import CONTENT_SECURITY_POLICY, problem_facts, problem_page
from services.gateway.store import GatewayStore
from shared import http
from shared.clock import MovableClock
from shared.errors import CATALOGUE, NotFoundError
from shared.event import Role
from shared.http import Body, Call, answer, calls

STATIC = Path(__file__).parent / "static"
ASSETS = {
    "docs.js": (STATIC / "docs.js", "text/javascript"),
    "front.css": (STATIC / "front.css", "text/css"),
    "swagger-ui-bundle.js": (STATIC / "swagger" / "swagger-ui-bundle.js", "text/javascript"),
    "swagger-ui.css": (STATIC / "swagger" / "swagger-ui.css", "text/css"),
    "favicon-32x32.png": (STATIC / "swagger" / "favicon-32x32.png", "image/png"),
}
"""All that the pages need, each by its name: no path of a caller ever reaches the disk."""
PAGE_HEADERS = {"Content-Security-Policy": CONTENT_SECURITY_POLICY, "Referrer-Policy": "no-referrer"}
EVERYONE = tuple(role for role in Role if role is not Role.TIMER)

router = APIRouter(include_in_schema=False, redirect_slashes=False)
operations_router = http.router("operations")
demo_router = http.router("demo")
StewardCall = Annotated[Call[GatewayStore], calls("gateway", Role.STEWARD)]


class Operations(Protocol):
    """What a steward may have the process do (``services.operations``)."""

    async def go_on(self, names: tuple[str, ...]) -> dict[str, int]:
        """Try parked lanes again; how many go on, by service."""
        ...

    async def send_again(self, names: tuple[str, ...]) -> list[str]:
        """Put journals back to be sent; of which services."""
        ...

    async def waiting(self) -> dict[str, Any]:
        """Say what waits, by service; None for one that can't be asked just now."""
        ...


@router.get("/docs")
async def get_docs() -> Response:
    """Draw the API's description."""
    return FileResponse(STATIC / "docs.html", media_type="text/html", headers=PAGE_HEADERS)


@router.get("/docs/assets/{name}")
async def get_asset(name: str) -> Response:
    """Give a script, a style or a picture of the pages."""
    if name not in ASSETS:
        raise NotFoundError
    path, media_type = ASSETS[name]
    return FileResponse(path, media_type=media_type, headers=PAGE_HEADERS)


@router.get("/problems/{code}")
async def get_problem(code: str, request: Request) -> Response:
    """Say what an error of the catalogue means and who must act: a page for a browser, else JSON."""
    if code not in CATALOGUE:
        raise NotFoundError
    facts = problem_facts(CATALOGUE[code])
    if "text/html" in request.headers.get("accept", ""):
        return Response(problem_page(facts), media_type="text/html; charset=utf-8", headers=PAGE_HEADERS)
    return answer(facts)


class ReplayBody(Body):
    """``lanes``: try what is parked again. ``journals``: send everything again, for a bus that lost its data."""

    what: Literal["lanes", "journals"] = "lanes"
    services: Annotated[tuple[Annotated[str, Field(max_length=16)], ...], Field(max_length=8)] = ()


@operations_router.post("/v1/operations/replay")
async def post_replay(body: ReplayBody, call: StewardCall) -> Response:
    """Let parked lanes go on, or put journals back to be sent. Whoever has heard an event skips it."""
    operations: Operations = call.request.app.state.operations
    if body.what == "lanes":
        return answer({"lanes_going_on": await operations.go_on(body.services)})
    return answer({"to_be_sent_again": await operations.send_again(body.services)})


@operations_router.get("/v1/operations")
async def get_operations(call: StewardCall) -> Response:
    """Say of every service how many lanes are parked, and for how long the oldest of each kind has waited."""
    operations: Operations = call.request.app.state.operations
    found = await operations.waiting()
    return answer(http.page([waits(name, each) for name, each in found.items()], None))


def waits(name: str, waiting: Any) -> dict[str, Any]:
    """Show what waits in one service; numbers only when it answers."""
    return {"service": name, "answers": waiting is not None} | (asdict(waiting) if waiting is not None else {})


class ClockBody(Body):
    """How far to move the demo's clock on; the two are added up."""

    hours: Annotated[int, Field(ge=0, le=24 * 3_660)] = 0
    days: Annotated[int, Field(ge=0, le=3_660)] = 0


@demo_router.post("/demo/clock")
async def post_clock(body: ClockBody, call: Annotated[Call[GatewayStore], calls("gateway", *EVERYONE)]) -> Response:
    """Move this demo's clock on; it never goes back. What falls due meanwhile happens."""
    clock: Any = call.service.shell.clock
    if not isinstance(clock, MovableClock):
        raise NotFoundError
    by = timedelta(days=body.days, hours=body.hours)
    total = await call.run(handlers.move_clock, handlers.MoveClock(by), int)
    clock.move(max(timedelta(seconds=total) - clock.offset, timedelta()))
    call.service.shell.wake()
    return answer({"now": clock.now(), "moved_on_seconds": total})
