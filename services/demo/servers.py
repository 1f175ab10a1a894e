"""Small servers, on loopback if nobody says where else, each in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import uvicorn

from services.demo.mailbox import Mailbox
from services.demo.setting import SYSTEMS
from services.demo.webhooks import Receiver, endpoints

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

LOOPBACK = "127.0.0.1"


@contextmanager
def web_server(app: Any, port: int = 0, host: str = LOOPBACK) -> Iterator[str]:
    """Serve an ASGI app; gives its address. Its lifespan runs, and ends when this does."""
    with socket.create_server((host, port)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=5))
        thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            while not server.started and thread.is_alive():
                thread.join(0.02)
            yield f"http://{host}:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def stream_server(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]], port: int, host: str = LOOPBACK
) -> Iterator[int]:
    """Serve a line protocol; gives its port."""
    with socket.create_server((host, port)) as listening:
        ready, ended = Event(), Event()

        async def run() -> None:
            async with await asyncio.start_server(serve, sock=listening):
                ready.set()
                await asyncio.to_thread(ended.wait)

        thread = Thread(target=lambda: asyncio.run(run()), daemon=True)
        thread.start()
        try:
            ready.wait(5)
            yield listening.getsockname()[1]
        finally:
            ended.set()
            thread.join()


@dataclass(frozen=True, slots=True)
class Servers:
    """The demo's own servers: where mails and texts go, and where partners take webhooks."""

    mailbox: Mailbox
    smtp_port: int
    notify: str
    hooks: str
    receivers: dict[str, Receiver]


@contextmanager
def local_servers(smtp: int = 0, notify: int = 0, hooks: int = 0, *, host: str = LOOPBACK) -> Iterator[Servers]:
    """Run them all at an address of this machine; a port of 0 is any that is free."""
    mailbox, receivers = Mailbox(), {key: Receiver(key) for key in SYSTEMS}
    with (
        stream_server(mailbox.smtp, smtp, host) as smtp_port,
        web_server(mailbox.notify(), notify, host) as notify_url,
        web_server(endpoints(list(receivers.values())), hooks, host) as hooks_url,
    ):
        yield Servers(mailbox, smtp_port, notify_url, hooks_url, receivers)
