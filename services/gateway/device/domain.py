"""A group's device and its members' PINs: how long a device lasts, what a PIN may be, and how a try is judged (M1).

The device opens nothing by itself: on a shared phone each person has a PIN, so that whatever is done has a person. A
PIN opens nothing without the device's secret. Six digits are few, so tries are counted where they are judged: five
wrong ones in a row shut the PIN, twenty in an hour on one device shut the device for the hour after.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

from shared.errors import AlongsideError, Kind
from shared.event import Role

DEVICE_IDLE = timedelta(days=30)
DEVICE_LIFE = timedelta(days=180)
DEVICES_OF_A_GROUP = 50
DEVICE_SESSION_LIFE = timedelta(hours=1)
DEVICE_SESSION_IDLE = timedelta(minutes=5)
PIN_DIGITS = 6
PIN_UNUSED = timedelta(days=180)
"""A PIN that nobody used for as long as a device can last is forgotten, with the name beside it."""
WRONG_SHUTS_PIN = 5
WRONG_SHUTS_DEVICE = 20
TRIES_WINDOW = timedelta(hours=1)
ON_A_DEVICE = frozenset({Role.PEER_SUPPORTER, Role.CARER, Role.PRACTITIONER, Role.DUTY})
"""Who may sign in with a PIN. A steward may not: what a steward can do is not to hang on six digits."""


class DeviceSignInError(AlongsideError):
    """Wrong PIN, no PIN, shut, an unknown member, an unknown or ended device: never said which."""

    code = "device-sign-in"
    kind = Kind.UNKNOWN_CALLER
    says = "We could not sign you in on this device. Check the PIN, or sign in with a link and set your PIN anew."


class PlainPinError(AlongsideError):
    """A PIN that is tried first: one digit six times, or a run."""

    code = "pin-too-plain"
    kind = Kind.INVALID
    says = "Choose six digits that are not all the same and not a run like 123456."


class DevicesFullError(AlongsideError):
    """The organisation has as many devices as it may have."""

    code = "devices-full"
    kind = Kind.CONFLICT
    says = "Your organisation has as many devices signed in as it may have. End one that you no longer use first."


@dataclass(frozen=True, slots=True)
class Device:
    """One device of an organisation. ``by``: the member who signed it in."""

    id: UUID
    organisation: UUID
    name: str
    by: UUID
    created_at: datetime
    used_at: datetime
    shut_until: datetime | None = None

    @property
    def until(self) -> datetime:
        """Give when it ends: 30 days after its last use, and never later than 180 days after its first."""
        return min(self.used_at + DEVICE_IDLE, self.created_at + DEVICE_LIFE)

    def works(self, now: datetime) -> bool:
        """Say whether somebody may sign in on it now."""
        return now < self.until and (self.shut_until is None or now >= self.shut_until)


@dataclass(frozen=True, slots=True)
class Digest:
    """What is kept of a PIN, or made of a guess: the salt, and what scrypt makes of both."""

    salt: bytes
    made: bytes


@dataclass(frozen=True, slots=True)
class Pin:
    """A member's PIN. ``wrong``: tries in a row that were wrong, on any device of the organisation.

    ``shown_as``: the name that the member chose to be seen by on the group's devices (C6).
    """

    member: UUID
    organisation: UUID
    digest: Digest
    shown_as: str | None = None
    wrong: int = 0

    @property
    def shut(self) -> bool:
        """Say whether it opens nothing until its member sets it anew."""
        return self.wrong >= WRONG_SHUTS_PIN


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of a try, and what is to be written: the PIN's count, and what the device comes to."""

    good: bool
    counts: bool = False
    wrong: int | None = None
    shut_until: datetime | None = None


def not_too_plain(pin: str) -> str:
    """Give a PIN that may be set. Raises PlainPinError."""
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    if steps in ({0}, {1}, {9}):
        raise PlainPinError
    return pin


def judge(device: Device | None, pin: Pin | None, guess: Digest, tries: int, now: datetime) -> Judged:
    """Judge a try. ``pin`` is None for who has none or may not sign in here; ``tries``: wrong ones in the last hour.

    On a device that is unknown, ended or shut nothing is counted: it opens nothing, whatever is tried.
    """
    theirs = pin if pin is not None and device is not None and pin.organisation == device.organisation else None
    against = theirs.digest if theirs else guess
    same = hmac.compare_digest(against.made, guess.made) and hmac.compare_digest(against.salt, guess.salt)
    if device is None or not device.works(now):
        return Judged(good=False)
    if theirs is not None and same and not theirs.shut:
        return Judged(good=True, wrong=0)
    return Judged(
        good=False,
        counts=True,
        wrong=None if theirs is None else min(theirs.wrong + 1, WRONG_SHUTS_PIN),
        shut_until=now + TRIES_WINDOW if tries + 1 >= WRONG_SHUTS_DEVICE else None,
    )
