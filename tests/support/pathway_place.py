"""A place where only pathway runs, over small implementations of the ports that it asks."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2

from shared.clock import real_now
from shared.decisions import Answer, Ask, Why
from shared.errors import NotFoundError
from shared.event import Code, Part, Role
from shared.ids import new_id
from shared.news import AskOfMany
from shared.passes import Pass
from shared.ports import FirstHold, Offer, Organisation, Rulebook, Watchers
from tests.support.place import ENGINE, Place, a_pass, a_place, person_pass

INTENSITIES = tuple(Code(each) for each in ("managing-independently", "community", "enhanced", "crisis", "inpatient"))
ALL = frozenset(Part)


def a_rulebook() -> Rulebook:
    return Rulebook(
        version=1,
        intensities=INTENSITIES,
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
    """Organisations, members and offers that a test adds, and a backstop."""

    def __init__(self) -> None:
        self.joined: dict[UUID, Organisation] = {}
        self.members: set[tuple[UUID, UUID]] = set()
        self.offers: dict[UUID, Offer] = {}
        self.the_backstop = self.join("nhs-trust")

    def join(self, kind: str = "peer-group", *, commissioned: bool | None = None, can_lead: bool = True) -> UUID:
        statutory = kind not in {"peer-group", "charity"}
        made = Organisation(
            new_id(),
            Code(kind),
            funded=statutory,
            commissioned=statutory if commissioned is None else commissioned,
            active=True,
            buddy=None,
            can_lead=can_lead,
        )
        self.joined[made.id] = made
        return made.id

    def offer_of(
        self, organisation: UUID, intensity: str = "community", *, needs: Iterable[str] = (), is_open: bool = True
    ) -> Offer:
        """Add an offer; ``needs`` empty: it takes all four kinds."""
        kinds = tuple(needs) or ("clinical", "practical", "social", "financial")
        crisis = intensity in {"crisis", "inpatient"}
        takes = frozenset(map(Code, kinds))
        made = Offer(new_id(), organisation, Code(intensity), takes, is_open, 3, crisis, crisis)
        self.offers[made.id] = made
        return made

    def rulebook(self) -> Rulebook:
        return a_rulebook()

    async def backstop(self) -> UUID:
        return self.the_backstop

    async def organisation(self, organisation_id: UUID) -> Organisation:
        if organisation_id not in self.joined:
            raise NotFoundError
        return self.joined[organisation_id]

    async def offer(self, offer_id: UUID) -> Offer:
        if offer_id not in self.offers:
            raise NotFoundError
        return self.offers[offer_id]

    async def is_member(self, member: UUID, organisation: UUID) -> bool:
        return (member, organisation) in self.members


class Intake:
    """People whose arrival a test wrote, and whom they said may be rung."""

    def __init__(self) -> None:
        self.holds: dict[UUID, FirstHold] = {}
        self.rung: dict[UUID, tuple[UUID, ...]] = {}

    async def exists(self, person_id: UUID) -> bool:
        return person_id in self.holds

    async def first_hold(self, person_id: UUID) -> FirstHold | None:
        return self.holds.get(person_id)

    async def watchers(self, person_id: UUID) -> Watchers:
        return Watchers((), self.rung.get(person_id, ()))

    async def at_the_door(self, organisation: UUID, person_id: UUID) -> bool:
        return False


@dataclass
class Consent:
    """Permits what a test opened to an organisation; a hidden member gets a no for everything."""

    opened: dict[tuple[UUID, UUID], frozenset[Part]] = field(default_factory=dict)
    shut_out: set[tuple[UUID, UUID]] = field(default_factory=set)
    asked: list[Ask] = field(default_factory=list)

    async def surely_not(self, ask: AskOfMany) -> frozenset[UUID]:
        return frozenset()

    async def decide(self, ask: Ask) -> Answer:
        self.asked.append(ask)
        by = ask.by
        if by.member and (ask.person, by.member) in self.shut_out:
            return Answer(permitted=False, why=Why.HIDDEN)
        parts = self.opened.get((ask.person, by.organisation), frozenset()) if by.organisation else frozenset()
        permitted = ask.part in parts
        return Answer(permitted=permitted, why=Why.CHOICE if permitted else Why.NO_CHOICE)

    async def hidden(self, person_id: UUID, ids: frozenset[UUID]) -> frozenset[UUID]:
        return frozenset(each for each in ids if (person_id, each) in self.shut_out)


@dataclass
class PathwayPlace:
    """A place where only pathway runs."""

    place: Place
    community: Community
    intake: Intake
    consent: Consent

    def arrive(self, chosen: UUID | None = None) -> UUID:
        """Have somebody arrive: the backstop leads."""
        person = new_id()
        self.intake.holds[person] = FirstHold(self.community.the_backstop, chosen, real_now())
        return person

    def member(self, organisation: UUID, role: Role = Role.PRACTITIONER) -> Pass:
        """Have somebody new work at an organisation."""
        made = a_pass(role, organisation=organisation)
        assert made.member is not None
        self.community.members.add((made.member, organisation))
        return made

    def open(self, person: UUID, organisation: UUID | None, parts: Iterable[Part] = ALL) -> None:
        """Have the person open parts to an organisation."""
        assert organisation is not None
        self.consent.opened[person, organisation] = frozenset({Part.NAME, *parts})

    def supporter(self, person: UUID, organisation: UUID, role: Role = Role.PRACTITIONER) -> Pass:
        """Have somebody work at an organisation to which the person opened everything."""
        self.open(person, organisation)
        return self.member(organisation, role)

    async def get(self, by: Pass, path: str, **more: Any) -> httpx2.Response:
        async with self.place.client(by) as client:
            return await client.get(path, **more)

    async def post(self, by: Pass, path: str, body: Any = None, **more: Any) -> httpx2.Response:
        async with self.place.client(by) as client:
            return await client.post(path, json={} if body is None else body, **more)

    async def lead(self, person: UUID) -> UUID | None:
        found: UUID | None = await self.place.system.running["pathway"].port.lead(person)
        return found

    async def told(self, person: UUID) -> list[str]:
        """Give the types of pathway's facts about a person, without their service's name."""
        return [each.partition(".")[2] for each in await self.place.types("pathway", person)]

    def of(self, person: UUID) -> Pass:
        return person_pass(person)


@asynccontextmanager
async def a_pathway(folder: Path, engine: str = ENGINE) -> AsyncIterator[PathwayPlace]:
    async with a_place(folder, ("pathway",), engine=engine) as place:
        made = PathwayPlace(place, Community(), Intake(), Consent())
        place.system.kit.ports.community = made.community  # type: ignore[assignment]
        place.system.kit.ports.intake = made.intake  # type: ignore[assignment]
        place.system.kit.decisions.decider = made.consent
        yield made
