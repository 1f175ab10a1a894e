"""What of much news is surely not a reader's is said at once, and is never more than what one decision denies (C3)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from services.consent.decision.domain import BY_STANDING
from services.consent.tables import LEDGER
from shared.event import Part, Role
from shared.ids import new_id
from shared.passes import Pass
from shared.ports import Act, Ask, AskOfMany, News, Standing, Why
from tests.support.consent_place import ConsentPlace, consent_place

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from uuid import UUID


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[ConsentPlace]:
    async with consent_place(tmp_path) as made:
        yield made


def system(organisation: UUID) -> Pass:
    return Pass(Role.SYSTEM, new_id(), organisation=organisation)


def everything_of(*people: UUID) -> tuple[News, ...]:
    return tuple(News(person, part, new_id()) for person in people for part in Part)


async def surely_not(here: ConsentPlace, by: Pass, news: tuple[News, ...]) -> set[tuple[UUID, Part]]:
    port = here.place.system.running["consent"].port
    no = await port.surely_not(AskOfMany(by, news))
    return {(each.person, each.part) for each in news if each.thing in no}


async def nothing(here: ConsentPlace) -> None:
    return


async def a_yes(here: ConsentPlace) -> None:
    await here.yes(here.group, Part.PLAN)


async def a_yes_to_a_role(here: ConsentPlace) -> None:
    await here.choose({"role": "system"}, Part.PLAN)


async def a_yes_to_any_crisis_service(here: ConsentPlace) -> None:
    await here.choose({"any_crisis_service": True}, Part.PLAN)


async def a_no(here: ConsentPlace) -> None:
    await here.choose({"organisation": str(here.group)}, permit=False)


async def a_yes_taken_back(here: ConsentPlace) -> None:
    await here.withdraw(await here.yes(here.group, Part.PLAN))


async def leading(here: ConsentPlace) -> None:
    here.beside(here.group, Standing.LEADS, Standing.CHOSEN)


@pytest.mark.parametrize(
    "sets",
    [nothing, a_yes, a_yes_to_a_role, a_yes_to_any_crisis_service, a_no, a_yes_taken_back, leading],
    ids=lambda sets: sets.__name__,
)
async def test_what_is_surely_not_theirs_one_decision_denies_too__c3(here: ConsentPlace, sets: Any) -> None:
    await sets(here)
    port = here.place.system.running["consent"].port
    for organisation in (here.group, here.house, here.team):
        by = system(organisation)
        for person, part in await surely_not(here, by, everything_of(here.r)):
            answer = await port.decide(Ask(by, person, part, Act.DELIVERY))
            assert not answer.permitted, (part, answer)


async def test_of_strangers_all_is_surely_no_but_what_standing_may_open(here: ConsentPlace) -> None:
    await here.yes(here.group, Part.PLAN)
    stranger = new_id()
    told = await surely_not(here, system(here.group), everything_of(here.r, stranger))
    assert told == {(stranger, part) for part in Part if part not in BY_STANDING}
    assert {person for person, _ in await surely_not(here, system(here.house), everything_of(here.r))} == {here.r}


async def test_of_the_person_s_own_reading_nothing_is_said(here: ConsentPlace) -> None:
    by = Pass(Role.PERSON, new_id(), person=here.r)
    assert await surely_not(here, by, everything_of(here.r, new_id())) == set()


async def test_each_no_has_its_line_in_the_ledger_as_if_it_had_been_decided_alone__c6(here: ConsentPlace) -> None:
    by, news = system(here.group), everything_of(new_id())
    port = here.place.system.running["consent"].port
    no = await port.surely_not(AskOfMany(by, news))
    for each in news:
        if each.thing in no:
            await port.decide(Ask(by, each.person, each.part, Act.DELIVERY, each.thing))
    await here.place.settle()
    lines = [
        {name: value for name, value in row.items() if name not in {"pos", "id", "at", "number", "batch"}}
        for row in await here.place.rows(LEDGER)
    ]
    assert {line["why"] for line in lines} == {Why.NO_CHOICE}
    assert set(Counter(tuple(sorted(line.items(), key=str)) for line in lines).values()) == {2}
