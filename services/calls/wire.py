"""A connection to another process of ours, kept alive: HTTP/1.1 by the parser that the server uses itself.

Measured on two cores: 36 us of processor time for a question, 900 us by httpcore2 and 1,250 us by httpx2. A decision
is asked for every disclosure, so this is what a read costs (ADR 0016). It speaks only to our own ``/internal``: every
answer has a length, none redirects, none is compressed.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httptools

from shared.clock import monotonic

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_ANSWER_BYTES = 16 * 1024 * 1024
MOST_IDLE = 64
IDLE_SECONDS = 4.0
"""Under what our server keeps an idle connection for (5 s): who closes first loses no question."""
REST_SECONDS = 2.0
"""For how long a replica that could not be reached, or that is being stopped, is asked last."""


class BrokenError(OSError):
    """A connection ended before its answer was whole."""


class Connection(asyncio.Protocol):
    """One connection, one question at a time."""

    def __init__(self) -> None:
        """It is made by the event loop."""
        self.used_at = 0.0
        self.transport: Any = None
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._begin()

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._parts: list[bytes] = []
        self._size = 0

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send one question; gives status and body. Raises BrokenError."""
        self._answer = asyncio.get_running_loop().create_future()
        if self.gone():
            raise BrokenError
        self.transport.write(request)
        return await self._answer

    def gone(self) -> bool:
        """Say whether nothing more can be asked here."""
        return self.transport is None or self.transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's
        """Tell who waits."""
        self.transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(BrokenError())

    def data_received(self, data: bytes) -> None:
        """Read on."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.transport.abort()

    def on_body(self, body: bytes) -> None:
        """Keep a part of the answer."""
        self._size += len(body)
        if self._size > MOST_ANSWER_BYTES:
            self.transport.abort()
        self._parts.append(body)

    def on_message_complete(self) -> None:
        """Give the answer to who asked."""
        status, keep, answer = self._parser.get_status_code(), self._parser.should_keep_alive(), self._answer
        body = b"".join(self._parts)
        self._begin()
        if not keep:
            self.transport.close()
        if answer is not None and not answer.done():
            answer.set_result((status, body))


class Replica:
    """One address of a service, with the connections to it that are idle."""

    def __init__(self, address: str) -> None:
        """``address`` is ``http://host:port`` or ``https://…``."""
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            message = "where a service lives is http://host:port"
            raise ValueError(message)
        self.host, self.named = parts.hostname, parts.netloc
        self.tls = ssl.create_default_context() if parts.scheme == "https" else None
        self.port = parts.port or (443 if self.tls else 80)
        self.rests_until = 0.0
        self._idle: list[Connection] = []

    async def ask(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """Ask one question. Raises ConnectionRefusedError and its like for a connection that can't be made, BrokenError
        for one that ended; whoever gives up waiting (a time-out) ends the connection.
        """
        connection = await self._connection()
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"POST {path} HTTP/1.1\r\nHost: {self.named}\r\nContent-Length: {len(body)}\r\n{lines}\r\n"
        try:
            answer = await connection.ask(head.encode("ascii") + body)
        except BaseException:
            if connection.transport is not None:
                connection.transport.abort()
            raise
        if connection.gone():
            self.rest()  # only one that is being stopped ends a connection with an answer
        elif len(self._idle) < MOST_IDLE:
            connection.used_at = asyncio.get_running_loop().time()
            self._idle.append(connection)
        return answer

    def rest(self) -> None:
        """Have the others asked first for a while."""
        self.rests_until = monotonic() + REST_SECONDS

    async def _connection(self) -> Connection:
        loop = asyncio.get_running_loop()
        while self._idle:
            found = self._idle.pop()
            if not found.gone() and loop.time() - found.used_at < IDLE_SECONDS:
                return found
            if found.transport is not None:
                found.transport.close()
        _, made = await loop.create_connection(Connection, self.host, self.port, ssl=self.tls)
        return made

    def close(self) -> None:
        """Close what is idle."""
        for connection in self._idle:
            if connection.transport is not None:
                connection.transport.close()
        self._idle.clear()
