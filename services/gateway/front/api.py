"""Pages that need no sign-in: documentation, health, what an error means; figures; and a demo's clock.

Nothing here names a person. ``router`` and ``operations_router`` are part
of every instance, ``demo_router`` of a demo only.
"""

from __future__ import annotations

import hmac
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import Field
from starlette.responses import FileResponse, Response

from services.gateway.front import handlers
from services.gateway.front.domain import Standing, health, overall
from services.gateway.front.pages import CONTENT_SECURITY_POLICY, problem_facts, problem_page
from services.gateway.store import GatewayStore
from shared import http
from shared.clock import MovableClock
from shared.errors import CATALOGUE, NotFoundError, NotSignedInError
from shared.event import Role
from shared.http import Body, Call, answer, calls
from shared.passes import ANYONE, Pass

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
HEALTH_JSON = "application/health+json"
EVERYONE = tuple(role for role in Role if role is not Role.TIMER)

router = APIRouter(include_in_schema=False, redirect_slashes=False)
operations_router = http.router("operations")
demo_router = http.router("demo")


class Health(Protocol):
    """What the process that runs the services can say of itself (``services.health``)."""

    def loops(self) -> Standing | str:
        """Say whether every loop has gone round lately."""
        ...

    async def checks(self) -> dict[str, str]:
        """Say how each part is."""
        ...


class Operations(Protocol):
    """What a steward may have the process do (``services.operations``)."""

    async def go_on(self, names: tuple[str, ...]) -> dict[str, int]:
        """Try parked lanes again; how many go on, by service."""
        ...

    async def send_again(self, names: tuple[str, ...]) -> list[str]:
        """Put journals back to be sent; of which services."""
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


@router.get("/_ping")
async def get_ping(request: Request) -> Response:
    """Say that the process lives: it answers and its loops go round. 503 when one of them is stuck."""
    told: Health = request.app.state.health
    return _health({"loops": Standing(told.loops())})


@router.get("/_status")
async def get_status(request: Request) -> Response:
    """Say whether it can do its work: database, tables, loops, setting-up, parked lanes."""
    told: Health = request.app.state.health
    return _health({name: Standing(standing) for name, standing in (await told.checks()).items()})


def _health(checks: dict[str, Standing]) -> Response:
    status = 503 if overall(checks) is Standing.FAIL else 200
    response = answer(health(version("alongside"), checks), status=status)
    response.headers["Content-Type"] = HEALTH_JSON
    return response


@router.get("/metrics")
async def get_metrics(request: Request) -> Response:
    """Give the process's figures for Prometheus; no label names anybody.

    Only to a steward, and to who brings the token of the settings (``ALONGSIDE_METRICS_TOKEN``): a count that moves
    tells whoever watches it that somebody has just taken a choice back (C4).
    """
    by: Pass = request.scope.get("pass", ANYONE)
    if by.role is not Role.STEWARD and not _brings_token(request):
        raise NotSignedInError
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _brings_token(request: Request) -> bool:
    expected = request.app.state.kit.settings.metrics_token.get_secret_value()
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    return bool(expected) and kind.lower() == "bearer" and hmac.compare_digest(given.encode(), expected.encode())


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
async def post_replay(
    body: ReplayBody, call: Annotated[Call[GatewayStore], calls("gateway", Role.STEWARD)]
) -> Response:
    """Let parked lanes go on, or put journals back to be sent. Whoever has heard an event skips it."""
    operations: Operations = call.request.app.state.operations
    if body.what == "lanes":
        return answer({"lanes_going_on": await operations.go_on(body.services)})
    return answer({"to_be_sent_again": await operations.send_again(body.services)})


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
