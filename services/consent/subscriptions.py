"""Who listens to what, and what the timer does: one literal each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.consent.choice.handlers import (
    ENDS,
    choice_ends,
    on_goes_on,
    on_offer_changed,
    on_offer_opened,
    on_stopped,
)
from services.consent.emergency.handlers import REVIEW, review_due
from shared.cursor import Subscription, on
from shared.events.community import OfferChanged, OfferOpened, OrganisationGoesOn, OrganisationStopped

if TYPE_CHECKING:
    from services.consent.store import ConsentStore
    from shared.due import DueHandlers

LISTENS_TO = ("community",)
SUBSCRIPTIONS: tuple[Subscription[ConsentStore], ...] = (
    on(OfferOpened, on_offer_opened),
    on(OfferChanged, on_offer_changed),
    on(OrganisationStopped, on_stopped),
    on(OrganisationGoesOn, on_goes_on),
)
DUE: DueHandlers[ConsentStore] = {ENDS: choice_ends, REVIEW: review_due}
