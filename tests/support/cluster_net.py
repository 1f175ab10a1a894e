"""The network of a place of real processes: links that can be cut or slowed, and a reverse proxy that finds owners.

It turns in a thread of its own, so that starting and stopping processes holds nothing up. A cut link takes what comes
and hands nothing on: those at its ends see what a lost cable shows them, silence. When it heals, bytes go on.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from threading import Thread
from typing import Any, TypeVar

from tests.support.ports import a_free_port
from tests.support.wait import slowly

T = TypeVar("T")
CHUNK = 1 << 16
LOOPBACK = "127.0.0.1"
CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 30.0
SAFE = {b"GET", b"HEAD"}
AWAY = b'{"code":"no-replica-answers"}'
UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
    len(AWAY),
    AWAY,
)


class Net:
    """A loop in a thread, for as long as the place stands."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.servers: list[asyncio.Server] = []
        self.thread = Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something in the loop, from any other thread."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def listen(self, serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]], port: int) -> None:
        """Serve a port until the end."""
        self.servers.append(self.run(asyncio.start_server(serve, LOOPBACK, port, limit=CHUNK, backlog=512)))

    def close(self) -> None:
        """End it and whatever it still does."""
        self.run(self._end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()

    async def _end(self) -> None:
        for server in self.servers:
            server.close()
        mine = asyncio.current_task()
        tasks = [task for task in asyncio.all_tasks() if task is not mine]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass
class Link:
    """A port that leads to another. ``cut`` silences it both ways; ``delay`` is added to each piece, in seconds.

    A ``straight`` one is the other port itself: it costs nothing, and can't be cut.
    """

    net: Net
    target: int
    port: int = field(default_factory=a_free_port)
    straight: bool = False
    delay: float = 0.0
    whole: asyncio.Event = field(default_factory=asyncio.Event)
    open: set[asyncio.StreamWriter] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.whole.set()
        if self.straight:
            self.port = self.target
        else:
            self.net.listen(self._serve, self.port)

    def cut(self) -> None:
        """Hand nothing on from now."""
        self.net.loop.call_soon_threadsafe(self.whole.clear)

    def heal(self) -> None:
        """Hand on again, what waited first."""
        self.net.loop.call_soon_threadsafe(self.whole.set)

    def reset(self) -> None:
        """Break every connection that is open."""

        def end() -> None:
            for writer in list(self.open):
                writer.transport.abort()

        self.net.loop.call_soon_threadsafe(end)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open.add(writer)
        there: asyncio.StreamWriter | None = None
        try:
            await self.whole.wait()
            back, there = await asyncio.open_connection(LOOPBACK, self.target, limit=CHUNK)
            self.open.add(there)
            await asyncio.gather(self._carry(reader, there), self._carry(back, writer))
        except (OSError, asyncio.CancelledError):
            pass  # a stream's own callback would complain of a cancelled one
        finally:
            for each in (writer, there):
                if each is not None:
                    self.open.discard(each)
                    each.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK):
            if self.delay:
                await slowly(self.delay)
            await self.whole.wait()
            writer.write(data)
            await writer.drain()
        await self.whole.wait()
        with suppress(OSError):
            writer.write_eof()


@dataclass
class Front:
    """The reverse proxy: each path to its owner, replicas in turn. What may not be done twice is sent once.

    A connection that could not be made goes to the next replica, whatever was asked; one that broke before an answer
    does so for reads only. Answers are handed on as they come.
    """

    net: Net
    owners: list[tuple[re.Pattern[str], str]]
    replicas: dict[str, list[int]]
    port: int = field(default_factory=a_free_port)
    turn: Any = field(default_factory=count)

    def __post_init__(self) -> None:
        self.net.listen(self._serve, self.port)

    @property
    def base(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def ports(self, path: str) -> list[int]:
        """Give who may answer a path, who comes first today first; what nobody owns is gateway's."""
        owner = next((owner for expression, owner in self.owners if expression.match(path)), "gateway")
        ports = self.replicas[owner]
        first = next(self.turn) % len(ports)
        return ports[first:] + ports[:first]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (head := await _head(reader)) is not None:
                body = await reader.readexactly(_length(head))
                if not await self._answer(head, body, writer):
                    writer.write(UNAVAILABLE)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()

    async def _answer(self, head: bytes, body: bytes, writer: asyncio.StreamWriter) -> bool:
        method, path = head.split(b" ", 2)[:2]
        for port in self.ports(path.partition(b"?")[0].decode("latin-1")):
            try:
                streams = await asyncio.wait_for(asyncio.open_connection(LOOPBACK, port, limit=CHUNK), CONNECT_SECONDS)
            except (OSError, TimeoutError):
                continue
            try:
                streams[1].write(head + body)
                async with asyncio.timeout(ANSWER_SECONDS):
                    answered = await _head(streams[0])
            except (OSError, TimeoutError, asyncio.IncompleteReadError):
                answered = None
            if answered is None:
                streams[1].transport.abort()
                if method in SAFE:
                    continue
                writer.transport.abort()  # nobody knows whether it was done: the caller sees a lost connection
                raise ConnectionAbortedError
            writer.write(answered)
            await _body(answered, method, streams[0], writer)
            streams[1].transport.abort()
            return True
        return False


async def _head(reader: asyncio.StreamReader) -> bytes | None:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise
        return None


def _length(head: bytes) -> int:
    found = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
    return int(found[1]) if found else 0


async def _body(head: bytes, method: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hand an answer's body on, piece by piece."""
    if method == b"HEAD" or head[9:12] in {b"204", b"304"}:
        return
    if re.search(rb"\r\ntransfer-encoding: *chunked", head, re.IGNORECASE):
        while (line := await reader.readuntil(b"\r\n")) != b"0\r\n":
            writer.write(line + await reader.readexactly(int(line, 16) + 2))
            await writer.drain()
        writer.write(line + await reader.readuntil(b"\r\n"))
        return
    left = _length(head)
    while left:
        piece = await reader.read(min(left, CHUNK))
        if not piece:
            raise ConnectionAbortedError
        left -= len(piece)
        writer.write(piece)
        await writer.drain()
