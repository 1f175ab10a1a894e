"""The real server on a real socket, with a note of when each byte was handed to the machine."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import uvicorn

from shared.clock import monotonic
from shared.wire import GatedProtocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from shared.passes import Pass
    from tests.support.place import Place


@dataclass
class Written:
    """What was written to sockets, with its instant of the monotonic clock; and what waits in this process."""

    writes: list[tuple[float, bytes]] = field(default_factory=list)
    transports: list[Any] = field(default_factory=list)

    def last(self, *holding: bytes) -> float:
        """Give when something that holds one of ``holding`` was last written; nought when never."""
        return max((at for at, data in self.writes if any(each in data for each in holding)), default=0.0)

    def first(self, holding: bytes) -> float:
        """Give when something that holds ``holding`` was first written."""
        return min(at for at, data in self.writes if holding in data)

    def waiting(self) -> int:
        """Give how many bytes wait in this process for readers that do not take them."""
        return sum(each.get_write_buffer_size() for each in self.transports if not each.is_closing())


class Noted:
    """A transport that notes what is written."""

    def __init__(self, transport: asyncio.Transport, written: Written) -> None:
        self.transport = transport
        self.written = written
        written.transports.append(transport)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.transport, name)

    def write(self, data: bytes) -> None:
        self.written.writes.append((monotonic(), bytes(data)))
        self.transport.write(data)


@dataclass
class Served:
    """A place on a port of loopback."""

    place: Place
    port: int
    written: Written
    readers: list[Reader] = field(default_factory=list)

    async def reader(self, by: Pass) -> Reader:
        """Open a connection of somebody who is signed in."""
        streams = await asyncio.open_connection("127.0.0.1", self.port)
        made = Reader(*streams, self.place.client(by).headers["Authorization"])
        self.readers.append(made)
        return made


@dataclass
class Reader:
    """One kept-alive connection that speaks HTTP by hand."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    authorization: str

    def send(self, method: str, path: str, body: bytes = b"") -> None:
        """Send one request."""
        head = f"{method} {path} HTTP/1.1\r\nHost: place\r\nAuthorization: {self.authorization}\r\n"
        kind = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
        self.writer.write(f"{head}{kind}\r\n".encode() + body)

    async def answer(self) -> tuple[int, bytes, bytes]:
        """Give status, head and body of the next answer."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        return int(head[9:12]), head, await self.reader.readexactly(length)

    async def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes, bytes]:
        """Send one request and give its answer."""
        self.send(method, path, body)
        return await self.answer()


@asynccontextmanager
async def served(place: Place, *, kernel_buffer: int | None = None) -> AsyncIterator[Served]:
    """Serve a place; ``kernel_buffer`` bounds how many bytes the machine takes from us for a slow reader."""
    written = Written()

    class Noting(GatedProtocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            if kernel_buffer is not None:
                sock = transport.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, kernel_buffer)
            super().connection_made(Noted(transport, written))  # type: ignore[arg-type]

    config = uvicorn.Config(place.system.app, http=Noting, lifespan="off", log_config=None, access_log=False)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    listening = socket.create_server(("127.0.0.1", 0))
    await server.startup(sockets=[listening])
    at = Served(place, listening.getsockname()[1], written)
    try:
        yield at
    finally:
        server.force_exit = True
        for each in (*written.transports, *(reader.writer.transport for reader in at.readers)):
            each.abort()
        for reader in at.readers:
            with suppress(ConnectionError):
                await reader.writer.wait_closed()
        await server.shutdown(sockets=[listening])
