"""Exactly one leads, also when many write at once and organisations stop meanwhile (J2, J2a)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from services.pathway.edge import Desk
from services.pathway.holding.commands import Acknowledge, HoldFirst, LoseSight
from services.pathway.holding.domain import Place
from services.pathway.holding.errors import TooManyHeldError
from services.pathway.holding.handlers import acknowledge, hold_first, lose_sight
from services.pathway.holding.hearing import STILL_NAMED
from services.pathway.holding.takeover import Takeover
from services.pathway.store import PathwayStore
from services.pathway.tables import ALONGSIDE, HOLDING
from shared.clock import real_now
from shared.db import Sql
from shared.errors import AlongsideError
from shared.events.community import Ending, MemberLeft, OrganisationStopped
from shared.ids import new_id
from shared.passes import Origin, timer
from shared.shell import Shell
from tests.support import postgres
from tests.support.foreign import Foreign
from tests.support.one_lead import leads
from tests.support.pathway_place import INTENSITIES, PathwayPlace, a_pathway, a_rulebook
from tests.support.races import Held, holding_at, insistent, until_somebody_waits

WITHIN = a_rulebook().hold_acknowledged_within


@pytest.fixture
async def it(tmp_path: Path) -> AsyncIterator[PathwayPlace]:
    postgres.needed()
    async with a_pathway(tmp_path / "place", "postgres") as place:
        yield place


def origin() -> Origin:
    return Origin(timer("test"), new_id())


def shell_of(it: PathwayPlace, store: type[Any] = PathwayStore) -> Shell[Any]:
    """Give another process's shell."""
    shell = it.place.system.running["pathway"].shell
    return Shell(shell.database, shell.tables, store, shell.clock)


def place_of(it: PathwayPlace) -> Place:
    return Place(it.community.the_backstop, INTENSITIES, frozenset({it.community.the_backstop}))


async def first(it: PathwayPlace, lead: UUID, chosen: UUID | None = None, person: UUID | None = None) -> UUID:
    person = person or new_id()
    await shell_of(it).run(hold_first, HoldFirst(person, lead, chosen, real_now(), WITHIN), origin(), gives=type(None))
    return person


async def stops(it: PathwayPlace, organisation: UUID) -> None:
    """Have pathway hear that an organisation stopped, and nothing more."""
    async with shell_of(it).database.write() as connection:
        await PathwayStore(connection).stop(organisation, new_id(), real_now())


def takeover(it: PathwayPlace) -> Takeover:
    return Takeover(Desk(shell_of(it), it.place.system.kit.ports))


def lost(it: PathwayPlace, person: UUID, organisation: UUID, instead: UUID) -> LoseSight:
    return LoseSight(person, organisation, instead, blind=False, place=place_of(it), within=WITHIN)


async def test_nobody_comes_to_an_organisation_whose_people_were_taken_while_the_command_was_running__j2a(it) -> None:
    former, team, held = it.community.join("community-team"), it.community.join("community-team"), Held()
    person = await first(it, former)
    slow = shell_of(it, holding_at("stopped", held, PathwayStore))
    task = asyncio.create_task(slow.run(lose_sight, lost(it, person, former, team), origin(), gives=type(None)))
    await held.reached.wait()
    await stops(it, team)
    assert await takeover(it).step()
    held.go_on.set()
    await task
    assert await it.lead(person) == it.community.the_backstop
    assert leads(await it.place.journal("pathway", person)) == it.community.the_backstop


async def test_whoever_comes_to_an_organisation_just_before_its_people_are_taken_is_taken_too__j2a(it) -> None:
    former, team, held = it.community.join("community-team"), it.community.join("community-team"), Held()
    person = await first(it, former)
    slow = shell_of(it, holding_at("save_holdings", held, PathwayStore, before=True))
    task = asyncio.create_task(slow.run(lose_sight, lost(it, person, former, team), origin(), gives=type(None)))
    await held.reached.wait()
    await stops(it, team)
    taking = asyncio.create_task(takeover(it).step())
    await until_somebody_waits()
    held.go_on.set()
    await asyncio.gather(task, taking)
    while await takeover(it).step():
        pass
    assert await it.lead(person) == it.community.the_backstop
    changes = [e for e in await it.place.journal("pathway", person) if e.type == "pathway.lead-changed"]
    assert [e.data["now"] for e in changes][-2:] == [str(team), str(it.community.the_backstop)]


