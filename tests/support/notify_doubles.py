"""What notify asks of others, answered from what a test says: who leads, whom to ring, by which ways."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sqlalchemy import MetaData

from shared.errors import NotFoundError, UnavailableError
from shared.event import Role
from shared.ids import new_id
from shared.journal import KernelTables
from shared.loops import Loop
from shared.news import AskOfMany
from shared.passes import Origin, Pass, timer
from shared.ports import Answer, Channel, Route, Watchers, Why
from shared.relay import Relay
from shared.shell import Shell

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from shared.event import Event, Part
    from shared.news import AskOfMany
    from shared.ports import Ask
    from shared.shell import Tx
    from tests.support.notify_servers import Script
    from tests.support.place import Place

DUTY_NUMBER = "01610000000"


def mail(address: str, from_hour: int = 0, to_hour: int = 24) -> Route:
    """Give a way by e-mail."""
    return Route(Channel.EMAIL, address, from_hour, to_hour)


def text(number: str, from_hour: int = 0, to_hour: int = 24) -> Route:
    """Give a way by text."""
    return Route(Channel.TEXT, number, from_hour, to_hour)


@dataclass
class Community:
    """Organisations with their ways and buddies; a duty line."""

    ways: dict[UUID, tuple[Route, ...]] = field(default_factory=dict)
    buddies: dict[UUID, UUID] = field(default_factory=dict)
    duty: tuple[Route, ...] = (mail("duty@place.example"), text(DUTY_NUMBER))
    the_backstop: UUID | None = None
    drift_rung: timedelta = timedelta(hours=2)

    def rulebook(self) -> Any:
        return SimpleNamespace(version=1, drift_rung=self.drift_rung)

    async def must_be_ready(self) -> None:
        """It always is."""

    async def organisation(self, organisation_id: UUID) -> Any:
        if organisation_id not in self.ways:
            raise NotFoundError
        return SimpleNamespace(id=organisation_id, buddy=self.buddies.get(organisation_id))

    async def backstop(self) -> UUID:
        if self.the_backstop is None:
            raise NotFoundError
        return self.the_backstop

    async def routes(self, organisation_id: UUID) -> tuple[Route, ...]:
        return self.ways.get(organisation_id, ())

    async def duty_line(self) -> tuple[Route, ...]:
        return self.duty


@dataclass
class Intake:
    """Whom people chose, and how they and those are reached."""

    chosen: dict[UUID, Watchers] = field(default_factory=dict)
    ways: dict[UUID, tuple[Route, ...]] = field(default_factory=dict)
    no_news: dict[UUID, set[datetime]] = field(default_factory=dict)
    down: bool = False

    async def told_only(self, person_id: UUID, passages: frozenset[UUID]) -> frozenset[datetime]:
        if self.down:
            raise UnavailableError
        return frozenset(self.no_news.get(person_id, ()))

    async def watchers(self, person_id: UUID) -> Watchers:
        return self.chosen.get(person_id, Watchers((), ()))

    async def routes(self, person_id: UUID) -> tuple[Route, ...]:
        return self.ways.get(person_id, ())

    async def supporter_routes(self, person_id: UUID, entry: UUID) -> tuple[Route, ...]:
        if entry not in self.chosen[person_id].people:
            raise NotFoundError
        return self.ways.get(entry, ())


@dataclass
class Pathway:
    """Who leads; who asked to be left be."""

    leads: dict[UUID, UUID] = field(default_factory=dict)
    left: set[UUID] = field(default_factory=set)

    async def lead(self, person_id: UUID) -> UUID | None:
        return self.leads.get(person_id)

    async def told(self, person_id: UUID) -> bool:
        return person_id not in self.left


@dataclass
class Choices:
    """Consent by a list of who may see which part of whom. ``out``: why an organisation may see nothing.

    ``asked`` is what was asked; ``down``: it can't answer.
    """

    may: set[tuple[UUID, UUID, Part]] = field(default_factory=set)
    out: dict[tuple[UUID, UUID], Why] = field(default_factory=dict)
    asked: list[Ask] = field(default_factory=list)
    weeded: list[AskOfMany] = field(default_factory=list)
    down: bool = False
    withheld: frozenset[UUID] = frozenset()

    def permit(self, by: Pass, person: UUID, *parts: Part) -> None:
        assert by.organisation is not None
        self.may |= {(by.organisation, person, part) for part in parts}

    async def surely_not(self, ask: AskOfMany) -> frozenset[UUID]:
        if self.down:
            raise UnavailableError
        self.weeded.append(ask)
        may = {person for organisation, person, _ in self.may if organisation == ask.by.organisation}
        return frozenset(each.thing for each in ask.news if each.person not in may)

    async def decide(self, ask: Ask) -> Answer:
        if self.down:
            raise UnavailableError
        self.asked.append(ask)
        organisation = ask.by.organisation
        if organisation is not None and (organisation, ask.person, ask.part) in self.may:
            return Answer(permitted=True, why=Why.CHOICE, except_for=self.withheld)
        why = Why.NO_CHOICE if organisation is None else self.out.get((organisation, ask.person), Why.NO_CHOICE)
        return Answer(permitted=False, why=why)


@dataclass
class Around:
    """Every double of one place."""

    community: Community
    intake: Intake
    pathway: Pathway
    choices: Choices


def stand_in(place: Place) -> Around:
    """Put the doubles where notify asks."""
    around = Around(Community(), Intake(), Pathway(), Choices())
    owners(place, "community", "intake", "pathway", "consent")
    ports: Any = place.system.kit.ports
    ports.community, ports.intake, ports.pathway = around.community, around.intake, around.pathway
    place.system.kit.decisions.decider.decider = around.choices  # type: ignore[attr-defined]
    return around


@dataclass(frozen=True)
class Say:
    """Facts to be journalled by their owner, as if its own rules had said them."""

    facts: tuple[Event, ...]

    @property
    def streams(self) -> tuple[UUID, ...]:
        return tuple({fact.subject for fact in self.facts})


async def _said(command: Say, tx: Tx[Any]) -> None:
    tx.emit(*command.facts)


def owners(place: Place, *sources: str) -> None:
    """Have a journal and a relay for each source beside notify: facts come as from its owner, whose rules stay out."""
    for source in sources:
        tables = KernelTables(source, MetaData())
        database = place.system.stores.for_service(source)
        shell: Shell[Any] = Shell(database, tables, lambda connection: connection, place.clock)
        relay = Relay(database, tables, place.system.bus)
        running: Any = SimpleNamespace(shell=shell)
        place.system.running[source] = running
        place.system.loops.loops.insert(0, Loop(f"{source}-relay", relay.step))


async def say(place: Place, *facts: Event) -> None:
    """Have each fact's owner journal it; relay and bus do the rest."""
    for source, said in groupby(facts, lambda fact: fact.source):
        shell = place.system.running[source].shell
        await shell.run(_said, Say(tuple(said)), Origin(timer("test"), new_id()), gives=type(None))


async def told(place: Place, *facts: Event) -> None:
    """Say facts and let all follow that follows now."""
    await say(place, *facts)
    await place.settle()


def partner(organisation: UUID | None = None) -> Pass:
    """Give the pass of a partner system with every scope."""
    scopes = frozenset({"read", "write", "subscriptions"})
    return Pass(Role.SYSTEM, new_id(), organisation=organisation or new_id(), scopes=scopes)


async def subscribed(place: Place, by: Pass, script: Script, **body: Any) -> dict[str, Any]:
    """Make a subscription of everything and let its test event be answered."""
    sent = {"url": script.url(), "events": ["*"]} | body
    async with place.client(by) as http:
        answered = await http.post("/v1/subscriptions", json=sent)
    assert answered.status_code == 201, answered.text
    await place.settle()
    made: dict[str, Any] = answered.json()
    return made
