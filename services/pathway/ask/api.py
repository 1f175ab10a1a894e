"""Routes of asks: I need more (J12)."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from starlette.responses import Response

from services.pathway.ask import handlers
from services.pathway.ask.domain import Ask, AskForMore, AskKind, NotTheirSupporterError
from services.pathway.edge import desk, is_theirs
from services.pathway.paging import Cursor, Limit, before, cut
from services.pathway.store import PathwayStore
from shared.decisions import Act
from shared.event import Part, Role
from shared.http import Body, Call, Words, answer, calls, page
from shared.http import router as routes

router = routes("I need more")
SUPPORTERS = (Role.PEER_SUPPORTER, Role.PRACTITIONER, Role.DUTY, Role.SYSTEM)
Asking = Annotated[Call[PathwayStore], calls("pathway", Role.PERSON, Role.CARER, *SUPPORTERS)]
Everyone = Annotated[
    Call[PathwayStore],
    calls("pathway", Role.ANYONE, Role.PERSON, Role.CARER, Role.STEWARD, *SUPPORTERS),
]


class AskBody(Body):
    """In their own words, or in none: the asking is enough."""

    words: Words | None = None


@router.post("/v1/people/{person}/asks", status_code=201, summary="I need more")
async def post_ask(person: UUID, body: AskBody, call: Asking) -> Response:
    """Ask for more, in one act at any time. A clock starts; somebody who had gone is held again (J12, J7)."""
    await call.permit(person, Part.NAME, Act.WRITE)
    by_person = call.by.is_person(person)
    if not by_person and not await is_theirs(call, person):
        raise NotTheirSupporterError
    command = AskForMore(
        person,
        body.words,
        by_person,
        call.by.organisation,
        call.by.member,
        await desk(call).place(person),
        call.ports.community.rulebook(),
    )
    asked = await desk(call).run(person, handlers.ask_for_more, command, call.origin, handlers.Asked)
    where = {"Location": f"/v1/people/{person}/asks"}
    value = {"ask": asked.ask, "answer_by": asked.answer_by, "lead": asked.lead if by_person else None}
    return answer(value, status=201, headers=where)


@router.get("/v1/people/{person}/asks", summary="What was asked for, and whether somebody answered")
async def get_asks(person: UUID, call: Asking, limit: Limit = 20, cursor: Cursor = None) -> Response:
    """Give what a person asked for, newest first (J12)."""
    start = before(cursor)
    permit = await call.permit(person, Part.JOURNEY)
    page_of = (AskKind.MORE, start.at, start.id, limit + 1)
    found = await call.read(lambda store: handlers.read_asks(store, permit, *page_of))
    items, after = cut(found, limit, lambda ask: ask)
    return call.disclose(permit, page([_shown(ask) for ask in items], after))


@router.get("/v1/figures/asks", summary="Asked and unanswered")
async def get_figure(call: Everyone) -> Response:
    """Give how many asks of the last year were not answered in time; under five is a star (J12, E1)."""
    now = call.service.shell.clock.now()
    figure = await call.read(lambda store: handlers.read_figure(store, now))
    return answer({"rule": "J12", "days": 365, "asked": figure.asked, "unanswered": figure.unanswered})


def _shown(ask: Ask) -> dict[str, Any]:
    return {
        "ask": ask.id,
        "state": ask.state,
        "words": ask.words,
        "by_person": ask.by_person,
        "asked_at": ask.asked_at,
        "answer_by": ask.answer_by,
        "answered_at": ask.answered_at,
        "link": ask.link,
    }
