"""What people say of themselves holds when it is said at once: circles, arrivals, choices (S2, S6, C1)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import pytest

from services.consent.choice.domain import GiveChoice, GivenHow, Who, WhoKind, WithdrawChoice
from services.consent.choice.handlers import give_choice, withdraw_choice
from services.intake.arrival.domain import ArriveNew, Came, Held
from services.intake.arrival.handlers import come_new
from services.intake.circle.domain import AddToCircle, RemoveFromCircle, Ringed, TieBoth
from services.intake.circle.handlers import add_to_circle, remove_from_circle, tie_both
from services.intake.person.domain import IdKind, an_nhs_number
from shared.errors import NotFoundError
from shared.event import Part
from shared.events.intake import Door
from shared.ids import new_id
from shared.passes import ANYONE, Origin, Purpose
from tests.support import postgres
from tests.support.place import Place, a_place, person_pass
from tests.support.races import insistent


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    postgres.needed()
    async with a_place(tmp_path, ("community", "intake", "consent"), engine="postgres") as made:
        yield made


async def come(place: Place, number: str = "") -> UUID:
    shell, person = place.system.running["intake"].shell, new_id()
    known = an_nhs_number(number) if number else None
    command = ArriveNew(person, "R", new_id(), Came(Door.SELF), nhs_number=known)
    await insistent(lambda: shell.run(come_new, command, Origin(ANYONE, new_id()), gives=Held))
    return person


def by(person: UUID) -> Origin:
    return Origin(person_pass(person), new_id())


async def test_a_tie_made_while_its_entry_is_taken_out_stands_on_both_sides_or_on_neither__s6(place: Place) -> None:
    shell = place.system.running["intake"].shell
    for _ in range(6):
        one, two = await come(place), await come(place)
        entry = await shell.run(add_to_circle, AddToCircle(one, Ringed("Two")), by(one), gives=UUID)

        async def ties(one: UUID = one, two: UUID = two, entry: UUID = entry) -> None:
            with suppress(NotFoundError):
                await shell.run(tie_both, TieBoth(two, one, entry), by(two), gives=UUID)

        async def removes(one: UUID = one, entry: UUID = entry) -> None:
            with suppress(NotFoundError):
                await shell.run(remove_from_circle, RemoveFromCircle(one, entry, None), by(one), gives=type(None))

        await asyncio.gather(ties(), removes())
        ones = [each.linked_person for each in await shell.read(lambda store: store.circle_of(one))]  # noqa: B023
        twos = [each.linked_person for each in await shell.read(lambda store: store.circle_of(two))]  # noqa: B023
        assert (ones, twos) in [([], []), ([two], [one])]


async def test_who_arrives_twice_at_once_with_one_number_has_two_records_for_a_human_to_find__s2_s8(
    place: Place,
) -> None:
    number = "9434765919"
    people = await asyncio.gather(come(place, number), come(place, number))
    found = await place.system.running["intake"].shell.read(lambda store: store.find(an_nhs_number(number)))
    assert {each.person for each in found[IdKind.NHS_NUMBER]} == set(people)


async def test_choices_said_and_taken_back_at_once_are_numbered_in_one_row_and_stay_taken_back__c1_c2(
    place: Place,
) -> None:
    shell, person, organisations = place.system.running["consent"].shell, new_id(), [new_id() for _ in range(10)]

    async def says(organisation: UUID) -> None:
        who = Who(WhoKind.ORGANISATION, organisation)
        yes = GiveChoice(
            person,
            who,
            frozenset({Part.STORY}),
            frozenset({Purpose.SUPPORT}),
            permit=True,
            given_how=GivenHow.SIGNED_IN,
        )
        choice = await insistent(lambda: shell.run(give_choice, yes, by(person), gives=UUID))
        await insistent(lambda: shell.run(withdraw_choice, WithdrawChoice(person, choice), by(person), gives=UUID))

    await asyncio.gather(*map(says, organisations))
    choices = await shell.read(lambda store: store.choices_of(person))
    assert sorted(each.number for each in choices) == list(range(1, 11))
    assert all(each.withdrawn_at is not None for each in choices)
    journal = await place.journal("consent", person)
    assert [event.seq for event in journal] == list(range(1, 21))
