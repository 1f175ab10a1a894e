"""Who acts for an organisation, in which hours, and who follows when somebody leaves (W1, J2b)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from shared.errors import AlongsideError, Kind
from shared.event import Event, Role
from shared.events.community import MemberChanged, MemberJoined, MemberLeft
from shared.ports import Channel, Route

if TYPE_CHECKING:
    from datetime import datetime

MEMBER_ROLES = frozenset({Role.PEER_SUPPORTER, Role.CARER, Role.PRACTITIONER, Role.DUTY, Role.STEWARD})
HOURS_A_DAY = 24
MONDAY, SUNDAY = 1, 7


class AddressInUseError(AlongsideError):
    """Somebody else signs in with this e-mail address."""

    code = "email-in-use"
    kind = Kind.CONFLICT
    says = "Somebody already signs in with this e-mail address. Each member needs one of their own."


class StewardsOnlyError(AlongsideError):
    """Only a steward makes somebody a steward or a worker of the duty line."""

    code = "stewards-only"
    kind = Kind.FORBIDDEN
    says = "Only a steward may give this role."


@dataclass(frozen=True, slots=True)
class Window:
    """When somebody may be rung: days (1 Monday to 7 Sunday) and hours of the place's own time.

    ``to_hour`` at or before ``from_hour`` means past midnight, into the next day.
    """

    days: tuple[int, ...]
    from_hour: int
    to_hour: int


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of an organisation. Without ``hours`` they may be rung at any time."""

    id: UUID
    organisation: UUID
    name: str
    role: Role
    joined_at: datetime
    email: str | None = None
    telephone: str | None = None
    named_worker: bool = False
    expert_by_experience: bool = False
    on_duty: bool = False
    hours: tuple[Window, ...] = ()
    left_at: datetime | None = None
    revision: int = 1


def join(member: Member, *, by_steward: bool) -> tuple[Member, tuple[Event, ...]]:
    """Let somebody act for an organisation. Raises StewardsOnlyError for a role that only a steward gives."""
    _may_give(member.role, by_steward=by_steward)
    fact = MemberJoined(subject=member.organisation, member=member.id, named_worker=member.named_worker)
    return member, (fact,)


def change(member: Member, changes: Mapping[str, Any], *, by_steward: bool) -> tuple[Member, tuple[Event, ...]]:
    """Change what a member said of themself. Raises StewardsOnlyError."""
    if "role" in changes:
        _may_give(changes["role"], by_steward=by_steward)
    changed = replace(member, **changes, revision=member.revision + 1)
    fact = MemberChanged(subject=member.organisation, member=member.id, named_worker=changed.named_worker)
    return changed, (fact,)


def leave(member: Member, others: tuple[Member, ...], now: datetime) -> tuple[Member, tuple[Event, ...]]:
    """Let a member go. Their deputies lead what they held, then the one on duty (J2b)."""
    on_duty = next((each.id for each in others if each.on_duty and each.id != member.id), None)
    gone = replace(member, left_at=now, email=None, telephone=None, revision=member.revision + 1)
    return gone, (MemberLeft(subject=member.organisation, member=member.id, on_duty=on_duty),)


def routes_of(members: tuple[Member, ...], weekday: int) -> tuple[Route, ...]:
    """Give how members may be told on ``weekday`` (1 to 7), those on duty first, then named workers (W1)."""
    order = sorted(members, key=lambda each: (not each.on_duty, not each.named_worker, each.joined_at, each.id))
    return tuple(
        Route(channel, address, from_hour, to_hour)
        for member in order
        for channel, address in ((Channel.TEXT, member.telephone), (Channel.EMAIL, member.email))
        if address
        for from_hour, to_hour in spans_on(member.hours, weekday)
    )


def spans_on(hours: tuple[Window, ...], weekday: int) -> tuple[tuple[int, int], ...]:
    """Give the hours of one day in which somebody may be rung; a night reaches into the day after."""
    if not hours:
        return ((0, HOURS_A_DAY),)
    yesterday = SUNDAY if weekday == MONDAY else weekday - 1
    spans: set[tuple[int, int]] = set()
    for window in hours:
        by_night = window.to_hour <= window.from_hour
        if weekday in window.days:
            spans.add((window.from_hour, HOURS_A_DAY if by_night else window.to_hour))
        if by_night and yesterday in window.days and window.to_hour:
            spans.add((0, window.to_hour))
    return tuple(sorted(spans))


def _may_give(role: Role, *, by_steward: bool) -> None:
    if role in {Role.STEWARD, Role.DUTY} and not by_steward:
        raise StewardsOnlyError


@dataclass(frozen=True, slots=True)
class AddMember:
    """Let somebody act for an organisation."""

    member: Member

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the organisation."""
        return (self.member.organisation,)


@dataclass(frozen=True, slots=True)
class ChangeMember:
    """Change a member. ``tag``: the If-Match header."""

    organisation: UUID
    member: UUID
    tag: str | None
    changes: Mapping[str, Any]

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the organisation."""
        return (self.organisation,)


@dataclass(frozen=True, slots=True)
class LetMemberLeave:
    """Let a member leave an organisation."""

    organisation: UUID
    member: UUID

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the organisation."""
        return (self.organisation,)
