"""What notify listens to: every fact but consent's becomes deliveries; some, of consent's too, ask somebody to look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.notify.alert import duty_line
from services.notify.alert.handlers import on_fact, on_goes_on, on_joined, on_left, on_stopped
from services.notify.delivery.handlers import on_fact as deliver
from shared.cursor import Subscription, on, on_every
from shared.events import consent, pathway, pathway_plan
from shared.events.community import (
    DutyLineFailing,
    DutyLineTestDue,
    OrganisationGoesOn,
    OrganisationJoined,
    OrganisationStopped,
)

if TYPE_CHECKING:
    from services.notify.store import NotifyStore

LISTENS_TO = ("intake", "community", "consent", "pathway", "notify")
ASKING = (
    consent.EmergencyAccessUsed,
    consent.EmergencyReviewDue,
    pathway.Drifting,
    pathway.DriftingEnded,
    pathway_plan.PlanNotAgreed,
    pathway_plan.PlanAgreed,
    pathway_plan.PlanReviewDue,
    pathway_plan.WarningSignsShowing,
    pathway_plan.WarningSignsUnanswered,
    pathway_plan.WarningSignsAnswered,
    pathway.LetGoTurnedBack,
    pathway.AskedForMore,
    pathway.AskUnanswered,
    pathway.AskAnswered,
    pathway.Bounced,
    pathway.ConversationCalled,
    pathway.NowhereToSleep,
    pathway.NotMetAlarmed,
    pathway.Met,
    pathway.ContactMade,
    pathway.HolderChosen,
    pathway.Returned,
    pathway.LeadChanged,
    pathway.CheckInDue,
    pathway.ManagingIndependently,
)
SUBSCRIPTIONS: tuple[Subscription[NotifyStore], ...] = (
    on_every(deliver),
    *(on(kind, on_fact) for kind in ASKING),
    on(pathway.Left, on_left),
    on(DutyLineTestDue, duty_line.on_test_due),
    on(DutyLineFailing, duty_line.on_failing),
    on(OrganisationJoined, on_joined),
    on(OrganisationStopped, on_stopped),
    on(OrganisationGoesOn, on_goes_on),
)
