"""Gives each request the time that it may wait for databases in, and each question between processes what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.clock import monotonic
from shared.db_postgres_hurry import REQUEST_SECONDS, give_back, within

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

BEGINS = "/internal/"
LEFT = "Alongside-Left"
"""For how many milliseconds whoever asks waits for the answer."""
MOST_DIGITS = 6


class Hurried:
    """ASGI middleware. What a question says of itself is believed as far as it goes: without our signature it is
    answered by nobody.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Go on to ``app``."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def received() -> Message:
            began = monotonic()
            message = await receive()
            give_back(monotonic() - began)
            return message

        with within(_seconds(scope)):
            await self.app(scope, received, send)


def _seconds(scope: Scope) -> float:
    if not scope["path"].startswith(BEGINS):
        return REQUEST_SECONDS
    told = dict(scope["headers"]).get(LEFT.lower().encode(), b"")
    return int(told) / 1000 if told.isdigit() and len(told) <= MOST_DIGITS else REQUEST_SECONDS
