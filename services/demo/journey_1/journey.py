"""What the chapters of journey 1 share: who is who, who leads, what time it is, what was told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from httpx2 import codes

from services.demo.callers import Caller
from services.demo.setting import NAMES
from services.demo.waiting import until

if TYPE_CHECKING:
    from services.demo.callers import Human
    from services.demo.setting import World
    from services.demo.telling import Telling

TURNED_BACK = frozenset({codes.CONFLICT, codes.UNPROCESSABLE_CONTENT, codes.NOT_FOUND, codes.FORBIDDEN})
EVERYTHING = ["story", "plan", "journey", "circle", "contact-details"]


@dataclass
class Journey:
    """R's journey: the world it happens in, the telling, and what was found on the way (ids)."""

    world: World
    told: Telling
    person: str = ""
    known: dict[str, Any] = field(default_factory=dict)
    humans: dict[str, Human] = field(default_factory=dict)
    messages_told: int = 0

    @property
    def r(self) -> Human:
        """Give R, signed in."""
        return self.humans["R"]

    @property
    def sam(self) -> Human:
        """Give the peer supporter, signed in."""
        return self.humans["Sam"]

    def about(self, rest: str) -> str:
        """Give a path about R."""
        return f"/v1/people/{self.person}/{rest}"

    async def leads(self) -> str | None:
        """Give the organisation that leads, as R sees it."""
        lead: str | None = (await self.r.get(self.about("lead")))["lead"]
        return lead

    async def check_lead(self, sentence: str, key: str | None) -> None:
        """Tell who leads and check that it is who it should be."""
        lead = await self.leads()
        self.told.lead(self.world.name(lead))
        self.told.check(sentence, lead == (self.world.organisations[key] if key else None))

    async def move_clock(self, *, hours: int = 0, days: int = 0) -> None:
        """Let time pass in the demo."""
        await Caller(self.world.http, "the clock").post("/demo/clock", {"hours": hours, "days": days})

    async def heard(self, key: str, event: str, times: int = 1) -> None:
        """Wait for a webhook and tell it. Raises NeverCameError."""
        receiver = self.world.receivers[key]
        await until(lambda: receiver.types(self.person).count(event) >= times, f"{event} at {NAMES[key]}")
        came = [each for each in receiver.of(self.person) if each["type"] == event][times - 1]
        self.told.arrived(NAMES[key], event, int(came["order"]))

    async def sent(self, address: str, more_than: int) -> None:
        """Wait for a message to an address, and tell it."""
        await until(lambda: len(self.world.mailbox.to(address)) > more_than, f"a message to {address}")
        message = self.world.mailbox.to(address)[-1]
        self.told.message(message.channel, address, message.text)

    def count(self, address: str) -> int:
        """Say how many messages an address has had."""
        return len(self.world.mailbox.to(address))
