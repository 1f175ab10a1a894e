"""Services apart: doubles of their ports behind real servers on loopback, and keys for all of them."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.responses import PlainTextResponse

from services import SERVICES
from services.calls import keys
from services.calls.inside import Inside
from services.calls.keys import Keyring
from services.calls.questions import questions_of
from shared.clock import real_now
from shared.wire import GatedProtocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable
    from datetime import datetime
    from pathlib import Path


def ring(
    folder: Path, names: Iterable[str] = SERVICES, now: Callable[[], datetime] = real_now, *, anew: bool = False
) -> Keyring:
    """Give the keys of a process that runs ``names``; all services' keys are made first."""
    keys.make(folder, SERVICES, anew=anew)
    return Keyring(folder, names, now)


@dataclass
class Double:
    """A port that keeps what it was asked and gives, or raises, what it was told to."""

    service: str
    gives: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        """Answer any question of the service's port."""
        if name not in questions_of(self.service):
            raise AttributeError(name)

        async def answer(**arguments: Any) -> Any:
            self.asked.append((name, arguments))
            found = self.gives.get(name)
            if isinstance(found, Exception):
                raise found
            return await found() if callable(found) else found

        return answer


def inside(double: Any, ring: Keyring) -> Inside:
    """Give what answers for one service; behind it stands an app with nothing in it."""
    return Inside(PlainTextResponse("nothing here", 404), {double.service: (double,)}, ring)


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """Serve an app on a port of loopback; gives its address. At the end every connection is cut."""
    config = uvicorn.Config(app, http=GatedProtocol, lifespan="off", log_config=None, access_log=False)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    listening = socket.create_server(("127.0.0.1", 0))
    await server.startup(sockets=[listening])
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.force_exit = True
        for connection in list(server.server_state.connections):
            connection.transport.abort()
        for task in list(server.server_state.tasks):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await server.shutdown(sockets=[listening])


@asynccontextmanager
async def breaking() -> AsyncIterator[str]:
    """Listen, read what is asked, and end the connection without a word."""

    async def end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.transport.abort()

    async with await asyncio.start_server(end, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def nobody_there() -> str:
    """Give an address at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}"
