"""Plans: one function is one transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.pathway.plan import domain
from services.pathway.plan.page import page_of
from shared.errors import AlongsideError, Kind, NotFoundError
from shared.events.pathway_plan import PlanReviewDue

if TYPE_CHECKING:
    from datetime import datetime

    from services.pathway.plan.domain import Plan
    from services.pathway.plan.headings import PlanKind
    from services.pathway.store import PathwayStore
    from shared.decisions import Permit
    from shared.due import DueItem
    from shared.shell import Tx

REVIEW = "plan-review"
REVIEW_AFTER_CRISIS = "plan-review-after-crisis"


class NotInForceError(AlongsideError):
    """The plan was never agreed, or another is in force by now."""

    code = "not-in-force"
    kind = Kind.CONFLICT
    says = "This plan is not the one in force. Read the person's plan, then open that one."


@dataclass(frozen=True, slots=True)
class Made:
    """A version of a plan that was made. ``tag`` is what ``If-Match`` takes."""

    plan: UUID
    revision: int
    tag: UUID
    co_produced: bool


async def draft_plan(command: domain.DraftPlan, tx: Tx[PathwayStore]) -> Made:
    """Write a plan's first version; nothing is in force by it (P3)."""
    plan, facts = domain.draft(command, tx.by, tx.now, tx.new_id(), tx.new_id)
    await tx.store.add_plan(plan)
    tx.emit(*facts)
    return made(plan)


async def revise_plan(command: domain.RevisePlan, tx: Tx[PathwayStore]) -> Made:
    """Write the next version. Raises StaleError when somebody else wrote it first (P3)."""
    plan = await _of(tx, command.draft.person, command.plan)
    kind = replace(command, draft=replace(command.draft, kind=plan.kind))
    revised, facts = domain.revise(plan, kind, tx.by, tx.now, tx.new_id)
    await tx.store.add_version(revised)
    tx.emit(*facts)
    return made(revised)


async def add_budget_line(command: domain.AddBudgetLine, tx: Tx[PathwayStore]) -> UUID:
    """Write a version with one more budget line (P8); gives the line's id."""
    plan = await _of(tx, command.person, command.plan)
    revised, line, facts = domain.add_budget_line(plan, command, tx.by, tx.now, tx.new_id)
    await tx.store.add_version(revised)
    tx.emit(*facts)
    return line.id


async def mark_not_now(command: domain.OfPlan, tx: Tx[PathwayStore]) -> None:
    """Set a line aside at once, in what is in force too (P3). Only the person does."""
    plan = await _of(tx, command.person, command.plan)
    in_force = await tx.store.in_force(command.person, plan.kind)
    stands = None
    if in_force and in_force.plan == plan.id:
        stands = await tx.store.plan(plan.id, in_force.revision)
    lines = {line.id for line in (*plan.version.lines, *(stands.version.lines if stands else ()))}
    if not tx.by.is_person(command.person) or command.line is None or command.line not in lines:
        raise NotFoundError
    marked, facts = domain.mark_not_now(plan, command.line, tx.new_id)
    if not facts:
        return
    await tx.store.move_plan(marked)
    if stands:
        await put_in_force(tx, replace(stands, not_now=marked.not_now, tag=marked.tag))
    tx.emit(*facts)


async def open_in_crisis(command: domain.OfPlan, tx: Tx[PathwayStore]) -> PlanKind:
    """Keep that the plan in force was opened in a crisis, and have it looked at again after (P6); gives its kind."""
    plan = await _of(tx, command.person, command.plan)
    in_force = await tx.store.in_force(command.person, plan.kind)
    if in_force is None or in_force.plan != plan.id:
        raise NotInForceError
    opened(tx, plan.person, plan.id)
    return plan.kind


def opened(tx: Tx[PathwayStore], person: UUID, plan: UUID) -> None:
    """Say, in the transaction of what opened it, that the plan in force was opened in a crisis (P6, P9)."""
    tx.emit(domain.open_in_crisis(plan, person))
    tx.remind(REVIEW_AFTER_CRISIS, tx.now + domain.REVIEW_AFTER_OPENING, person, plan)


async def review_due(item: DueItem, tx: Tx[PathwayStore]) -> None:
    """Say that it is time to look at the plan again, if it is still the one in force."""
    plan = await tx.store.plan(item.ref)
    in_force = await tx.store.in_force(item.subject, plan.kind) if plan else None
    if in_force and in_force.plan == item.ref:
        tx.emit(PlanReviewDue(subject=item.subject, plan=item.ref))


async def put_in_force(tx: Tx[PathwayStore], plan: Plan) -> None:
    """Make a version the one in force, and set when to look at it again."""
    answer = await tx.store.agreement_of(plan.id, plan.version.revision)
    await tx.store.put_in_force(plan, page_of(plan, answer, in_force=True))
    if plan.version.review_on is None:
        tx.forget(REVIEW, plan.person, plan.id)
    elif plan.version.review_on > tx.now:
        tx.remind(REVIEW, plan.version.review_on, plan.person, plan.id)


async def read_in_force(store: PathwayStore, permit: Permit, kind: PlanKind) -> tuple[bytes, UUID]:
    """Give the page of the plan in force, and its tag. Raises NotFoundError when none is."""
    found = await store.read_in_force(permit, kind)
    if found is None:
        raise NotFoundError
    return found


async def read_plan(
    store: PathwayStore, permit: Permit, plan: UUID, revision: int | None
) -> tuple[dict[str, Any], UUID]:
    """Give the page of one version, the latest by default, and the plan's tag."""
    found = await store.read_plan(permit, plan, revision)
    if found is None:
        raise NotFoundError
    answer = await store.read_answer(permit, plan, found[0].version.revision)
    return page_of(found[0], answer, in_force=found[1]), found[0].tag


async def list_plans(
    store: PathwayStore, permit: Permit, before: datetime, before_id: UUID, most: int
) -> list[tuple[Plan, bool]]:
    """Give the person's plans, the newest first, each with whether its latest version is in force."""
    return await store.list_plans(permit, before, before_id, most)


async def person_of_plan(store: PathwayStore, plan: UUID) -> UUID | None:
    """Say whom a plan is about, to ask consent; it discloses nothing."""
    return await store.person_of_plan(plan)


def made(plan: Plan) -> Made:
    """Give what its maker needs of a new version."""
    return Made(plan.id, plan.version.revision, plan.tag, plan.version.co_produced)


async def _of(tx: Tx[PathwayStore], person: UUID, plan_id: UUID) -> Plan:
    plan = await tx.store.plan(plan_id)
    if plan is None or plan.person != person:
        raise NotFoundError
    return plan
