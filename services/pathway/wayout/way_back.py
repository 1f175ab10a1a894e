"""Routes of moving away and of coming back (J4, J7)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from services.pathway.edge import desk
from services.pathway.holding.api import shown
from services.pathway.holding.domain import State
from services.pathway.holding.handlers import read_hold
from services.pathway.store import PathwayStore
from services.pathway.wayout import handlers
from services.pathway.wayout.commands import BeginMove, MetThere
from shared.decisions import Act, Ask, Permit
from shared.errors import InvalidError, NotFoundError
from shared.event import Part, Role
from shared.http import Body, Call, Line, answer, calls
from shared.http import router as routes

router = routes("the way back")
SUPPORTERS = (Role.PEER_SUPPORTER, Role.PRACTITIONER, Role.DUTY, Role.SYSTEM)
Anybody = Annotated[Call[PathwayStore], calls("pathway", Role.PERSON, *SUPPORTERS)]
Returning = Annotated[Call[PathwayStore], calls("pathway", Role.PERSON, Role.CARER, *SUPPORTERS)]


class MoveBody(Body):
    """Where the person is moving to, in words."""

    new_place: Line


class MetThereBody(Body):
    """Who of the new place met the person, and how that is known; not asked of the person themself."""

    there: Line | None = None


class ReturnBody(Body):
    """Who comes back (themself when nobody is named), and whom they choose (the last holder when nobody is)."""

    person: UUID | None = None
    chosen_holder: UUID | None = None


@router.post("/v1/people/{person}/moves", status_code=201, summary="Moving away")
async def post_move(person: UUID, body: MoveBody, call: Anybody) -> Response:
    """Begin a move. The lead stays until the new place has met the person (J4)."""
    await call.permit(person, Part.NAME, Act.WRITE)
    by = None if call.by.is_person(person) else _own(call)
    move = await desk(call).run(person, handlers.begin_move, BeginMove(person, by, body.new_place), call.origin, UUID)
    where = {"Location": f"/v1/people/{person}/moves/{move}"}
    return answer({"move": move, "person": person}, status=201, headers=where)


@router.post("/v1/people/{person}/moves/{move}/met", summary="The new place has met them")
async def post_met_there(person: UUID, move: UUID, body: MetThereBody, call: Anybody) -> Response:
    """Say that the new place has met the person. Their own word, or that of a supporter they chose, ends the hold.

    The lead says who rang there; until the person confirms it (202) the lead stays the lead (J4).
    """
    await call.permit(person, Part.NAME, Act.WRITE)
    themself = call.by.is_person(person)
    if not themself and body.there is None:
        raise InvalidError(fields=("there",))
    within = call.ports.community.rulebook().hold_acknowledged_within
    chosen = (await call.ports.intake.watchers(person)).chosen
    command = MetThere(person, move, None if themself else _own(call), body.there, chosen, within)
    state = await desk(call).run(person, handlers.met_there, command, call.origin, State)
    confirmed = state is not State.SUPPORTED
    return answer({"person": person, "confirmed": confirmed, "state": state}, status=200 if confirmed else 202)


@router.post("/v1/returns", status_code=201, summary="Welcome back")
async def post_return(body: ReturnBody, call: Returning) -> Response:
    """Be held again within the second, by the backstop until whom they choose has acknowledged (J7).

    No assessment, threshold or form; story, plan and consent are as they were. Somebody already held keeps the lead
    that they have. Who leads is told to whoever may see their journey (C4).
    """
    person = body.person or call.by.person
    if person is None:
        raise InvalidError(fields=("person",))
    permit = await call.permit(person, Part.NAME, Act.WRITE)
    await call.ports.pathway.arrive_again(person, body.chosen_holder, call.origin)
    holding = await call.read(lambda store: read_hold(store, permit))
    if holding is None:
        raise NotFoundError
    journey = await call.service.decisions.ask(Ask(call.by, person, Part.JOURNEY))
    permits = [permit, journey] if isinstance(journey, Permit) else [permit]
    full = shown(holding) if len(permits) > 1 else {"person": person}
    value = {name: full.get(name) for name in ("person", "state", "lead", "chosen")}
    where = {"Location": f"/v1/people/{person}/lead"}
    return call.disclose(permits, value, status=201, headers=where)


def _own(call: Call[PathwayStore]) -> UUID:
    if call.by.organisation is None:
        raise NotFoundError
    return call.by.organisation
