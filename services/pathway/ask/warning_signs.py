"""Routes of "my warning signs are showing" (P9)."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from starlette.responses import Response

from services.pathway.ask import handlers
from services.pathway.ask.domain import Ask as Said
from services.pathway.ask.domain import AskForMore, AskKind, NotTheirSupporterError, SaySigns
from services.pathway.edge import desk, is_theirs
from services.pathway.paging import Cursor, Limit, before, cut
from services.pathway.store import PathwayStore
from shared.decisions import Act, Ask, Permit
from shared.event import Part, Role
from shared.http import Body, Call, Words, calls, page
from shared.http import router as routes
from shared.passes import Purpose

router = routes("my warning signs are showing")
SUPPORTERS = (Role.PEER_SUPPORTER, Role.PRACTITIONER, Role.DUTY, Role.SYSTEM)
Saying = Annotated[Call[PathwayStore], calls("pathway", Role.PERSON, Role.CARER, *SUPPORTERS)]


class SignsBody(Body):
    """Which sign, of the plan in force, and in what words; or neither: the saying is enough."""

    line: UUID | None = None
    words: Words | None = None


@router.post("/v1/people/{person}/warning-signs", status_code=201, summary="My warning signs are showing")
async def post_warning_signs(person: UUID, body: SignsBody, call: Saying) -> Response:
    """Say so, in one act without a threshold: lead and chosen supporters are told at once, and a clock starts (P9).

    It gives back what the plan in force promises now, to who may see it, and by when somebody answers. The person says
    it, a supporter they chose, or whoever may see their plan. Somebody who had gone is held again (J7).
    """
    known = await call.permit(person, Part.NAME, Act.WRITE)
    plan = await _to_the_plan(call, person)
    by_person = call.by.is_person(person)
    if not by_person and plan is None and not await is_theirs(call, person):
        raise NotTheirSupporterError
    place, rules = await desk(call).place(person), call.ports.community.rulebook()
    member = None if by_person else call.by.actor.member
    ask = AskForMore(person, body.words, by_person, call.by.organisation, member, place, rules)
    command = SaySigns(ask, body.line, sees_plan=plan is not None)
    said = await desk(call).run(person, handlers.say_signs, command, call.origin, handlers.SignsSaid)
    journey = await call.service.decisions.ask(Ask(call.by, person, Part.JOURNEY))
    promised = await call.read(lambda store: handlers.read_promised(store, plan), once=True) if plan else None
    value = {
        "warning_signs": said.signs,
        "answer_by": said.answer_by,
        "lead": said.lead if isinstance(journey, Permit) else None,
        "line": said.line,
        "plan": promised,
    }
    permits = [permit for permit in (known, plan, journey) if isinstance(permit, Permit)]
    return call.disclose(permits, value, status=201, headers={"Location": f"/v1/people/{person}/warning-signs"})


@router.get(
    "/v1/people/{person}/warning-signs", summary="When warning signs were showing, and whether somebody answered"
)
async def get_warning_signs(person: UUID, call: Saying, limit: Limit = 20, cursor: Cursor = None) -> Response:
    """Give when it was said, by whom and whether somebody answered, newest first (P9).

    Which line of the plan it was is told to who may see the plan (C4).
    """
    start = before(cursor)
    permit = await call.permit(person, Part.JOURNEY)
    page_of = (AskKind.WARNING_SIGNS, start.at, start.id, limit + 1)
    found = await call.read(lambda store: handlers.read_asks(store, permit, *page_of))
    items, after = cut(found, limit, lambda said: said)
    permits, lines = [permit], False
    if any(said.line for said in items):
        plan = await call.service.decisions.sure(Ask(call.by, person, Part.PLAN))
        lines = isinstance(plan, Permit)
        permits += [plan] if isinstance(plan, Permit) else []
    return call.disclose(permits, page([_shown(said, line=said.line if lines else None) for said in items], after))


async def _to_the_plan(call: Call[PathwayStore], person: UUID) -> Permit | None:
    """Ask for the purpose crisis, which this is; else for the one that the caller signed in for (C1, P6)."""
    for by in (replace(call.by, purpose=Purpose.CRISIS), call.by):
        found = await call.service.decisions.sure(Ask(by, person, Part.PLAN))
        if isinstance(found, Permit):
            return found
    return None


def _shown(said: Said, *, line: UUID | None) -> dict[str, Any]:
    return {
        "warning_signs": said.id,
        "state": said.state,
        "words": said.words,
        "line": line,
        "by_person": said.by_person,
        "organisation": said.organisation,
        "member": said.member,
        "said_at": said.asked_at,
        "answer_by": said.answer_by,
        "answered_at": said.answered_at,
    }
