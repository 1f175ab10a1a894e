"""``/v1/organisations``: joining, vouching, listing, changing; and the steward's own routes (M1, J2a)."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import Field, model_validator

from services.community.bodies import Changes, Paging
from services.community.formats import Email, Name, Postcode, Telephone, Website
from services.community.kinds import Category, Membership, OrganisationKind
from services.community.organisation import handlers
from services.community.organisation.domain import (
    Amend,
    Enter,
    Facts,
    FirstMember,
    GiveWord,
    GoOn,
    Organisation,
    Reach,
    Stop,
    missing_for_strangers,
)
from services.community.paging import After, after_of, cursor_of, tag_of
from services.community.store import CommunityStore
from shared.errors import NotYoursError
from shared.event import Role
from shared.events.community import Ending
from shared.http import Body, Call, Line, Words, answer, calls, page
from shared.http import router as new_router
from shared.ids import new_id

EVERYONE = tuple(role for role in Role if role is not Role.TIMER)
MEMBERS = (Role.PEER_SUPPORTER, Role.CARER, Role.PRACTITIONER, Role.DUTY)
CommunityCall = Call[CommunityStore]
AnyCall = Annotated[CommunityCall, calls("community", *EVERYONE)]
OwnCall = Annotated[CommunityCall, calls("community", *MEMBERS, Role.STEWARD)]
MemberCall = Annotated[CommunityCall, calls("community", *MEMBERS)]
StewardCall = Annotated[CommunityCall, calls("community", Role.STEWARD)]

router = new_router("organisations")


class ReachBody(Body):
    """How to reach an organisation: one way at least."""

    telephone: Telephone | None = None
    email: Email | None = None
    website: Website | None = None
    address: Line | None = None
    postcode: Postcode | None = None
    otherwise: Line | None = None

    @model_validator(mode="after")
    def _one_at_least(self) -> Self:
        if not any(self.model_dump().values()):
            raise ValueError("no way")
        return self


class FirstMemberBody(Body):
    """Who asks on behalf of the group; they can sign in by e-mail once it has joined."""

    name: Name
    email: Email


class JoinBody(Body):
    """A name, what it does and how to reach it (M1). The rest can come later."""

    name: Name
    does: Words
    reach: ReachBody
    kind: OrganisationKind = OrganisationKind.COMMUNITY_GROUP
    category: Category | None = None
    funded: bool = False
    first_member: FirstMemberBody | None = None
    safeguarding_contact: Line | None = None
    safety_page: Words | None = None


class EnterBody(JoinBody):
    """A body that the place commissions: its contract stands for a voucher, so it joins at once."""

    can_lead: bool = False
    round_the_clock: bool = False


class OwnChanges(Changes):
    """What a group may change of itself."""

    clears: ClassVar[frozenset[str]] = frozenset({"buddy", "safeguarding_contact", "safety_page"})

    name: Name = ""
    does: Words = ""
    reach: Annotated[ReachBody, Field()] = ReachBody.model_construct()
    safeguarding_contact: Line | None = None
    safety_page: Words | None = None
    buddy: UUID | None = None


class FactsBody(Body):
    """What the steward enters about a body, on the leaders' group's behalf."""

    funded: bool
    commissioned: bool
    can_lead: bool
    round_the_clock: bool


class VouchBody(Body):
    """On whose behalf somebody vouches: of their organisation, or for themself as an expert by experience."""

    as_expert_by_experience: bool = False


class EndingBody(Body):
    """How an organisation stops."""

    how: Ending


class Listing(Paging):
    """What to list."""

    kind: OrganisationKind | None = None
    category: Category | None = None
    name: Annotated[str | None, Field(max_length=200)] = None
    membership: Membership | None = None

    def seen_by(self, role: Role) -> list[Membership]:
        """Give how those may stand whom the caller finds: a steward finds them however they stand (M1)."""
        seen = Membership if role is Role.STEWARD else (Membership.JOINED, Membership.LISTED)
        return [each for each in seen if self.membership in {None, each}]


def view(organisation: Organisation, by: Role) -> dict[str, Any]:
    """Show an organisation. Whom to tell when somebody is not safe is shown to those who signed in."""
    signed_in = by is not Role.ANYONE
    lacks = missing_for_strangers(organisation)
    return {
        "id": organisation.id,
        "name": organisation.name,
        "kind": organisation.kind.value,
        "does": organisation.does,
        "reach": {n: v for n in Reach.__slots__ if (v := getattr(organisation.reach, n)) is not None},
        "membership": organisation.membership.value,
        "category": organisation.category.value if organisation.category else None,
        "funded": organisation.facts.funded,
        "commissioned": organisation.facts.commissioned,
        "can_lead": organisation.facts.can_lead,
        "round_the_clock": organisation.facts.round_the_clock,
        "buddy": organisation.buddy,
        "vouched_for_by": list(dict.fromkeys(vouch.by_organisation for vouch in organisation.vouches)),
        "offered_to_strangers": organisation.offered_to_strangers,
        "still_needed": [{"code": reason.value, "says": reason.says} for reason in lacks],
        "safety_page": organisation.safety_page,
    } | ({"safeguarding_contact": organisation.safeguarding_contact} if signed_in else {})


async def show(call: CommunityCall, organisation_id: UUID, status: int = 200) -> Response:
    """Answer with an organisation, its entity tag, and its address when it is new."""
    found = await call.read(lambda store: handlers.read_organisation(store, organisation_id))
    headers = {"ETag": tag_of(found.id, found.revision)}
    if status == 201:  # noqa: PLR2004 - HTTP's own
        headers["Location"] = f"/v1/organisations/{found.id}"
    return answer(view(found, call.by.role), status=status, headers=headers)


def must_be_of(call: CommunityCall, organisation_id: UUID) -> None:
    """Raise NotYoursError unless the caller is of this organisation, or a steward."""
    if call.by.role is not Role.STEWARD and call.by.organisation != organisation_id:
        raise NotYoursError


def _organisation(body: JoinBody, call: CommunityCall, facts: Facts) -> Organisation:
    first = body.first_member
    return Organisation(
        id=new_id(),
        name=body.name,
        kind=body.kind,
        does=body.does,
        reach=Reach(**body.reach.model_dump()),
        membership=Membership.ASKED,
        asked_at=call.service.shell.clock.now(),
        facts=facts,
        safeguarding_contact=body.safeguarding_contact,
        safety_page=body.safety_page,
        category=body.category,
        first_member=FirstMember(first.name, first.email) if first else None,
    )


@router.post("/v1/organisations", status_code=201)
async def post_organisation(body: JoinBody, call: AnyCall) -> Response:
    """Ask to join: a name, what it does and how to reach it (M1). It is listed once somebody has vouched."""
    asking = _organisation(body, call, Facts(funded=body.funded))
    return await show(call, await call.run(handlers.enter, Enter(asking, by_steward=False), UUID), 201)


@router.post("/v1/place/organisations", status_code=201)
async def post_commissioned_body(body: EnterBody, call: StewardCall) -> Response:
    """Enter a body that the place commissions; it joins at once (J2a, J2c)."""
    facts = Facts(body.funded, commissioned=True, can_lead=body.can_lead, round_the_clock=body.round_the_clock)
    entering = _organisation(body, call, facts)
    return await show(call, await call.run(handlers.enter, Enter(entering, by_steward=True), UUID), 201)


@router.put("/v1/place/organisations/{organisation}/facts")
async def put_facts(organisation: UUID, body: FactsBody, request: Request, call: StewardCall) -> Response:
    """Enter whether a body is funded, commissioned, may lead, and is there day and night (J2a, J2c, J2d)."""
    changes = {"facts": Facts(**body.model_dump())}
    amending = Amend(organisation, request.headers.get("if-match"), changes)
    return await show(call, await call.run(handlers.amend, amending, UUID))


@router.get("/v1/organisations")
async def get_organisations(query: Annotated[Listing, Query()], call: AnyCall) -> Response:
    """List who has joined, and whom a directory lists, by name (M1, M2). A steward also finds who asked or stopped."""
    after = after_of(query.cursor)
    kind = query.kind.value if query.kind else None
    category = query.category.value if query.category else None
    of = {"kind": kind, "category": category, "named": query.name}
    found = await call.read(
        lambda store: handlers.read_organisations(store, after, query.limit + 1, query.seen_by(call.by.role), **of)
    )
    shown = found[: query.limit]
    more = cursor_of(After(shown[-1].name, shown[-1].id)) if len(found) > query.limit else None
    return answer(page([view(each, call.by.role) for each in shown], more))


@router.get("/v1/organisations/{organisation}")
async def get_organisation(organisation: UUID, call: AnyCall) -> Response:
    """Show one organisation."""
    return await show(call, organisation)


@router.patch("/v1/organisations/{organisation}")
async def patch_organisation(organisation: UUID, body: OwnChanges, request: Request, call: OwnCall) -> Response:
    """Change what an organisation says of itself, or its buddy (W1). Send the ETag in If-Match."""
    must_be_of(call, organisation)
    changes = body.given()
    if "reach" in changes:
        changes["reach"] = Reach(**changes["reach"])
    amending = Amend(organisation, request.headers.get("if-match"), changes)
    return await show(call, await call.run(handlers.amend, amending, UUID))


@router.post("/v1/organisations/{organisation}/vouches", status_code=201)
async def post_vouch(organisation: UUID, call: MemberCall, body: VouchBody | None = None) -> Response:
    """Vouch for an organisation, for one's own or as an expert by experience (M1). Twice is once."""
    if call.by.member is None or call.by.organisation is None:
        raise NotYoursError
    as_expert = body is not None and body.as_expert_by_experience
    word = GiveWord(organisation, call.by.member, call.by.organisation, as_expert)
    return await show(call, await call.run(handlers.vouch, word, UUID), 201)


@router.post("/v1/organisations/{organisation}/ending")
async def post_ending(organisation: UUID, body: EndingBody, call: StewardCall) -> Response:
    """End or suspend an organisation; the backstop takes everyone it leads, in one transaction (J2a)."""
    return await show(call, await call.run(handlers.stop, Stop(organisation, body.how), UUID))


@router.post("/v1/organisations/{organisation}/going-on")
async def post_going_on(organisation: UUID, call: StewardCall) -> Response:
    """Let a suspended organisation take part again."""
    return await show(call, await call.run(handlers.go_on, GoOn(organisation), UUID))
