"""A use of emergency access is told to the person by their safe routes alone, and looked at together (C5, S7)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from shared.event import Role
from shared.events.consent import EmergencyAccessUsed, EmergencyReviewDue
from shared.ids import new_id
from shared.ports import Why
from tests.support.notify_doubles import mail, partner, subscribed, told
from tests.support.notify_scene import LEAD, Scene, a_scene
from tests.support.notify_servers import Script, receiving

if TYPE_CHECKING:
    from pathlib import Path

ME = "me@place.example"


def used(scene: Scene) -> EmergencyAccessUsed:
    until = scene.place.clock.now() + timedelta(hours=4)
    return EmergencyAccessUsed(
        subject=scene.person, access=new_id(), organisation=scene.team, member=new_id(), role=Role.DUTY, until=until
    )


async def test_the_person_is_told_by_their_safe_route_in_neutral_words_and_nobody_else_is__c5_s7(
    tmp_path: Path,
) -> None:
    async with a_scene(tmp_path) as scene:
        scene.around.intake.ways[scene.person] = (mail(ME),)
        await told(scene.place, used(scene))
        (sent,) = scene.box.mails
        assert sent.to == ME
        assert "there is something for you" in sent.text
        assert not {"emergency", "plan", "practitioner"} & set(sent.text.lower().split())
        assert await scene.alerts(scene.team) == []


async def test_who_may_not_be_written_to_or_asked_to_be_left_be_is_not__c5_s7_j4(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        await told(scene.place, used(scene))
        scene.around.intake.ways[scene.person] = (mail(ME),)
        scene.around.pathway.left.add(scene.person)
        await told(scene.place, used(scene))
        assert scene.heard() == []


async def test_when_its_review_is_due_the_organisation_is_asked_to_look_and_nobody_is_named__c5(
    tmp_path: Path,
) -> None:
    async with a_scene(tmp_path) as scene:
        due = EmergencyReviewDue(subject=scene.person, access=new_id(), organisation=scene.team)
        await told(scene.place, due)
        assert scene.heard() == [LEAD]
        assert str(scene.person) not in scene.box.mails[0].text
        (alert,) = await scene.alerts(scene.team)
        assert not {"person", "kind"} & alert.keys(), "who may not see the journey is told that there is something"
        assert await scene.alerts(scene.peers) == []


async def test_whom_the_person_shut_out_since_is_not_asked_about_them__c2(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        scene.around.choices.out[scene.team, scene.person] = Why.SAID_NO
        await told(scene.place, EmergencyReviewDue(subject=scene.person, access=new_id(), organisation=scene.team))
        assert scene.heard() == []


async def test_no_subscriber_hears_of_it__c4(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene, receiving(Script()) as script:
        await subscribed(scene.place, partner(scene.team), script)
        await told(scene.place, used(scene))
        assert script.about(scene.person) == []
