"""Who listens to what, and what the timer does: one literal each."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from services.pathway.holding.handlers import NOT_MET, not_met
from services.pathway.holding.hearing import on_arrived
from shared.cursor import on
from shared.events.intake import Arrived

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.pathway.store import PathwayStore
    from shared.cursor import Subscription
    from shared.due import DueHandlers
    from shared.ports import Rulebook

LISTENS_TO = ("intake", "community", "consent", "pathway", "notify")


def subscriptions(rules: Callable[[], Rulebook]) -> tuple[Subscription[PathwayStore], ...]:
    """Give who listens to what. ``rules`` gives the rulebook in force, asked at each event."""
    return (on(Arrived, partial(on_arrived, rules)),)


def due(rules: Callable[[], Rulebook]) -> DueHandlers[PathwayStore]:  # noqa: ARG001 - links and steps use it
    """Give what is done when the time of a reminder has come."""
    return {NOT_MET: not_met}
