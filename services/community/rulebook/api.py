"""``/v1/rulebook``: the rulebook in force, open to anyone (M6)."""

from __future__ import annotations

from typing import Any

from fastapi import Response

from services.community.organisation.api import AnyCall
from services.community.rulebook import handlers
from services.community.rulebook.handlers import RulebookKeeper
from shared.http import answer
from shared.http import router as new_router


def routes(keeper: RulebookKeeper) -> Any:
    """Give the routes, which read the rulebook that is kept in memory."""
    router = new_router("rulebook")

    @router.get("/v1/rulebook")
    async def get_rulebook(call: AnyCall) -> Response:
        """Show the rulebook in force: its numbers, who signed it, since when. ``signed_by`` null: the default."""
        signed = keeper.current
        since = await call.read(lambda store: handlers.read_in_force_since(store, signed.rulebook.version))
        return answer(
            signed.document.model_dump()
            | {"in_force_since": since, "signed_by": signed.signed_by, "digest": signed.digest}
        )

    return router
