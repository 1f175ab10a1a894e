"""Twin worlds: the same requests in a world with a hidden thing and in one without it must be answered alike (C4).

Ids and times differ in any two worlds, so they are numbered in the order in which they first appear: what stays is
who is the same as whom, what is before what else on a page, how much there is, and every word, code and header.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx2

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_OPAQUE = re.compile(r'"(?:next|ETag|etag)":"[^"]*"')
_SPOKEN = re.compile(r"\w+day \d{1,2} \w+ \d{4}(?:, \d\d:\d\d)?")
_SECRET = re.compile(r'(?<=value=")[0-9a-f]{64}(?=")')
DIFFERS = frozenset({"set-cookie", "date", "x-correlation-id", "x-request-id", "content-length", "server"})


@dataclass
class Alike:
    """Says what was answered in one world, without what differs in any two."""

    known: dict[str, str] = field(default_factory=dict)

    def plain(self, text: str) -> str:
        """Number the ids; blank out times, as pages say them too, opaque cursors and the tokens of forms."""
        text = _SECRET.sub("<secret>", _SPOKEN.sub("<day>", text))
        text = _ID.sub(lambda found: self.known.setdefault(found[0], f"<id {len(self.known) + 1}>"), text)
        return _OPAQUE.sub(lambda found: found[0].partition(":")[0] + ':"<opaque>"', _TIME.sub("<time>", text))

    def answer(self, response: httpx2.Response) -> tuple[int, list[tuple[str, str]], str]:
        """Give status, headers and body."""
        headers = [(k.lower(), self.plain(v)) for k, v in response.headers.items() if k.lower() not in DIFFERS]
        headers = [(k, "<tag>" if k == "etag" else v) for k, v in headers]
        return response.status_code, sorted(headers), self.plain(response.text)


async def told_apart(
    worlds: Sequence[Any], ask: Callable[[Any], Awaitable[Sequence[httpx2.Response]]]
) -> list[tuple[Any, Any]]:
    """Ask the same in two worlds; give the pairs of answers by which they can be told apart. None: nothing leaks."""
    one, other = [[*await ask(world)] for world in worlds]
    assert len(one) == len(other) > 0
    here, there = Alike(), Alike()
    pairs = [(here.answer(mine), there.answer(theirs)) for mine, theirs in zip(one, other, strict=True)]
    return [pair for pair in pairs if pair[0] != pair[1]]
