"""What of much news is surely not a reader's is said at once, and is never more than what one decision denies (C3)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from services.consent.decision.domain import BY_STANDING
from services.consent.tables import LEDGER
from shared.event import Part, Role
from shared.ids import new_id
from shared.news import AskOfMany, News
from shared.passes import Pass
from shared.ports import Act, Ask, Standing, Why
from tests.support.consent_place import ConsentPlace, consent_place

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from uuid import UUID


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[ConsentPlace]:
    async with consent_place(tmp_path) as made:
        yield made


MEMBER = new_id()


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


async def chosen(here: ConsentPlace, who: dict[str, Any], *parts: Part, **more: Any) -> None:
    said = await here.choose(who, *parts, **more)
    assert said.status_code == 201, said.text


async def a_yes_to_a_role(here: ConsentPlace) -> None:
    await chosen(here, {"role": "peer-supporter"}, Part.PLAN)


async def a_yes_to_a_member(here: ConsentPlace) -> None:
    await chosen(here, {"member": str(MEMBER)}, Part.PLAN)


async def a_yes_to_any_crisis_service(here: ConsentPlace) -> None:
    await chosen(here, {"any_crisis_service": True}, Part.PLAN)


async def a_yes_to_an_offer(here: ConsentPlace) -> None:
    offer = new_id()
    here.community.offers.add(offer)
    await chosen(here, {"offer": str(offer)}, Part.PLAN)


async def a_yes_that_a_supporter_wrote_down(here: ConsentPlace) -> None:
    here.beside(here.group, Standing.ALONGSIDE)
    told = {"words": "Yes.", "given_how": "phone"}
    await chosen(here, {"organisation": str(here.house)}, Part.PLAN, by=here.member(), **told)


async def please_do_not_speak_to_them(here: ConsentPlace) -> None:
    await chosen(here, {"organisation": str(here.group)}, permit=False, hide=True)


async def a_no(here: ConsentPlace) -> None:
    await chosen(here, {"organisation": str(here.group)}, permit=False)


async def a_yes_taken_back(here: ConsentPlace) -> None:
    await here.withdraw(await here.yes(here.group, Part.PLAN))


async def a_withdrawal_from_who_leads(here: ConsentPlace) -> None:
    here.beside(here.group, Standing.LEADS, Standing.CHOSEN)
    here.pathway.leads[here.r] = here.group
    await a_yes_taken_back(here)


async def leading(here: ConsentPlace) -> None:
    here.beside(here.group, Standing.LEADS, Standing.CHOSEN)


SETS = [
    nothing, a_yes, a_yes_to_a_role, a_yes_to_a_member, a_yes_to_any_crisis_service, a_yes_to_an_offer,
    a_yes_that_a_supporter_wrote_down, please_do_not_speak_to_them, a_no, a_yes_taken_back, a_withdrawal_from_who_leads,
    leading,
]  # fmt: skip


@pytest.mark.parametrize("sets", SETS, ids=lambda sets: sets.__name__)
async def test_what_is_surely_not_theirs_one_decision_denies_too__c3(here: ConsentPlace, sets: Any) -> None:
    await sets(here)
    port = here.place.system.running["consent"].port
    organisations = (here.group, here.house, here.team)
    members = [here.member(each, role) for each in organisations for role in (Role.PEER_SUPPORTER, Role.PRACTITIONER)]
    named = Pass(Role.PEER_SUPPORTER, new_id(), member=MEMBER, organisation=here.team)
    for by in (*map(system, organisations), *members, named):
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
