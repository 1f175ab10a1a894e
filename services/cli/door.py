"""How a command reaches an instance: the running one by HTTP, else one opened here for as long as it takes.

``run`` leaves ``running.json`` in the data folder: its address, and a steward's token for whoever may read that
folder (and so could read the data themselves). So a command is never a second writer.
"""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson

from services.cli.options import existing
from shared.errors import AlongsideError, Kind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime
    from pathlib import Path

    import httpx2

    from services.system import System
    from shared.passes import Pass
    from shared.settings import Settings

RUNNING = "running.json"
LIFE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Notice:
    """What a running instance says of itself to commands beside it."""

    address: str
    token: str
    pid: int


def put_up(data: Path, notice: Notice) -> None:
    """Write the notice so that only the owner of the folder can read it."""
    path = data / RUNNING
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(orjson.dumps(notice))


def take_down(data: Path) -> None:
    """Remove the notice."""
    (data / RUNNING).unlink(missing_ok=True)


def notice_in(data: Path) -> Notice | None:
    """Give the notice of an instance that runs on this data; None when none does."""
    try:
        told = Notice(**orjson.loads((data / RUNNING).read_bytes()))
        os.kill(told.pid, 0)
    except (OSError, ValueError, TypeError):
        return None
    return told


async def issue(system: System, by: Pass, until: datetime) -> str:
    """Give a bearer token for ``by``. Only who holds the data can."""
    from services.gateway.front import handlers
    from services.gateway.signin.domain import hashed
    from shared.clock import real_now
    from shared.ids import new_id, new_secret
    from shared.passes import Origin

    secret = new_secret()
    command = handlers.IssueToken(hashed(secret), by, until, real_now())
    await system.running["gateway"].shell.run(handlers.issue_token, command, Origin(by, new_id()), gives=type(None))
    return secret


@asynccontextmanager
async def a_door(settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    """Give an HTTP way in as steward. Raises NoDataError; InUseError for a writer that put up no notice."""
    import httpx2

    from services.stores import on_postgres

    if not on_postgres(settings):
        existing(settings)
    told = notice_in(settings.data)
    if told is not None:
        headers = {"Authorization": f"Bearer {told.token}"}
        async with httpx2.AsyncClient(base_url=told.address, headers=headers, timeout=60) as http:
            yield http
        return
    async with opened_here(settings) as (system, token), through(system, token) as http:
        yield http


def through(system: System, token: str) -> httpx2.AsyncClient:
    """Give an HTTP way into an instance that is open in this process."""
    import httpx2

    way, headers = httpx2.ASGITransport(app=system.app), {"Authorization": f"Bearer {token}"}
    return httpx2.AsyncClient(transport=way, base_url="http://here", headers=headers)


@asynccontextmanager
async def opened_here(settings: Settings) -> AsyncIterator[tuple[System, str]]:
    """Open the instance in this process; gives it with a steward's token. The next ``run`` sends what was written."""
    from services.instance import opened, ready
    from shared.clock import real_now
    from shared.event import Role
    from shared.ids import new_id
    from shared.passes import Pass

    system = opened(settings)
    try:
        await ready(system)
        yield system, await issue(system, Pass(Role.STEWARD, new_id()), real_now() + LIFE)
    finally:
        system.close()


class TurnedAwayError(AlongsideError):
    """An error of the instance, in the instance's own words."""

    kind = Kind.CONFLICT
    says = "The instance did not do it."

    def __init__(self, told: dict[str, Any]) -> None:
        """Keep its words."""
        super().__init__(fields=tuple(told.get("fields", ())))
        self.told = told

    def __str__(self) -> str:
        """Give its sentence and its reasons."""
        reasons = [reason["says"] for reason in self.told.get("reasons", ())]
        return " ".join([self.told.get("title", self.says), *reasons])


async def asked(http: httpx2.AsyncClient, method: str, path: str, body: Any = None) -> Any:
    """Send one request; gives the answer's JSON. Raises TurnedAwayError with what was answered instead."""
    answer = await http.request(method, path, json=body)
    if answer.is_success:
        return answer.json() if answer.content else None
    told = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    raise TurnedAwayError(told)
