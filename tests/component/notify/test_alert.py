"""Alerts: who is told, in which order, by which way, until a human says that they are on it (W1, J9, P4)."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from shared.event import Role
from shared.events.pathway import (
    Drifting,
    PlanNotAgreed,
)
from shared.ids import new_id
from shared.ports import Watchers
from tests.support.notify_doubles import mail, stand_in, told
from tests.support.notify_servers import Box, mailbox
from tests.support.place import a_pass, a_place

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.notify_doubles import Around
    from tests.support.place import Place

LEAD, PEERS, FRIEND, BUDDY, DUTY = (f"{name}@place.example" for name in ("lead", "peers", "friend", "buddy", "duty"))
RUNG = timedelta(hours=2)


@dataclass
class Scene:
    """A person whom a team leads, who chose a peer group and a friend to be rung."""

    place: Place
    around: Around
    box: Box
    person: UUID
    team: UUID
    peers: UUID
    friend: UUID

    def heard(self) -> list[str]:
        return [each.to for each in self.box.mails]

    async def drifts(self) -> None:
        await told(self.place, Drifting(subject=self.person, since=self.place.clock.now(), promise=None))

    async def alerts(self, organisation: UUID, role: Role = Role.PEER_SUPPORTER) -> list[dict[str, Any]]:
        async with self.place.client(a_pass(role, organisation=organisation)) as http:
            answered = await http.get("/v1/alerts")
        assert answered.status_code == 200, answered.text
        items: list[dict[str, Any]] = answered.json()["items"]
        return items


@asynccontextmanager
async def a_scene(folder: Path, **ways: Any) -> AsyncIterator[Scene]:
    async with mailbox() as box, a_place(folder, ("notify",), smtp_url=box.url) as place:
        around = stand_in(place)
        person, team, peers, friend = new_id(), new_id(), new_id(), new_id()
        around.pathway.leads[person] = team
        around.intake.chosen[person] = Watchers((friend,), (peers,))
        around.intake.ways[friend] = ways.get("friend", (mail(FRIEND),))
        around.community.ways = {team: ways.get("team", (mail(LEAD),)), peers: ways.get("peers", (mail(PEERS),))}
        yield Scene(place, around, box, person, team, peers, friend)


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
