"""Facts of pathway about plans: drafted, agreed, not agreed, undone, opened, money beside them, signs that show."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shared.event import Code, Event, Part, fact


@fact("pathway.plan-drafted", says="A plan was drafted.", part=Part.PLAN)
class PlanDrafted(Event):
    """A first version; not in force."""

    plan: UUID
    revision: int
    kind: Code
    co_produced: bool


@fact("pathway.plan-revised", says="A plan was changed.", part=Part.PLAN)
class PlanRevised(Event):
    """A new version; the last agreed one stays in force (P3)."""

    plan: UUID
    revision: int
    co_produced: bool


@fact("pathway.plan-agreed", says="The person agreed the plan.", part=Part.PLAN)
class PlanAgreed(Event):
    """The exact version that the person agreed is in force (P3)."""

    plan: UUID
    revision: int
    witness: UUID | None
    how: Code


@fact("pathway.plan-not-agreed", says="The person did not agree the plan.", part=Part.PLAN)
class PlanNotAgreed(Event):
    """A positive state (P4): lead and chosen supporters are told at once."""

    plan: UUID
    revision: int


@fact("pathway.agreement-undone", says="The person said: that is not what I agreed.", part=Part.PLAN)
class AgreementUndone(Event):
    """Not in force from now; all that rested on it is undone (P3)."""

    plan: UUID
    revision: int


@fact("pathway.plan-line-not-now", says="The person marked a line: not now.", part=Part.PLAN)
class PlanLineNotNow(Event):
    """At once, without a new version (P3)."""

    plan: UUID
    line: UUID


@fact("pathway.plan-opened-in-crisis", says="The plan was opened in a crisis.", part=Part.PLAN)
class PlanOpenedInCrisis(Event):
    """A review is asked for after (P6)."""

    plan: UUID


@fact("pathway.plan-review-due", says="It is time to look at the plan again.", part=Part.PLAN)
class PlanReviewDue(Event):
    """The date that the plan names has come, or it was opened in a crisis."""

    plan: UUID


@fact("pathway.budget-line-added", says="A line was added to the personal budget.", part=Part.PLAN)
class BudgetLineAdded(Event):
    """Money for the personalised care and support plan (P8)."""

    line: UUID
    plan: UUID


@fact("pathway.warning-signs-showing", says="It was said that warning signs are showing.", part=Part.JOURNEY)
class WarningSignsShowing(Event):
    """By the person or a supporter, in one act (P9). A clock runs until a human answers; no sign is named."""

    signs: UUID
    answer_by: datetime


@fact("pathway.warning-signs-answered", says="Somebody answered that warning signs were showing.", part=Part.JOURNEY)
class WarningSignsAnswered(Event):
    """A human who was told is on it, or made contact since (P9)."""

    signs: UUID


@fact(
    "pathway.warning-signs-unanswered",
    says="Nobody has answered in time that warning signs are showing.",
    part=Part.JOURNEY,
)
class WarningSignsUnanswered(Event):
    """The clock ran out: it climbs the ladder (P9, J9)."""

    signs: UUID
