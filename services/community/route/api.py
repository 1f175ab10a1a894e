"""``/v1/organisations/{id}/alert-routes`` and ``/v1/place/duty-line``: how somebody on duty is told (W1, J2a)."""

from __future__ import annotations

from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Response
from pydantic import Field, TypeAdapter, ValidationError, model_validator

from services.community.formats import Email, Hour, Language, Telephone
from services.community.organisation.api import CommunityCall, OwnCall, StewardCall, must_be_of
from services.community.route import handlers
from services.community.route.domain import AddRoute, AddToDutyLine, RecordTest, RingRoute, RouteTest, TakeRoute
from shared.event import Role
from shared.events.community import PLACE
from shared.http import Body, answer, calls, page
from shared.http import router as new_router
from shared.ids import new_id
from shared.ports import Channel

DutyCall = Annotated[CommunityCall, calls("community", Role.STEWARD, Role.DUTY)]
MOST_TESTS = 50
router = new_router("alert routes")
_ADDRESS: dict[Channel, TypeAdapter[str]] = {
    Channel.TEXT: TypeAdapter(Telephone),
    Channel.EMAIL: TypeAdapter(Email),
}


class RouteBody(Body):
    """One way to ring: a telephone number that takes texts, or an e-mail address, and the hours it is watched."""

    channel: Channel
    address: Annotated[str, Field(max_length=254)]
    from_hour: Hour = 0
    to_hour: Hour = 24
    language: Language = "en"

    @model_validator(mode="after")
    def _fits(self) -> Self:
        try:
            self.address = _ADDRESS[self.channel].validate_python(self.address)
        except ValidationError:
            raise ValueError("address") from None
        if self.to_hour <= self.from_hour:
            raise ValueError("hours")
        return self


class TestBody(Body):
    """How a live test of a route went: a human answered, or nobody did."""

    route: UUID
    answered: bool


def view(route: RingRoute, *, of_duty_line: bool = False) -> dict[str, Any]:
    """Show a route; one of the duty line with how its tests went."""
    shown: dict[str, Any] = {
        "id": route.id,
        "channel": route.channel.value,
        "address": route.address,
        "from_hour": route.from_hour,
        "to_hour": route.to_hour,
        "language": route.language,
    }
    tests = {"answered_at": route.answered_at, "unanswered_in_a_row": route.unanswered}
    return shown | tests if of_duty_line else shown


def _route(owner: UUID, body: RouteBody) -> RingRoute:
    return RingRoute(id=new_id(), owner=owner, position=0, **body.model_dump())


async def _made(call: CommunityCall, owner: UUID, made: UUID, path: str) -> Response:
    found = await call.read(lambda store: handlers.read_routes(store, owner))
    (route,) = [each for each in found if each.id == made]
    shown = view(route, of_duty_line=owner == PLACE)
    return answer(shown, status=201, headers={"Location": f"{path}/{made}"})


@router.post("/v1/organisations/{organisation}/alert-routes", status_code=201)
async def post_alert_route(organisation: UUID, body: RouteBody, call: OwnCall) -> Response:
    """Add a way to tell an organisation that somebody needs it, after those that it has (W1)."""
    must_be_of(call, organisation)
    made = await call.run(handlers.add_route, AddRoute(_route(organisation, body)), UUID)
    return await _made(call, organisation, made, f"/v1/organisations/{organisation}/alert-routes")


@router.get("/v1/organisations/{organisation}/alert-routes")
async def get_alert_routes(organisation: UUID, call: OwnCall) -> Response:
    """List the ways that an organisation shares, in the order in which they are tried."""
    must_be_of(call, organisation)
    found = await call.read(lambda store: handlers.read_routes(store, organisation))
    return answer(page([view(route) for route in found], None))


@router.delete("/v1/organisations/{organisation}/alert-routes/{route}", status_code=204)
async def delete_alert_route(organisation: UUID, route: UUID, call: OwnCall) -> Response:
    """Take a way to ring away."""
    must_be_of(call, organisation)
    await call.run(handlers.take_route, TakeRoute(organisation, route), UUID)
    return Response(status_code=204)


@router.post("/v1/place/duty-line/routes", status_code=201)
async def post_duty_route(body: RouteBody, call: StewardCall) -> Response:
    """Add a route to the place's duty line; it counts once a human has answered it (J2a)."""
    adding = AddToDutyLine(_route(PLACE, body), call.ports.community.rulebook().duty_line_tested_every)
    made = await call.run(handlers.add_to_duty_line, adding, UUID)
    return await _made(call, PLACE, made, "/v1/place/duty-line/routes")


@router.get("/v1/place/duty-line/routes")
async def get_duty_routes(call: DutyCall) -> Response:
    """List the routes of the duty line, and how each last test went (W1)."""
    found = await call.read(lambda store: handlers.read_routes(store, PLACE))
    return answer(page([view(route, of_duty_line=True) for route in found], None))


@router.delete("/v1/place/duty-line/routes/{route}", status_code=204)
async def delete_duty_route(route: UUID, call: StewardCall) -> Response:
    """Take a route of the duty line away; two tested ones have to stay (J2a)."""
    await call.run(handlers.take_from_duty_line, TakeRoute(PLACE, route), UUID)
    return Response(status_code=204)


@router.post("/v1/place/duty-line/tests", status_code=201)
async def post_duty_test(body: TestBody, call: DutyCall) -> Response:
    """Record a live test of a route. Unanswered twice running, it alarms the backstop (W1)."""
    every = call.ports.community.rulebook().duty_line_tested_every
    made = await call.run(handlers.record_test, RecordTest(PLACE, body.route, body.answered, every), UUID)
    return answer({"id": made, "route": body.route, "answered": body.answered}, status=201)


@router.get("/v1/place/duty-line/routes/{route}/tests")
async def get_duty_tests(route: UUID, call: DutyCall) -> Response:
    """List the latest fifty tests of a route, newest first."""
    found = await call.read(lambda store: handlers.read_tests(store, route, MOST_TESTS))
    return answer(page([_test(each) for each in found], None))


def _test(test: RouteTest) -> dict[str, Any]:
    return {"id": test.id, "at": test.at, "answered": test.answered, "tried_by": test.tried_by}
