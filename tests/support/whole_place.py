"""The whole place, set up through its own API, with R: told once, a plan of theirs, and a group they trust."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from shared.event import Part, Role
from shared.passes import Pass
from tests.support.place import Place, a_pass, a_place, person_pass
from tests.support.setting_up import Body, a_commissioned_body, a_group, a_place_that_serves

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx2

CANARY = "kingfisher-on-the-weir"
SYSTEM_SCOPES = frozenset({"read", "write", "subscriptions"})


@dataclass
class WholePlace:
    """Who is who."""

    place: Place
    backstop: Body
    house: Body
    group: Body
    r: UUID
    story: UUID

    @property
    def me(self) -> httpx2.AsyncClient:
        """R, signed in."""
        return self.place.client(person_pass(self.r))

    def system_of(self, body: Body) -> Pass:
        """Give the pass of an organisation's own system."""
        return a_pass(Role.SYSTEM, organisation=body.id, scopes=SYSTEM_SCOPES)

    async def yes(self, organisation: UUID, *parts: Part) -> UUID:
        """Have R say yes."""
        body = {"who": {"organisation": str(organisation)}, "what": list(parts), "permit": True}
        said = await self.me.post(f"/v1/people/{self.r}/choices", json=body)
        assert said.status_code == 201, said.text
        return UUID(said.json()["choice"])

    async def withdraw(self, choice: UUID) -> dict[str, Any]:
        """Have R take it back."""
        said = await self.me.post(f"/v1/choices/{choice}/withdrawal", json={})
        assert said.status_code == 200, said.text
        found: dict[str, Any] = said.json()
        return found


@asynccontextmanager
async def whole_place(folder: Path) -> AsyncIterator[WholePlace]:
    """Build it. R arrives by themself and tells their story; nobody is let see anything yet."""
    async with a_place(folder) as place:
        backstop = await a_place_that_serves(place)
        house = await a_commissioned_body(place, "crisis-house", "The Willows")
        group = await a_group(place, vouched_by=house)
        came = await place.client().post("/v1/arrivals", json={"called": "R"})
        assert came.status_code == 201, came.text
        r = UUID(came.json()["person"])
        passages = [{"heading": "what-matters-most", "words": f"The {CANARY} in the morning."}]
        told = await place.client(person_pass(r)).post(f"/v1/people/{r}/stories", json={"passages": passages})
        assert told.status_code == 201, told.text
        await place.settle()
        yield WholePlace(place, backstop, house, group, r, UUID(told.json()["story"]))
