"""Who listens to what, and what the timer does: one literal each."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from services.pathway.holding.handlers import NOT_MET, not_met
from services.pathway.holding.hearing import on_arrived
from services.pathway.link.handlers import ANSWER, on_need_named, silence
from services.pathway.plan.handlers import REVIEW, REVIEW_AFTER_CRISIS, review_due
from services.pathway.step.handlers import on_acknowledged
from shared.cursor import on
from shared.events.intake import Arrived, NeedNamed
from shared.events.notify import AlertAcknowledged

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.pathway.store import PathwayStore
    from shared.cursor import Subscription
    from shared.due import DueHandlers
    from shared.ports import Rulebook

LISTENS_TO = ("intake", "community", "consent", "pathway", "notify")


def subscriptions(rules: Callable[[], Rulebook]) -> tuple[Subscription[PathwayStore], ...]:
    """Give who listens to what. ``rules`` gives the rulebook in force, asked at each event."""
    return (
        on(Arrived, partial(on_arrived, rules)),
        on(NeedNamed, on_need_named),
        on(AlertAcknowledged, on_acknowledged),
    )


def due(rules: Callable[[], Rulebook]) -> DueHandlers[PathwayStore]:
    """Give what is done when the time of a reminder has come."""
    return {
        NOT_MET: not_met,
        ANSWER: partial(silence, rules),
        REVIEW: review_due,
        REVIEW_AFTER_CRISIS: review_due,
    }
