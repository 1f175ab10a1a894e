"""The only way out to a subscriber. The guard stands at the socket: no name, redirect or proxy gets round it.

A name is looked up at each connection; one address that is not public refuses them all, and the connection goes to the
address that was checked. Nothing is read from the environment and nothing is followed.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import httpcore2

from services.notify.delivery.domain import Outcome, Problem, is_good
from services.notify.subscription.urls import is_loopback, is_public

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Iterable

TIMEOUT = 10.0
"""Seconds for a whole try, from the look-up to the status."""
LINGER = 1.0
"""Seconds in which an answer's body may be read to its end, so that the connection can be used again."""
MOST_BODY = 64 * 1024
HTTPS = 443
Resolve = Callable[[str, int], Awaitable[list[str]]]
Gate = Callable[[], Awaitable[None]]


class GuardError(httpcore2.ConnectError):
    """The address is not one that we connect to."""


class DeniedError(Exception):
    """The last gate said no: nothing more is handed to the socket."""


class Resolver:
    """Looks names up in threads of its own: a name server that hangs holds up nobody else."""

    def __init__(self, threads: int = 32) -> None:
        """Start none yet."""
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="look-up")

    async def __call__(self, host: str, port: int) -> list[str]:
        """Give every address of a name. Raises OSError."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, _look_up, host, port)
        return list(dict.fromkeys(found))

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False)


def _look_up(host: str, port: int) -> list[str]:
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class GuardedBackend(httpcore2.AsyncNetworkBackend):
    """Opens sockets to checked addresses only."""

    def __init__(self, resolve: Resolve, *, loopback: bool, besides: str = "") -> None:
        """``loopback``: a demo or test instance may connect to this machine, and to the address ``besides``, at any
        port.
        """
        self.resolve = resolve
        self.loopback = loopback
        self.besides = besides
        self.inner = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore2's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Look up, check every address, connect to one of them. Raises GuardError."""
        try:
            addresses = await self.resolve(host, port)
        except OSError as error:
            raise httpcore2.ConnectError from error
        if not addresses or not all(self.allowed(address, port) for address in addresses):
            raise GuardError
        for address in addresses[:-1]:
            try:
                return await self.inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return await self.inner.connect_tcp(addresses[-1], port, timeout, local_address, socket_options)

    def allowed(self, address: str, port: int) -> bool:
        """Say whether a connection to an address and port may be opened."""
        try:
            at_home = self.loopback and (is_loopback(address) or address == self.besides)
            return at_home or (port == HTTPS and is_public(address))
        except ValueError:
            return False

    async def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002 - httpcore2's signature
        timeout: float | None = None,  # noqa: ARG002, ASYNC109
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore2.AsyncNetworkStream:
        """Never."""
        raise GuardError


class Egress:
    """Posts to subscribers' endpoints."""

    def __init__(self, *, loopback: bool, besides: str = "", resolve: Resolve | None = None,
                 tls: ssl.SSLContext | None = None, timeout: float = TIMEOUT) -> None:  # fmt: skip
        """Connect to nothing yet. ``loopback``, ``besides``: a demo's only; ``resolve`` and ``tls`` are for tests."""
        self.timeout = timeout
        self._resolve = resolve or Resolver()
        self.loopback = loopback
        self.besides = besides
        self._tls = tls

    @cached_property
    def _pool(self) -> httpcore2.AsyncConnectionPool:
        """Read the machine's certificates when something is first sent: no start waits for it."""
        return httpcore2.AsyncConnectionPool(
            ssl_context=self._tls or httpcore2.default_ssl_context(),
            max_connections=256,
            max_keepalive_connections=64,
            keepalive_expiry=30.0,
            network_backend=GuardedBackend(self._resolve, loopback=self.loopback, besides=self.besides),
        )

    async def post(self, url: str, headers: dict[str, str], body: bytes, gate: Gate) -> Outcome:
        """Post once. ``gate`` is asked right before the first byte and right before the body; DeniedError goes through.

        Everything else becomes an outcome. The answer's body is read to at most 64 KiB and thrown away.
        """
        wired = False

        async def first_byte(step: str, _: dict[str, Any]) -> None:
            nonlocal wired
            if step == "http11.send_request_headers.started":
                await gate()
                wired = True

        async def gated() -> AsyncIterator[bytes]:
            await gate()
            yield body

        try:
            async with asyncio.timeout(self.timeout):
                return await self._send(url, headers, gated(), first_byte)
        except TimeoutError:
            return Outcome(None, Problem.TIMED_OUT, wired=wired)
        except GuardError:
            return Outcome(None, Problem.ADDRESS, wired=False)
        except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
            return Outcome(None, Problem.NOT_CONNECTED, wired=wired)
        except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError, OSError):
            return Outcome(None, Problem.BROKEN, wired=wired)

    async def _send(self, url: str, headers: dict[str, str], body: AsyncIterator[bytes], trace: Any) -> Outcome:
        async with self._pool.stream(
            "POST", url, headers=list(headers.items()), content=body, extensions={"trace": trace}
        ) as response:
            outcome = outcome_of(response.status, dict(response.headers))
            await _finish(response)
        return outcome

    async def aclose(self) -> None:
        """Close every connection."""
        if "_pool" in self.__dict__:  # nothing is opened to be let go of
            await self._pool.aclose()
        if isinstance(self._resolve, Resolver):
            self._resolve.close()


async def _finish(response: httpcore2.Response) -> None:
    """Read a short answer to its end; leave a long, slow or broken one."""
    size = 0
    try:
        async with asyncio.timeout(LINGER), aclosing(response.aiter_stream()) as chunks:
            async for chunk in chunks:
                size += len(chunk)
                if size > MOST_BODY:
                    return
    except (TimeoutError, httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.TimeoutException):
        return


def outcome_of(status: int, headers: dict[bytes, bytes]) -> Outcome:
    """Read an answer's status and its Retry-After in seconds (a date is not honoured)."""
    found = {name.lower(): value for name, value in headers.items()}.get(b"retry-after", b"").decode("latin-1").strip()
    after = timedelta(seconds=int(found)) if re.fullmatch(r"[0-9]{1,6}", found) else None
    return Outcome(status, None if is_good(status) else Problem.NOT_2XX, after)
