"""Wiring of intake: its store with the instance's key, its routes, its answers to others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.intake.arrival.api import router as arrivals
from services.intake.circle.api import router as circle
from services.intake.keys import Keys
from services.intake.need.api import router as needs
from services.intake.person.api import router as people
from services.intake.person.tries import Tries
from services.intake.port import IntakeAnswers
from services.intake.reach.api import router as reach
from services.intake.store import IntakeStore
from services.intake.story.api import router as stories
from services.intake.tables import KERNEL, METADATA
from services.intake.text.api import router as texts
from shared.service import Kit, Running
from shared.shell import Shell

if TYPE_CHECKING:
    from shared.db import Connection, Database


def build(database: Database, kit: Kit) -> Running[IntakeStore]:
    """Wire intake. Makes the instance's key beside the data on the first start."""
    keys, tries = Keys.beside(kit.settings.data), Tries()

    def store(connection: Connection) -> IntakeStore:
        return IntakeStore(connection, keys, tries)

    shell = Shell(database, KERNEL, store, kit.clock, rulebook=lambda: kit.ports.community.rulebook().version)
    return Running(
        name="intake",
        metadata=METADATA,
        shell=shell,
        routers=(arrivals, texts, people, reach, stories, needs, circle),
        port=IntakeAnswers(shell, kit.decisions),
    )
