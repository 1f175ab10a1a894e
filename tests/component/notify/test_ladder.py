"""The ladder of an alert: hours and ways that are safe, what nobody took, codes, councils, being left be."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from shared.event import Code, Part, Role
from shared.events.community import Ending, OrganisationGoesOn, OrganisationJoined, OrganisationStopped
from shared.events.pathway import (
    AskAnswered,
    AskedForMore,
    AskUnanswered,
    CheckInDue,
    DriftingEnded,
    HolderChosen,
    LeadChanged,
    LeadWhy,
    Left,
    LetGoTurnedBack,
    ManagingIndependently,
    NowhereToSleep,
    Returned,
)
from shared.events.pathway_plan import (
    PlanNotAgreed,
    WarningSignsAnswered,
    WarningSignsShowing,
    WarningSignsUnanswered,
)
from shared.ids import new_id
from shared.ports import Watchers
from tests.support.notify_doubles import mail, say, told
from tests.support.notify_scene import BUDDY, DUTY, FRIEND, LEAD, PEERS, RUNG, a_scene
from tests.support.place import a_pass

if TYPE_CHECKING:
    from pathlib import Path

QUARTER = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)


async def test_a_second_drift_while_the_first_is_open_asks_nobody_twice__w1(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        await scene.drifts()
        await scene.drifts()
        assert sorted(scene.heard()) == [FRIEND, LEAD, PEERS]
        assert await scene.place.types("notify", scene.person) == ["notify.alert-raised"]
        await told(scene.place, DriftingEnded(subject=scene.person))
        assert len(scene.heard()) == 6


async def test_when_nothing_of_a_rung_could_be_delivered_in_15_minutes_the_next_are_asked__w1(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        scene.box.replies = ["451 later"]
        await scene.drifts()
        await scene.place.pass_time(QUARTER - MINUTE)
        assert "notify.alert-passed-up" not in await scene.place.types("notify", scene.person)
        scene.box.replies = ["250 ok"]
        scene.box.mails.clear()
        await scene.place.pass_time(2 * MINUTE)
        assert DUTY in scene.heard()


async def test_outside_a_supporter_s_hours_it_goes_on_at_once_and_they_are_told_when_it_is_day__w1_s7(
    tmp_path: Path,
) -> None:
    async with a_scene(tmp_path) as scene:
        now = scene.place.clock.now().astimezone(scene.zone)
        later = (now.hour + 3) % 24
        asleep = {"from_hour": later, "to_hour": (later + 1) % 24 or 24}
        scene.around.intake.ways[scene.friend] = (mail(FRIEND, **asleep),)
        scene.around.community.ways = {
            scene.team: (mail(LEAD, **asleep),),
            scene.peers: (mail(PEERS, **asleep),),
        }
        await scene.drifts()
        assert scene.heard() == [DUTY]
        for _ in range(4):
            await scene.place.pass_time(timedelta(hours=1))
        assert {FRIEND, LEAD, PEERS} <= set(scene.heard())


async def test_a_way_that_will_not_take_it_is_followed_by_the_next_way__s7(tmp_path: Path) -> None:
    async with a_scene(tmp_path, team=(mail(LEAD), mail("deputy@place.example"))) as scene:
        scene.around.intake.chosen.clear()
        scene.box.replies = ["550 no such box", "250 ok"]
        await scene.drifts()
        assert scene.heard() == ["deputy@place.example"]


async def test_the_next_rung_tells_the_next_way_of_those_told_first__w1(tmp_path: Path) -> None:
    async with a_scene(tmp_path, team=(mail(LEAD), mail("deputy@place.example"))) as scene:
        await scene.drifts()
        assert "deputy@place.example" not in scene.heard()
        await scene.place.pass_time(RUNG + MINUTE)
        assert "deputy@place.example" in scene.heard()
        assert DUTY not in scene.heard()


async def test_a_friend_answers_with_the_one_time_code_of_their_message__w1(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        await scene.drifts()
        (mailed,) = scene.box.to(FRIEND)
        found = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", mailed.text)
        assert found is not None
        async with scene.place.client() as http:
            wrong = await http.post("/v1/acknowledgements", json={"code": "AAAA-BBBB-CCCC"})
            right = await http.post("/v1/acknowledgements", json={"code": found[0].lower(), "words": "With R now."})
            again = await http.post("/v1/acknowledgements", json={"code": found[0]})
        assert [each.status_code for each in (wrong, right, again)] == [404, 200, 409]
        assert str(scene.person) not in right.text
        await scene.place.pass_time(3 * RUNG)
        assert DUTY not in scene.heard()


async def test_a_code_is_not_kept_as_it_was_sent(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        await scene.drifts()
        found = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", scene.box.to(FRIEND)[0].text)
        assert found is not None
        whole = await scene.place.kept()
        assert found[0].encode() not in whole
        assert found[0].replace("-", "").encode() not in whole
        for address in (FRIEND, LEAD, PEERS, DUTY):
            assert address.encode() not in whole


async def test_messages_name_nobody_and_give_no_reason(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        await scene.drifts()
        await told(scene.place, PlanNotAgreed(subject=scene.person, plan=new_id(), revision=1))
        await scene.place.pass_time(3 * RUNG)
        assert scene.box.mails
        for mailed in scene.box.mails:
            whole = f"{mailed.subject} {mailed.text} {mailed.headers}".lower()
            assert mailed.subject == "Alongside"
            assert not [word for word in ("drift", "plan", "agree", "crisis", "mental", "suicid") if word in whole]
            assert str(scene.person) not in whole


async def test_leave_me_be_stops_every_message_in_the_same_breath__j4(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        scene.box.replies = ["451 later"]
        await scene.drifts()
        await told(scene.place, PlanNotAgreed(subject=scene.person, plan=new_id(), revision=1))
        scene.box.replies = ["250 ok"]
        await told(scene.place, Left(subject=scene.person, last_lead=scene.team))
        await scene.place.pass_time(timedelta(days=2))
        assert scene.heard() == []
        assert await scene.alerts(scene.peers) == []


async def test_who_was_left_be_is_asked_about_by_nothing_that_comes_late__j4(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        scene.around.pathway.left.add(scene.person)
        await scene.drifts()
        await scene.place.pass_time(timedelta(days=1))
        assert scene.heard() == []


async def test_nowhere_to_sleep_reaches_lead_and_council__j13(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        council, gone, back = new_id(), new_id(), new_id()
        for each in (council, gone, back):
            scene.around.community.ways[each] = (mail(f"{each}@council.example"),)
            await told(scene.place, OrganisationJoined(subject=each, kind=Code("council")))
        await told(scene.place, OrganisationJoined(subject=new_id(), kind=Code("charity")))
        for each in (gone, back):
            await told(scene.place, OrganisationStopped(subject=each, how=Ending.SUSPENDED, backstop=new_id()))
        await told(scene.place, OrganisationGoesOn(subject=back))
        await told(scene.place, NowhereToSleep(subject=scene.person, answer=Code("nowhere")))
        assert sorted(scene.heard()) == sorted([LEAD, f"{council}@council.example", f"{back}@council.example"])


async def test_the_chosen_holder_and_the_backstop_are_told_that_somebody_comes__j2a(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        backstop = new_id()
        scene.around.community.the_backstop = backstop
        scene.around.community.ways[backstop] = (mail("night@place.example"),)
        await told(scene.place, HolderChosen(subject=scene.person, organisation=scene.peers))
        assert sorted(scene.heard()) == ["night@place.example", PEERS]
        acknowledged = LeadChanged(
            subject=scene.person, was=backstop, now=scene.peers, named=new_id(), why=LeadWhy.ACKNOWLEDGED
        )
        await told(scene.place, acknowledged)
        assert await scene.alerts(scene.peers) == []


async def test_a_return_climbs_until_somebody_answers__j7(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        await told(scene.place, Returned(subject=scene.person, chosen=scene.peers))
        assert {PEERS, LEAD, FRIEND} == set(scene.heard())
        await scene.place.pass_time(RUNG + MINUTE)
        assert DUTY in scene.heard()


async def test_an_ask_that_nobody_answers_climbs_and_an_answer_ends_it__j12(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        ask = new_id()
        by = scene.place.clock.now() + timedelta(hours=4)
        await told(scene.place, AskedForMore(subject=scene.person, ask=ask, answer_by=by))
        await scene.place.pass_time(RUNG + MINUTE)
        assert sorted(scene.heard()) == [FRIEND, LEAD, PEERS]
        await told(scene.place, AskUnanswered(subject=scene.person, ask=ask))
        await scene.place.pass_time(RUNG + MINUTE)
        assert DUTY in scene.heard()
        before = len(scene.box.mails)
        await told(scene.place, AskAnswered(subject=scene.person, ask=ask, link=None))
        await scene.place.pass_time(2 * RUNG)
        assert len(scene.box.mails) == before


async def test_warning_signs_are_told_at_once_climb_when_nobody_answers_and_an_answer_ends_both__p9(
    tmp_path: Path,
) -> None:
    async with a_scene(tmp_path) as scene:
        signs = new_id()
        by = scene.place.clock.now() + timedelta(hours=4)
        await told(scene.place, WarningSignsShowing(subject=scene.person, signs=signs, answer_by=by))
        assert sorted(scene.heard()) == [FRIEND, LEAD, PEERS]
        await scene.place.pass_time(RUNG + MINUTE)
        assert DUTY not in scene.heard()
        await told(scene.place, WarningSignsUnanswered(subject=scene.person, signs=signs))
        await scene.place.pass_time(RUNG + MINUTE)
        assert DUTY in scene.heard()
        assert len(await scene.alerts(scene.team)) == 2
        await told(scene.place, WarningSignsAnswered(subject=scene.person, signs=signs))
        assert await scene.alerts(scene.team) == []


async def test_let_go_turned_back_is_told_and_waits_without_climbing__j4(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        turned = LetGoTurnedBack(subject=scene.person, organisation=scene.team, reasons=(Code("no-plan"),))
        await told(scene.place, turned)
        await scene.place.pass_time(3 * RUNG)
        assert sorted(scene.heard()) == [FRIEND, LEAD, PEERS]
        assert len(await scene.alerts(scene.peers)) == 1


async def test_a_check_in_is_owed_by_the_last_lead_though_nobody_leads__j4(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        scene.around.pathway.leads.clear()
        await told(scene.place, CheckInDue(subject=scene.person, last_lead=scene.team, by=None))
        assert scene.heard() == [LEAD]


async def test_a_check_in_is_asked_of_whom_the_person_wants_it_from_too__j4(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        scene.around.pathway.leads.clear()
        await told(scene.place, CheckInDue(subject=scene.person, last_lead=scene.team, by=scene.peers))
        assert sorted(scene.heard()) == [LEAD, PEERS]


async def test_the_way_back_is_sent_to_the_person_by_their_safe_route__j4_s7(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        scene.around.intake.ways[scene.person] = (mail("r@home.example"),)
        await told(scene.place, ManagingIndependently(subject=scene.person, last_lead=scene.team))
        assert scene.heard() == ["r@home.example"]
        assert "01610000000" in scene.box.mails[0].text


@pytest.mark.parametrize("known", [True, False])
async def test_whom_an_alert_is_about_opens_only_to_who_may_see_it__c4(tmp_path: Path, *, known: bool) -> None:
    async with a_scene(tmp_path) as scene:
        if known:
            scene.around.choices.may.add((scene.peers, scene.person, Part.JOURNEY))
        await scene.drifts()
        (alert,) = await scene.alerts(scene.peers)
        assert alert.get("person") == (str(scene.person) if known else None)
        assert ("kind" in alert) is known


async def test_an_alert_is_not_there_for_an_organisation_that_was_not_told__c4(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        await scene.drifts()
        (alert,) = await scene.alerts(scene.peers)
        stranger = new_id()
        assert await scene.alerts(stranger) == []
        async with scene.place.client(a_pass(Role.PRACTITIONER, organisation=stranger)) as http:
            theirs = await http.post(f"/v1/alerts/{alert['id']}/acknowledgement", json={})
            nothing = await http.post(f"/v1/alerts/{UUID(int=7)}/acknowledgement", json={})
        assert theirs.status_code == nothing.status_code == 404
        assert theirs.json()["code"] == nothing.json()["code"]


async def test_the_duty_worker_sees_what_reached_the_duty_line_and_may_answer_any__w1(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        await scene.drifts()
        duty = new_id()
        assert await scene.alerts(duty, Role.DUTY) == []
        await scene.place.pass_time(RUNG + MINUTE)
        (alert,) = await scene.alerts(duty, Role.DUTY)
        assert alert["rung"] == 3
        async with scene.place.client(a_pass(Role.DUTY, organisation=duty)) as http:
            path = f"/v1/alerts/{alert['id']}/acknowledgement"
            assert (await http.post(path, json={"words": "On it."})).status_code == 200
            assert (await http.post(path, json={})).status_code == 409
            assert (await http.get("/v1/alerts", params={"state": "acknowledged"})).json()["items"][0]["rung"] == 3
        assert await scene.alerts(duty, Role.DUTY) == []


async def test_a_partner_system_is_no_human_and_answers_nothing__w1(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        await scene.drifts()
        (alert,) = await scene.alerts(scene.peers)
        by = a_pass(Role.SYSTEM, organisation=scene.peers, scopes=frozenset({"read", "write"}))
        async with scene.place.client(by) as http:
            answered = await http.post(f"/v1/alerts/{alert['id']}/acknowledgement", json={})
        assert answered.status_code == 403


async def test_a_buddy_is_told_by_the_way_that_it_shares__w1(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        buddy = new_id()
        scene.around.community.buddies[scene.peers] = buddy
        scene.around.community.ways[buddy] = (mail(BUDDY),)
        scene.around.intake.chosen[scene.person] = Watchers((), (scene.peers,))
        await say(scene.place)
        await scene.drifts()
        await scene.place.pass_time(RUNG + MINUTE)
        assert BUDDY in scene.heard()
        assert len(await scene.alerts(buddy)) == 1


async def test_what_waits_for_the_person_s_hours_never_comes_after_leave_me_be__j4_s7(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        hour = (scene.place.clock.now().astimezone(scene.zone).hour + 3) % 24
        scene.around.intake.ways[scene.person] = (mail("r@home.example", hour, (hour + 1) % 24 or 24),)
        await told(scene.place, ManagingIndependently(subject=scene.person, last_lead=scene.team))
        await told(scene.place, Left(subject=scene.person, last_lead=scene.team))
        for _ in range(5):
            await scene.place.pass_time(timedelta(hours=1))
        assert scene.heard() == []


async def test_who_leads_now_can_answer_what_was_open_before__j2(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        await scene.drifts()
        newly = new_id()
        changed = LeadChanged(subject=scene.person, was=scene.team, now=newly, named=None, why=LeadWhy.MET)
        await told(scene.place, changed)
        assert len(await scene.alerts(newly)) == 1


async def test_an_alert_that_we_fail_at_holds_up_nobody_else_s(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        broken = new_id()
        scene.around.intake.chosen[broken] = None  # type: ignore[assignment]
        scene.around.pathway.leads[broken] = scene.team
        await say(scene.place, PlanNotAgreed(subject=broken, plan=new_id(), revision=1))
        await scene.drifts()
        assert sorted(scene.heard()) == [FRIEND, LEAD, PEERS]
        del scene.around.intake.chosen[broken]
        await scene.place.pass_time(2 * MINUTE)
        assert scene.heard().count(LEAD) == 2
