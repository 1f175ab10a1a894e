"""Routes of plans: draft, change, read, set a line aside, open in a crisis, promise money."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Header, Query
from pydantic import AwareDatetime, Field
from starlette.responses import Response

from services.pathway.edge import permit_of
from services.pathway.paging import Cursor, Limit, before, cut
from services.pathway.plan import domain, handlers
from services.pathway.plan.headings import PlanKind
from services.pathway.store import PathwayStore
from shared.decisions import Act, Permit
from shared.errors import InvalidError, NotFoundError, StaleError
from shared.event import Part, Role
from shared.http import Body, Call, Words, answer, calls, page
from shared.http import router as routes
from shared.passes import Purpose

router = routes("plans")
SUPPORTERS = (Role.PEER_SUPPORTER, Role.CARER, Role.PRACTITIONER, Role.DUTY, Role.SYSTEM)
Writing = Annotated[Call[PathwayStore], calls("pathway", Role.PERSON, *SUPPORTERS)]
Paying = Annotated[Call[PathwayStore], calls("pathway", Role.PRACTITIONER, Role.DUTY, Role.SYSTEM)]
Own = Annotated[Call[PathwayStore], calls("pathway", Role.PERSON)]


class LineBody(Body):
    """One line. ``id`` keeps a line of the version before; unchanged words keep their writer (P2).

    ``written``: ``self`` (the person signed in; the only one they may send, and their default), ``supported-by``
    (the person's words, with your support) or ``recorded-by`` (yours, for them: the default of anyone else).
    """

    heading: str = Field(max_length=48, pattern=r"^[a-z-]+$")
    words: Words
    written: domain.Written | None = None
    id: UUID | None = None


class VersionBody(Body):
    """What a version says. ``did_not_want_to``: the person's words, when they did not want to take part (P2)."""

    lines: list[LineBody] = Field(max_length=200)
    co_produced: bool
    did_not_want_to: Words | None = None
    review_on: AwareDatetime | None = None


class PlanBody(VersionBody):
    """A first version of a plan."""

    kind: PlanKind = PlanKind.SAFETY


class BudgetLineBody(Body):
    """Money promised: whole pence, what kind, and what for in words (P8). It is from the caller's organisation."""

    pence: int = Field(gt=0, le=100_000_000, strict=True)
    kind: domain.BudgetKind
    what_for: Words = Field(alias="for")


@router.post("/v1/people/{person}/plans", status_code=201, summary="Draft a plan with a person")
async def post_plan(person: UUID, body: PlanBody, call: Writing) -> Response:
    """Draft a plan: a safety plan, or a care and support plan beside it. It is not in force until agreed (P3)."""
    await call.permit(person, Part.NAME, Act.WRITE)
    made = await call.run(handlers.draft_plan, _draft(person, body, body.kind), handlers.Made)
    return _made(made)


@router.post("/v1/plans/{plan}/versions", status_code=201, summary="Write a new version of a plan")
async def post_version(
    plan: UUID, body: VersionBody, call: Writing, if_match: Annotated[str | None, Header()] = None
) -> Response:
    """Change a plan: a new version from the one named in ``If-Match``; the last agreed one stays in force (P3)."""
    permit = await _permit(call, plan, Part.PLAN, Act.WRITE)
    draft = _draft(permit.person, body, PlanKind.SAFETY)
    command = domain.RevisePlan(plan, tag_from(if_match), draft)
    return _made(await call.run(handlers.revise_plan, command, handlers.Made))


@router.get("/v1/people/{person}/plan", summary="Read the plan in force")
async def get_plan_in_force(person: UUID, call: Writing, kind: PlanKind = PlanKind.SAFETY) -> Response:
    """Read the version that the person agreed and that is in force (P3, P6); nothing when there is none."""
    permit = await call.permit(person, Part.PLAN)
    body, tag = await call.read(lambda store: handlers.read_in_force(store, permit, kind), once=True)
    return call.disclose(permit, orjson.Fragment(body), headers={"ETag": f'"{tag.hex}"'})


@router.get("/v1/people/{person}/plans", summary="List a person's plans")
async def get_plans(person: UUID, call: Writing, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """List plans, the newest first, each with where its latest version stands."""
    permit = await call.permit(person, Part.PLAN)
    start = before(cursor)
    found = await call.read(lambda store: handlers.list_plans(store, permit, start.at, start.id, limit + 1))
    items, more = cut(found, limit, lambda item: item[0])
    return call.disclose(permit, page([listed(plan, in_force=stands) for plan, stands in items], more))


@router.get("/v1/plans/{plan}", summary="Read a plan")
async def get_plan(
    plan: UUID, call: Writing, revision: Annotated[int | None, Query(ge=1, le=1_000_000)] = None
) -> Response:
    """Read one version of a plan, the latest by default, with the last answer to it. No clock is shown (P5)."""
    permit = await _permit(call, plan, Part.PLAN)
    shown, tag = await call.read(lambda store: handlers.read_plan(store, permit, plan, revision))
    return call.disclose(permit, shown, headers={"ETag": f'"{tag.hex}"'})


@router.post("/v1/plans/{plan}/lines/{line}/not-now", status_code=204, summary="Set a line aside, at once")
async def post_not_now(plan: UUID, line: UUID, call: Own) -> Response:
    """Mark a line of one's own plan *not now*; it shows so on every view from now (P3)."""
    permit = await _permit(call, plan, Part.PLAN, Act.WRITE)
    await call.run(handlers.mark_not_now, domain.OfPlan(permit.person, plan, line), type(None))
    return Response(status_code=204)


@router.post("/v1/plans/{plan}/openings", status_code=201, summary="Open the plan in force in a crisis")
async def post_opening(plan: UUID, call: Writing) -> Response:
    """Open the plan in force because the person is in crisis: recorded, given back, looked at again after (P6)."""
    permit = await _in_crisis(call, plan)
    kind = await call.run(handlers.open_in_crisis, domain.OfPlan(permit.person, plan), PlanKind)
    body, tag = await call.read(lambda store: handlers.read_in_force(store, permit, kind), once=True)
    headers = {"ETag": f'"{tag.hex}"', "Location": f"/v1/plans/{plan}"}
    return call.disclose(permit, orjson.Fragment(body), status=201, headers=headers)


@router.post("/v1/plans/{plan}/budget-lines", status_code=201, summary="Promise money in a care and support plan")
async def post_budget_line(plan: UUID, body: BudgetLineBody, call: Paying) -> Response:
    """Add a budget line of your council or NHS organisation: a new version, for the person to agree (P3, P8)."""
    permit = await _permit(call, plan, Part.NAME, Act.WRITE)
    payer = call.by.organisation and await call.ports.community.organisation(call.by.organisation)
    if not payer or payer.kind not in domain.PAYERS:
        raise domain.NotAPayerError
    command = domain.AddBudgetLine(permit.person, plan, body.pence, body.kind, body.what_for)
    line = await call.run(handlers.add_budget_line, command, UUID)
    return answer({"line": line, "plan": plan}, status=201, headers={"Location": f"/v1/plans/{plan}"})


async def _permit(call: Call[PathwayStore], plan: UUID, part: Part, act: Act = Act.READ) -> Permit:
    """Ask about the person of a plan. Raises NotFoundError for a plan that is not there: the same as for a no."""
    person = await call.read(lambda store: handlers.person_of_plan(store, plan))
    return await permit_of(call, plan, person, part, act)


async def _in_crisis(call: Call[PathwayStore], plan: UUID) -> Permit:
    """Ask for the purpose crisis, which this is; else for the one that the caller signed in for (C1)."""
    person = await call.read(lambda store: handlers.person_of_plan(store, plan))
    in_crisis = replace(call, by=replace(call.by, purpose=Purpose.CRISIS))
    try:
        return await permit_of(in_crisis, plan, person, Part.PLAN)
    except NotFoundError:
        return await permit_of(call, plan, person, Part.PLAN)


def listed(plan: domain.Plan, *, in_force: bool) -> dict[str, Any]:
    """Give a plan as it stands in a list."""
    return {
        "plan": plan.id,
        "kind": plan.kind,
        "revision": plan.version.revision,
        "state": plan.version.state,
        "in_force": in_force,
        "co_produced": plan.version.co_produced,
        "at": plan.at,
    }


def _draft(person: UUID, body: VersionBody, kind: PlanKind) -> domain.DraftPlan:
    lines = tuple(domain.NewLine(line.heading, line.words, line.written, line.id) for line in body.lines)
    return domain.DraftPlan(person, kind, lines, body.co_produced, body.did_not_want_to, body.review_on)


def _made(made: handlers.Made) -> Response:
    value: dict[str, Any] = {"plan": made.plan, "revision": made.revision, "co_produced": made.co_produced}
    headers = {"Location": f"/v1/plans/{made.plan}", "ETag": f'"{made.tag.hex}"'}
    return answer(value | {"in_force": False}, status=201, headers=headers)


def tag_from(if_match: str | None) -> UUID:
    """Read an ``If-Match``. Raises InvalidError without one, StaleError for one that we never gave."""
    if if_match is None:
        raise InvalidError(fields=("If-Match",))
    try:
        return UUID(if_match.strip().removeprefix("W/").strip('"'))
    except ValueError:
        raise StaleError from None
