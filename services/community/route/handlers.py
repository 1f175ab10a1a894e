"""Ways to ring are added, taken away and tried: one function, one transaction (W1, J2a)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.community.organisation.handlers import must_work
from services.community.place import domain as places
from services.community.route import domain
from services.community.route.domain import AddRoute, AddToDutyLine, RecordTest, RingRoute, RouteTest, TakeRoute
from shared.events.community import PLACE, DutyLineTestDue

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    from services.community.store import CommunityStore
    from shared.due import DueItem
    from shared.ports import Rulebook
    from shared.shell import Tx

TEST_DUE = "duty-line-test"


async def add_route(command: AddRoute, tx: Tx[CommunityStore]) -> UUID:
    """Add a way to ring an organisation. Raises NotFoundError, NotWorkingError, EnoughRoutesError."""
    await must_work(tx.store, command.route.owner)
    placed = domain.place_last(command.route, await tx.store.routes_of(command.route.owner))
    await tx.store.add_route(placed)
    return placed.id


async def take_route(command: TakeRoute, tx: Tx[CommunityStore]) -> UUID:
    """Take a way to ring an organisation away. Raises NotFoundError."""
    route = await tx.store.get_route(command.owner, command.route)
    await tx.store.drop_route(route.id)
    return route.id


async def add_to_duty_line(command: AddToDutyLine, tx: Tx[CommunityStore]) -> UUID:
    """Add a route to the duty line; it counts when a human has answered it. Raises EnoughRoutesError."""
    placed, facts = domain.add_to_duty_line(command.route, await tx.store.routes_of(PLACE))
    await tx.store.add_route(placed)
    tx.emit(*facts)
    tx.remind(TEST_DUE, tx.now + command.tested_every, PLACE, placed.id)
    return placed.id


async def take_from_duty_line(command: TakeRoute, tx: Tx[CommunityStore]) -> UUID:
    """Take a route of the duty line away. Raises NotFoundError, TooFewRoutesError."""
    route = await tx.store.get_route(PLACE, command.route)
    place = await tx.store.place()
    facts = domain.take_from_duty_line(route, await tx.store.routes_of(PLACE), place_serves=place.ready)
    await tx.store.drop_route(route.id)
    tx.emit(*facts)
    tx.forget(TEST_DUE, PLACE, route.id)
    return route.id


async def record_test(command: RecordTest, tx: Tx[CommunityStore]) -> UUID:
    """Record a live test; two routes that answered let the place serve (J2a). Raises NotFoundError."""
    route = await tx.store.get_route(PLACE, command.route)
    place = await tx.store.place()
    test = RouteTest(tx.new_id(), route.id, tx.now, command.answered, tx.by.member)
    tested, facts = domain.record_test(route, test, place.backstop)
    await tx.store.add_test(tested, test)
    tx.emit(*facts)
    tx.remind(TEST_DUE, tx.now + command.tested_every, PLACE, route.id)
    answers = domain.two_of_them_answer(await tx.store.routes_of(PLACE))
    settled, more = places.settle(place, duty_line_answers=answers)
    if more:
        await tx.store.save_place(settled)
        tx.emit(*more)
    return test.id


def reminding(rulebook: Callable[[], Rulebook]) -> Callable[[DueItem, Tx[CommunityStore]], Awaitable[None]]:
    """Give what says that a route of the duty line has gone untested for a week, or less by the rulebook (W1)."""

    async def remind_of_test(item: DueItem, tx: Tx[CommunityStore]) -> None:
        tx.emit(DutyLineTestDue(subject=PLACE, route=item.ref, backstop=(await tx.store.place()).backstop))
        tx.remind(TEST_DUE, tx.now + rulebook().duty_line_tested_every, PLACE, item.ref)

    return remind_of_test


async def read_routes(store: CommunityStore, owner: UUID) -> tuple[RingRoute, ...]:
    """Give the routes of an organisation or of the duty line (the place), in order."""
    return await store.routes_of(owner)


async def read_tests(store: CommunityStore, route_id: UUID, most: int) -> list[RouteTest]:
    """Give the latest tests of a route of the duty line. Raises NotFoundError."""
    await store.get_route(PLACE, route_id)
    return await store.last_tests(route_id, most)
