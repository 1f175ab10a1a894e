"""Routes of links: linked, welcomed, met; not right and here is what could be; that did not happen (J3, J5)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field
from starlette.responses import Response

from services.pathway.edge import desk, permit_of
from services.pathway.holding.errors import NotAMemberError
from services.pathway.link import commands, domain, handlers
from services.pathway.link.errors import CannotLeadError, NeverAGroundError, OfferStoppedError
from services.pathway.paging import Cursor, Limit, before, cut
from services.pathway.store import PathwayStore
from services.pathway.working_days import after_working_days
from shared.decisions import Act
from shared.errors import InvalidError, NotFoundError
from shared.event import Code, Part, Role
from shared.events.pathway import ContactHow
from shared.http import Body, Call, answer, calls, page
from shared.http import router as routes
from shared.ports import Offer, Rulebook

router = routes("links")
SUPPORTERS = (Role.PEER_SUPPORTER, Role.PRACTITIONER, Role.DUTY, Role.SYSTEM)
Anybody = Annotated[Call[PathwayStore], calls("pathway", Role.PERSON, Role.CARER, *SUPPORTERS)]
Offering = Annotated[Call[PathwayStore], calls("pathway", *SUPPORTERS)]
DONE = 204


class LinkBody(Body):
    """Which offer, for which need. ``leads``: its organisation is to lead once it has met the person."""

    offer: UUID
    need: UUID | None = None
    leads: bool = Field(default=False, strict=True)


class WelcomeBody(Body):
    """Who will meet the person (the caller when nobody is named), and when first."""

    named: UUID | None = None
    deputy: UUID | None = None
    first_date: AwareDatetime | None = None


class MetBody(Body):
    """Who met the person (the caller when nobody is named), and how."""

    worker: UUID | None = None
    how: ContactHow = ContactHow.IN_PERSON


class NotRightBody(Body):
    """Why, and what could be: an ``alternative`` offer, or ``call_together`` to find one with the holder."""

    reason: str = Field(max_length=48, pattern=r"^[a-z-]+$")
    alternative: UUID | None = None
    call_together: bool = Field(default=False, strict=True)


class SettlementBody(Body):
    """Whether they have met now."""

    met: bool = Field(strict=True)


@router.post("/v1/people/{person}/links", status_code=201, summary="Link a person to an offer")
async def post_link(person: UUID, body: LinkBody, call: Anybody) -> Response:
    """Open a warm link: a proposal. The lead stays the lead until the next one has met the person (J3)."""
    await call.permit(person, Part.NAME, Act.WRITE)
    offer = await call.ports.community.offer(body.offer)
    if not offer.is_open:
        raise OfferStoppedError
    if body.leads and await desk(call).able(offer.organisation) is None:
        raise CannotLeadError
    command = domain.OpenLink(person, offer, body.need, body.leads, _answer_by(call, offer.intensity))
    made = await call.run(handlers.open_link, command, UUID)
    value = {"link": made, "offer": offer.id, "organisation": offer.organisation, "answer_by": command.answer_by}
    return answer(value, status=201, headers={"Location": f"/v1/people/{person}/links"})


@router.get("/v1/people/{person}/links", summary="List a person's links")
async def get_links(person: UUID, call: Anybody, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """List links, the newest first. Why somebody must be kept apart is shown only to who said it (J5)."""
    permit = await call.permit(person, Part.JOURNEY)
    start = before(cursor)
    found = await call.read(lambda store: handlers.list_links(store, permit, start.at, start.id, limit + 1))
    items, more = cut(found, limit, lambda link: link)
    return call.disclose(permit, page([shown(link, call.by.organisation) for link in items], more))


@router.post("/v1/links/{link}/welcome", status_code=DONE, summary="Welcome a person")
async def post_welcome(link: UUID, body: WelcomeBody, call: Offering) -> Response:
    """Say that the person is welcome, and who will meet them (J3). It answers their asking for more (J12)."""
    person = await _answering(call, link)
    named = await _member(call, body.named, "named")
    deputy = await _member(call, body.deputy, "deputy") if body.deputy else None
    most = call.ports.community.rulebook().holds_per_member
    command = commands.Welcome(person, link, named, deputy, body.first_date, most)
    await desk(call).run(person, handlers.welcome, command, call.origin, type(None))
    return Response(status_code=DONE)


@router.post("/v1/links/{link}/met", status_code=DONE, summary="Say that you met")
async def post_met(link: UUID, body: MetBody, call: Offering) -> Response:
    """Say that the named worker or the deputy met the person, two-way; where the link leads, you lead now (J3)."""
    person = await _answering(call, link)
    worker = await _member(call, body.worker, "worker")
    at = desk(call)
    place = await at.place(person, call.by.organisation)
    within = call.ports.community.rulebook().hold_acknowledged_within
    command = commands.Meet(person, link, worker, body.how, place, within)
    await at.run(person, handlers.meet, command, call.origin, type(None))
    return Response(status_code=DONE)


@router.post("/v1/links/{link}/not-right", status_code=DONE, summary="Not right, and here is what could be")
async def post_not_right(link: UUID, body: NotRightBody, call: Offering) -> Response:
    """Say "not right for this person" with an alternative, or by calling the holder together (J5)."""
    person = await _answering(call, link)
    reason = _reason(body.reason)
    offer = await _alternative(call, body.alternative)
    rules = call.ports.community.rulebook()
    by = after_working_days(call.service.shell.clock.now(), rules.conversation_working_days)
    command = commands.SayNotRight(
        person,
        link,
        reason,
        offer,
        by if body.call_together else None,
        rules.bounce_count,
        rules.bounce_window,
        by,
    )
    await desk(call).run(person, handlers.say_not_right, command, call.origin, type(None))
    return Response(status_code=DONE)


@router.post("/v1/links/{link}/that-did-not-happen", status_code=DONE, summary='Say: "that did not happen"')
async def post_did_not_happen(link: UUID, call: Anybody) -> Response:
    """Say, within 14 days, that a meeting did not happen: the former lead leads again until settled (J3)."""
    person = await _about(call, link)
    at = desk(call)
    command = commands.NotHappened(
        person,
        link,
        await at.place(person),
        call.ports.community.rulebook().hold_acknowledged_within,
        await _chosen(call, person),
    )
    await at.run(person, handlers.did_not_happen, command, call.origin, type(None))
    return Response(status_code=DONE)


@router.post("/v1/links/{link}/settlement", status_code=DONE, summary="Settle whether they met")
async def post_settlement(link: UUID, body: SettlementBody, call: Anybody) -> Response:
    """Settle it: they have met now, or are still to meet (J3). The person says, or a supporter of their choosing."""
    person = await _about(call, link)
    at = desk(call)
    organisation = (await call.read(lambda store: handlers.parties_of_link(store, link)) or (None, None))[1]
    command = commands.Settle(
        person,
        link,
        body.met,
        await at.place(person, organisation),
        call.ports.community.rulebook().hold_acknowledged_within,
        await _chosen(call, person),
    )
    await at.run(person, handlers.settle, command, call.origin, type(None))
    return Response(status_code=DONE)


def shown(link: domain.Link, reader: UUID | None) -> dict[str, Any]:
    """Give a link as it is read by somebody of the organisation ``reader``."""
    kept_apart = link.reason is domain.Reason.KEPT_APART and reader != link.organisation
    return {
        "link": link.id,
        "offer": link.offer,
        "organisation": link.organisation,
        "intensity": link.intensity,
        "need": link.need,
        "leads": link.leads,
        "state": link.state,
        "opened_at": link.opened_at,
        "answer_by": link.answer_by,
        "first_date": link.first_date,
        "named": link.named,
        "deputy": link.deputy,
        "met_by": link.met_by,
        "met_at": link.met_at,
        "reason": None if kept_apart else link.reason,
        "alternative": link.alternative,
        "by_silence": link.by_silence,
    }


async def _answering(call: Call[PathwayStore], link: UUID) -> UUID:
    """Give the person of a link that the caller's organisation answers. Raises NotFoundError for any other."""
    parties = await call.read(lambda store: handlers.parties_of_link(store, link))
    person = parties[0] if parties is not None and call.by.organisation == parties[1] else None
    return (await permit_of(call, link, person, Part.NAME, Act.WRITE)).person


