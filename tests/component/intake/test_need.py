"""Needs, through the real app (S5)."""

import pytest

from shared.event import Part
from tests.support.intake_doubles import an_intake


@pytest.fixture
async def place(tmp_path):
    async with an_intake(tmp_path) as made:
        yield made


async def test_a_need_is_in_the_person_s_words_with_codes_beside_it__s5(place):
    person = await place.arrive()
    body = {
        "kind": "financial",
        "words": "My money stopped.",
        "matters": "most",
        "codes": [{"system": "http://snomed.info/sct", "code": "160932005"}],
    }

    answer = await place.of(person).post(f"/v1/people/{person}/needs", json=body)
    (item,) = (await place.of(person).get(f"/v1/people/{person}/needs")).json()["items"]

    assert answer.status_code == 201
    assert answer.json()["need"] == item["need"]
    assert answer.json()["i_need_someone_now"]
    assert {name: item[name] for name in body} == body
    assert item["how"] == "self"
    assert list(item).index("words") < list(item).index("codes")
    fact = (await place.place.journal("intake", person))[-1]
    assert (fact.type, fact.data) == ("intake.need-named", {"need": item["need"], "kind": "financial"})


async def test_a_need_without_words_or_of_a_fifth_kind_is_turned_back__s5(place):
    person = await place.arrive()
    for body in (
        {"kind": "spiritual", "words": "x"},
        {"kind": "social", "codes": [{"system": "s", "code": "c"}]},
        {"kind": "social", "words": ""},
        {"kind": "social", "words": "x", "severity": 3},
    ):
        assert (await place.of(person).post(f"/v1/people/{person}/needs", json=body)).status_code == 422


async def test_needs_are_read_with_leave_and_in_pages__c3(place):
    person = await place.arrive(needs=[{"kind": "social", "words": f"{n}"} for n in range(5)])
    reader, path = place.known(person, Part.JOURNEY), f"/v1/people/{person}/needs"
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await reader.get(f"{path}?limit=2{cursor}")).json()
        seen += [item["words"] for item in page["items"]]
        cursor = f"&cursor={page['next']}" if "next" in page else None

    assert sorted(seen) == ["0", "1", "2", "3", "4"]
    assert (await place.known(person, Part.CONTACT).get(path)).status_code == 404
