"""Small implementations of the ports that intake asks, for tests of intake alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2

from shared.decisions import Answer, Ask, Why
from shared.errors import NotFoundError
from shared.event import Code, Part, Role
from shared.ids import new_id
from shared.news import AskOfMany
from shared.passes import Origin
from shared.ports import Organisation, Rulebook, SignIn, Standing
from tests.support.place import Place, a_pass, a_place, person_pass


def a_rulebook() -> Rulebook:
    return Rulebook(
        version=1,
        intensities=(Code("managing-independently"), Code("community"), Code("crisis")),
        drift_after=timedelta(hours=72),
        drift_rung=timedelta(hours=4),
        ask_answer_crisis=timedelta(hours=4),
        ask_answer_other_working_days=1,
        link_answer_crisis=timedelta(hours=4),
        link_answer_other_working_days=2,
        bounce_count=2,
        bounce_window=timedelta(days=90),
        conversation_working_days=3,
        hold_acknowledged_within=timedelta(hours=4),
        holds_per_member=20,
    )


class Community:
    """Organisations that a test adds, and a backstop."""

    def __init__(self) -> None:
        self.joined: dict[UUID, Organisation] = {}
        self.members: set[tuple[UUID, UUID]] = set()
        self.addresses: dict[str, UUID] = {}
        self.the_backstop = self.join()

    def join(self, *, can_lead: bool = True, active: bool = True) -> UUID:
        made = Organisation(
            new_id(), Code("council"), funded=True, commissioned=True, active=active, buddy=None, can_lead=can_lead
        )
        self.joined[made.id] = made
        return made.id

    def rulebook(self) -> Rulebook:
        return a_rulebook()

    async def backstop(self) -> UUID:
        return self.the_backstop

    async def organisation(self, organisation_id: UUID) -> Organisation:
        if organisation_id not in self.joined:
            raise NotFoundError
        return self.joined[organisation_id]

    async def sign_in(self, email: str) -> SignIn | None:
        organisation = self.addresses.get(email)
        return SignIn(Role.PRACTITIONER, new_id(), organisation) if organisation else None

    async def is_member(self, member: UUID, organisation: UUID) -> bool:
        return (member, organisation) in self.members


class Pathway:
    """Who leads and who stands how, as a test says; keeps who was held again."""

    def __init__(self) -> None:
        self.leads: dict[UUID, UUID] = {}
        self.stands: dict[tuple[UUID, UUID], Standing] = {}
        self.held_again: list[tuple[UUID, UUID | None]] = []

    async def lead(self, person_id: UUID) -> UUID | None:
        return self.leads.get(person_id)

    async def standing(self, organisation: UUID, person_id: UUID) -> frozenset[Standing]:
        found = self.stands.get((organisation, person_id))
        return frozenset([found]) if found else frozenset()

    async def arrive_again(self, person_id: UUID, chosen: UUID | None, origin: Origin) -> None:
        self.held_again.append((person_id, chosen))


@dataclass
class Consent:
    """Lets an organisation have the parts of a person that a test opens to it; keeps what was asked."""

    opened: dict[tuple[UUID, UUID], set[Part]] = field(default_factory=dict)
    withheld: dict[UUID, set[UUID]] = field(default_factory=dict)
    not_spoken_to: set[UUID] = field(default_factory=set)
    asked: list[Ask] = field(default_factory=list)

    def open(self, person: UUID, organisation: UUID | None, *parts: Part) -> None:
        assert organisation is not None
        self.opened.setdefault((person, organisation), {Part.NAME}).update(parts)

    async def hidden(self, person_id: UUID, ids: frozenset[UUID]) -> frozenset[UUID]:
        return ids & self.not_spoken_to

    async def surely_not(self, ask: AskOfMany) -> frozenset[UUID]:
        return frozenset()

    async def decide(self, ask: Ask) -> Answer:
        self.asked.append(ask)
        organisation = ask.by.organisation
        if organisation is None or ask.part not in self.opened.get((ask.person, organisation), set()):
            return Answer(permitted=False, why=Why.NO_CHOICE)
        hidden = frozenset(self.withheld.get(organisation, set()))
        return Answer(permitted=True, why=Why.CHOICE, except_for=hidden)


@dataclass
class IntakePlace:
    """A place where only intake runs."""

    place: Place
    community: Community
    pathway: Pathway
    consent: Consent

    @property
    def port(self) -> Any:
        return self.place.system.kit.ports.intake

    def client(self, role: Role = Role.ANYONE, organisation: UUID | None = None, **more: Any) -> httpx2.AsyncClient:
        if role is Role.ANYONE:
            return self.place.client()
        return self.place.client(a_pass(role, organisation=organisation or self.community.join(), **more))

    def known(self, person: UUID, *parts: Part, role: Role = Role.PRACTITIONER) -> httpx2.AsyncClient:
        """Give a supporter of a new organisation, to whom the person opened ``parts``."""
        by = a_pass(role, organisation=self.community.join())
        self.consent.open(person, by.organisation, *parts)
        return self.place.client(by)

    def of(self, person: UUID) -> httpx2.AsyncClient:
        return self.place.client(person_pass(person))

    async def arrive(self, called: str = "Robin", **more: Any) -> UUID:
        """Have somebody new arrive at an organisation's door."""
        door = self.client(Role.PRACTITIONER)
        answer = await door.post("/v1/arrivals", json={"called": called, **more})
        assert answer.status_code == 201, answer.text
        return UUID(answer.json()["person"])


@asynccontextmanager
async def an_intake(folder: Path) -> AsyncIterator[IntakePlace]:
    async with a_place(folder, ("intake",)) as place:
        made = IntakePlace(place, Community(), Pathway(), Consent())
        place.system.kit.ports.community = made.community  # type: ignore[assignment]
        place.system.kit.ports.pathway = made.pathway  # type: ignore[assignment]
        place.system.kit.decisions.decider = made.consent
        yield made
