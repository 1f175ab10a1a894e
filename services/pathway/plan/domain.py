"""What a plan is and how it changes: each change is a new version, each line says who wrote it (P1, P2, P3, P8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from services.pathway.plan.headings import HEADINGS, PlanKind
from shared.errors import AlongsideError, InvalidError, Kind, StaleError, WhoActs
from shared.event import Code, Event, Role
from shared.events.pathway_plan import BudgetLineAdded, PlanDrafted, PlanLineNotNow, PlanOpenedInCrisis, PlanRevised
from shared.passes import Pass

REVIEW_AFTER_OPENING = timedelta(days=3)
"""How soon after a plan was opened in a crisis it is time to look at it again (P6)."""
PAYERS = frozenset(
    Code(kind)
    for kind in ("council", "nhs-trust", "community-team", "hospital-ward", "gp-practice", "primary-care-network")
)
"""Kinds of organisation that add a budget line (P8)."""


class Written(StrEnum):
    """Who wrote a line (P2): the person, the person with somebody's support, or somebody else for them."""

    SELF = "self"
    SUPPORTED = "supported-by"
    RECORDED = "recorded-by"


THEIRS = frozenset({Written.SELF, Written.SUPPORTED})


class State(StrEnum):
    """Where a version stands. ``AGREED`` ones stay so when a later one is agreed: the last agreed is in force."""

    DRAFT = "draft"
    AGREED = "agreed"
    NOT_AGREED = "not-agreed"
    UNDONE = "agreement-undone"


class BudgetKind(StrEnum):
    """What sort of money it is (P8)."""

    DIRECT_PAYMENT = "direct-payment"
    PERSONAL_HEALTH_BUDGET = "personal-health-budget"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line as it was sent. ``keeps`` names a line of the version before that it goes on from."""

    heading: str
    words: str
    written: Written | None = None
    keeps: UUID | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a version. ``member`` and ``organisation`` say who wrote it unless the person did alone."""

    id: UUID
    heading: str
    words: str
    written: Written
    member: UUID | None = None
    organisation: UUID | None = None


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """Money promised to the person: whole pence, from which organisation, and what for in words (P8)."""

    id: UUID
    pence: int
    kind: BudgetKind
    organisation: UUID
    what_for: str


@dataclass(frozen=True, slots=True)
class Drafter:
    """Who made a version."""

    role: Role
    member: UUID | None
    organisation: UUID | None


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a plan: never changed, never gone."""

    revision: int
    lines: tuple[Line, ...]
    budget: tuple[BudgetLine, ...]
    co_produced: bool
    did_not_want_to: str | None
    review_on: datetime | None
    drafted_by: Drafter
    drafted_at: datetime
    state: State = State.DRAFT


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan with one of its versions, the latest unless another was asked for.

    ``tag`` moves with every change; ``at``: when it began.
    """

    id: UUID
    person: UUID
    kind: PlanKind
    tag: UUID
    latest: int
    not_now: frozenset[UUID]
    at: datetime
    version: Version


@dataclass(frozen=True, slots=True)
class DraftPlan:
    """Draft a plan of a person."""

    person: UUID
    kind: PlanKind
    lines: tuple[NewLine, ...]
    co_produced: bool
    did_not_want_to: str | None
    review_on: datetime | None

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the person."""
        return (self.person,)


@dataclass(frozen=True, slots=True)
class RevisePlan:
    """Make a new version of the plan that has ``tag`` now."""

    plan: UUID
    tag: UUID
    draft: DraftPlan

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the person."""
        return (self.draft.person,)


@dataclass(frozen=True, slots=True)
class OfPlan:
    """Something about one plan of a person; ``line`` where it is about a line."""

    person: UUID
    plan: UUID
    line: UUID | None = None

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the person."""
        return (self.person,)


@dataclass(frozen=True, slots=True)
class AddBudgetLine:
    """Promise money in a care and support plan (P8)."""

    person: UUID
    plan: UUID
    pence: int
    kind: BudgetKind
    what_for: str

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the person."""
        return (self.person,)


class NothingOfTheirsError(AlongsideError):
    """Co-produced without a line of the person's (P2)."""

    code: ClassVar[str] = "nothing-of-theirs"
    kind: ClassVar[Kind] = Kind.CONFLICT
    says: ClassVar[str] = (
        "Nothing in this plan is the person's own, so it can't be put forward as co-produced. Write it with them; "
        "if they do not want to take part, record that in their words."
    )


class NotThatKindError(AlongsideError):
    """A budget line in a plan that holds no money (P8)."""

    code: ClassVar[str] = "not-that-kind-of-plan"
    kind: ClassVar[Kind] = Kind.CONFLICT
    says: ClassVar[str] = "Budget lines stand in a care and support plan. Draft one, then add the line to it."


class NotAPayerError(AlongsideError):
    """Money promised by somebody who is neither council nor NHS (P8)."""

    code: ClassVar[str] = "not-a-payer"
    kind: ClassVar[Kind] = Kind.FORBIDDEN
    says: ClassVar[str] = "Only a council or an NHS organisation may add a budget line."
    who: ClassVar[WhoActs] = WhoActs.ANOTHER


