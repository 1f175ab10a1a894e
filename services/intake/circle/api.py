"""``/v1/people/{person}/circle``: who matters, what each may do, and whom to ring when they go quiet (S6)."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from starlette.responses import Response

from services.intake.circle import handlers
from services.intake.circle.domain import (
    AddToCircle,
    Entry,
    May,
    OrderRinging,
    RemoveFromCircle,
    Ringed,
    Tie,
    TieBoth,
    sees_addresses,
)
from services.intake.circle.invitation import GOOD_FOR
from services.intake.edge import KnownCall, PersonCall, may_write, who_reads
from services.intake.reach.api import RoutesBody, as_reach
from shared import http
from shared.decisions import Act
from shared.errors import InvalidError, NotFoundError
from shared.event import Part
from shared.http import Body, Call, Line, answer, page

router = http.router("people")


class RingBody(Body):
    """Somebody to ring: what they are called, what they are to the person, how they are reached."""

    called: Line
    kind: Tie = Tie.OTHER
    may: Annotated[tuple[May, ...], Field(max_length=len(May))] = ()
    note: Line | None = None
    organisation: UUID | None = None
    member: UUID | None = None
    ways: RoutesBody = RoutesBody()


class EntryBody(RingBody):
    """Somebody of the circle. ``person`` names a person of the place: then the tie goes both ways."""

    person: UUID | None = None
    if_quiet: bool = False


class TieBody(Body):
    """The code of an invitation."""

    code: Line


class OrderBody(Body):
    """Whom to ring, first to last; whoever is left out is not rung."""

    entries: Annotated[tuple[UUID, ...], Field(max_length=50)]


async def as_ringed(call: Call[Any], body: RingBody) -> Ringed:
    """Read a body, once the organisation and member that it names are there. Raises NotFoundError."""
    if body.organisation is not None:
        await call.ports.community.organisation(body.organisation)
    if body.member is not None and (
        body.organisation is None or not await call.ports.community.is_member(body.member, body.organisation)
    ):
        raise InvalidError(fields=("member",))
    return Ringed(
        body.called, body.kind, tuple(body.may), body.note, organisation=body.organisation,
        member=body.member, ways=as_reach(body.ways),
    )  # fmt: skip


@router.get("/v1/people/{person}/circle")
async def get_circle(person: UUID, call: KnownCall) -> Response:
    """List who is in the circle, and whom to ring first if the person goes quiet."""
    permit = await call.permit(person, Part.CIRCLE)
    found = await call.read(lambda store: handlers.read_circle(store, permit))
    addresses = sees_addresses(call.by, person)
    return call.disclose(permit, page([shown(entry, addresses=addresses) for entry in found], None))


@router.post("/v1/people/{person}/circle", status_code=201)
async def post_entry(person: UUID, body: EntryBody, call: KnownCall) -> Response:
    """Add somebody to the circle. To tie two people of the place, the caller must be known to both."""
    await may_write(call, person)
    if body.person is not None:
        await call.permit(body.person, Part.NAME, Act.WRITE)
    ringed = await as_ringed(call, body)
    command = AddToCircle(person, replace(ringed, if_quiet=body.if_quiet, person=body.person))
    entry = await call.run(handlers.add_to_circle, command, UUID)
    place = {"Location": f"/v1/people/{person}/circle/{entry}"}
    return answer({"entry": entry, **await who_reads(call, person)}, status=201, headers=place)


@router.post("/v1/people/{person}/circle/{entry}/invitation", status_code=201)
async def post_invitation(person: UUID, entry: UUID, call: PersonCall) -> Response:
    """Invite whom an entry of one's own circle is about to be tied to it: give them the code, it is good for a week."""
    if not call.by.is_person(person):
        raise NotFoundError
    until = call.service.shell.clock.now() + GOOD_FOR
    code = await call.read(lambda store: handlers.invite(store, person, entry, until))
    return answer({"code": code, "until": until}, status=201)


@router.post("/v1/people/{person}/circle/ties", status_code=201)
async def post_tie(person: UUID, body: TieBody, call: PersonCall) -> Response:
    """Say yes to an invitation: the two are in each other's circle from now (S6)."""
    if not call.by.is_person(person):
        raise NotFoundError
    now = call.service.shell.clock.now()
    invited = await call.read(lambda store: handlers.read_invitation(store, body.code, now))
    entry = await call.run(handlers.tie_both, TieBoth(person, invited.person, invited.entry), UUID)
    place = {"Location": f"/v1/people/{person}/circle/{entry}"}
    return answer({"entry": entry, **await who_reads(call, person)}, status=201, headers=place)


@router.put("/v1/people/{person}/circle/ringing", status_code=204)
async def put_ringing(person: UUID, body: OrderBody, call: KnownCall) -> Response:
    """Say "if I go quiet, who may we ring?", in order (J9). Only the person leaves out whom others put there."""
    await may_write(call, person)
    if not call.by.is_person(person):
        await call.permit(person, Part.CIRCLE, Act.WRITE)
    await call.run(handlers.order_ringing, OrderRinging(person, tuple(body.entries)), type(None))
    return Response(status_code=204)


@router.delete("/v1/people/{person}/circle/{entry}", status_code=204)
async def delete_entry(person: UUID, entry: UUID, call: KnownCall) -> Response:
    """Take somebody out of the circle: the person, or whoever added them."""
    await may_write(call, person)
    other = await call.read(lambda store: handlers.other_side(store, person, entry))
    await call.run(handlers.remove_from_circle, RemoveFromCircle(person, entry, other), type(None))
    return Response(status_code=204)


def shown(entry: Entry, *, addresses: bool) -> dict[str, Any]:
    """Give an entry; how they are reached only to whoever may have to ring them."""
    told = entry.ways.told()
    ways = {name: told[name] for name in RoutesBody.model_fields} if addresses else None
    return {
        "entry": entry.id,
        "called": entry.called,
        "kind": entry.kind,
        "may": list(entry.may),
        "note": entry.note,
        "if_quiet": entry.ring,
        "person": entry.linked_person,
        "organisation": entry.linked_organisation,
        "member": entry.linked_member,
        "ways": ways,
    }
