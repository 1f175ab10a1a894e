"""uvicorn as we need it: our socket, our signals, and an event when it answers."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

from shared.wire import GatedProtocol

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from fastapi import FastAPI

GRACE_SECONDS = 10


class Server(uvicorn.Server):
    """Serves one app on one socket. ``up`` is set when it answers."""

    def __init__(self, app: FastAPI) -> None:
        """Prepare; whoever holds the server turns the loops, so the app's own lifespan stays off."""
        super().__init__(
            uvicorn.Config(
                app, http=GatedProtocol, log_config=None, access_log=False, lifespan="off", server_header=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )  # fmt: skip
        self.up = asyncio.Event()

    def last_answers(self) -> None:
        """End each connection with its next answer from now on: who sends requests here finds another replica."""
        last = [(b"connection", b"close")]
        self.config.encoded_headers = [*self.config.encoded_headers, *last]
        self.server_state.default_headers = [*self.server_state.default_headers, *last]

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to us: uvicorn would raise them again at the end."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        self.up.set()
