"""How pages ask the JSON API: as whoever is signed in, with the same gates, refusals and kept replies as any caller.

What is read of a person may be shown for as long as the permit behind it lives. A permit was made after the asking
began, so ``Reading.until`` counts from there: it is never later than the permit's own end (C2).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote
from uuid import UUID

import orjson

from shared.clock import monotonic
from shared.decisions import GATE_SECONDS, PERMIT_SECONDS
from shared.errors import UnavailableError

OPEN_TO_ALL = re.compile(
    r"/v1/(?:(?:offers|organisations)(?:/[0-9a-f-]{36})?|place|rulebook|figures/asks|sign-in/[a-z/]+)(?:\?.*)?"
)
"""What is of no person, shape by shape: it may be shown however long ago it was read."""
MOST_PAGES = 50
MISSING, UNAVAILABLE, GOOD = 404, 503, range(200, 300)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of the API."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""
    address: str = "nowhere"
    """Whose address it comes from, for limits of the anonymous."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the API answered."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


Speak = Callable[[Request], Awaitable[Heard]]
"""Carries one request to the service that owns its path."""


class TurnedDownError(Exception):
    """The API said no. ``problem`` is RFC 9457: codes and our own sentences, nothing that was sent."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        """Keep what the page needs to say what to do."""
        super().__init__(problem.get("code", ""))
        self.status = status
        self.problem = problem

    @property
    def code(self) -> str:
        """Give the error's code in the one catalogue."""
        return str(self.problem.get("code", "fault"))


@dataclass(slots=True)
class Reading:
    """One answer to a GET, and until when it may be shown."""

    heard: Heard
    until: float


class Api:
    """The API as one visitor may use it. What was read is remembered, for the last gate of the page."""

    def __init__(self, speak: Speak, token: str | None, *, correlation: UUID | None = None, address: str = "") -> None:
        """``token`` is the access token of a sign-in, or None for nobody."""
        self.speak = speak
        self.token = token
        self.address = address
        self.correlation = correlation
        self.readings: dict[str, Reading] = {}

    async def read(self, path: str) -> Any:
        """Give what is at ``path``. Raises TurnedDownError."""
        reading = self.readings.get(path) or await self._fetched(path)
        return _value(reading.heard)

    async def maybe(self, path: str) -> Any:
        """Give what is at ``path``, or None where there is nothing that the visitor can see."""
        try:
            return await self.read(path)
        except TurnedDownError as error:
            if error.status != MISSING:
                raise
            return None

    async def perhaps(self, path: str) -> Any:
        """Give what is at ``path``, or None whatever is in the way: a page does without it."""
        try:
            return await self.read(path)
        except TurnedDownError:
            return None

    async def every(self, path: str) -> list[Any]:
        """Give all items of a list, page after page. ``path`` has a query. Raises TurnedDownError."""
        items, after = [], ""
        for _ in range(MOST_PAGES):
            found = await self.read(path + after)
            items += found["items"]
            if not found.get("next"):
                break
            after = f"&cursor={quote(found['next'], safe='')}"
        return items

    async def all(self, *paths: str) -> list[Any]:
        """Read several at once, each as ``maybe``."""
        return list(await asyncio.gather(*(self.maybe(path) for path in paths)))

    def tag(self, path: str) -> str:
        """Give the ETag of something that was read."""
        return self.readings[path].heard.headers.get("etag", "")

    async def send(
        self, method: str, path: str, body: Any = None, *, request_id: str | None = None, tag: str | None = None
    ) -> Any:
        """Have something done; the same ``request_id`` again is the same answer. Raises TurnedDownError.

        What was read before is not what is now: it is forgotten.
        """
        headers = {"X-Request-ID": request_id} if request_id else {}
        headers |= {"If-Match": tag} if tag else {}
        self.readings.clear()
        return _value(await self._asked(method, path, headers, b"" if body is None else orjson.dumps(body)))

    async def still(self) -> bool:
        """Say whether all that was read may be shown now: what ran out is read again and must not have changed."""
        give_up = monotonic() + GATE_SECONDS
        while late := [path for path, each in self.readings.items() if each.until <= monotonic()]:
            if monotonic() > give_up:
                raise TurnedDownError(UNAVAILABLE, {"code": UnavailableError.code})
            before = {path: self.readings[path].heard for path in late}
            await asyncio.gather(*(self._fetched(path) for path in late))
            if any((self.readings[p].heard.status, self.readings[p].heard.body) != (h.status, h.body)
                   for p, h in before.items()):  # fmt: skip
                return False
        return True

    def left(self) -> float | None:
        """Give for how many seconds all that was read may be shown; None where nothing of it ends."""
        ends = [each.until for each in self.readings.values() if each.until != float("inf")]
        return min(ends) - monotonic() if ends else None

    async def _fetched(self, path: str) -> Reading:
        ends = float("inf") if OPEN_TO_ALL.fullmatch(path) else monotonic() + PERMIT_SECONDS
        self.readings[path] = reading = Reading(await self._asked("GET", path, {}, b""), ends)
        return reading

    async def _asked(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Heard:
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.correlation is not None:
            headers["X-Correlation-ID"] = str(self.correlation)
        if body:
            headers["Content-Type"] = "application/json"
        return await self.speak(Request(method, path, headers, body, self.address))


def _value(heard: Heard) -> Any:
    value = orjson.loads(heard.body) if heard.body else None
    if heard.status not in GOOD:
        raise TurnedDownError(heard.status, value if isinstance(value, dict) else {})
    return value
