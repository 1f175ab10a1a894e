"""Texts that came in: the answer is one and the same, and nobody is left unheld (J7)."""

from uuid import UUID

import pytest

from shared.event import Part, Role
from shared.ids import new_id
from tests.support.intake_doubles import IntakePlace, an_intake
from tests.support.place import a_pass

PHONE = "07700 900123"
REQUEST = new_id()


@pytest.fixture
async def place(tmp_path):
    async with an_intake(tmp_path) as made:
        yield made


def line(place: IntakePlace):
    """Give the partner system that passes texts on."""
    return place.client(Role.SYSTEM, scopes=frozenset({"texts"}))


async def text(place: IntakePlace, phone: str = PHONE, words: str = "I need you"):
    answer = await line(place).post("/v1/texts", json={"from": phone, "words": words})
    assert (answer.status_code, answer.json()) == (202, {})
    return answer


async def people(place: IntakePlace) -> set[UUID]:
    return {event.subject for event in await place.place.journal("intake")}


async def test_a_text_of_one_person_holds_them_before_the_answer__j7(place):
    person = await place.arrive(reach={"phone": PHONE})

    await text(place, "+44 7700 900123")

    assert place.pathway.held_again == [(person, None)]
    assert await people(place) == {person}
    fact = (await place.place.journal("intake", person))[-1]
    assert (fact.type, fact.data["door"], fact.data["lead"]) == ("intake.arrived", "text", None)


async def test_a_text_of_nobody_known_is_an_arrival_held_by_the_backstop__j7(place):
    await text(place)

    (person,) = await people(place)
    assert (await place.port.first_hold(person)).lead == place.community.the_backstop
    (route,) = await place.port.routes(person)
    assert route.address == "+447700900123"
    await text(place, words="Are you there?")
    assert await people(place) == {person}
    assert place.pathway.held_again == [(person, None)]


async def test_a_text_of_several_is_one_new_arrival_for_a_human__j7(place):
    known = {await place.arrive(reach={"phone": PHONE}) for _ in range(2)}

    await text(place)
    await text(place, words="Please")

    (new,) = await people(place) - known
    assert (await place.port.first_hold(new)).lead == place.community.the_backstop
    assert place.pathway.held_again == [(new, None)]


async def test_every_text_gets_the_same_answer__j7(place):
    await place.arrive(reach={"phone": PHONE})
    answers = [await text(place), await text(place, "07700 900555"), await text(place, words="x" * 900)]

    seen = {(a.status_code, a.content, tuple(n for n in a.headers if n != "x-correlation-id")) for a in answers}
    assert len(seen) == 1


async def test_a_text_that_is_passed_on_twice_counts_once__j7(place):
    client, body = line(place), {"from": PHONE, "words": "I need you"}
    for _ in range(2):
        answer = await client.post("/v1/texts", json=body, headers={"X-Request-ID": str(REQUEST)})
        assert answer.status_code == 202

    (person,) = await people(place)
    assert (await place.place.types("intake", person)).count("intake.arrived") == 1


async def test_the_words_of_a_text_are_for_the_person_and_the_lead_only__c4(place):
    person = await place.arrive(reach={"phone": PHONE})
    await text(place, words="I am by the canal")
    lead = a_pass(Role.DUTY, organisation=place.community.join())
    place.pathway.leads[person] = lead.organisation
    place.consent.open(person, lead.organisation, Part.CONTACT)
    path = f"/v1/people/{person}/texts"

    seen = [await client.get(path) for client in (place.place.client(lead), place.of(person))]
    beside = await place.known(person, Part.JOURNEY, Part.CONTACT).get(path)
    arrivals = await place.known(person, Part.JOURNEY).get(f"/v1/people/{person}/arrivals")

    assert all([each["words"] for each in answer.json()["items"]] == ["I am by the canal"] for answer in seen)
    assert (beside.status_code, arrivals.status_code) == (404, 200)
    assert "canal" not in arrivals.text
    assert all("canal" not in str(event.raw) for event in await place.place.journal("intake"))


async def test_only_a_partner_system_with_leave_for_texts_passes_them_on(place):
    body = {"from": PHONE, "words": "I need you"}
    assert (await place.client().post("/v1/texts", json=body)).status_code == 401
    assert (await place.client(Role.PRACTITIONER).post("/v1/texts", json=body)).status_code == 403
    assert (
        await place.client(Role.SYSTEM, scopes=frozenset({"write"})).post("/v1/texts", json=body)
    ).status_code == 403
    assert (await line(place).post("/v1/texts", json={"from": "Shop", "words": "x"})).status_code == 422
    assert not await place.place.journal("intake")
