"""A place with consent alone, in which R shares with a peer group, a crisis house and a community team."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from shared.decisions import No
from shared.event import Part, Role
from shared.ids import new_id
from shared.passes import Pass
from shared.ports import Act, Ask, Standing
from tests.support.consent_doubles import KnownCommunity, KnownIntake, SimplePathway
from tests.support.place import Place, a_pass, a_place, person_pass

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx2


@dataclass
class ConsentPlace:
    """Who is who, and short ways to say what a test says."""

    place: Place
    community: KnownCommunity
    pathway: SimplePathway
    intake: KnownIntake
    group: UUID
    house: UUID
    team: UUID
    r: UUID = field(default_factory=new_id)

    @property
    def me(self) -> httpx2.AsyncClient:
        """R, signed in."""
        return self.place.client(person_pass(self.r))

    def member(self, organisation: UUID | None = None, role: Role = Role.PEER_SUPPORTER, **more: Any) -> Pass:
        """Give a pass of a new member (of the peer group when nothing is said)."""
        return a_pass(role, organisation=organisation or self.group, **more)

    def beside(self, organisation: UUID, *standing: Standing) -> None:
        """Let an organisation stand beside R."""
        self.pathway.beside[organisation, self.r] = frozenset(standing)

    async def choose(self, who: dict[str, Any], *what: Part, by: Pass | None = None, **more: Any) -> httpx2.Response:
        """Say yes (or what ``more`` says)."""
        body = {"who": who, "permit": True} | ({"what": list(what)} if what else {}) | more
        client = self.me if by is None else self.place.client(by)
        return await client.post(f"/v1/people/{self.r}/choices", json=body)

    async def yes(self, organisation: UUID, *what: Part, **more: Any) -> UUID:
        """Say yes to an organisation and give the choice's id."""
        response = await self.choose({"organisation": str(organisation)}, *what, **more)
        assert response.status_code == 201, response.text
        return UUID(response.json()["choice"])

    async def withdraw(self, choice: UUID, **body: Any) -> dict[str, Any]:
        """Take a choice back and give the answer."""
        response = await self.me.post(f"/v1/choices/{choice}/withdrawal", json=body)
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    async def may(self, by: Pass, part: Part, act: Act = Act.READ, person: UUID | None = None) -> bool:
        """Ask the one decision point."""
        return not isinstance(await self.place.system.kit.decisions.ask(Ask(by, person or self.r, part, act)), No)

    async def why(self, by: Pass, part: Part) -> str:
        """Ask, and give the reason code."""
        answer = await self.place.system.running["consent"].port.decide(Ask(by, self.r, part))
        return str(answer.why.value)


@asynccontextmanager
async def consent_place(folder: Path) -> AsyncIterator[ConsentPlace]:
    """Build it; community, intake and pathway are small answers of the tests' own."""
    async with a_place(folder, ("consent",)) as place:
        group, house, team, backstop = (new_id() for _ in range(4))
        names = {group: "Corner Table", house: "The Willows", team: "North Team", backstop: "The Backstop"}
        community, pathway = KnownCommunity(names, commissioned={house}), SimplePathway(backstop)
        place.system.kit.ports.community = community  # type: ignore[assignment]
        place.system.kit.ports.pathway = pathway
        place.system.kit.ports.intake = intake = KnownIntake()  # type: ignore[assignment]
        made = ConsentPlace(place, community, pathway, intake, group, house, team)
        intake.people.add(made.r)
        yield made
