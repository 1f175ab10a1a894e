"""Routes of holds: who leads, acknowledging, handing back, walking alongside (J2)."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from starlette.responses import Response

from services.pathway.edge import desk
from services.pathway.holding import handlers
from services.pathway.holding.commands import Acknowledge, Alongside, HandBack
from services.pathway.holding.domain import MANAGING_INDEPENDENTLY, Holding, State
from services.pathway.holding.errors import NotAMemberError
from services.pathway.store import PathwayStore
from shared.decisions import Act, Ask, Permit
from shared.errors import InvalidError, NotFoundError
from shared.event import Part, Role
from shared.http import Body, Call, answer, calls
from shared.http import router as routes

router = routes("who leads")
SUPPORTERS = (Role.PEER_SUPPORTER, Role.PRACTITIONER, Role.DUTY, Role.SYSTEM)
Supporting = Annotated[Call[PathwayStore], calls("pathway", *SUPPORTERS)]
Anybody = Annotated[Call[PathwayStore], calls("pathway", Role.PERSON, *SUPPORTERS)]
Reading = Annotated[Call[PathwayStore], calls("pathway", Role.PERSON, Role.CARER, *SUPPORTERS)]
NOTHING = 204


class AcknowledgementBody(Body):
    """Who of the organisation holds the person (the caller when nobody is named), and who when they can't."""

    named: UUID | None = None
    deputy: UUID | None = None


class HandBackBody(Body):
    """Whether the group goes on walking alongside."""

    stay_alongside: bool = Field(default=True, strict=True)


class AlongsideBody(Body):
    """Who walks alongside: named by the person; a supporter can only bring their own organisation."""

    organisation: UUID | None = None


@router.get("/v1/people/{person}/lead", summary="Who leads")
async def get_lead(person: UUID, call: Reading) -> Response:
    """Say who leads, whether they have met the person, and who walks alongside (J2, J2b).

    A supporter who may not see the journey is told only how their own organisation stands.
    """
    permit = await call.service.decisions.sure(Ask(call.by, person, Part.JOURNEY))
    whole = isinstance(permit, Permit)
    named = permit if isinstance(permit, Permit) else await call.permit(person, Part.NAME)
    holding = await call.read(lambda store: handlers.read_hold(store, named))
    if holding is None:
        await desk(call).hold_first(person, call.origin)
        holding = await call.read(lambda store: handlers.read_hold(store, named))
    if holding is None:
        raise NotFoundError
    return call.disclose(named, shown(holding) if whole else own_standing(holding, call.by.organisation))


@router.post("/v1/people/{person}/lead/acknowledgement", summary="We hold this person")
async def post_acknowledgement(person: UUID, body: AcknowledgementBody, call: Supporting) -> Response:
    """Let the chosen holder lead from now; or let the lead name who of it holds the person (J2a, J2b)."""
    await call.permit(person, Part.NAME, Act.WRITE)
    organisation, named = _own(call), body.named or call.by.member
    if named is None:
        raise InvalidError(fields=("named",))
    for member in {named, body.deputy} - {None}:
        if not await call.ports.community.is_member(member, organisation):
            raise NotAMemberError
    rules = call.ports.community.rulebook()
    place = await desk(call).place(person, organisation)
    command = Acknowledge(
        person, organisation, named, body.deputy, rules.holds_per_member, place, rules.hold_acknowledged_within
    )
    lead = await desk(call).run(person, handlers.acknowledge, command, call.origin, UUID)
    return answer({"person": person, "lead": lead, "named": named, "deputy": body.deputy})


