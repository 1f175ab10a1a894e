"""A door that somebody came to is known to them for 72 hours: it may write, never read (S1, S2, C3)."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.support.whole_place import WholePlace, whole_place

WORDS = "I said to Sam that the group may read it."


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[WholePlace]:
    async with whole_place(tmp_path / "data") as made:
        yield made


async def arrives(here: WholePlace, door: str = "peer") -> UUID:
    """Somebody without an address or a number comes to the group, which writes their arrival."""
    async with here.place.client(here.group.by) as group:
        came = await group.post("/v1/arrivals", json={"called": "Mariam", "door": door})
    assert came.status_code == 201, came.text
    await here.place.settle()
    return UUID(came.json()["person"])


async def tries(here: WholePlace, person: UUID) -> dict[str, Any]:
    """What the group tries in the days after: write down a yes, walk alongside, log contact, read."""
    organisation = str(here.group.id)
    yes = {
        "who": {"organisation": organisation},
        "what": ["story"],
        "permit": True,
        "words": WORDS,
        "given_how": "in-person",
    }
    async with here.place.client(here.group.by) as group:
        return {
            "story": (await group.get(f"/v1/people/{person}/stories")).status_code,
            "contact": (
                await group.post(f"/v1/people/{person}/contacts", json={"outcome": "made", "how": "in-person"})
            ).status_code,
            "choice": (await group.post(f"/v1/people/{person}/choices", json=yes)).status_code,
        }


async def test_a_group_goes_on_with_somebody_it_brought_though_they_have_no_address_and_no_number__s1(
    here: WholePlace,
) -> None:
    person = await arrives(here)
    assert await tries(here, person) == {"story": 404, "contact": 201, "choice": 201}


async def test_after_72_hours_a_door_without_a_choice_knows_nobody__c3(here: WholePlace) -> None:
    person = await arrives(here)
    await here.place.pass_time(timedelta(hours=73))
    assert await tries(here, person) == {"story": 404, "contact": 404, "choice": 404}


async def test_the_police_are_a_door_and_know_nobody_afterwards__c9(here: WholePlace) -> None:
    person = await arrives(here, "police")
    assert await tries(here, person) == {"story": 404, "contact": 404, "choice": 404}


async def test_another_door_knows_nothing_of_it__c4(here: WholePlace) -> None:
    person = await arrives(here)
    async with here.place.client(here.house.by) as house:
        told = await house.post(f"/v1/people/{person}/contacts", json={"outcome": "made", "how": "in-person"})
    assert told.status_code == 404


async def test_a_text_comes_to_no_door_whoever_passes_it_on__j7_c4(here: WholePlace) -> None:
    """A text proves nobody: a system that sends one in somebody's name is not known to them by it."""
    phone = "07700 900555"
    came = await here.place.client().post("/v1/arrivals", json={"called": "R", "reach": {"phone": phone}})
    person = UUID(came.json()["person"])
    system = replace(here.system_of(here.house), scopes=frozenset({"texts", "write"}))
    async with here.place.client(system) as line:
        assert (await line.post("/v1/texts", json={"from": phone, "words": "Hello"})).status_code == 202
        await here.place.settle()
        told = await line.post(f"/v1/people/{person}/needs", json={"kind": "social", "words": "Company."})
        nobody = await line.post(f"/v1/people/{UUID(int=9)}/needs", json={"kind": "social", "words": "Company."})
    assert (told.status_code, told.json()["code"]) == (nobody.status_code, nobody.json()["code"]) == (404, "not-found")
