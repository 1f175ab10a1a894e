"""What intake's routes share: who may call them, who reads what a person writes, and the parts of bodies."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import StringConstraints

from services.intake.store import IntakeStore
from shared.decisions import Act
from shared.errors import NotFoundError
from shared.event import Part, Role
from shared.http import Call, calls

SUPPORTERS = (Role.PEER_SUPPORTER, Role.CARER, Role.PRACTITIONER, Role.DUTY, Role.SYSTEM)
AnybodyCall = Annotated[Call[IntakeStore], calls("intake", Role.ANYONE, Role.PERSON, *SUPPORTERS)]
KnownCall = Annotated[Call[IntakeStore], calls("intake", Role.PERSON, *SUPPORTERS)]
PersonCall = Annotated[Call[IntakeStore], calls("intake", Role.PERSON)]
StewardCall = Annotated[Call[IntakeStore], calls("intake", Role.STEWARD)]
TextsCall = Annotated[Call[IntakeStore], calls("intake", Role.SYSTEM, scope="texts")]
Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str | None, Query(max_length=100)]
Language = Annotated[str, StringConstraints(max_length=16, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
"""A BCP 47 tag."""
Secret = Annotated[str, StringConstraints(min_length=4, max_length=100)]


async def may_write(call: Call[Any], person: UUID) -> None:
    """Let only the person, or somebody known to them, write about them. Raises NotFoundError otherwise (C4)."""
    if call.by.role is Role.PERSON and not call.by.is_person(person):
        raise NotFoundError
    await call.permit(person, Part.NAME, Act.WRITE)


async def who_reads(call: Call[Any], person: UUID) -> dict[str, Any]:
    """Say to a person who writes: who reads it, by when, and how to have somebody now (P10)."""
    if call.by.role is not Role.PERSON:
        return {}
    return said_to_writer(person, await call.ports.pathway.lead(person), None)


def said_to_writer(person: UUID, lead: UUID | None, by: datetime | None) -> dict[str, Any]:
    """Give P10's facts: codes, each with its plain sentence."""
    nobody = "Nobody leads for you just now, so nobody has promised to read this."
    leads = "The organisation that leads for you can read this, and so can those you have allowed."
    in_time = "Somebody there answers you by this time; if they do not, others are told."
    no_time = "Nobody has promised a time. If you need someone, do not wait for an answer to this."
    return {
        "read_by": {
            "code": "lead" if lead else "nobody-leads",
            "organisation": lead,
            "says": leads if lead else nobody,
        },
        "by_when": {
            "code": "answered-by" if by else "no-time-promised",
            "at": by,
            "says": in_time if by else no_time,
        },
        "i_need_someone_now": {
            "says": "I need someone now",
            "post": f"/v1/people/{person}/asks",
            "ring": [
                {"number": "999", "says": "If your life or somebody else's is in danger."},
                {"number": "111", "says": "NHS 111: choose the mental health option. Day and night."},
                {"number": "116123", "says": "Samaritans. Day and night."},
            ],
        },
    }
