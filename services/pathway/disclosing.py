"""An answer that rests on several permits: each passes the last gate before the first byte (C2, C7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from shared.http import Disclosure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.decisions import Decisions, Permit


class Disclosures(Disclosure):
    """Answers only when every one of ``permits`` still holds; the first names the person it is about."""

    def __init__(self, decisions: Decisions, permits: Sequence[Permit], value: Any) -> None:
        """Keep what the gate needs."""
        super().__init__(decisions, permits[0], orjson.dumps(value))
        self.permits = tuple(permits)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass every gate, then send."""
        for permit in self.permits[1:]:
            await self.decisions.gate(permit)
        await super().__call__(scope, receive, send)
