"""A person whom a team leads and who chose a peer group and a friend to be rung, with a mailbox that hears it all."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from shared.event import Role
from shared.events.pathway import Drifting
from shared.ids import new_id
from shared.ports import Watchers
from tests.support.notify_doubles import mail, stand_in, told
from tests.support.notify_servers import Box, mailbox
from tests.support.place import a_pass, a_place

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from uuid import UUID

    from tests.support.notify_doubles import Around
    from tests.support.place import Place

LEAD, PEERS, FRIEND, BUDDY, DUTY = (f"{name}@place.example" for name in ("lead", "peers", "friend", "buddy", "duty"))
RUNG = timedelta(hours=2)
ZONE = ZoneInfo("Europe/London")


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
    zone: ZoneInfo = ZONE

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
