"""Setting a place up through its API (J2a, W1)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.community.place.domain import NotReadyError
from shared.event import Role
from shared.events.community import PLACE
from shared.ports import Channel
from tests.support.place import Place, a_pass, a_place
from tests.support.setting_up import LINE, a_commissioned_body, a_place_that_serves, a_steward

COMMUNITY = ("community",)
LINE_ROUTES = "/v1/place/duty-line/routes"


async def a_route(steward: httpx2.AsyncClient, address: str, *, answered: bool | None = None) -> str:
    made = await steward.post(LINE_ROUTES, json={"channel": "text", "address": address})
    assert made.status_code == 201, made.text
    route: str = made.json()["id"]
    if answered is not None:
        tested = await steward.post("/v1/place/duty-line/tests", json={"route": route, "answered": answered})
        assert tested.status_code == 201, tested.text
    return route


async def needed(place: Place) -> list[str]:
    shown = (await place.client().get("/v1/place")).json()
    assert shown["ready"] is (not shown["still_needed"])
    return [each["code"] for each in shown["still_needed"]]


async def test_a_place_serves_once_it_has_a_backstop_and_two_tested_routes__j2a(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        port = place.system.running["community"].port
        steward = await a_steward(place)
        body = await a_commissioned_body(place, round_the_clock=True)
        assert await needed(place) == ["backstop", "duty-line"]
        await steward.put("/v1/place/backstop", json={"organisation": str(body.id)})
        assert await needed(place) == ["duty-line"]
        await a_route(steward, LINE[0], answered=True)
        second = await a_route(steward, LINE[1], answered=False)
        assert await needed(place) == ["duty-line"]
        assert not await port.ready()
        with pytest.raises(NotReadyError):
            await port.backstop()
        with pytest.raises(NotReadyError):
            await port.must_be_ready()
        await steward.post("/v1/place/duty-line/tests", json={"route": second, "answered": True})
        assert await needed(place) == []
        assert await port.backstop() == body.id
        assert "community.place-ready" in await place.types("community", PLACE)
        await port.must_be_ready()


@pytest.mark.parametrize(
    "facts", [{"funded": False, "round_the_clock": True}, {}, {"can_lead": False, "round_the_clock": True}]
)
async def test_a_backstop_is_funded_there_day_and_night_and_may_lead__j2a(
    tmp_path: Path, facts: dict[str, Any]
) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        body = await a_commissioned_body(place, **facts)
        steward = await a_steward(place)
        named = await steward.put("/v1/place/backstop", json={"organisation": str(body.id)})
        assert named.status_code == 409
        assert named.json()["code"] == "cannot-be-backstop"


async def test_a_new_backstop_is_said_with_the_one_before__j2a(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        first = await a_place_that_serves(place)
        second = await a_commissioned_body(place, name="Another Trust", round_the_clock=True)
        steward = await a_steward(place)
        await steward.put("/v1/place/backstop", json={"organisation": str(second.id)})
        (fact,) = [e for e in await place.journal("community", second.id) if e.type == "community.backstop-set"]
        assert fact.data == {"before": str(first.id)}
        assert await place.system.running["community"].port.backstop() == second.id


async def test_the_duty_line_keeps_two_tested_routes__j2a(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        await a_place_that_serves(place)
        steward = await a_steward(place)
        routes = (await steward.get(LINE_ROUTES)).json()["items"]
        gone = await steward.delete(f"{LINE_ROUTES}/{routes[0]['id']}")
        assert (gone.status_code, gone.json()["code"]) == (409, "duty-line-too-short")
        await a_route(steward, "+44 1632 960003", answered=True)
        assert (await steward.delete(f"{LINE_ROUTES}/{routes[0]['id']}")).status_code == 204
        line = await place.system.running["community"].port.duty_line()
        assert [route.address for route in line] == [LINE[1], "+44 1632 960003"]
        assert line[0].channel is Channel.TEXT


async def test_each_route_is_due_for_a_test_every_week_until_it_is_tested__w1(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        await a_place_that_serves(place)
        steward = await a_steward(place)
        await place.pass_time(timedelta(days=6))
        first = (await steward.get(LINE_ROUTES)).json()["items"][0]["id"]
        await steward.post("/v1/place/duty-line/tests", json={"route": first, "answered": True})
        await place.pass_time(timedelta(days=2))
        due = [e for e in await place.journal("community", PLACE) if e.type == "community.duty-line-test-due"]
        assert len(due) == 1
        assert due[0].data["route"] != first
        shown = (await steward.get("/v1/place")).json()
        assert shown["duty_line"] == {"tested": 2, "overdue": 1, "failing": 0}
        await place.pass_time(timedelta(days=7))
        due = [e for e in await place.journal("community", PLACE) if e.type == "community.duty-line-test-due"]
        assert len(due) == 3


async def test_two_unanswered_tests_alarm_the_backstop_and_every_test_is_kept__w1(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        backstop = await a_place_that_serves(place)
        duty = place.client(a_pass(Role.DUTY, organisation=backstop.id))
        route = (await duty.get(LINE_ROUTES)).json()["items"][0]["id"]
        for _ in range(2):
            await duty.post("/v1/place/duty-line/tests", json={"route": route, "answered": False})
        (alarm,) = [e for e in await place.journal("community", PLACE) if e.type == "community.duty-line-failing"]
        assert (await duty.get("/v1/place")).json()["duty_line"]["failing"] == 1
        assert alarm.data == {"route": route, "backstop": str(backstop.id)}
        tests = (await duty.get(f"{LINE_ROUTES}/{route}/tests")).json()["items"]
        assert [test["answered"] for test in tests] == [False, False, True]
        line = await place.system.running["community"].port.duty_line()
        assert [each.address for each in line] == [LINE[1], LINE[0]]


@pytest.mark.parametrize(
    "body",
    [
        {"channel": "text", "address": "not a number"},
        {"channel": "email", "address": "+44 1632 960001"},
        {"channel": "pigeon", "address": "loft"},
        {"channel": "text", "address": "+44 1632 960001", "from_hour": 9, "to_hour": 9},
        {"channel": "text", "address": "+44 1632 960001", "to_hour": 25},
        {"channel": "text", "address": "+44 1632 960001", "more": 1},
        {"channel": "text"},
    ],
)
async def test_a_route_that_can_not_be_rung_is_not_taken_and_not_echoed(
    tmp_path: Path, body: dict[str, object]
) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        steward = await a_steward(place)
        answer = await steward.post(LINE_ROUTES, json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
        assert "pigeon" not in answer.text
        assert (await steward.get(LINE_ROUTES)).json() == {"items": []}


async def test_until_it_is_set_up_a_place_serves_only_its_own_setting_up__j2a(tmp_path: Path) -> None:
    async with a_place(tmp_path) as place:
        nobody = place.client()
        for way in ("/v1/arrivals", "/v1/texts", "/v1/let-go", "/v1/subscriptions", f"/v1/people/{PLACE}/choices"):
            turned = await nobody.post(way, json={"called": "R", "door": "self"})
            assert (turned.status_code, turned.json()["code"]) == (503, "not-set-up"), way
            assert turned.json()["who_must_act"] == "the steward of this place"
        for way in ("/v1/organisations", "/v1/offers", "/v1/rulebook", "/v1/place", "/v1/openapi.json"):
            assert (await nobody.get(way)).status_code == 200, way
        assert await place.journal("intake") == []
        await a_place_that_serves(place)
        arrived = await nobody.post("/v1/arrivals", json={"called": "R", "door": "self"})
        assert arrived.status_code == 201, arrived.text
