"""The API's own pages: docs without a third party, health without persons, errors explained, a demo's clock."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from services.gateway.front.domain import FURTHEST
from services.instance import ready
from shared.clock import monotonic
from shared.db import Sql
from shared.errors import CATALOGUE
from shared.event import Role
from shared.ids import new_id
from tests.support.place import Place, a_pass, a_place

THIRD_PARTY = re.compile(r"""(?:src|href|url)\s*[=:(]\s*["']?(?:https?:)?//""")


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with a_place(tmp_path / "data", ("gateway",)) as made:
        yield made


async def test_the_docs_page_asks_nobody_but_this_place(place: Place) -> None:
    async with place.client() as anyone:
        page = await anyone.get("/docs")
        assert page.headers["content-type"].startswith("text/html")
        assets = re.findall(r'(?:src|href)="(/[^"]+)"', page.text)
        assert len(assets) >= 5
        assert [(a, r.status_code) for a in assets if (r := await anyone.get(a)).status_code != 200] == []
    assert not THIRD_PARTY.search(page.text)
    assert not re.search(r"<script(?![^>]*\ssrc=)|\son\w+=|style=", page.text), "nothing inline: the policy forbids it"


async def test_pages_carry_a_policy_that_allows_only_their_own_files(place: Place) -> None:
    async with place.client() as anyone:
        for path in ("/docs", "/docs/assets/swagger-ui-bundle.js"):
            policy = (await anyone.get(path)).headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert "http" not in policy


@pytest.mark.parametrize("name", ["docs.html", "..%2Fapi.py", "%2Fetc%2Fpasswd", "swagger%2FLICENSE", "planted"])
async def test_no_path_of_a_caller_reaches_the_disk(place: Place, name: str) -> None:
    async with place.client() as anyone:
        told = await anyone.get(f"/docs/assets/{name}")
    assert (told.status_code, told.json()["code"]) == (404, "not-found")


async def test_the_api_is_described_for_v1_only_and_says_who_may_call(place: Place) -> None:
    async with place.client() as anyone:
        told = (await anyone.get("/v1/openapi.json")).json()
    assert all(path.startswith(("/v1/", "/oauth/", "/demo/")) for path in told["paths"])
    assert told["paths"]["/v1/partners"]["post"]["x-roles"] == ["steward"]
    assert told["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert "HTTPValidationError" not in str(told), "errors have one shape, and it is not FastAPI's"


async def test_ping_says_fail_while_a_loop_has_not_gone_round(place: Place) -> None:
    loops = place.system.loops.loops
    async with place.client() as anyone:
        assert (await anyone.get("/_ping")).status_code == 503
        for loop in loops:
            await loop.once()
        well = await anyone.get("/_ping")
        assert (well.status_code, well.json()["status"]) == (200, "pass")
        assert well.headers["content-type"] == "application/health+json"
        loops[0].beat = monotonic() - 3_600
        assert (await anyone.get("/_ping")).status_code == 503


async def test_status_fails_on_tables_that_are_not_at_head_and_warns_until_it_is_set_up(place: Place) -> None:
    place.by_hand("UPDATE gateway_version SET version_num = '0000'")
    for loop in place.system.loops.loops:
        await loop.once()
    async with place.client() as anyone:
        told = await anyone.get("/_status")
    checks = {name: check[0]["status"] for name, check in told.json()["checks"].items()}
    assert checks["alongside:tables"] == "fail"
    assert checks["alongside:set-up"] == "warn"
    assert checks["alongside:database"] == checks["alongside:loops"] == checks["alongside:lanes"] == "pass"
    assert (told.status_code, told.json()["status"]) == (503, "fail")


async def test_status_warns_of_a_consumer_or_relay_that_has_stopped(tmp_path: Path) -> None:
    async def bus(place: Place) -> str:
        async with place.client() as anyone:
            told = await anyone.get("/_status")
        found: str = told.json()["checks"]["alongside:bus"][0]["status"]
        return found

    async with a_place(tmp_path / "data", ("pathway",)) as place:
        assert await bus(place) == "pass"
        place.system.consumers["pathway"].stopped = "avalanche"
        assert await bus(place) == "warn"
        place.system.consumers["pathway"].stopped, place.system.relays["pathway"].stopped = "", True
        assert await bus(place) == "warn"


async def test_figures_are_given_and_name_nobody(place: Place) -> None:
    someone = a_pass(Role.STEWARD, organisation=new_id())
    async with place.client(someone) as steward:
        await steward.get("/v1/partners")
        told = await steward.get("/metrics")
    assert "python_info" in told.text
    assert str(someone.member) not in told.text
    assert str(someone.organisation) not in told.text


async def test_figures_are_for_a_steward_or_who_brings_the_token_of_the_settings__c4(tmp_path: Path) -> None:
    """A count that moves tells whoever watches it that somebody has just taken a choice back."""
    async with a_place(tmp_path / "data", ("gateway",), metrics_token="a-long-token") as place:
        for given, status in ((None, 401), ("Bearer a-long-token", 200), ("Bearer a-long-toke", 401), ("Bearer ", 401)):
            async with place.client() as anyone:
                told = await anyone.get("/metrics", headers={"Authorization": given} if given else {})
            assert told.status_code == status
            assert ("python_info" in told.text) is (status == 200)
        async with place.client(a_pass(Role.SYSTEM, organisation=new_id())) as partner:
            assert (await partner.get("/metrics")).status_code == 401


async def test_without_a_token_in_the_settings_nobody_brings_it(place: Place) -> None:
    async with place.client() as anyone:
        assert (await anyone.get("/metrics", headers={"Authorization": "Bearer "})).status_code == 401


@pytest.mark.parametrize("code", sorted(CATALOGUE))
async def test_every_error_has_a_page_that_says_who_must_act(place: Place, code: str) -> None:
    async with place.client() as anyone:
        told = (await anyone.get(f"/problems/{code}")).json()
        page = await anyone.get(f"/problems/{code}", headers={"Accept": "text/html"})
    assert told["title"] == CATALOGUE[code].says
    assert told["who_must_act"]
    assert page.headers["content-type"].startswith("text/html")
    assert told["code"] in page.text


async def test_an_unknown_problem_is_not_echoed(place: Place) -> None:
    async with place.client() as anyone:
        told = await anyone.get("/problems/canary-7f3", headers={"Accept": "text/html"})
    assert told.status_code == 404
    assert "canary" not in told.text


async def test_a_demo_s_clock_moves_on_and_stays_moved_after_a_restart(tmp_path: Path) -> None:
    async with a_place(tmp_path / "data", ("gateway",)) as place:
        before = place.clock.now()
        async with place.client() as anyone:
            told = await anyone.post("/demo/clock", json={"days": 2, "hours": 3})
        assert told.json()["moved_on_seconds"] == 51 * 3600
        assert timedelta(hours=51) <= place.clock.now() - before < timedelta(hours=51, minutes=1)
    async with a_place(tmp_path / "data", ("gateway",)) as again:
        await ready(again.system)
        assert again.clock.offset == timedelta(hours=51)


async def test_the_same_request_moves_the_clock_once(place: Place) -> None:
    same = {"X-Request-ID": str(new_id())}
    async with place.client() as anyone:
        for _ in range(2):
            told = await anyone.post("/demo/clock", json={"hours": 5}, headers=same)
            assert told.json()["moved_on_seconds"] == 5 * 3600
    assert place.clock.offset == timedelta(hours=5)


@pytest.mark.parametrize("body", [{"hours": -1}, {"days": 10**9}, {"minutes": 5}, {"hours": "canary"}, {"days": 1.5}])
async def test_a_clock_never_goes_back_nor_too_far(place: Place, body: dict[str, Any]) -> None:
    async with place.client() as anyone:
        told = await anyone.post("/demo/clock", json=body)
    assert (told.status_code, told.json()["code"]) == (422, "invalid")
    assert place.clock.offset == timedelta()


async def test_a_demo_goes_ten_years_ahead_in_all(place: Place) -> None:
    async with place.client() as anyone:
        assert (await anyone.post("/demo/clock", json={"days": FURTHEST.days})).status_code == 200
        told = await anyone.post("/demo/clock", json={"hours": 1})
    assert (told.status_code, told.json()["code"]) == (422, "clock-too-far")


async def test_a_place_of_its_own_has_no_clock_to_move(tmp_path: Path) -> None:
    async with a_place(tmp_path / "data", ("gateway",), demo=False) as place, place.client() as anyone:
        assert (await anyone.post("/demo/clock", json={"hours": 1})).status_code == 404
        assert "/demo/clock" not in (await anyone.get("/v1/openapi.json")).json()["paths"]


async def test_only_a_steward_lets_parked_lanes_go_on(place: Place) -> None:
    async with place.client(a_pass(Role.DUTY)) as worker:
        assert (await worker.post("/v1/operations/replay", json={})).status_code == 403
    async with place.client(a_pass(Role.STEWARD)) as steward:
        assert (await steward.post("/v1/operations/replay", json={})).json() == {"lanes_going_on": {}}
        told = await steward.post("/v1/operations/replay", json={"what": "journals", "services": ["gateway"]})
        assert told.json() == {"to_be_sent_again": ["gateway"]}
        unknown = await steward.post("/v1/operations/replay", json={"services": ["canary"]})
    assert unknown.status_code == 422
    assert "canary" not in unknown.text


async def test_only_a_steward_reads_what_waits_and_it_is_numbers_of_services(place: Place) -> None:
    async with place.client(a_pass(Role.DUTY)) as worker:
        assert (await worker.get("/v1/operations")).status_code == 403
    shell = place.system.running["gateway"].shell
    row = {"consumer": "gateway", "source": "intake", "subject": new_id(), "reason": "unreadable", "raw": b"{}"}
    async with shell.database.write() as connection:
        for seq in (1, 2):
            since = shell.clock.now() - timedelta(seconds=90 * seq)
            await connection.run(Sql(insert(shell.tables.parked)), **row, seq=seq, at=since)
    async with place.client(a_pass(Role.STEWARD)) as steward:
        (found,) = (await steward.get("/v1/operations")).json()["items"]
    assert found == {
        "service": "gateway", "answers": True, "parked_lanes": 1, "oldest_parked_seconds": 180,
        "oldest_unsent_seconds": 0, "oldest_due_seconds": 0,
    }  # fmt: skip
