"""Alerts and what people chose: who is shut out knows of none; who holds somebody knows whom to look for."""

from datetime import timedelta
from pathlib import Path

import pytest

from shared.event import Part, Role
from shared.events.pathway import Drifting
from shared.ids import new_id
from shared.ports import Watchers, Why
from tests.support.notify_doubles import mail, told
from tests.support.notify_scene import FRIEND, LEAD, PEERS, RUNG, ZONE, a_scene
from tests.support.place import a_pass


@pytest.mark.parametrize("why", [Why.WITHDRAWN, Why.SAID_NO, Why.HIDDEN, Why.STOPPED])
async def test_who_was_shut_out_since_it_was_told_knows_of_no_alert_and_answers_none__c2_c4(
    tmp_path: Path, why: Why
) -> None:
    async with a_scene(tmp_path) as scene:
        await scene.drifts()
        (alert,) = await scene.alerts(scene.peers)
        scene.around.choices.out[scene.peers, scene.person] = why
        assert await scene.alerts(scene.peers) == []
        async with scene.place.client(a_pass(Role.PEER_SUPPORTER, organisation=scene.peers)) as http:
            theirs = await http.post(f"/v1/alerts/{alert['id']}/acknowledgement", json={})
            unknown = await http.post(f"/v1/alerts/{scene.person}/acknowledgement", json={})
            listed = (await http.get("/v1/alerts", params={"limit": 1})).json()
        assert (theirs.status_code, theirs.json()["code"]) == (unknown.status_code, unknown.json()["code"])
        assert theirs.status_code == 404
        assert listed == {"items": []}
        assert len(await scene.alerts(scene.team)) == 1, "it is still open for others"


async def test_the_duty_line_s_worker_answers_all_the_same__w1(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        await scene.drifts()
        await scene.place.pass_time(RUNG * 2)
        scene.around.choices.out[scene.peers, scene.person] = Why.WITHDRAWN
        assert len(await scene.alerts(scene.peers, Role.DUTY)) == 1


async def test_whoever_holds_somebody_knows_whom_to_look_for_though_not_why__j9_c2(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        scene.around.choices.may.add((scene.team, scene.person, Part.NAME))
        await scene.drifts()
        (alert,) = await scene.alerts(scene.team)
        assert alert["person"] == str(scene.person)
        assert not {"kind", "repeats", "words"} & alert.keys()


async def test_a_page_of_alerts_is_as_long_as_if_there_were_no_others__c4(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        await scene.drifts()
        away = new_id()
        scene.around.intake.chosen[away] = Watchers((), (scene.peers,))
        await scene.place.pass_time(timedelta(minutes=1))
        await told(scene.place, Drifting(subject=away, since=scene.place.clock.now(), promise=None))
        assert len(await scene.alerts(scene.peers)) == 2
        scene.around.choices.out[scene.peers, away] = Why.WITHDRAWN
        async with scene.place.client(a_pass(Role.PEER_SUPPORTER, organisation=scene.peers)) as http:
            page = (await http.get("/v1/alerts", params={"limit": 1})).json()
        assert (len(page["items"]), "next" in page) == (1, False)


@pytest.mark.parametrize("why", [Why.WITHDRAWN, Why.SAID_NO, Why.HIDDEN, Why.STOPPED])
async def test_who_was_shut_out_gets_no_message_though_they_stand_on_the_list__c2_c7(tmp_path: Path, why: Why) -> None:
    async with a_scene(tmp_path) as scene:
        scene.around.choices.out[scene.peers, scene.person] = why
        await scene.drifts()
        assert sorted(scene.heard()) == [FRIEND, LEAD]
        await scene.place.pass_time(RUNG * 3)
        assert PEERS not in scene.heard()


@pytest.mark.parametrize("shut_out", [True, False])
async def test_what_waits_for_their_hours_is_asked_about_again_as_it_leaves__c7(
    tmp_path: Path, *, shut_out: bool
) -> None:
    async with a_scene(tmp_path) as scene:
        hour = scene.place.clock.now().astimezone(ZONE).hour
        scene.around.community.ways[scene.peers] = (mail(PEERS, (hour + 2) % 24, (hour + 3) % 24),)
        await scene.drifts()
        assert PEERS not in scene.heard()
        if shut_out:
            scene.around.choices.out[scene.peers, scene.person] = Why.WITHDRAWN
        await scene.place.pass_time(timedelta(hours=2))
        assert (PEERS in scene.heard()) is not shut_out


async def test_an_alarm_is_told_though_consent_can_not_be_asked__j9(tmp_path: Path) -> None:
    """It names nobody; an alarm that nobody hears is the worse."""
    async with a_scene(tmp_path) as scene:
        scene.around.choices.down = True
        await scene.drifts()
        assert sorted(scene.heard()) == [FRIEND, LEAD, PEERS]
