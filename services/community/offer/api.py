"""``/v1/offers``: what there is, for whom, where and when, and how many places are free (M3)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, ClassVar
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import Field, StringConstraints

from services.community.bodies import Changes, Paging
from services.community.formats import Language, Name, Postcode
from services.community.offer import handlers
from services.community.offer.domain import ChangeOffer, ForWhom, NeedKind, Offer, OpenOffer, Search, Where
from services.community.organisation.api import MEMBERS, AnyCall, CommunityCall, must_be_of
from services.community.paging import After, after_of, cursor_of, tag_of
from shared.errors import InvalidError
from shared.event import Code, Role
from shared.http import Body, Line, Words, answer, calls, page
from shared.http import router as new_router
from shared.ids import new_id

KeeperCall = Annotated[CommunityCall, calls("community", *MEMBERS, Role.SYSTEM, Role.STEWARD)]
IntensityCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,47}$")]
Places = Annotated[int, Field(ge=0, le=10_000, strict=True)]
router = new_router("offers")


class WhereBody(Body):
    """Where it is; nothing at all is an answer too (it comes to you)."""

    address: Line | None = None
    postcode: Postcode | None = None
    online: bool = False


class OfferBody(Body):
    """An offer (M3). ``organisation`` may be left out: the caller's own."""

    organisation: UUID | None = None
    name: Name
    says: Words
    intensity: IntensityCode
    needs: Annotated[list[NeedKind], Field(min_length=1, max_length=4)]
    for_whom: Annotated[list[ForWhom], Field(max_length=15)] = Field(default_factory=list)
    languages: Annotated[list[Language], Field(max_length=50)] = Field(default_factory=list)
    where: WhereBody = WhereBody()
    when: Annotated[str, Field(max_length=500)] = ""
    how_to_come: Annotated[str, Field(max_length=500)] = ""
    is_open: bool = True
    places_free: Places | None = None


class OfferChanges(Changes):
    """What may change of an offer."""

    clears: ClassVar[frozenset[str]] = frozenset({"places_free"})

    name: Name = ""
    says: Words = ""
    intensity: IntensityCode = ""
    needs: Annotated[list[NeedKind], Field(min_length=1, max_length=4)] = Field(default_factory=list)
    for_whom: Annotated[list[ForWhom], Field(max_length=15)] = Field(default_factory=list)
    languages: Annotated[list[Language], Field(max_length=50)] = Field(default_factory=list)
    where: WhereBody = WhereBody()
    when: Annotated[str, Field(max_length=500)] = ""
    how_to_come: Annotated[str, Field(max_length=500)] = ""
    is_open: bool = True
    places_free: Places | None = None


class CapacityBody(Body):
    """How many places are free now."""

    places_free: Places


class Finding(Paging):
    """What somebody looks for."""

    need: NeedKind | None = None
    intensity: IntensityCode | None = None
    for_whom: ForWhom | None = None
    language: Language | None = None
    place: Annotated[str | None, Field(min_length=1, max_length=64)] = None
    organisation: UUID | None = None


def view(offer: Offer) -> dict[str, Any]:
    """Show an offer. ``last_checked`` null: nobody of the organisation has looked at it yet."""
    checked = {"at": offer.checked_at, "by": offer.checked_by} if offer.checked_at else None
    return {
        "id": offer.id,
        "organisation": offer.organisation,
        "name": offer.name,
        "says": offer.says,
        "intensity": str(offer.intensity),
        "needs": [need.value for need in offer.needs],
        "for_whom": [focus.value for focus in offer.for_whom],
        "languages": list(offer.languages),
        "where": asdict(offer.where),
        "when": offer.when,
        "how_to_come": offer.how_to_come,
        "is_open": offer.is_open,
        "places_free": offer.places_free,
        "leaving_needs_a_bed": offer.leaving_needs_a_bed,
        "watched_after_leaving": offer.watched_after_leaving,
        "last_checked": checked,
    }


async def _show(call: CommunityCall, offer_id: UUID, status: int = 200) -> Response:
    found = await call.read(lambda store: handlers.read_offer(store, offer_id))
    headers = {"ETag": tag_of(found.id, found.revision)}
    if status == 201:  # noqa: PLR2004 - HTTP's own
        headers["Location"] = f"/v1/offers/{found.id}"
    return answer(view(found), status=status, headers=headers)


def _typed(given: dict[str, Any]) -> dict[str, Any]:
    """Turn what a body holds into what an offer holds."""
    typed = dict(given)
    for name in ("needs", "for_whom", "languages"):
        if name in typed:
            typed[name] = tuple(dict.fromkeys(typed[name]))
    if "where" in typed:
        typed["where"] = Where(**typed["where"])
    if "intensity" in typed:
        typed["intensity"] = Code(typed["intensity"])
    return typed


@router.post("/v1/offers", status_code=201)
async def post_offer(body: OfferBody, call: KeeperCall) -> Response:
    """Open an offer of the caller's organisation, or of any by the steward (M3)."""
    organisation = body.organisation or call.by.organisation
    if organisation is None:
        raise InvalidError(fields=("organisation",))
    must_be_of(call, organisation)
    given = _typed(body.model_dump(exclude={"organisation"}))
    offer = Offer(id=new_id(), organisation=organisation, **given)
    opening = OpenOffer(offer, call.ports.community.rulebook())
    return await _show(call, await call.run(handlers.open_offer, opening, UUID), 201)


@router.get("/v1/offers")
async def get_offers(query: Annotated[Finding, Query()], call: AnyCall) -> Response:
    """Find an offer by need, intensity, place, for whom or language, by name.

    A group that may not be offered to strangers yet is found by whoever names it (M1). A steward finds what is not
    open now, too.
    """
    after = after_of(query.cursor)
    search = Search(
        query.need,
        Code(query.intensity) if query.intensity else None,
        query.for_whom,
        query.language,
        query.place,
        query.organisation,
        by_steward=call.by.role is Role.STEWARD,
    )
    found = await call.read(lambda store: handlers.read_offers(store, search, after, query.limit + 1))
    shown = found[: query.limit]
    more = cursor_of(After(shown[-1].name, shown[-1].id)) if len(found) > query.limit else None
    return answer(page([view(each) for each in shown], more))


@router.get("/v1/offers/{offer}")
async def get_offer(offer: UUID, call: AnyCall) -> Response:
    """Show one offer."""
    return await _show(call, offer)


async def _change(call: CommunityCall, offer: UUID, changes: dict[str, Any], tag: str | None) -> Response:
    found = await call.read(lambda store: handlers.read_offer(store, offer))
    must_be_of(call, found.organisation)
    rulebook = call.ports.community.rulebook()
    only_places = set(changes) == {"places_free"} and tag is None
    changing = ChangeOffer(found.organisation, offer, tag, changes, rulebook, any_revision=only_places)
    return await _show(call, await call.run(handlers.change_offer, changing, UUID))


@router.patch("/v1/offers/{offer}")
async def patch_offer(offer: UUID, body: OfferChanges, request: Request, call: KeeperCall) -> Response:
    """Change an offer, which counts as a look at it. Send the ETag in If-Match."""
    tag = request.headers.get("if-match")
    if tag is None:
        raise InvalidError(fields=("If-Match",))
    return await _change(call, offer, _typed(body.given()), tag)


@router.put("/v1/offers/{offer}/capacity")
async def put_capacity(offer: UUID, body: CapacityBody, call: KeeperCall) -> Response:
    """Say how many places are free now; that is a look at the offer too (M3)."""
    return await _change(call, offer, {"places_free": body.places_free}, None)
