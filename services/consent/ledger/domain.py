"""One line of the ledger, the chain over its batches, and how it is said to the person in plain words (C6)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.event import Part, Role
from shared.passes import Purpose
from shared.ports import Act, Why

FIRST = bytes(32)
PARTS = {
    Part.NAME: "what you like to be called",
    Part.STORY: "your story",
    Part.PLAN: "your plan",
    Part.JOURNEY: "your journey",
    Part.CIRCLE: "your circle",
    Part.CONTACT: "how to reach you safely",
    Part.EQUITY: "what you said about yourself for fairness figures",
}
ROLES = {
    Role.PERSON: "Somebody you named",
    Role.PEER_SUPPORTER: "A peer supporter",
    Role.CARER: "A carer",
    Role.PRACTITIONER: "A practitioner",
    Role.DUTY: "Somebody of the duty line",
    Role.SYSTEM: "The computer system",
}
ACTS = {
    Act.READ: "was let see {}",
    Act.WRITE: "was let write to your record, and so knows {}",
    Act.DELIVERY: "was sent news about {}",
    Act.ALERT: "was alerted, which told them something of {}",
    Act.EXPORT: "was given a copy of {}",
}
PURPOSES = {
    Purpose.SUPPORT: "for your support",
    Purpose.CRISIS: "in a crisis",
    Purpose.OVERSIGHT: "to oversee the service",
    Purpose.RESEARCH: "for research",
}
REASONS = {
    Why.CHOICE: "because you said yes",
    Why.HOLDS: "because they hold you, or you chose them to",
    Why.BESIDE: "because they stand beside you",
    Why.EMERGENCY: "as an emergency, for you had not chosen",
}


EMERGENCY_OPENED = "opened emergency access to your plan and how to reach you safely"


@dataclass(frozen=True, slots=True)
class Entry:
    """One decision: who asked for what of whom, the answer and what it rests on. ``id`` is random, never order."""

    id: UUID
    at: datetime
    person: UUID
    permitted: bool
    why: Why
    choice: UUID | None
    part: Part
    act: Act
    purpose: Purpose
    thing: UUID | None
    role: Role
    organisation: UUID | None
    member: UUID | None


@dataclass(frozen=True, slots=True)
class Left:
    """What left before a choice was taken back, one line for each reader, part and way (C2)."""

    role: Role
    organisation: UUID | None
    part: Part
    act: Act
    times: int
    first: datetime
    last: datetime


def chain(prev: bytes, number: int, rows: Sequence[bytes]) -> bytes:
    """Give the SHA-256 that ties a batch to the one before it: a changed or missing line breaks every later one."""
    digest = hashlib.sha256(prev)
    digest.update(number.to_bytes(8, "big"))
    for row in rows:
        digest.update(len(row).to_bytes(4, "big"))
        digest.update(row)
    return digest.digest()


def line(entry: Entry) -> bytes:
    """Give the bytes of one line that are chained."""
    values = (
        entry.id,
        entry.at.isoformat(),
        entry.person,
        int(entry.permitted),
        entry.why.value,
        entry.choice,
        entry.part.value,
        entry.act.value,
        entry.purpose.value,
        entry.thing,
        entry.role.value,
        entry.organisation,
        entry.member,
    )
    return "|".join(map(str, values)).encode()


def who_says(role: Role, organisation: str | None, first_name: str | None) -> str:
    """Say who looked: role and organisation; a first name where its member lets it be shown."""
    who = ROLES.get(role, "Somebody")
    who = f"{who} of {organisation}" if organisation else who
    return f"{who} ({first_name})" if first_name else who


def says(entry: Entry, organisation: str | None, first_name: str | None) -> str:
    """Say one line in plain words: who, what, why."""
    who = who_says(entry.role, organisation, first_name)
    did = ACTS[entry.act].format(PARTS[entry.part])
    if entry.why is Why.EMERGENCY and entry.part is Part.NAME:
        did = EMERGENCY_OPENED
    because = REASONS.get(entry.why, "")
    return f"{who} {did}, {PURPOSES[entry.purpose]}, {because}.".replace(", .", ".")


def left_says(left: Left, organisation: str | None) -> str:
    """Say what left before, in plain words."""
    times = "once" if left.times == 1 else f"{left.times} times"
    return f"{who_says(left.role, organisation, None)} {ACTS[left.act].format(PARTS[left.part])}, {times}."
