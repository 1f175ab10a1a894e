"""What intake knows of passages that consent withholds: when a story began for its reader, and what is news (S4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from shared.event import Part, Role
from shared.ids import new_id
from tests.support.intake_doubles import IntakePlace, an_intake
from tests.support.place import a_pass

if TYPE_CHECKING:
    from pathlib import Path

    import httpx2

FIRST = {"heading": "what-happened", "words": "I lost my flat."}
LATER = {"heading": "what-matters-most", "words": "My dog."}


@pytest.fixture
async def place(tmp_path: Path):
    async with an_intake(tmp_path) as made:
        yield made


async def grown(place: IntakePlace, person: UUID) -> tuple[str, list[dict[str, Any]]]:
    """Tell a story, add to it, and tell another; give the first's path and its passages in the order of telling."""
    me, path = place.of(person), f"/v1/people/{person}/stories"
    story = (await me.post(path, json={"passages": [FIRST]})).json()["story"]
    await me.post(path, json={"passages": [LATER]})
    await me.post(f"{path}/{story}/versions", json={"passages": [LATER]})
    passages = (await me.get(f"{path}/{story}")).json()["passages"]
    return f"{path}/{story}", sorted(passages, key=lambda each: str(each["at"]))


def withheld_reader(place: IntakePlace, person: UUID, *passages: str) -> httpx2.AsyncClient:
    by = a_pass(Role.PRACTITIONER, organisation=(organisation := place.community.join()))
    place.consent.open(person, organisation, Part.STORY)
    place.consent.withheld[organisation] = {UUID(each) for each in passages}
    return place.place.client(by)


async def test_a_story_begins_for_its_reader_with_the_first_wording_they_see__s4_c4(place: IntakePlace) -> None:
    person = await place.arrive()
    path, (first, later) = await grown(place, person)
    reader = withheld_reader(place, person, first["passage"])
    assert (await place.of(person).get(path)).json()["told_at"] == first["at"]
    assert (await reader.get(path)).json()["told_at"] == later["at"]
    theirs = (await reader.get(f"/v1/people/{person}/stories")).json()["items"]
    assert [each["told_at"] for each in theirs] == sorted(each["told_at"] for each in theirs)
    assert theirs[1]["story"] == path.rpartition("/")[2], "it stands where it would if it had begun then"
    one, paged = f"/v1/people/{person}/stories?limit=1", []
    while one:
        page = (await reader.get(one)).json()
        paged += page["items"]
        one = f"/v1/people/{person}/stories?limit=1&cursor={page['next']}" if "next" in page else ""
    assert paged == theirs


async def test_only_what_tells_of_nothing_else_is_no_news__s4(place: IntakePlace) -> None:
    person, other = await place.arrive(), await place.arrive()
    path, (first, later) = await grown(place, person)
    ids = [UUID(first["passage"]), UUID(later["passage"])]

    async def told_only(*passages: UUID, of: UUID = person) -> set[str]:
        return {each.isoformat() for each in await place.port.told_only(of, frozenset(passages))}

    assert await told_only(ids[0]) == {first["at"]}
    assert await told_only(*ids) == {first["at"], later["at"]}
    assert await told_only(new_id()) == await told_only(ids[0], of=other) == set()
    both = [FIRST | {"passage": first["passage"], "why": "Sooner."}, LATER]
    await place.of(person).post(f"{path}/versions", json={"passages": both})
    assert await told_only(*ids) == {first["at"], later["at"]}


async def test_whose_passages_they_are_is_said_of_each_person_alone__s4(place: IntakePlace) -> None:
    person, other = await place.arrive(), await place.arrive()
    _, (first, _) = await grown(place, person)
    mine = UUID(first["passage"])
    assert await place.port.passages(person, frozenset({mine, new_id()})) == {mine}
    assert await place.port.passages(other, frozenset({mine})) == frozenset()
