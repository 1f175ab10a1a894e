"""A small HTTP/1.1 load source on raw sockets, so that it takes little of the two cores that it shares."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count

import orjson

from shared.clock import monotonic
from shared.ids import new_id
from tests.support.wait import slowly


@dataclass
class Result:
    """What a run gave: seconds of each answer, how many were not 2xx, and how long it took in all."""

    took: list[float] = field(default_factory=list)
    failed: int = 0
    seconds: float = 0.0

    def per_second(self) -> float:
        return len(self.took) / self.seconds if self.seconds else 0.0

    def percentile(self, part: float) -> float:
        """Milliseconds below which `part` of the answers came."""
        ordered = sorted(self.took)
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0


def request(method: str, path: str, token: str, body: object = None) -> bytes:
    """The bytes of one request; a POST has a request id of its own."""
    head = f"{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
    if body is None:
        return f"{head}\r\n".encode()
    sent = orjson.dumps(body)
    head += f"X-Request-ID: {new_id()}\r\nContent-Type: application/json\r\nContent-Length: {len(sent)}\r\n\r\n"
    return head.encode() + sent


async def exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sent: bytes) -> tuple[int, bytes]:
    """Send one request and read its answer whole: status and body."""
    writer.write(sent)
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    at = lower.find(b"content-length:")
    length = int(lower[at + 15 : lower.index(b"\r\n", at)]) if at >= 0 else 0
    body = await reader.readexactly(length) if length else b""
    return int(head[9:12]), body


async def drive(port: int, requests: Iterable[Callable[[], bytes]], concurrency: int, pause: float = 0.0) -> Result:
    """Send every request over `concurrency` kept connections; `pause` paces one connection's sending in seconds."""
    result, left = Result(), iter(requests)

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for make in left:
            sent, began = make(), monotonic()
            status, _ = await exchange(reader, writer, sent)
            result.took.append(monotonic() - began)
            result.failed += not 200 <= status < 300
            if pause:
                await slowly(max(0.0, pause - (monotonic() - began)))
        writer.close()

    began = monotonic()
    await asyncio.gather(*(one() for _ in range(concurrency)))
    result.seconds = monotonic() - began
    return result


async def paced(port: int, requests: Iterable[Callable[[], bytes]], rate: float, seconds: float, most: int) -> Result:
    """Send `rate` requests a second for `seconds`, whatever the answers do, over `most` kept connections.

    An answer's time counts from when its request was due: what waits for a free connection is late, not left out.
    """
    result, left, turns = Result(), iter(requests), count()
    began, many = monotonic(), int(rate * seconds)

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (turn := next(turns)) < many:
            due = began + turn / rate
            await slowly(max(0.0, due - monotonic()))
            status, _ = await exchange(reader, writer, next(left)())
            result.took.append(monotonic() - due)
            result.failed += not 200 <= status < 300
        writer.close()

    await asyncio.gather(*(one() for _ in range(most)))
    result.seconds = monotonic() - began
    return result
