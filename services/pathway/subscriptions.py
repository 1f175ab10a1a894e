"""Who listens to what, and what the timer does: one literal each."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from services.pathway.ask import answering
from services.pathway.ask.domain import ANSWER_BY
from services.pathway.ask.handlers import answer_by_came
from services.pathway.contact.handlers import CONTACT_BY, PROMISED, contact_by, promised
from services.pathway.holding import hearing
from services.pathway.holding.handlers import MEMBER_LEFT, NAMED_LEFT, NOT_MET, not_met
from services.pathway.link.handlers import ANSWER, on_need_named, silence
from services.pathway.plan.handlers import REVIEW, REVIEW_AFTER_CRISIS, review_due
from services.pathway.step.handlers import on_acknowledged
from services.pathway.timeline.handlers import on_every_event
from services.pathway.wayout.handlers import CHECK_IN, check_in_came
from shared.cursor import on, on_every
from shared.events.community import BackstopSet, MemberLeft, OrganisationGoesOn, OrganisationStopped
from shared.events.consent import ConsentWithdrawn
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
        on(Arrived, partial(hearing.on_arrived, rules)),
        on(OrganisationStopped, hearing.on_organisation_stopped),
        on(OrganisationGoesOn, hearing.on_organisation_goes_on),
        on(BackstopSet, hearing.on_backstop_set),
        on(MemberLeft, hearing.on_member_left),
        on(ConsentWithdrawn, hearing.on_withdrawn),
        on(NeedNamed, on_need_named),
        on(AlertAcknowledged, on_acknowledged),
        on(AlertAcknowledged, answering.on_acknowledged),
        on_every(on_every_event),
    )


def due(rules: Callable[[], Rulebook]) -> DueHandlers[PathwayStore]:
    """Give what is done when the time of a reminder has come."""
    return {
        NOT_MET: not_met,
        NAMED_LEFT: partial(hearing.named_left, rules),
        MEMBER_LEFT: hearing.member_left,
        CONTACT_BY: contact_by,
        PROMISED: promised,
        ANSWER_BY: answer_by_came,
        CHECK_IN: check_in_came,
        ANSWER: partial(silence, rules),
        REVIEW: review_due,
        REVIEW_AFTER_CRISIS: review_due,
    }