@router.post("/v1/people/{person}/lead/hand-back", summary="Hand a hold to the backstop")
async def post_hand_back(person: UUID, body: HandBackBody, call: Supporting) -> Response:
    """Put a hold down, in one act at any hour: a volunteer or unfunded group is never turned down (J2d)."""
    await call.permit(person, Part.NAME, Act.WRITE)
    organisation = _own(call)
    funded = (await call.ports.community.organisation(organisation)).funded
    place = await desk(call).place(person)
    within = call.ports.community.rulebook().hold_acknowledged_within
    command = HandBack(person, organisation, funded, body.stay_alongside, place, within)
    lead = await desk(call).run(person, handlers.hand_back, command, call.origin, UUID)
    return answer({"person": person, "lead": lead})


@router.post("/v1/people/{person}/alongside", status_code=201, summary="Walk alongside")
async def post_alongside(person: UUID, body: AlongsideBody, call: Anybody) -> Response:
    """Let an organisation walk alongside: the person names it, or a supporter who is known there comes (J6)."""
    await call.permit(person, Part.NAME, Act.WRITE)
    organisation = await _whose(call, person, body.organisation)
    await _walk(call, person, organisation, joins=True)
    where = {"Location": f"/v1/people/{person}/alongside/{organisation}"}
    return answer({"person": person, "organisation": organisation}, status=201, headers=where)


@router.delete("/v1/people/{person}/alongside/{organisation}", status_code=NOTHING, summary="No longer alongside")
async def delete_alongside(person: UUID, organisation: UUID, call: Anybody) -> Response:
    """Let an organisation no longer walk alongside, by the person's word or its own (J6)."""
    await call.permit(person, Part.NAME, Act.WRITE)
    await _walk(call, person, await _whose(call, person, organisation), joins=False)
    return Response(status_code=NOTHING)


def shown(holding: Holding) -> dict[str, Any]:
    """Give a hold as people see it; held but not met is never called held (J2b)."""
    led = holding.led
    independent = holding.state is State.INDEPENDENT
    return {
        "person": holding.person,
        "state": state_of(holding),
        "lead": holding.lead,
        "named": holding.named,
        "deputy": holding.deputy,
        "since": led.since if led else None,
        "acknowledged_at": holding.acknowledged_at,
        "met_at": holding.met_at,
        "chosen": holding.chosen,
        "alongside": list(holding.alongside),
        "intensity": MANAGING_INDEPENDENTLY if independent else holding.intensity,
        "owes_the_way_back": None if holding.supported else holding.last_lead,
        "blind": holding.blind,
    }


def state_of(holding: Holding) -> str:
    """Name where somebody is; of those supported, whether they are really held (J2b)."""
    if holding.state is not State.SUPPORTED:
        return holding.state.value
    return "held" if holding.live else "held-not-met"


def own_standing(holding: Holding, organisation: UUID | None) -> dict[str, Any]:
    """Give only how one organisation stands: a blind lead knows that it leads, and no more (C2)."""
    leads = organisation is not None and organisation == holding.lead
    mine: dict[str, Any] = {
        "person": holding.person,
        "you": {
            "lead": leads,
            "chosen": organisation is not None and organisation == holding.chosen,
            "alongside": organisation in holding.alongside,
        },
    }
    return mine | ({"state": state_of(holding), "blind": holding.blind, "named": holding.named} if leads else {})


async def _walk(call: Call[PathwayStore], person: UUID, organisation: UUID, *, joins: bool) -> None:
    place = await desk(call).place(person, organisation)
    within = call.ports.community.rulebook().hold_acknowledged_within
    command = Alongside(person, organisation, joins, place, within)
    await desk(call).run(person, handlers.walk_alongside, command, call.origin, type(None))


async def _whose(call: Call[PathwayStore], person: UUID, organisation: UUID | None) -> UUID:
    if call.by.is_person(person):
        if organisation is None:
            raise InvalidError(fields=("organisation",))
        await call.ports.community.organisation(organisation)
        return organisation
    own = _own(call)
    if organisation not in {None, own}:
        raise NotFoundError
    return own


def _own(call: Call[PathwayStore]) -> UUID:
    if call.by.organisation is None:
        raise NotFoundError
    return call.by.organisation
