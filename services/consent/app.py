"""Wires consent into a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.consent.choice.api import router as choices
from services.consent.choice.leading import Leading
from services.consent.emergency.api import router as emergency
from services.consent.ledger.api import router as ledger_router
from services.consent.ledger.writer import Ledger
from services.consent.port import ConsentPort
from services.consent.store import ConsentStore
from services.consent.subscriptions import DUE, LISTENS_TO, SUBSCRIPTIONS
from services.consent.tables import KERNEL, METADATA
from services.consent.withholding.api import router as withholdings
from shared.loops import Loop
from shared.service import Kit, Running
from shared.shell import Shell

if TYPE_CHECKING:
    from shared.db import Database

LEAD_SECONDS = 2.0
"""How often is looked for a lead that a crash left unmoved, in seconds."""


def build(database: Database, kit: Kit) -> Running[ConsentStore]:
    """Give consent, wired. Its loops only finish what a crash or a full disk left undone."""
    shell = Shell(database, KERNEL, ConsentStore, kit.clock, rulebook=lambda: kit.ports.community.rulebook().version)
    ledger = Ledger(database)
    leading = Leading(shell, kit.ports)
    return Running(
        name="consent",
        metadata=METADATA,
        shell=shell,
        routers=[choices, withholdings, emergency, ledger_router],
        listens_to=LISTENS_TO,
        subscriptions=SUBSCRIPTIONS,
        due=DUE,
        loops=[Loop("consent-lead", leading.step, idle_seconds=LEAD_SECONDS)],
        upkeep=[Loop("consent-ledger", ledger.step)],
        port=ConsentPort(database, ledger, kit.clock, kit.ports),
    )
