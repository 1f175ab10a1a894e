"""Alerts: who is told at once, and that a human's word ends the asking (W1, J9, P4)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from shared.event import Role
from shared.events.pathway import (
    ContactHow,
    ContactMade,
    ConversationCalled,
    DriftingEnded,
    LeadChanged,
    LeadWhy,
    Met,
    NotMetAlarmed,
)
from shared.events.pathway_plan import PlanNotAgreed
from shared.ids import new_id
from tests.support.notify_doubles import mail, told
from tests.support.notify_scene import BUDDY, DUTY, FRIEND, LEAD, PEERS, RUNG, a_scene
from tests.support.place import a_pass

if TYPE_CHECKING:
    from pathlib import Path


async def test_when_somebody_drifts_the_lead_and_those_they_chose_are_told_at_once__j9(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        await scene.drifts()
        assert sorted(scene.heard()) == [FRIEND, LEAD, PEERS]
        assert await scene.place.types("notify", scene.person) == ["notify.alert-raised"]


async def test_a_plan_that_is_not_agreed_reaches_lead_and_chosen_supporters_at_once__p4(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        await told(scene.place, PlanNotAgreed(subject=scene.person, plan=new_id(), revision=1))
        assert sorted(scene.heard()) == [FRIEND, LEAD, PEERS]


async def test_a_human_acknowledgement_ends_the_asking__w1(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        await scene.drifts()
        (alert,) = await scene.alerts(scene.peers)
        async with scene.place.client(a_pass(Role.PEER_SUPPORTER, organisation=scene.peers)) as http:
            answered = await http.post(f"/v1/alerts/{alert['id']}/acknowledgement", json={"words": "I ring now."})
        assert answered.status_code == 200, answered.text
        before = len(scene.box.mails)
        await scene.place.pass_time(3 * RUNG)
        assert len(scene.box.mails) == before
        assert await scene.place.types("notify", scene.person) == ["notify.alert-raised", "notify.alert-acknowledged"]


async def test_an_alert_that_nobody_answers_goes_up_to_the_buddy_and_the_duty_line__w1(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        buddy = new_id()
        scene.around.community.buddies[scene.team] = buddy
        scene.around.community.ways[buddy] = (mail(BUDDY),)
        await scene.drifts()
        await scene.place.pass_time(RUNG - timedelta(minutes=1))
        assert BUDDY not in scene.heard()
        await scene.place.pass_time(timedelta(minutes=2))
        assert BUDDY in scene.heard()
        assert DUTY not in scene.heard()
        await scene.place.pass_time(RUNG)
        assert DUTY in scene.heard()
        await scene.place.pass_time(RUNG)
        assert scene.heard().count(DUTY) == 2


async def test_that_it_ended_is_said_and_never_by_whom__j9(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        await scene.drifts()
        scene.box.mails.clear()
        await told(scene.place, DriftingEnded(subject=scene.person))
        assert sorted(scene.heard()) == [FRIEND, LEAD, PEERS]
        assert {each.text.partition(" Reference")[0] for each in scene.box.mails} == {
            "Alongside: nothing more is needed. Thank you."
        }
        await scene.place.pass_time(2 * RUNG)
        assert len(scene.box.mails) == 3


async def test_the_holder_hears_that_it_is_called_together_with_an_offer__j5(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        called = ConversationCalled(subject=scene.person, link=new_id(), by=scene.place.clock.now())
        await told(scene.place, called)
        assert scene.heard() == [LEAD]
        assert len(await scene.alerts(scene.team)) == 1


async def test_held_but_not_met_is_over_when_the_lead_itself_met_them_and_by_nobody_else_s_meeting__j2b(
    tmp_path: Path,
) -> None:
    async with a_scene(tmp_path) as scene:
        person, team, peers = scene.person, scene.team, scene.peers
        await told(scene.place, NotMetAlarmed(subject=person, lead=team))
        met = Met(subject=person, link=new_id(), offer=new_id(), organisation=peers, worker=new_id())
        phoned = ContactMade(subject=person, contact=new_id(), organisation=peers, how=ContactHow.PHONE)
        await told(scene.place, met, phoned)
        assert len(await scene.alerts(team)) == 1
        await told(scene.place, ContactMade(subject=person, contact=new_id(), organisation=team, how=ContactHow.PHONE))
        assert await scene.alerts(team) == []


async def test_held_but_not_met_is_over_when_another_leads_that_has_met_them__j2b_j3(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        await told(scene.place, NotMetAlarmed(subject=scene.person, lead=scene.team))
        now = LeadChanged(subject=scene.person, was=scene.team, now=scene.peers, named=None, why=LeadWhy.MET)
        await told(scene.place, now)
        assert await scene.alerts(scene.team) == []
