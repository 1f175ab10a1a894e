"""Wires pathway: its store, shell, routes, consumers, timers, loops and the port that others ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.pathway import subscriptions
from services.pathway.agreement.api import router as agreement
from services.pathway.ask.api import router as asks
from services.pathway.ask.warning_signs import router as warning_signs
from services.pathway.contact.api import router as contacts
from services.pathway.edge import Desk
from services.pathway.holding.api import router as holds
from services.pathway.holding.takeover import Takeover
from services.pathway.link.api import router as links
from services.pathway.plan.api import router as plans
from services.pathway.port import Pathway
from services.pathway.standing.api import router as standing
from services.pathway.step.api import router as steps
from services.pathway.store import PathwayStore
from services.pathway.tables import KERNEL, METADATA
from services.pathway.timeline.api import router as timeline
from services.pathway.wayout.api import router as ways_out
from services.pathway.wayout.way_back import router as ways_back
from shared.loops import Loop
from shared.service import Kit, Running
from shared.shell import Shell

if TYPE_CHECKING:
    from shared.db import Database
    from shared.ports import Rulebook

ROUTERS = (
    *(holds, contacts, asks, warning_signs, ways_out, ways_back, timeline, plans, agreement, links, steps),
    standing,
)
LOOK_SECONDS = 0.5
"""How often the takeover looks whether an organisation stopped."""


def build(database: Database, kit: Kit) -> Running[PathwayStore]:
    """Give pathway, ready to run in a process."""

    def rules() -> Rulebook:
        return kit.ports.community.rulebook()

    shell = Shell(database, KERNEL, PathwayStore, kit.clock, rulebook=lambda: rules().version)
    desk = Desk(shell, kit.ports)
    return Running(
        name="pathway",
        metadata=METADATA,
        shell=shell,
        routers=ROUTERS,
        listens_to=subscriptions.LISTENS_TO,
        subscriptions=subscriptions.subscriptions(rules),
        due=subscriptions.due(rules),
        loops=(Loop("pathway-takeover", Takeover(desk).step, idle_seconds=LOOK_SECONDS),),
        port=Pathway(desk),
    )