def draft(
    command: DraftPlan, by: Pass, now: datetime, plan: UUID, new_id: Callable[[], UUID]
) -> tuple[Plan, tuple[Event, ...]]:
    """Make the first version of a plan (P1, P2)."""
    version = _version(command, by, now, 1, (), (), new_id)
    made = Plan(plan, command.person, command.kind, new_id(), 1, frozenset(), now, version)
    said = PlanDrafted(
        subject=command.person, plan=plan, revision=1, kind=Code(command.kind), co_produced=version.co_produced
    )
    return made, (said,)


def revise(
    plan: Plan, command: RevisePlan, by: Pass, now: datetime, new_id: Callable[[], UUID]
) -> tuple[Plan, tuple[Event, ...]]:
    """Make a new version; whatever is in force stays so (P3). Raises StaleError when the plan has moved on."""
    if plan.tag != command.tag:
        raise StaleError
    before = plan.version
    version = _version(command.draft, by, now, plan.latest + 1, before.lines, before.budget, new_id)
    return _next(plan, version, new_id)


def add_budget_line(
    plan: Plan, command: AddBudgetLine, by: Pass, now: datetime, new_id: Callable[[], UUID]
) -> tuple[Plan, BudgetLine, tuple[Event, ...]]:
    """Add money to a care and support plan: a new version, to be agreed like any other (P3, P8)."""
    if plan.kind is not PlanKind.CARE_AND_SUPPORT:
        raise NotThatKindError
    if by.organisation is None:
        raise NotAPayerError
    line = BudgetLine(new_id(), command.pence, command.kind, by.organisation, command.what_for)
    version = replace(
        plan.version,
        revision=plan.latest + 1,
        budget=(*plan.version.budget, line),
        drafted_by=drafter(by, plan.person),
        drafted_at=now,
        state=State.DRAFT,
    )
    revised, facts = _next(plan, version, new_id)
    return revised, line, (*facts, BudgetLineAdded(subject=plan.person, line=line.id, plan=plan.id))


def mark_not_now(plan: Plan, line: UUID, new_id: Callable[[], UUID]) -> tuple[Plan, tuple[Event, ...]]:
    """Set a line aside at once, in every version that has it (P3). ``line`` must be one of the plan's."""
    if line in plan.not_now:
        return plan, ()
    marked = replace(plan, not_now=plan.not_now | {line}, tag=new_id())
    return marked, (PlanLineNotNow(subject=plan.person, plan=plan.id, line=line),)


def open_in_crisis(plan: UUID, person: UUID) -> PlanOpenedInCrisis:
    """Say that the plan in force was opened in a crisis (P6)."""
    return PlanOpenedInCrisis(subject=person, plan=plan)


def drafter(by: Pass, person: UUID) -> Drafter:
    """Give who makes a version; the person themself needs no other name."""
    return Drafter(by.role, None if by.is_person(person) else by.actor.member, by.organisation)


def _next(plan: Plan, version: Version, new_id: Callable[[], UUID]) -> tuple[Plan, tuple[Event, ...]]:
    said = PlanRevised(subject=plan.person, plan=plan.id, revision=version.revision, co_produced=version.co_produced)
    return replace(plan, tag=new_id(), latest=version.revision, version=version), (said,)


def _version(
    command: DraftPlan,
    by: Pass,
    now: datetime,
    revision: int,
    before: tuple[Line, ...],
    budget: tuple[BudgetLine, ...],
    new_id: Callable[[], UUID],
) -> Version:
    kept = {line.id: line for line in before}
    if len({new.keeps for new in command.lines if new.keeps}) < sum(new.keeps is not None for new in command.lines):
        raise InvalidError(fields=("lines.id",))
    lines = tuple(_line(new, kept, by, command, new_id) for new in command.lines)
    if command.co_produced and not any(line.written in THEIRS for line in lines):
        raise NothingOfTheirsError
    if command.co_produced and command.did_not_want_to is not None:
        raise InvalidError(fields=("did_not_want_to",))
    if command.review_on is not None and command.review_on <= now:
        raise InvalidError(fields=("review_on",))
    order = list(HEADINGS[command.kind])
    lines = tuple(sorted(lines, key=lambda line: order.index(line.heading)))
    made_by = drafter(by, command.person)
    co_produced, did_not_want_to = command.co_produced, command.did_not_want_to
    return Version(revision, lines, budget, co_produced, did_not_want_to, command.review_on, made_by, now)


def _line(new: NewLine, kept: dict[UUID, Line], by: Pass, command: DraftPlan, new_id: Callable[[], UUID]) -> Line:
    """Keep a line whose words stay as its writer left them; any other is the caller's."""
    if new.heading not in HEADINGS[command.kind]:
        raise InvalidError(fields=("lines.heading",))
    if new.keeps is not None and new.keeps not in kept:
        raise InvalidError(fields=("lines.id",))
    before = kept[new.keeps] if new.keeps else None
    if before and (before.heading, before.words) == (new.heading, new.words):
        return before
    if by.is_person(command.person):
        if new.written not in {None, Written.SELF}:
            raise InvalidError(fields=("lines.written",))
        return Line(new_id(), new.heading, new.words, Written.SELF)
    written = new.written or Written.RECORDED
    if written is Written.SELF:
        raise InvalidError(fields=("lines.written",))
    return Line(new_id(), new.heading, new.words, written, by.actor.member, by.organisation)
