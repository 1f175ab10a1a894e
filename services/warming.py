"""What a process does before anybody gets through to it, so that the first request is answered like any other.

Cold, a first decision took longer than the 300 ms that it may: connections to PostgreSQL are signed in to (SCRAM),
statements are compiled by SQLAlchemy (a few ms each, over a hundred in `pathway` and `notify` together), a first call
is signed. During a rolling restart under load each of those was somebody's 503.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING

from shared.db import Sql
from shared.errors import AlongsideError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp, Message

    from services.system import System
    from shared.db import Database
    from shared.journal import KernelTables

CONNECTIONS = 3
MOST_SECONDS = 5.0
"""Others that do not answer, and a database that is slow, keep a process from being ready no longer than this."""


async def warm(system: System) -> None:
    """Compile every statement, connect to the databases, ask and be asked what changes nothing: as a prober, as another
    process. What can't be had now is left to the first who needs it: nothing is raised.
    """
    for name, each in system.running.items():
        for sql in statements(name, each.shell.tables):
            sql.on("postgresql")
    first = [_connected(each.shell.database) for each in system.running.values()]
    asked: list[tuple[str, dict[str, str], bytes]] = [("/_ready", {}, b"")]
    if system.afar is not None:
        first.append(system.afar.greet())
        asked += system.afar.own_greetings()
    with suppress(TimeoutError):
        async with asyncio.timeout(MOST_SECONDS):
            await asyncio.gather(*first)
            for path, headers, body in asked:
                await _asked(system.app, path, headers, body)


def statements(service: str, tables: KernelTables) -> Iterator[Sql]:
    """Give every statement of a service that is loaded."""
    mine = [vars(module) for name, module in sys.modules.items() if name.startswith(f"services.{service}.")]
    for named in [*mine, vars(tables)]:
        yield from (each for each in list(named.values()) if isinstance(each, Sql))


async def _asked(app: ASGIApp, path: str, headers: dict[str, str], body: bytes) -> None:
    """Ask the web app as a server does; what it answers is nobody's business."""
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http", "root_path": "",
        "method": "POST" if body else "GET", "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(_: Message) -> None:
        return

    await app(scope, receive, send)


async def _connected(database: Database) -> None:
    """Have some connections at once; they stay in the pool."""
    async with AsyncExitStack() as held:
        for _ in range(CONNECTIONS):
            with suppress(AlongsideError):
                await held.enter_async_context(database.read())