async def test_an_arrival_written_with_a_backstop_that_has_stopped_since_is_taken_by_the_one_of_today__j2a(it) -> None:
    old, person = it.community.join("nhs-trust"), new_id()
    await stops(it, old)
    assert await takeover(it).step()
    await first(it, old, person=person)
    await it.place.settle()
    assert await it.lead(person) == it.community.the_backstop


async def test_who_is_named_while_they_leave_is_followed_by_the_person_on_duty__j2b(it: PathwayPlace) -> None:
    team, member, held = it.community.join("community-team"), new_id(), Held()
    person = await first(it, it.community.the_backstop, team)
    await it.place.settle()
    command = Acknowledge(person, team, member, None, 9, place_of(it), WITHIN)
    slow = shell_of(it, holding_at("save_holdings", held, PathwayStore, before=True))
    acknowledging = asyncio.create_task(slow.run(acknowledge, command, origin(), gives=UUID))
    await held.reached.wait()
    await Foreign(it.place).say(MemberLeft(subject=team, member=member, on_duty=None))
    held.go_on.set()
    await acknowledging
    await it.place.pass_time(STILL_NAMED + timedelta(seconds=1))
    (holding,) = await shell_of(it).read(lambda store: store.get_holdings([person]))
    assert (holding.lead, holding.named) == (team, None)


async def test_of_many_at_once_no_more_name_one_member_than_may__j2b(it) -> None:
    team, member, most = it.community.join("community-team"), new_id(), 3
    people = [await first(it, it.community.the_backstop, team) for _ in range(8)]

    async def acknowledged(person: UUID) -> bool:
        command = Acknowledge(person, team, member, None, most, place_of(it), WITHIN)
        try:
            await shell_of(it).run(acknowledge, command, origin(), gives=UUID)
        except TooManyHeldError:
            return False
        return True

    assert sum(await asyncio.gather(*map(acknowledged, people))) == most


async def test_two_hundred_at_once_while_organisations_stop_leave_exactly_one_lead_at_every_position__j2(it) -> None:
    teams = [it.community.join("community-team") for _ in range(4)]
    backstop, stopping = it.community.the_backstop, teams[:2]
    people = [await first(it, backstop, teams[n % 4]) for n in range(25)]

    async def tries(does: Any) -> None:
        with suppress(AlongsideError):
            await does

    async def acts(person: UUID, n: int) -> None:
        team, other, within = teams[n % 4], teams[(n + 1) % 4], WITHIN
        shell, named = shell_of(it), new_id()
        done: tuple[tuple[Any, Any, type[Any]], ...] = (
            (Acknowledge(person, team, named, None, 99, place_of(it), within), acknowledge, UUID),
            (lost(it, person, team, other), lose_sight, type(None)),
            (Acknowledge(person, other, named, None, 99, place_of(it), within), acknowledge, UUID),
            (lost(it, person, other, team), lose_sight, type(None)),
        )
        for command, handler, gives in done:
            await tries(shell.run(handler, command, origin(), gives=gives))

    async def stop_and_take(team: UUID) -> None:
        await insistent(lambda: stops(it, team))
        await tries(takeover(it).step())

    await asyncio.gather(
        *(acts(person, n) for n, person in enumerate(people)),
        *(acts(person, n + 1) for n, person in enumerate(people)),
        *(stop_and_take(team) for team in stopping),
    )
    for team in stopping:
        it.community.joined.pop(team)
    await Foreign(it.place).say(OrganisationStopped(subject=stopping[0], how=Ending.ENDED, backstop=backstop))
    journal = await it.place.journal("pathway")
    for person in people:
        last = leads([event for event in journal if event.subject == person])
        assert last == await it.lead(person)
        assert last not in stopping
    async with shell_of(it).database.read() as connection:
        rows = await connection.all(Sql(select(HOLDING.c.lead, HOLDING.c.chosen, HOLDING.c.last_lead)))
        beside = await connection.all(Sql(select(ALONGSIDE.c.organisation)))
    assert not {value for row in [*rows, *beside] for value in row.values()} & set(stopping)
