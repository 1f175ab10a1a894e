"""The ladder with nothing stood in for: real services, over HTTP, with a mailbox that hears all (J9, W1)."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from shared.event import Role
from tests.support.notify_servers import Box, mailbox
from tests.support.place import Place, a_pass, a_place, person_pass
from tests.support.setting_up import Body, a_commissioned_body, a_group, a_place_that_serves, a_steward

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx2

BACKSTOP, LEAD, GROUP, DUTY = (f"{name}@place.example" for name in ("backstop", "lead", "group", "duty"))
RUNG = timedelta(hours=5)


@dataclass
class Scene:
    """R, whom a team leads and has met, with a peer group to be rung if they go quiet."""

    place: Place
    box: Box
    backstop: Body
    team: Body
    group: Body
    r: UUID

    def heard(self) -> list[str]:
        found = [each.to for each in self.box.mails]
        self.box.mails.clear()
        return found

    async def contact(self, by: Body, outcome: str) -> None:
        await ok(by.http.post(f"/v1/people/{self.r}/contacts", json={"outcome": outcome, "how": "phone"}))


async def ok(answer: Any) -> httpx2.Response:
    found: httpx2.Response = await answer
    assert found.is_success, found.text
    return found


async def rung_by(http: httpx2.AsyncClient, path: str, address: str) -> Any:
    return (await ok(http.post(path, json={"channel": "email", "address": address}))).json()["id"]


@asynccontextmanager
async def a_scene(folder: Path) -> AsyncIterator[Scene]:
    async with mailbox() as box, a_place(folder, smtp_url=box.url) as place:
        backstop = await a_place_that_serves(place)
        team = await a_commissioned_body(place, "community-team", "North Team")
        group = await a_group(place, vouched_by=team)
        steward = await a_steward(place)
        for body, address in ((backstop, BACKSTOP), (team, LEAD), (group, GROUP)):
            await rung_by(steward, f"/v1/organisations/{body.id}/alert-routes", address)
        route = await rung_by(steward, "/v1/place/duty-line/routes", DUTY)
        await ok(steward.post("/v1/place/duty-line/tests", json={"route": route, "answered": True}))
        ring = [{"called": "Kitchen Table", "organisation": str(group.id)}]
        came = await ok(team.http.post("/v1/arrivals", json={"called": "R", "ring_if_quiet": ring}))
        scene = Scene(place, box, backstop, team, group, UUID(came.json()["person"]))
        await place.settle()
        await ok(team.http.post(f"/v1/people/{scene.r}/lead/acknowledgement", json={}))
        await scene.contact(team, "made")
        choice = {"who": {"organisation": str(group.id)}, "what": ["journey"], "permit": True}
        await ok(place.client(person_pass(scene.r)).post(f"/v1/people/{scene.r}/choices", json=choice))
        await place.settle()
        box.mails.clear()
        yield scene


async def test_nobody_made_contact_lead_and_supporter_then_the_duty_line_until_a_human_answers__j9_w1(
    tmp_path: Path,
) -> None:
    async with a_scene(tmp_path) as scene:
        await ok(scene.team.http.post(f"/v1/people/{scene.r}/left-the-building", json={}))
        await scene.place.pass_time(timedelta(hours=71))
        assert scene.heard() == []
        await scene.place.pass_time(timedelta(hours=1, minutes=1))
        assert set(scene.heard()) == {LEAD, GROUP}
        for _ in range(3):
            await scene.place.pass_time(RUNG)
        assert DUTY in scene.heard()
        await scene.contact(scene.team, "tried")
        await scene.place.pass_time(RUNG)
        assert DUTY in scene.heard(), "a try is no contact and no human's answer"
        duty = scene.place.client(a_pass(Role.DUTY, organisation=scene.backstop.id))
        (alert,) = (await ok(duty.get("/v1/alerts"))).json()["items"]
        await ok(duty.post(f"/v1/alerts/{alert['id']}/acknowledgement", json={"words": "I am going there."}))
        await scene.place.pass_time(3 * RUNG)
        assert scene.heard() == []
        await scene.contact(scene.group, "turned-down")
        types = await scene.place.types("pathway", scene.r)
        assert (types.count("pathway.drifting"), types[-1]) == (1, "pathway.drifting-ended")


async def test_warning_signs_reach_lead_and_supporter_and_their_silence_the_duty_line__p9_j9_w1(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        signs = f"/v1/people/{scene.r}/warning-signs"
        await ok(scene.group.http.post(signs, json={"words": "R rang me in tears."}))
        await scene.place.settle()
        assert set(scene.heard()) == {LEAD, GROUP}
        (alert,) = (await ok(scene.group.http.get("/v1/alerts"))).json()["items"]
        assert alert["kind"] == "warning-signs-showing"
        await ok(scene.group.http.post(f"/v1/alerts/{alert['id']}/acknowledgement", json={}))
        for _ in range(3):
            await scene.place.pass_time(RUNG)
        assert DUTY in scene.heard(), "who said it themself is nobody's answer"
        (alert,) = (await ok(scene.team.http.get("/v1/alerts"))).json()["items"]
        await ok(scene.team.http.post(f"/v1/alerts/{alert['id']}/acknowledgement", json={"words": "Ringing R now."}))
        await scene.place.settle()
        (said,) = (await ok(scene.group.http.get(signs))).json()["items"]
        assert said["state"] == "answered"
        scene.heard()
        await scene.place.pass_time(3 * RUNG)
        assert scene.heard() == []


async def test_a_promise_that_nobody_kept_reaches_lead_and_supporter_and_contact_ends_the_asking__j9(
    tmp_path: Path,
) -> None:
    async with a_scene(tmp_path) as scene:
        by = (scene.place.clock.now() + timedelta(days=2)).isoformat()
        said = {"outcome": "made", "how": "phone", "promise": {"by": by, "words": "I will ring on Tuesday"}}
        await ok(scene.team.http.post(f"/v1/people/{scene.r}/contacts", json=said))
        await scene.place.pass_time(timedelta(days=2, minutes=1))
        assert set(scene.heard()) == {LEAD, GROUP}
        await scene.contact(scene.group, "made")
        await scene.place.settle()
        assert set(scene.heard()) == {LEAD, GROUP}, "that it is over"
        await scene.place.pass_time(4 * RUNG)
        assert scene.heard() == []


async def test_the_backstop_is_told_to_test_the_duty_line_each_week_and_when_it_fails__w1(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        await scene.place.pass_time(timedelta(days=7, minutes=1))
        texts = [each.text for each in scene.box.mails if each.to == BACKSTOP]
        assert len(texts) == 3, "one for each route"
        assert all("is to be tested" in text for text in texts)
        assert set(scene.heard()) == {BACKSTOP}
        steward = await a_steward(scene.place)
        route = (await ok(steward.get("/v1/place/duty-line/routes"))).json()["items"][0]["id"]
        for _ in range(2):
            assert scene.heard() == []
            await ok(steward.post("/v1/place/duty-line/tests", json={"route": route, "answered": False}))
            await scene.place.settle()
        (mail,) = scene.box.mails
        assert mail.to == BACKSTOP
        assert "nobody answered the duty line in two tests" in mail.text
        assert f"Route {UUID(route).hex[:8].upper()}" in mail.text
