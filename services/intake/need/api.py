"""``/v1/people/{person}/needs``: what somebody needs, in their words (S5)."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints
from starlette.responses import Response

from services.intake.edge import Cursor, KnownCall, Language, Limit, may_write, who_reads
from services.intake.need import handlers
from services.intake.need.domain import Coded, Matters, Named, NameNeeds, Need
from services.intake.paging import after, cut
from services.intake.story.domain import Written
from shared import http
from shared.event import Part
from shared.events.intake import NeedKind
from shared.http import Body, Words, answer, page

router = http.router("people")
CodeText = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]


class CodeBody(Body):
    """A code of somebody's code list, beside the words."""

    system: CodeText
    code: CodeText


class NeedBody(Body):
    """A need: its kind, the person's words, and how much it matters to them now."""

    kind: NeedKind
    words: Words
    language: Language = "en"
    matters: Matters = Matters.NOT_SAID
    codes: Annotated[tuple[CodeBody, ...], Field(max_length=20)] = ()
    how: Written | None = None


def as_named(body: NeedBody) -> Named:
    """Read a body into a need."""
    codes = tuple(Coded(each.system, each.code) for each in body.codes)
    return Named(body.kind, body.words, body.language, body.matters, codes, body.how)


@router.post("/v1/people/{person}/needs", status_code=201)
async def post_need(person: UUID, body: NeedBody, call: KnownCall) -> Response:
    """Name a need."""
    await may_write(call, person)
    (need,) = await call.run(handlers.name_them, NameNeeds(person, (as_named(body),)), list[UUID])
    place = {"Location": f"/v1/people/{person}/needs"}
    return answer({"need": need, **await who_reads(call, person)}, status=201, headers=place)


@router.get("/v1/people/{person}/needs")
async def get_needs(person: UUID, call: KnownCall, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """List the person's needs, in the order they named them."""
    behind = after(cursor)
    permit = await call.permit(person, Part.JOURNEY)
    found = await call.read(lambda store: handlers.read_needs(store, permit, behind, limit + 1))
    items, onwards = cut(found, limit)
    return call.disclose(permit, page([shown(need) for need in items], onwards))


def shown(need: Need) -> dict[str, Any]:
    """Give a need with the person's words first and codes last (S13)."""
    return {
        "need": need.id,
        "words": need.words,
        "language": need.language,
        "matters": need.matters,
        "kind": need.kind,
        "how": need.how,
        "by": {"member": need.by_member, "organisation": need.by_organisation},
        "at": need.at,
        "codes": [{"system": each.system, "code": each.code} for each in need.codes],
    }
