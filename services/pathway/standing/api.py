"""Routes of whom an organisation stands to: leads, is chosen by, walks beside, is linked to (J2b, J3, J6, J9).

Only its own members read them, and each person is on a list only where the caller may know them: a page is as long
as if there were no others (C4).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from starlette.responses import Response

from services.pathway.edge import permit_of
from services.pathway.holding.api import state_of
from services.pathway.holding.domain import Holding
from services.pathway.link.api import shown as shown_link
from services.pathway.link.domain import Link, State
from services.pathway.link.handlers import parties_of_link
from services.pathway.paging import NO_ID, Before, Cursor, Limit, before, cut
from services.pathway.standing import handlers
from services.pathway.standing.domain import Reached
from services.pathway.store import PathwayStore
from shared.decisions import Ask, Permit
from shared.errors import NotFoundError
from shared.event import Part, Role
from shared.http import Call, calls, page
from shared.http import router as routes

router = routes("whom an organisation stands to")
SUPPORTERS = (Role.PEER_SUPPORTER, Role.PRACTITIONER, Role.DUTY, Role.SYSTEM)
Supporting = Annotated[Call[PathwayStore], calls("pathway", *SUPPORTERS)]
Reading = Annotated[Call[PathwayStore], calls("pathway", Role.CARER, *SUPPORTERS)]
Whom = Callable[[PathwayStore, UUID, UUID, int], Awaitable[list[UUID]]]


@router.get("/v1/organisations/{organisation}/holding", summary="Whom an organisation leads")
async def get_holding(organisation: UUID, call: Supporting, limit: Limit = 20, cursor: UUID | None = None) -> Response:
    """Give whom the caller's organisation leads, who is held but not met, and people held per member (J2b)."""
    permits, value = await _people(call, organisation, handlers.read_led, _led, limit, cursor)
    figures = await call.read(lambda store: handlers.read_figures(store, organisation))
    most = call.ports.community.rulebook().holds_per_member
    per = [
        {"member": f.member, "people": f.people, "met": f.met, "most": most, "over": f.people > most} for f in figures
    ]
    return call.disclose(permits, value | {"per_member": per})


@router.get("/v1/organisations/{organisation}/alongside", summary="Whom an organisation walks beside")
async def get_alongside(organisation: UUID, call: Reading, limit: Limit = 20, cursor: UUID | None = None) -> Response:
    """Give whom the caller's organisation walks beside (J6).

    Of whoever lets the caller see how things go, also when anybody last reached them, and since when nobody who
    should has (J9).
    """
    permits, value = await _people(call, organisation, handlers.read_beside, _beside, limit, cursor)
    return call.disclose(permits, value)


@router.get("/v1/organisations/{organisation}/chosen", summary="Who chose an organisation to hold them")
async def get_chosen(organisation: UUID, call: Supporting, limit: Limit = 20, cursor: UUID | None = None) -> Response:
    """Give who chose the caller's organisation and waits until it says "we hold this person" (J2a)."""
    permits, value = await _people(call, organisation, handlers.read_chose, _chose, limit, cursor)
    return call.disclose(permits, value)


@router.get("/v1/organisations/{organisation}/links", summary="Links that an organisation answers")
async def get_links_to(
    organisation: UUID, call: Supporting, state: State = State.LINKED, cursor: Cursor = None, limit: Limit = 20
) -> Response:
    """Give the links to the offers of the caller's organisation that stand so, the newest first (J3, J5)."""
    _must_be_own(call, organisation)
    found: list[Link] = []
    permits: list[Permit] = []
    start = before(cursor)
    while len(found) <= limit:
        rows = await call.read(partial(_links, organisation=organisation, state=state, start=start, most=limit + 1))
        for link in rows:
            permit = await call.service.decisions.sure(Ask(call.by, link.person, Part.NAME))
            if isinstance(permit, Permit):
                found.append(link)
                permits.append(permit)
        if len(rows) <= limit:
            break
        start = Before(rows[-1].opened_at, rows[-1].id)
    items, more = cut(found, limit, lambda link: link)
    return call.disclose(permits[:limit], page([_shown(link) for link in items], more))


@router.get("/v1/links/{link}", summary="A link that an organisation answers")
async def get_link(link: UUID, call: Supporting) -> Response:
    """Give one link to an offer of the caller's organisation (J3)."""
    parties = await call.read(lambda store: parties_of_link(store, link))
    person = parties[0] if parties is not None and call.by.organisation == parties[1] else None
    permit = await permit_of(call, link, person, Part.NAME)
    found = await call.read(lambda store: handlers.read_link(store, permit, link))
    if found is None:
        raise NotFoundError
    return call.disclose(permit, _shown(found))


async def _links(store: PathwayStore, organisation: UUID, state: State, start: Before, most: int) -> list[Link]:
    return await handlers.read_links(store, organisation, state, start.at, start.id, most)


def _shown(link: Link) -> dict[str, Any]:
    return {"person": link.person} | shown_link(link, link.organisation)


def _led(holding: Holding) -> dict[str, Any]:
    led = holding.led
    if led is None:
        return {}
    times = {"since": led.since, "acknowledged_at": led.acknowledged_at, "met_at": led.met_at}
    return {"state": state_of(holding), "named": led.named, "alarmed": holding.alarmed_at is not None, **times}


def _beside(_holding: Holding) -> dict[str, Any]:
    return {}


def _chose(holding: Holding) -> dict[str, Any]:
    return {"since": holding.chosen_since}


async def _people(
    call: Call[PathwayStore], organisation: UUID, whom: Whom, shows: Callable[[Holding], dict[str, Any]], limit: int,
    cursor: UUID | None,
) -> tuple[list[Permit], dict[str, Any]]:  # fmt: skip
    """Give a page of people with what ``shows`` says of each, and what it all rests on."""
    _must_be_own(call, organisation)
    known = await _known(call, whom, organisation, cursor or NO_ID, limit + 1)
    here = known[:limit]
    asked = [await call.service.decisions.sure(Ask(call.by, each.person, Part.JOURNEY)) for each in here]
    journeys = [each for each in asked if isinstance(each, Permit)]
    holds = await call.read(lambda store: handlers.read_holds(store, here))
    reached = await call.read(lambda store: handlers.read_reached(store, journeys))
    items = [
        {"person": each.person}
        | (shows(holds[each.person]) if each.person in holds else {})
        | _when(reached.get(each.person))
        for each in here
    ]
    return [*here, *journeys], page(items, str(here[-1].person) if len(known) > limit else None)


async def _known(call: Call[PathwayStore], whom: Whom, organisation: UUID, after: UUID, most: int) -> list[Permit]:
    """Give people whom the caller may know of, until there are ``most`` or no more."""
    found: list[Permit] = []
    while len(found) < most:
        people = await call.read(partial(_some, whom, organisation, after, most))
        for person in people:
            permit = await call.service.decisions.sure(Ask(call.by, person, Part.NAME))
            if isinstance(permit, Permit):
                found.append(permit)
        if len(people) < most:
            break
        after = people[-1]
    return found[:most]


async def _some(whom: Whom, organisation: UUID, after: UUID, most: int, store: PathwayStore) -> list[UUID]:
    return await whom(store, organisation, after, most)


def _when(reached: Reached | None) -> dict[str, Any]:
    if reached is None:
        return {}
    return {"last_contact_at": reached.last_contact_at, "drifting_since": reached.drifting_since}


def _must_be_own(call: Call[PathwayStore], organisation: UUID) -> None:
    if organisation != call.by.organisation:
        raise NotFoundError
