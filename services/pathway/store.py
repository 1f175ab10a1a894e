"""Pathway's store: the stores of its nouns on one connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.pathway.agreement.store import AgreementStore
from services.pathway.ask.store import AskStore
from services.pathway.contact.store import ContactStore
from services.pathway.holding.store import HoldingStore
from services.pathway.link.store import LinkStore
from services.pathway.plan.store import PlanStore
from services.pathway.standing.store import StandingStore
from services.pathway.step.store import StepStore
from services.pathway.timeline.store import TimelineStore
from services.pathway.wayout.store import WayOutStore

if TYPE_CHECKING:
    from shared.db import Connection


class PathwayStore(
    HoldingStore, WayOutStore, TimelineStore, ContactStore, AskStore, PlanStore, AgreementStore, LinkStore, StepStore,
    StandingStore,
):  # fmt: skip
    """Every statement of pathway, on one connection."""

    def __init__(self, connection: Connection) -> None:
        """Use ``connection`` for every noun."""
        self.connection = connection
