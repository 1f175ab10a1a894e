"""``/v1/people/{person}/reach``: how to reach somebody safely (S7)."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any
from uuid import UUID

from fastapi import Header
from pydantic import Field
from starlette.responses import Response

from services.intake.edge import KnownCall, Language, Secret, may_write, who_reads
from services.intake.keys import hash_code_word
from services.intake.person.domain import a_phone, an_email, surety_of
from services.intake.reach import handlers
from services.intake.reach.domain import HOURS, CodeWord, KeptReach, Reach, SafeWay, SetReach, Way
from shared import http
from shared.errors import InvalidError, NotYoursError, StaleError
from shared.event import Part, Role
from shared.http import Body, Call, Line, answer
from shared.ids import new_id

router = http.router("people")


class WayBody(Body):
    """One safe way, in the hours of the day that are safe (local time; 20 to 8 is overnight)."""

    how: Way
    from_hour: Annotated[int, Field(ge=0, lt=HOURS)] = 0
    to_hour: Annotated[int, Field(gt=0, le=HOURS)] = HOURS


class RoutesBody(Body):
    """How somebody is reached: numbers, safe ways in the order wished, language."""

    phone: Line | None = None
    email: Line | None = None
    ways: Annotated[tuple[WayBody, ...], Field(max_length=10)] = ()
    never_voicemail: bool = True
    may_be_written_to: bool = True
    language: Language = "en"


class ReachBody(RoutesBody):
    """A safe route (S7). Leave ``code_word`` out to keep the one there is; null takes it away."""

    interpreter: Line | None = None
    communication: Line | None = None
    adjustments: Line | None = None
    culture_and_faith: Line | None = None
    code_word: Secret | None = None


def as_reach(body: RoutesBody) -> Reach:
    """Read a body into a safe route. Raises InvalidError for a number, an address or hours that can't be."""
    if any(way.from_hour == way.to_hour for way in body.ways):
        raise InvalidError(fields=("ways",))
    said = body.model_dump(exclude={"phone", "email", "ways", "code_word"})
    return Reach(
        phone=a_phone(body.phone).value if body.phone else None,
        email=an_email(body.email).value if body.email else None,
        ways=tuple(SafeWay(way.how, way.from_hour, way.to_hour) for way in body.ways),
        **said,
    )


async def as_code_word(said: str | None) -> CodeWord | None:
    """Hash a code word under a new salt."""
    if said is None:
        return None
    salt = new_id().bytes + new_id().bytes
    return CodeWord(salt, await hash_code_word(said, salt))


def etag(kept: KeptReach) -> str:
    """Give the opaque mark of a safe route."""
    return f'"{hashlib.sha256(kept.mark.bytes).hexdigest()[:24]}"'


@router.get("/v1/people/{person}/reach")
async def get_reach(person: UUID, call: KnownCall) -> Response:
    """Give how to reach the person safely. The code word is never shown, only whether there is one."""
    permit = await call.permit(person, Part.CONTACT)
    kept = await call.read(lambda store: handlers.read_reach(store, permit))
    told: dict[str, Any] = (kept.reach if kept else Reach()).told()
    told |= {
        "said": kept is not None,
        "by_the_person": bool(kept and kept.by_person),
        "has_code_word": bool(kept and kept.code_word),
    }
    return call.disclose(permit, told, headers={"ETag": etag(kept)} if kept else None)


@router.put("/v1/people/{person}/reach")
async def put_reach(
    person: UUID, body: ReachBody, call: KnownCall, if_match: Annotated[str | None, Header()] = None
) -> Response:
    """Say how to reach the person safely: the person, or a supporter with them until the person has said it."""
    if call.by.role in {Role.CARER, Role.SYSTEM}:
        raise NotYoursError
    await may_write(call, person)
    reach = as_reach(body)
    mark = await _read_mark(call, person, if_match)
    forget = "code_word" in body.model_fields_set and body.code_word is None
    word = await as_code_word(body.code_word)
    command = SetReach(
        person, reach, word, forget_code_word=forget, surety=surety_of(call.by), mark=mark,
        writers_own=await is_writers_own(call, reach.email),
    )  # fmt: skip
    await call.run(handlers.set_it, command, UUID)
    return answer({"person": person, **await who_reads(call, person)})


async def is_writers_own(call: Call[Any], email: str | None) -> bool:
    """Say whether a supporter gives, as the person's, an address that their own organisation signs in with."""
    if email is None or call.by.organisation is None:
        return False
    found = await call.ports.community.sign_in(email)
    return found is not None and found.organisation == call.by.organisation


async def _read_mark(call: Call[Any], person: UUID, if_match: str | None) -> UUID | None:
    """Give the mark that stands behind an ETag, for the transaction to check again. Raises StaleError."""
    if if_match is None:
        return None
    permit = await call.permit(person, Part.CONTACT)
    kept = await call.read(lambda store: handlers.read_reach(store, permit))
    if kept is None or etag(kept) != if_match:
        raise StaleError
    return kept.mark
