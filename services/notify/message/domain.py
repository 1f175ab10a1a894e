"""When a message may go and by which way; what codes look like. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from shared.ports import Channel, Route

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No letter that is taken for a digit on the telephone."""
CODE_LENGTH = 12
AGAIN = (timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=3), timedelta(minutes=5))
"""Between one try and the next; then the next way is taken, so that 15 minutes are enough to know."""
UNKNOWN_AFTER = timedelta(minutes=2)
"""A send that was begun and not recorded is of unknown outcome after so long."""
KEPT_FOR = timedelta(days=30)
"""How long a finished message, and a code, is kept."""


class State(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Text(StrEnum):
    """Which words a message has (``texts``)."""

    WALK_BESIDE = "walk-beside"
    YOUR_ORGANISATION = "your-organisation"
    DUTY_LINE = "duty-line"
    OVER = "over"
    PERSON = "person"
    WEBHOOKS_PAUSED = "webhooks-paused"
    DUTY_LINE_TEST = "duty-line-test"
    DUTY_LINE_FAILING = "duty-line-failing"


@dataclass(frozen=True, slots=True)
class Message:
    """One message on its way. It holds no address: its owner is asked for it as it is sent.

    ``way`` counts the ways that were tried in vain. ``resend_safe``: may be sent twice rather than not at all.
    """

    id: UUID
    alert: UUID | None
    person: UUID | None
    who: str
    to: UUID
    text: Text
    rung: int
    reference: str
    state: State
    way: int
    tries: int
    send_after: datetime
    made_at: datetime
    sent_at: datetime | None = None
    resend_safe: bool = True


@dataclass(frozen=True, slots=True)
class Way:
    """A route that is safe now (``at`` None), or opens at ``at``."""

    route: Route
    at: datetime | None


def is_open(route: Route, local: datetime) -> bool:
    """Say whether it is within the hours of a route; hours may go over midnight."""
    if route.from_hour <= route.to_hour:
        return route.from_hour <= local.hour < route.to_hour
    return local.hour >= route.from_hour or local.hour < route.to_hour


def opens_at(route: Route, local: datetime) -> datetime:
    """Give when a route that is not open opens next."""
    today = local.replace(hour=route.from_hour % 24, minute=0, second=0, microsecond=0)
    return today if today > local else today + timedelta(days=1)


def choose(
    routes: Sequence[Route], usable: frozenset[Channel], local: datetime, way: int, *, any_hour: bool
) -> Way | None:
    """Give the way by which a message goes: the first safe one now, else the one that opens soonest (S7).

    ``way`` ways were tried in vain and are passed over. ``any_hour``: the duty line's. None: there is no way left.
    """
    ways = [route for route in routes if route.channel in usable]
    now = [route for route in ways if any_hour or is_open(route, local)]
    later = sorted((route for route in ways if route not in now), key=lambda route: opens_at(route, local))
    ordered = [*(Way(route, None) for route in now), *(Way(route, opens_at(route, local)) for route in later)]
    return ordered[way] if way < len(ordered) else None


def code_of(random: bytes) -> str:
    """Give a one-time code of 12 characters, in threes of four: 58 bits."""
    letters = [ALPHABET[value % len(ALPHABET)] for value in random[:CODE_LENGTH]]
    return "-".join("".join(letters[n : n + 4]) for n in range(0, CODE_LENGTH, 4))


def hash_of_code(code: str) -> str:
    """Give what is kept of a code, however it was typed."""
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return sha256(plain.encode()).hexdigest()
