"""``/v1/people/{person}/stories`` and ``…/told-again``: told once, in the person's own words (S2–S4)."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Header
from pydantic import Field
from starlette.responses import Response

from services.intake.edge import Cursor, KnownCall, Language, Limit, StewardCall, may_write, who_reads
from services.intake.paging import After, after, behind_number, cut, cut_numbered, onwards
from services.intake.story import handlers
from services.intake.story.domain import (
    LINE,
    MOST_PASSAGES,
    AmendStory,
    Heading,
    Passage,
    SayToldAgain,
    Story,
    TellStory,
    Told,
    Written,
)
from shared import http
from shared.decisions import Act
from shared.errors import InvalidError
from shared.event import Part
from shared.http import Body, Line, Words, answer, page

router = http.router("people")


class PassageBody(Body):
    """A passage: a heading, the person's words, their language, and how they came to be written down."""

    heading: Heading
    words: Words
    language: Language = "en"
    how: Written | None = None


class ChangeBody(Body):
    """A passage to add, or (with ``passage`` and ``why``) one to correct; without ``words`` it is taken out."""

    passage: UUID | None = None
    heading: Heading | None = None
    words: Words | None = None
    language: Language = "en"
    how: Written | None = None
    why: Line | None = None


class StoryBody(Body):
    """A story: one passage or more."""

    passages: Annotated[tuple[PassageBody, ...], Field(min_length=1, max_length=MOST_PASSAGES)]


class VersionBody(Body):
    """What is added to a story or corrected in it."""

    passages: Annotated[tuple[ChangeBody, ...], Field(min_length=1, max_length=MOST_PASSAGES)]


class ToldAgainBody(Body):
    """Who had it told again; an organisation says it of itself and leaves this out."""

    organisation: UUID | None = None


def as_told(body: PassageBody) -> Told:
    """Read a body into a passage."""
    return Told(body.heading, body.words, body.language, body.how)


@router.post("/v1/people/{person}/stories", status_code=201)
async def post_story(person: UUID, body: StoryBody, call: KnownCall) -> Response:
    """Tell a story, or a new part of one's story."""
    await may_write(call, person)
    command = TellStory(person, tuple(as_told(passage) for passage in body.passages))
    story = await call.run(handlers.tell_story, command, UUID)
    place = {"Location": f"/v1/people/{person}/stories/{story}"}
    said = {"story": story, "version": 1, **await who_reads(call, person)}
    return answer(said, status=201, headers=place)


@router.get("/v1/people/{person}/stories")
async def get_stories(person: UUID, call: KnownCall, limit: Limit = 20, cursor: Cursor = None) -> Response:
    """Read what the person has told, as far as they let the reader. The person sees that it was read (S2)."""
    behind = after(cursor)
    permit = await call.permit(person, Part.STORY)
    called, found = await call.read(lambda store: handlers.read_stories(store, permit, behind, limit + 1))
    items, more = cut(found, limit)
    said = {"called": called, "line": LINE, **page([shown(story) for story in items], more)}
    return call.disclose(permit, said)


@router.get("/v1/people/{person}/stories/{story}")
async def get_story(person: UUID, story: UUID, call: KnownCall) -> Response:
    """Read one story, with the mark to send as If-Match with a correction."""
    permit = await call.permit(person, Part.STORY, thing=story)
    found = await call.read(lambda store: handlers.read_story(store, permit, story))
    return call.disclose(permit, {"line": LINE, **shown(found)}, headers={"ETag": f'"{found.mark()}"'})


@router.get("/v1/people/{person}/stories/{story}/versions")
async def get_versions(
    person: UUID, story: UUID, call: KnownCall, limit: Limit = 20, cursor: Cursor = None
) -> Response:
    """Read how a story came to be what it is: what was added or corrected at each version, and why."""
    behind = behind_number(cursor)
    permit = await call.permit(person, Part.STORY, thing=story)
    found = await call.read(lambda store: handlers.read_story(store, permit, story))
    numbered = [
        {"version": number, "at": wordings[0].at, "passages": [worded(each) for each in wordings]}
        for number, wordings in enumerate(found.versions(), 1)
    ]
    return call.disclose(permit, {"line": LINE, **page(*cut_numbered(numbered, behind, limit))})


@router.post("/v1/people/{person}/stories/{story}/versions", status_code=201)
async def post_version(
    person: UUID,
    story: UUID,
    body: VersionBody,
    call: KnownCall,
    if_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Add to a story or correct it. A correction says why; what stood before stays."""
    await may_write(call, person)
    permit = await call.permit(person, Part.STORY, Act.WRITE, story)
    told = tuple(
        Told(each.heading, each.words, each.language, each.how, each.passage, each.why) for each in body.passages
    )
    mark = None if if_match is None else if_match.strip('"')
    command = AmendStory(person, story, told, permit.answer.except_for, mark)
    version = await call.run(handlers.amend_story, command, int)
    place = {"Location": f"/v1/people/{person}/stories/{story}"}
    said = {"story": story, "version": version, **await who_reads(call, person)}
    return answer(said, status=201, headers=place)


@router.post("/v1/people/{person}/told-again", status_code=201)
async def post_told_again(person: UUID, body: ToldAgainBody, call: KnownCall) -> Response:
    """Say "I had to tell it again": the person of any organisation, an organisation of itself (S2)."""
    await may_write(call, person)
    organisation = body.organisation or call.by.organisation
    if organisation is None or (call.by.organisation and organisation != call.by.organisation):
        raise InvalidError(fields=("organisation",))
    await call.ports.community.organisation(organisation)
    told_again = await call.run(handlers.say_told_again, SayToldAgain(person, organisation), UUID)
    return answer({"told_again": told_again}, status=201)


@router.get("/v1/told-again")
async def get_told_again(call: StewardCall, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Count for each organisation how often people had to tell it again (S2); small numbers are hidden (E1)."""
    behind = after(cursor).id
    found = await call.read(lambda store: handlers.count_told_again(store, behind, limit + 1))
    items = [{"organisation": each.organisation, "times": each.times} for each in found[:limit]]
    return answer(page(items, onwards(After(id=found[limit - 1].organisation)) if len(found) > limit else None))


def shown(story: Story) -> dict[str, Any]:
    """Give a story as its reader sees it: what matters most first (S13), versions counted for them (I1)."""
    return {
        "story": story.id,
        "told_at": story.at,
        "version": len(story.versions()),
        "passages": [worded(passage) for passage in story.now()],
    }


def worded(passage: Passage) -> dict[str, Any]:
    """Give one wording of a passage."""
    return {
        "passage": passage.passage,
        "heading": passage.heading,
        "words": passage.words,
        "language": passage.language,
        "media_type": passage.media_type,
        "how": passage.how,
        "by": {"member": passage.by_member, "organisation": passage.by_organisation},
        "at": passage.at,
        "why": passage.why,
    }
