"""Which fact asks whom to look: the one table of kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.notify.alert.domain import Asked, How
from shared.event import Code
from shared.events import consent, pathway, pathway_plan

if TYPE_CHECKING:
    from shared.event import Event

DRIFTING = Code("drifting")
PLAN_NOT_AGREED = Code("plan-not-agreed")
LET_GO_TURNED_BACK = Code("let-go-turned-back")
ASKED_FOR_MORE = Code("asked-for-more")
ASK_UNANSWERED = Code("ask-unanswered")
WARNING_SIGNS_SHOWING = Code("warning-signs-showing")
WARNING_SIGNS_UNANSWERED = Code("warning-signs-unanswered")
BOUNCED = Code("bounced")
CONVERSATION_CALLED = Code("conversation-called")
NOWHERE_TO_SLEEP = Code("nowhere-to-sleep")
NOT_MET = Code("not-met")
CHOSEN_TO_HOLD = Code("chosen-to-hold")
RETURNED = Code("returned")
LEAD_CHANGED = Code("lead-changed")
CHECK_IN_DUE = Code("check-in-due")
PLAN_REVIEW_DUE = Code("plan-review-due")
WAY_BACK = Code("way-back")
EMERGENCY_ACCESS = Code("emergency-access")
EMERGENCY_REVIEW = Code("emergency-review")


def asked_by(event: Event) -> Asked | None:  # noqa: C901, PLR0911, PLR0912 - one line for each kind of fact
    """Give what a fact asks for, or None."""
    match event:
        case pathway.Drifting():
            return Asked(DRIFTING, How.CLIMBS)
        case pathway_plan.PlanNotAgreed():
            return Asked(PLAN_NOT_AGREED, How.CLIMBS)
        case pathway.LetGoTurnedBack():
            return Asked(LET_GO_TURNED_BACK, How.STAYS)
        case pathway.AskedForMore():
            return Asked(ASKED_FOR_MORE, How.STAYS)
        case pathway.AskUnanswered():
            return Asked(ASK_UNANSWERED, How.CLIMBS)
        case pathway_plan.WarningSignsShowing():
            return Asked(WARNING_SIGNS_SHOWING, How.STAYS)
        case pathway_plan.WarningSignsUnanswered():
            return Asked(WARNING_SIGNS_UNANSWERED, How.CLIMBS)
        case pathway.Bounced():
            return Asked(BOUNCED, How.CLIMBS, person=True)
        case pathway.ConversationCalled():
            return Asked(CONVERSATION_CALLED, How.STAYS, watchers=False)
        case pathway.NowhereToSleep():
            return Asked(NOWHERE_TO_SLEEP, How.CLIMBS, watchers=False, councils=True)
        case pathway.NotMetAlarmed(lead=lead):
            return Asked(NOT_MET, How.CLIMBS, named=(lead,), backstop=True)
        case pathway.HolderChosen(organisation=organisation):
            return Asked(CHOSEN_TO_HOLD, How.STAYS, lead=False, watchers=False, named=(organisation,), backstop=True)
        case pathway.Returned(chosen=chosen):
            return Asked(RETURNED, How.CLIMBS, named=(chosen,) if chosen else (), backstop=True)
        case pathway.LeadChanged(now=now) if now is not None:
            return Asked(LEAD_CHANGED, How.TELLS, lead=False, named=(now,))
        case pathway.CheckInDue(last_lead=last_lead, by=by):
            return Asked(CHECK_IN_DUE, How.CLIMBS, watchers=False, named=(last_lead, by) if by else (last_lead,))
        case pathway_plan.PlanReviewDue():
            return Asked(PLAN_REVIEW_DUE, How.STAYS, watchers=False)
        case pathway.ManagingIndependently():
            return Asked(WAY_BACK, How.TELLS, lead=False, watchers=False, person=True)
        case consent.EmergencyAccessUsed():
            return Asked(EMERGENCY_ACCESS, How.TELLS, lead=False, watchers=False, person=True)
        case consent.EmergencyReviewDue(organisation=organisation):
            return Asked(EMERGENCY_REVIEW, How.STAYS, lead=False, watchers=False, named=(organisation,))
        case _:
            return None


def ends(event: Event, asked: Asked) -> bool:
    """Say whether a fact that may end a kind ends this one: a lead is met by nobody but itself (J2b)."""
    match event:
        case pathway.ContactMade(organisation=by) | pathway.Met(organisation=by):
            return by in asked.named
        case _:
            return True


def ended_by(event: Event) -> tuple[Code, ...]:
    """Give the kinds that are over when a fact has happened."""
    match event:
        case pathway.DriftingEnded():
            return (DRIFTING,)
        case pathway.AskAnswered():
            return (ASKED_FOR_MORE, ASK_UNANSWERED)
        case pathway_plan.WarningSignsAnswered():
            return (WARNING_SIGNS_SHOWING, WARNING_SIGNS_UNANSWERED)
        case pathway_plan.PlanAgreed():
            return (PLAN_NOT_AGREED,)
        case pathway.Met() | pathway.ContactMade():
            return (NOT_MET,)
        case pathway.LeadChanged(why=pathway.LeadWhy.ACKNOWLEDGED | pathway.LeadWhy.MET):
            return (CHOSEN_TO_HOLD, RETURNED, NOT_MET)
        case pathway.LeadChanged(why=pathway.LeadWhy.WAY_OUT):
            return (DRIFTING, NOT_MET, CHOSEN_TO_HOLD, LET_GO_TURNED_BACK)
        case _:
            return ()
