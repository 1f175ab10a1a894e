"""The ways to tell an organisation, and the place's duty line, that somebody needs them (W1, J2a)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from shared.errors import AlongsideError, Kind, WhoActs
from shared.event import Event
from shared.events.community import DutyLineChanged, DutyLineFailing, DutyLineTested
from shared.ports import Channel, Route

if TYPE_CHECKING:
    from datetime import datetime, timedelta

ROUTES_NEEDED = 2
FAILURES_TO_ALARM = 2
MOST_ROUTES = 12


class TooFewRoutesError(AlongsideError):
    """The duty line would have fewer than two tested routes (J2a)."""

    code = "duty-line-too-short"
    kind = Kind.CONFLICT
    says = "The duty line needs two routes that were tried and answered. Add and test another one first."
    who = WhoActs.STEWARD


class EnoughRoutesError(AlongsideError):
    """There are as many routes as somebody on duty can keep true."""

    code = "enough-routes"
    kind = Kind.CONFLICT
    says = "There are twelve routes already. Take one away first."


@dataclass(frozen=True, slots=True)
class RingRoute:
    """One way to ring: its place in the order, and how its tests went. ``owner``: an organisation or the place."""

    id: UUID
    owner: UUID
    position: int
    channel: Channel
    address: str
    from_hour: int = 0
    to_hour: int = 24
    language: str = "en"
    answered_at: datetime | None = None
    unanswered: int = 0

    @property
    def tested(self) -> bool:
        """Say whether a human has answered it."""
        return self.answered_at is not None

    def overdue(self, now: datetime, tested_every: timedelta) -> bool:
        """Say whether no human has answered it for longer than the rulebook allows between tests (W1)."""
        return self.answered_at is None or now - self.answered_at > tested_every

    def as_route(self) -> Route:
        """Give it as others know it."""
        return Route(self.channel, self.address, self.from_hour, self.to_hour, self.language)


@dataclass(frozen=True, slots=True)
class RouteTest:
    """A live test of a route: a human answered, or nobody did (W1)."""

    id: UUID
    route: UUID
    at: datetime
    answered: bool
    tried_by: UUID | None


def answering_routes(routes: tuple[RingRoute, ...]) -> tuple[RingRoute, ...]:
    """Give the routes that a human has answered: those that answered last time first, else in their order."""
    return tuple(sorted((r for r in routes if r.tested), key=lambda r: (r.unanswered > 0, r.position)))


def two_of_them_answer(routes: tuple[RingRoute, ...]) -> bool:
    """Say whether two different addresses were tried and answered (J2a): one phone twice is one route."""
    return len({route.address for route in routes if route.tested}) >= ROUTES_NEEDED


def add_to_duty_line(route: RingRoute, others: tuple[RingRoute, ...]) -> tuple[RingRoute, tuple[Event, ...]]:
    """Add a route; it counts when it was tested. Raises EnoughRoutesError."""
    placed = place_last(route, others)
    return placed, (DutyLineChanged(subject=route.owner, route=route.id, in_use=True),)


def place_last(route: RingRoute, others: tuple[RingRoute, ...]) -> RingRoute:
    """Put a route after the others. Raises EnoughRoutesError."""
    if len(others) >= MOST_ROUTES:
        raise EnoughRoutesError
    return replace(route, position=max((each.position for each in others), default=0) + 1)


def take_from_duty_line(route: RingRoute, others: tuple[RingRoute, ...], *, place_serves: bool) -> tuple[Event, ...]:
    """Take a route away. Raises TooFewRoutesError when a place that serves would be left with fewer than two."""
    if place_serves and not two_of_them_answer(tuple(each for each in others if each.id != route.id)):
        raise TooFewRoutesError
    return (DutyLineChanged(subject=route.owner, route=route.id, in_use=False),)


def record_test(route: RingRoute, test: RouteTest, backstop: UUID | None) -> tuple[RingRoute, tuple[Event, ...]]:
    """Record a live test. Nobody answering twice running alarms the backstop (W1)."""
    tested = DutyLineTested(subject=route.owner, route=route.id, answered=test.answered)
    if test.answered:
        return replace(route, answered_at=test.at, unanswered=0), (tested,)
    failed = replace(route, unanswered=route.unanswered + 1)
    if failed.unanswered < FAILURES_TO_ALARM:
        return failed, (tested,)
    return failed, (tested, DutyLineFailing(subject=route.owner, route=route.id, backstop=backstop))


@dataclass(frozen=True, slots=True)
class AddRoute:
    """Add a way to ring an organisation."""

    route: RingRoute

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the organisation."""
        return (self.route.owner,)


@dataclass(frozen=True, slots=True)
class AddToDutyLine:
    """Add a way to ring the duty line. ``tested_every``: the rulebook's."""

    route: RingRoute
    tested_every: timedelta

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the place."""
        return (self.route.owner,)


@dataclass(frozen=True, slots=True)
class TakeRoute:
    """Take a way to ring away."""

    owner: UUID
    route: UUID

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the organisation, or the place."""
        return (self.owner,)


@dataclass(frozen=True, slots=True)
class RecordTest:
    """Record a live test of a route of the duty line."""

    owner: UUID
    route: UUID
    answered: bool
    tested_every: timedelta

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the place."""
        return (self.owner,)
