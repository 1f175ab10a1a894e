"""What a process says of itself to whoever watches it. Every process answers these, whichever services it runs.

``/_live`` fails when a loop is stuck: start the process anew. ``/_ready`` fails when requests should go elsewhere for
now. Another service that can't be reached makes a process neither dead nor unready: all would go down with one.
"""

from __future__ import annotations

import hmac
from importlib.metadata import version
from typing import Protocol

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response

from services.gateway.front.domain import Standing, health, overall
from shared.errors import NotSignedInError
from shared.event import Role
from shared.http import answer
from shared.passes import ANYONE, Pass

HEALTH_JSON = "application/health+json"

router = APIRouter(include_in_schema=False, redirect_slashes=False)


class Health(Protocol):
    """What the process that runs the services can say of itself (``services.health``)."""

    def loops(self) -> Standing | str:
        """Say whether every loop has gone round lately."""
        ...

    async def ready(self) -> dict[str, str]:
        """Say whether requests may come here now."""
        ...

    async def checks(self) -> dict[str, str]:
        """Say how each part is."""
        ...


@router.get("/_ping")
@router.get("/_live")
async def get_live(request: Request) -> Response:
    """Say that the process lives: it answers and its loops go round. 503 when one of them is stuck."""
    told: Health = request.app.state.health
    return _health({"loops": Standing(told.loops())})


@router.get("/_ready")
async def get_ready(request: Request) -> Response:
    """Say whether it can take requests: its database answers, its tables are at head, it is not being stopped."""
    told: Health = request.app.state.health
    return _health({name: Standing(standing) for name, standing in (await told.ready()).items()})


@router.get("/_status")
async def get_status(request: Request) -> Response:
    """Say whether it can do its work: database, tables, loops, setting-up, what stopped, parked lanes."""
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
