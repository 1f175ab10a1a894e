"""What a subscriber is sent, and when it is tried again. Pure. Schedule and headers are those of Standard Webhooks."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from uuid import UUID

import orjson

from shared.event import Part

TEST = "notify.test"
"""The type of a test event; it is about the subscription itself."""
SCHEDULE = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""What lies between one try and the next: ten tries in 75 hours and 35 minutes."""
JITTER = 0.1
"""Each wait is up to a tenth shorter or longer."""
MOST_RETRY_AFTER = timedelta(hours=24)
THROTTLING = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT})
KEPT_FOR = timedelta(days=30)
"""How long a finished delivery stands in its subscriber's log and can be sent again."""
WHERE: dict[Part, str] = {
    Part.NAME: "",
    Part.STORY: "/stories",
    Part.PLAN: "/plan",
    Part.JOURNEY: "/timeline",
    Part.CIRCLE: "/circle",
    Part.CONTACT: "/reach",
    Part.EQUITY: "",
}


class State(StrEnum):
    """Where a delivery stands. ``WAITING`` is behind an earlier one of the same subscriber and subject."""

    READY = "ready"
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class Problem(StrEnum):
    """Why a try failed when there was no good answer."""

    NOT_2XX = "answer-was-not-2xx"
    TIMED_OUT = "timed-out"
    NOT_CONNECTED = "could-not-connect"
    ADDRESS = "address-not-allowed"
    BROKEN = "answer-was-broken"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery. ``pos`` is ours alone; ``id`` and ``order`` are given when it first goes on the wire.

    ``wired``: some byte of it has left. ``sending``: a try began and its outcome is not recorded. ``correlation`` is
    the fact's, which says what story it belongs to; it never leaves.
    """

    pos: int
    id: UUID | None
    subscription: UUID
    subject: UUID
    event: UUID
    type: str
    at: datetime
    state: State
    next_at: datetime
    tries: int
    order: int | None
    wired: bool
    sending: bool
    first_at: datetime | None
    last_at: datetime | None
    last_status: int | None
    problem: str | None
    correlation: UUID | None = None


def is_good(status: int | None) -> bool:
    """Say whether an answer took the delivery: only a 2xx does. A redirect is a failure and is not followed."""
    return status is not None and HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a try. ``wired``: some byte left. ``retry_after`` is the endpoint's own wish."""

    status: int | None
    problem: Problem | None = None
    retry_after: timedelta | None = None
    wired: bool = True

    @property
    def good(self) -> bool:
        """Say whether the delivery was taken."""
        return is_good(self.status)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from a try. ``again_at`` is set while it is tried again; ``ends``: the endpoint is gone."""

    state: State
    again_at: datetime | None = None
    quiet_until: datetime | None = None
    ends: bool = False


def judge(tries: int, outcome: Outcome, now: datetime, jitter: float) -> Verdict:
    """Say what follows from the ``tries``-th try. ``jitter`` lies between -1 and 1."""
    if outcome.good:
        return Verdict(State.DELIVERED)
    if outcome.status == HTTPStatus.GONE:
        return Verdict(State.FAILED, ends=True)
    throttled = outcome.status in THROTTLING and outcome.retry_after is not None
    quiet = now + min(outcome.retry_after or timedelta(), MOST_RETRY_AFTER) if throttled else None
    if tries > len(SCHEDULE):
        return Verdict(State.FAILED, quiet_until=quiet)
    again = now + SCHEDULE[tries - 1] * (1 + JITTER * jitter)
    return Verdict(State.READY, max(again, quiet) if quiet else again, quiet)


def outside_id(key: bytes, event: UUID) -> UUID:
    """Give the id under which a subscriber hears of a fact: the same whenever it is sent, after a restore too.

    The first 16 bytes of HMAC-SHA256 by the subscription's ``id_key``, as a version 8 UUID (RFC 9562, 5.8). Who does
    not know the key can neither find the fact's own id nor match two subscriptions' ids (I1).
    """
    number = int.from_bytes(hmac.digest(key, event.bytes, "sha256")[:16])
    return UUID(int=number & ~(0xF << 76 | 0x3 << 62) | 0x8 << 76 | 0x2 << 62)


def where(type_: str, subject: UUID, part: Part | None) -> str:
    """Give the path at which the subscriber may read what changed."""
    if type_ == TEST:
        return f"/v1/subscriptions/{subject}"
    return f"/v1/organisations/{subject}" if part is None else f"/v1/people/{subject}{WHERE[part]}"


def body_of(delivery: Delivery, part: Part | None, base_url: str) -> bytes:
    """Give the CloudEvents 1.0 JSON of a delivery: thin, with nothing of a person but the opaque id.

    ``id`` and ``order`` are the subscriber's own (I1); ``time`` is the time of the fact, which whoever may
    have the fact may read at ``dataref`` too.
    """
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": delivery.id,
            "source": f"{base_url}/v1/subscriptions/{delivery.subscription}",
            "type": delivery.type,
            "subject": delivery.subject,
            "time": delivery.at,
            "order": delivery.order,
            "dataref": base_url + where(delivery.type, delivery.subject, part),
        },
        option=orjson.OPT_UTC_Z,
    )