async def _about(call: Call[PathwayStore], link: UUID) -> UUID:
    parties = await call.read(lambda store: handlers.parties_of_link(store, link))
    person = None if parties is None else parties[0]
    return (await permit_of(call, link, person, Part.NAME, Act.WRITE)).person


async def _member(call: Call[PathwayStore], given: UUID | None, field: str) -> UUID:
    """Give the member who is meant: of the caller's organisation. Raises NotAMemberError."""
    member = given or call.by.member
    if member is None:
        raise InvalidError(fields=(field,))
    if member != call.by.member and not await call.ports.community.is_member(member, call.by.organisation):
        raise NotAMemberError
    return member


async def _chosen(call: Call[PathwayStore], person: UUID) -> frozenset[UUID]:
    """Give the organisations that the person said may be rung: supporters of their choosing."""
    chosen: frozenset[UUID] = (await call.ports.intake.watchers(person)).chosen
    return chosen


async def _alternative(call: Call[PathwayStore], offer: UUID | None) -> Offer | None:
    """Give the offer that is named instead. Raises InvalidError for one that nobody knows."""
    if offer is None:
        return None
    try:
        found: Offer = await call.ports.community.offer(offer)
    except NotFoundError:
        raise InvalidError(fields=("alternative",)) from None
    return found


def _reason(given: str) -> domain.Reason:
    """Read a reason. Raises NeverAGroundError for what is never one, InvalidError for what is no code of ours."""
    if given in {ground.value for ground in domain.NeverAGround}:
        raise NeverAGroundError
    try:
        return domain.Reason(given)
    except ValueError:
        raise InvalidError(fields=("reason",)) from None


def _answer_by(call: Call[PathwayStore], intensity: Code) -> datetime:
    """Say by when an offer has to answer: 4 hours at crisis, else 2 working days, or as the rulebook says (J5)."""
    rules: Rulebook = call.ports.community.rulebook()
    now: datetime = call.service.shell.clock.now()
    if rules.at_crisis(intensity):
        return now + rules.link_answer_crisis
    return after_working_days(now, rules.link_answer_other_working_days)
