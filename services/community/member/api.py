"""``/v1/organisations/{id}/members``: who acts for an organisation, and when they may be rung (W1, J2b)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import Field, model_validator

from services.community.bodies import Changes, Paging
from services.community.formats import Email, Hour, Name, Telephone
from services.community.member import handlers
from services.community.member.domain import AddMember, ChangeMember, LetMemberLeave, Member, Window
from services.community.organisation.api import CommunityCall, OwnCall, must_be_of
from services.community.paging import After, after_of, cursor_of, tag_of
from shared.event import Role
from shared.http import Body, answer, page
from shared.http import router as new_router
from shared.ids import new_id

router = new_router("members")
Day = Annotated[int, Field(ge=1, le=7, strict=True)]
MEMBER_ROLES = (Role.PEER_SUPPORTER, Role.CARER, Role.PRACTITIONER, Role.DUTY, Role.STEWARD)


class WindowBody(Body):
    """Days (1 Monday to 7 Sunday) and hours; ``to_hour`` at or before ``from_hour`` is past midnight."""

    days: Annotated[list[Day], Field(min_length=1, max_length=7)]
    from_hour: Annotated[int, Field(ge=0, le=23, strict=True)]
    to_hour: Hour


class MemberBody(Body):
    """Somebody who acts for an organisation. Without hours they may be rung at any time."""

    name: Name
    role: Role
    email: Email | None = None
    telephone: Telephone | None = None
    named_worker: bool = False
    expert_by_experience: bool = False
    on_duty: bool = False
    hours: Annotated[list[WindowBody], Field(max_length=14)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _of_members(self) -> Self:
        if self.role not in MEMBER_ROLES:
            raise ValueError("role")
        return self


class MemberChanges(Changes):
    """What may change of a member."""

    clears: ClassVar[frozenset[str]] = frozenset({"email", "telephone"})

    name: Name = ""
    email: Email | None = None
    telephone: Telephone | None = None
    named_worker: bool = False
    expert_by_experience: bool = False
    on_duty: bool = False
    hours: Annotated[list[WindowBody], Field(max_length=14)] = Field(default_factory=list)


def view(member: Member) -> dict[str, Any]:
    """Show a member to their own organisation and the steward."""
    return {
        "id": member.id,
        "organisation": member.organisation,
        "name": member.name,
        "role": member.role.value,
        "email": member.email,
        "telephone": member.telephone,
        "named_worker": member.named_worker,
        "expert_by_experience": member.expert_by_experience,
        "on_duty": member.on_duty,
        "hours": [asdict(window) for window in member.hours],
    }


async def _show(call: CommunityCall, organisation: UUID, member: UUID, status: int = 200) -> Response:
    found = await call.read(lambda store: handlers.read_member(store, organisation, member))
    headers = {"ETag": tag_of(found.id, found.revision)}
    if status == 201:  # noqa: PLR2004 - HTTP's own
        headers["Location"] = f"/v1/organisations/{organisation}/members/{member}"
    return answer(view(found), status=status, headers=headers)


def _windows(bodies: list[dict[str, Any]]) -> tuple[Window, ...]:
    return tuple(Window(tuple(sorted(set(b["days"]))), b["from_hour"], b["to_hour"]) for b in bodies)


@router.post("/v1/organisations/{organisation}/members", status_code=201)
async def post_member(organisation: UUID, body: MemberBody, call: OwnCall) -> Response:
    """Let somebody act for an organisation: they sign in with their e-mail address."""
    must_be_of(call, organisation)
    given = body.model_dump() | {"hours": _windows([each.model_dump() for each in body.hours])}
    member = Member(id=new_id(), organisation=organisation, joined_at=call.service.shell.clock.now(), **given)
    made = await call.run(handlers.add_member, AddMember(member), UUID)
    return await _show(call, organisation, made, 201)


@router.get("/v1/organisations/{organisation}/members")
async def get_members(organisation: UUID, query: Annotated[Paging, Query()], call: OwnCall) -> Response:
    """List who acts for an organisation, by name."""
    must_be_of(call, organisation)
    after = after_of(query.cursor)
    found = await call.read(lambda store: handlers.read_members(store, organisation, after, query.limit + 1))
    shown = found[: query.limit]
    more = cursor_of(After(shown[-1].name, shown[-1].id)) if len(found) > query.limit else None
    return answer(page([view(each) for each in shown], more))


@router.get("/v1/organisations/{organisation}/members/{member}")
async def get_member(organisation: UUID, member: UUID, call: OwnCall) -> Response:
    """Show one member."""
    must_be_of(call, organisation)
    return await _show(call, organisation, member)


@router.patch("/v1/organisations/{organisation}/members/{member}")
async def patch_member(
    organisation: UUID, member: UUID, body: MemberChanges, request: Request, call: OwnCall
) -> Response:
    """Change a member: their hours, whether people may be given their name. Send the ETag in If-Match."""
    must_be_of(call, organisation)
    changes = body.given()
    if "hours" in changes:
        changes["hours"] = _windows(changes["hours"])
    changing = ChangeMember(organisation, member, request.headers.get("if-match"), changes)
    return await _show(call, organisation, await call.run(handlers.change_member, changing, UUID))


@router.delete("/v1/organisations/{organisation}/members/{member}", status_code=204)
async def delete_member(organisation: UUID, member: UUID, call: OwnCall) -> Response:
    """Let a member go: deputies, then the one on duty, lead whom they held (J2b)."""
    must_be_of(call, organisation)
    await call.run(handlers.let_member_leave, LetMemberLeave(organisation, member), UUID)
    return Response(status_code=204)
