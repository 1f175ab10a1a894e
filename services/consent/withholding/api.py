"""``/v1/people/{person}/withholdings``: the person withholds a passage, sees what they withhold, gives it back (S4)."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from services.consent.choice.who import NamedBody, must_be_known, shown_who
from services.consent.store import ConsentStore
from services.consent.withholding import handlers
from services.consent.withholding.domain import GiveBack, Withhold, Withholding
from shared import http
from shared.decisions import WITHDRAWAL_WAIT_SECONDS
from shared.errors import NotFoundError
from shared.event import Role
from shared.http import Body, Call, Words, answer, calls, page
from shared.telemetry import WITHDRAWAL

router = http.router("consent")
Theirs = Annotated[Call[ConsentStore], calls("consent", Role.PERSON)]
IN_FORCE = (
    "This is in force: from now on this passage does not leave here to whom you named. "
    "They can't tell that it is there. What they read before, they have read."
)


class WithholdingBody(Body):
    """A passage of one's own story, and from whom it is withheld. ``words`` are one's own, shown to nobody else."""

    passage: UUID
    withheld_from: Annotated[NamedBody, Field(alias="from")]
    words: Words | None = None


@router.post("/v1/people/{person}/withholdings", status_code=201)
async def post_withholding(person: UUID, body: WithholdingBody, call: Theirs) -> Response:
    """Withhold a passage from an organisation, a role or a named person. It is in force when this answers (S4, C2)."""
    _only_theirs(call, person)
    who = body.withheld_from.value()
    await must_be_known(call.ports, who, "from")
    if not await call.ports.intake.passages(person, frozenset({body.passage})):
        raise NotFoundError
    command = Withhold(person, body.passage, who, body.words)
    with WITHDRAWAL.time():
        made = await call.run(handlers.withhold, command, UUID)
        await asyncio.sleep(WITHDRAWAL_WAIT_SECONDS)
    said = shown(await call.read(lambda s: handlers.read_withholding(s, person, made)))
    said |= {"in_force": True, "says": IN_FORCE}
    return answer(said, status=201, headers={"Location": f"/v1/people/{person}/withholdings/{made}"})


@router.get("/v1/people/{person}/withholdings")
async def get_withholdings(
    person: UUID,
    call: Theirs,
    cursor: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Response:
    """List what one withholds, newest first, given back included. Nobody else may."""
    _only_theirs(call, person)
    found = await call.read(lambda s: handlers.read_withholdings(s, person, cursor, limit + 1))
    after = str(found[limit - 1].id) if len(found) > limit else None
    return answer(page([shown(each) for each in found[:limit]], after))


@router.get("/v1/people/{person}/withholdings/{withholding}")
async def get_withholding(person: UUID, withholding: UUID, call: Theirs) -> Response:
    """Give one of one's own."""
    _only_theirs(call, person)
    return answer(shown(await call.read(lambda s: handlers.read_withholding(s, person, withholding))))


@router.delete("/v1/people/{person}/withholdings/{withholding}", status_code=204)
async def delete_withholding(person: UUID, withholding: UUID, call: Theirs) -> Response:
    """Give a passage back: whom one's choices let see the story sees it again."""
    _only_theirs(call, person)
    await call.run(handlers.give_back, GiveBack(person, withholding), type(None))
    return Response(status_code=204)


def _only_theirs(call: Call[ConsentStore], person: UUID) -> None:
    if not call.by.is_person(person):
        raise NotFoundError


def shown(withholding: Withholding) -> dict[str, Any]:
    """Give a withholding as the person sees it."""
    return {
        "withholding": withholding.id,
        "passage": withholding.passage,
        "from": shown_who(withholding.who),
        "words": withholding.words,
        "at": withholding.at,
        "state": "withheld" if withholding.in_force else "given-back",
        "given_back_at": withholding.given_back_at,
    }
