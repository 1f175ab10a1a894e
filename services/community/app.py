"""Wires community into a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.community.asset.api import router as assets
from services.community.member.api import router as members
from services.community.offer.api import router as offers
from services.community.organisation.api import router as organisations
from services.community.place.api import router as place
from services.community.port import CommunityAnswers
from services.community.route.api import router as ways_to_ring
from services.community.rulebook import api as rulebook
from services.community.rulebook.handlers import LOOK_EVERY_SECONDS, RulebookKeeper
from services.community.store import CommunityStore
from services.community.subscriptions import due
from services.community.tables import KERNEL, METADATA
from shared.loops import Loop
from shared.service import Kit, Running
from shared.shell import Shell

if TYPE_CHECKING:
    from shared.db import Database


def build(database: Database, kit: Kit) -> Running[CommunityStore]:
    """Give community, wired. Raises for a rulebook that is unsigned or below a floor (M6)."""
    keeper = RulebookKeeper(kit.settings.data)
    shell = Shell(database, KERNEL, CommunityStore, kit.clock, rulebook=keeper.version)

    async def look() -> bool:
        return await keeper.step(shell)

    return Running(
        "community",
        METADATA,
        shell,
        routers=[organisations, members, ways_to_ring, offers, place, assets, rulebook.routes(keeper)],
        due=due(keeper.rulebook),
        upkeep=[Loop("community-rulebook", look, idle_seconds=LOOK_EVERY_SECONDS)],
        port=CommunityAnswers(shell, kit, keeper),
    )
