"""Deliveries: decided at the moment of sending, thin, in order, tried again by the schedule of Standard Webhooks."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from sqlalchemy import bindparam, update

from services.notify.delivery.domain import SCHEDULE
from services.notify.subscription.domain import told_outside
from services.notify.subscription.store import WISH
from services.notify.subscriptions import ASKING
from shared.db import Id, Sql
from shared.event import Code, Part
from shared.events.community import OfferOpened
from shared.events.consent import ConsentEnded, EmergencyAccessUsed, EmergencyReviewDue
from shared.events.intake import StoryTold
from shared.events.pathway import DriftingEnded, SteppedUp
from shared.events.pathway_plan import PlanLineNotNow
from shared.ids import new_id
from tests.support.notify_doubles import mail, partner, say, stand_in, subscribed, told
from tests.support.notify_servers import RESET, Script, mailbox, receiving, reply, verified
from tests.support.place import a_place
from tests.support.wait import until

if TYPE_CHECKING:
    from pathlib import Path

    from shared.passes import Pass
    from tests.support.place import Place

SERVICES = ("notify",)
MOVE = Sql(update(WISH).where(WISH.c.id == bindparam("which", type_=Id)).values(url=bindparam("to")))
LATEST = 1.11


async def log(place: Place, by: Pass, **query: Any) -> list[dict[str, Any]]:
    async with place.client(by) as http:
        answered = await http.get("/v1/deliveries", params=query)
    assert answered.status_code == 200, answered.text
    items: list[dict[str, Any]] = answered.json()["items"]
    return items


async def state_of(place: Place, by: Pass, made: dict[str, Any]) -> dict[str, Any]:
    async with place.client(by) as http:
        found: dict[str, Any] = (await http.get(f"/v1/subscriptions/{made['id']}")).json()
    return found


async def test_a_partner_is_told_what_the_person_permits_and_it_is_thin__c7(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        around, by, person = stand_in(place), partner(), new_id()
        made = await subscribed(place, by, script)
        around.choices.permit(by, person, Part.JOURNEY)
        await told(place, DriftingEnded(subject=person))
        (_, heard) = script.heard
        body = verified(heard, made["secret"])
        assert body["type"] == "pathway.drifting-ended"
        assert body["subject"] == str(person)
        assert body["order"] == 1
        assert body["dataref"].endswith(f"/v1/people/{person}/timeline")
        assert body["id"] == heard.headers["webhook-id"]
        assert set(body) == {"specversion", "id", "source", "type", "subject", "time", "order", "dataref"}
        assert heard.headers["content-type"].startswith("application/cloudevents+json")
        (event,) = await place.journal("pathway")
        assert body["id"] != str(event.id)
        assert [ask.thing for ask in around.choices.asked] == [event.id]


async def test_what_may_not_be_told_leaves_no_trace_and_uses_no_number__c4(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        around, by, person = stand_in(place), partner(), new_id()
        await subscribed(place, by, script)
        around.choices.permit(by, person, Part.JOURNEY)
        await told(place, StoryTold(subject=person, story=new_id(), passages=1), DriftingEnded(subject=person))
        await told(place, PlanLineNotNow(subject=person, plan=new_id(), line=new_id()))
        await told(place, DriftingEnded(subject=person))
        assert script.types(person) == ["pathway.drifting-ended"] * 2
        assert [each["order"] for each in script.about(person)] == [1, 2]
        assert len(await log(place, by)) == 3
        assert len(around.choices.asked) == 4


async def test_each_delivery_is_decided_as_it_is_sent_not_when_it_was_queued__c7(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        around, by, person, other = stand_in(place), partner(), new_id(), new_id()
        made = await subscribed(place, by, script)
        around.choices.permit(by, person, Part.JOURNEY)
        async with place.client(by) as http:
            await http.post(f"/v1/subscriptions/{made['id']}/pause")
            await told(place, *[DriftingEnded(subject=person)] * 5, *[DriftingEnded(subject=other)] * 3)
            around.choices.may.clear()
            around.choices.permit(by, other, Part.JOURNEY)
            await http.post(f"/v1/subscriptions/{made['id']}/resume")
        await place.settle()
        assert script.about(person) == []
        assert [each["order"] for each in script.about(other)] == [1, 2, 3]


async def test_a_retry_is_decided_again_and_a_withdrawal_stops_it__c2_c7(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving(Script([reply(204), reply(500)])) as script:
        around, by, person = stand_in(place), partner(), new_id()
        await subscribed(place, by, script)
        around.choices.permit(by, person, Part.JOURNEY)
        await told(place, DriftingEnded(subject=person), DriftingEnded(subject=person))
        assert len(script.about(person)) == 1
        around.choices.may.clear()
        await place.pass_time(timedelta(days=4))
        assert len(script.about(person)) == 1
        (tried, _) = await log(place, by)
        assert (tried["status"], tried["tries"]) == ("failed", 1)


async def test_what_never_left_gives_its_number_back__c4(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        around, by, person = stand_in(place), partner(), new_id()
        made = await subscribed(place, by, script)
        around.choices.permit(by, person, Part.JOURNEY)
        there = script.port
        script.port = 0
        async with receiving() as gone:
            path = gone.port
        shell = place.system.running["notify"].shell
        await _move_endpoint(shell, UUID(made["id"]), f"http://127.0.0.1:{path}/hook")
        await told(place, DriftingEnded(subject=person))
        assert (await state_of(place, by, made))["last_problem"] == "could-not-connect"
        around.choices.may.clear()
        await place.pass_time(timedelta(seconds=6))
        await _move_endpoint(shell, UUID(made["id"]), f"http://127.0.0.1:{there}/hook")
        around.choices.permit(by, person, Part.JOURNEY)
        await told(place, DriftingEnded(subject=person))
        assert [each["order"] for each in script.about(person)] == [1]


async def _move_endpoint(shell: Any, subscription: UUID, url: str) -> None:
    async with shell.database.write() as connection:
        await connection.run(MOVE, which=subscription, to=url)


async def test_choices_are_told_to_nobody__c4(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        around, by, person = stand_in(place), partner(), new_id()
        await subscribed(place, by, script)
        around.choices.permit(by, person, *Part)
        await told(place, ConsentEnded(subject=person, choice=new_id()))
        assert script.about(person) == []
        assert not [name for name in told_outside() if name.startswith("consent.")]
        assert {kind for kind in ASKING if kind.source == "consent"} == {EmergencyAccessUsed, EmergencyReviewDue}


async def test_an_organisation_s_own_facts_are_told_to_every_subscriber(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        around, organisation = stand_in(place), new_id()
        await subscribed(place, partner(), script)
        await told(place, OfferOpened(subject=organisation, offer=new_id(), intensity=Code("crisis")))
        (body,) = script.about(organisation)
        assert body["dataref"].endswith(f"/v1/organisations/{organisation}")
        assert around.choices.asked == []


async def test_a_delivery_is_tried_ten_times_by_the_schedule_with_one_id(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        around, by, person = stand_in(place), partner(), new_id()
        await subscribed(place, by, script)
        around.choices.permit(by, person, Part.JOURNEY)
        script.replies = [reply(500), RESET, reply(302, location="http://127.0.0.1:1/"), reply(404), reply(503)]
        await told(place, DriftingEnded(subject=person))
        for tries, wait in enumerate(SCHEDULE, start=1):
            assert len(script.about(person)) == tries
            await place.pass_time(wait * 0.89)
            assert len(script.about(person)) == tries
            await place.pass_time(wait * (LATEST - 0.89))
        assert len(script.about(person)) == 10
        assert len({each.headers["webhook-id"] for each in script.heard[1:]}) == 1
        assert {each["order"] for each in script.about(person)} == {1}
        (failed, _) = await log(place, by)
        assert (failed["status"], failed["tries"]) == ("failed", 10)
        assert "notify.delivery-failed-for-good" in await place.types("notify")


async def test_a_later_fact_of_a_subject_waits_for_the_earlier_and_no_other_does(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        around, by, person, other = stand_in(place), partner(), new_id(), new_id()
        await subscribed(place, by, script)
        around.choices.permit(by, person, Part.JOURNEY)
        around.choices.permit(by, other, Part.JOURNEY)
        script.replies = [reply(500), reply(204)]
        step_up = SteppedUp(subject=person, was=Code("community"), now=Code("crisis"))
        await told(place, DriftingEnded(subject=person), step_up, DriftingEnded(subject=other))
        assert script.types(person) == ["pathway.drifting-ended"]
        assert script.types(other) == ["pathway.drifting-ended"]
        await place.pass_time(timedelta(seconds=6))
        assert script.types(person) == ["pathway.drifting-ended", "pathway.drifting-ended", "pathway.stepped-up"]
        assert [each["order"] for each in script.about(person)] == [1, 1, 2]


async def test_gone_ends_the_subscription_at_once(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        around, by, person = stand_in(place), partner(), new_id()
        made = await subscribed(place, by, script)
        around.choices.permit(by, person, Part.JOURNEY)
        script.replies = [reply(410)]
        await told(place, *[DriftingEnded(subject=person)] * 3)
        await place.pass_time(timedelta(days=2))
        assert len(script.about(person)) == 1
        assert (await state_of(place, by, made))["state"] == "ended"
        assert "notify.subscription-ended" in await place.types("notify", UUID(made["id"]))


@pytest.mark.parametrize("status", [429, 502, 504])
async def test_an_endpoint_that_asks_to_wait_is_left_alone_so_long(tmp_path: Path, status: int) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        around, by, person, other = stand_in(place), partner(), new_id(), new_id()
        await subscribed(place, by, script)
        around.choices.permit(by, person, Part.JOURNEY)
        around.choices.permit(by, other, Part.JOURNEY)
        script.replies = [reply(status, retry_after="120"), reply(204)]
        await told(place, DriftingEnded(subject=person))
        await told(place, DriftingEnded(subject=other))
        await place.pass_time(timedelta(seconds=115))
        assert len(script.heard) == 2
        await place.pass_time(timedelta(seconds=10))
        assert (len(script.about(person)), len(script.about(other))) == (2, 1)


async def test_after_five_days_without_a_success_it_is_paused_and_its_owner_told(tmp_path: Path) -> None:
    async with mailbox() as box, receiving() as script, a_place(tmp_path, SERVICES, smtp_url=box.url) as place:
        around, by = stand_in(place), partner()
        assert by.organisation is not None
        around.community.ways[by.organisation] = (mail("systems@partner.example"),)
        made = await subscribed(place, by, script)
        script.replies = [reply(500)]
        for _ in range(6):
            person = new_id()
            around.choices.permit(by, person, Part.JOURNEY)
            await told(place, DriftingEnded(subject=person))
            await place.pass_time(timedelta(days=1))
        stopped = await state_of(place, by, made)
        assert (stopped["state"], stopped["paused_why"]) == ("paused", "everything-failed")
        (mailed,) = box.to("systems@partner.example")
        assert "five days" in mailed.text
        before = len(script.heard)
        await place.pass_time(timedelta(days=2))
        assert len(script.heard) == before


async def test_when_consent_cannot_be_asked_nothing_leaves_and_nothing_is_lost__c3(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        around, by, person = stand_in(place), partner(), new_id()
        await subscribed(place, by, script)
        around.choices.permit(by, person, Part.JOURNEY)
        around.choices.down = True
        await told(place, DriftingEnded(subject=person))
        await place.pass_time(timedelta(minutes=1))
        assert script.about(person) == []
        around.choices.down = False
        await place.pass_time(timedelta(seconds=3))
        assert [each["order"] for each in script.about(person)] == [1]


async def test_a_crash_between_sending_and_recording_sends_it_again_with_the_same_id(tmp_path: Path) -> None:
    async with receiving() as script:
        by, person = partner(), new_id()
        async with a_place(tmp_path, SERVICES) as place:
            around = stand_in(place)
            await subscribed(place, by, script)
            around.choices.permit(by, person, Part.JOURNEY)
            script.hold = asyncio.Event()
            await say(place, DriftingEnded(subject=person))
            turning = asyncio.create_task(place.settle())
            await until(lambda: len(script.about(person)) == 1)
            turning.cancel()
        script.hold = None
        async with a_place(tmp_path, SERVICES) as place:
            around = stand_in(place)
            around.choices.permit(by, person, Part.JOURNEY)
            await place.settle()
        first, second = script.heard[1:]
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
        assert first.body == second.body
