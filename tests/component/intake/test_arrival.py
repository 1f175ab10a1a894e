"""Arriving by any door, through the real app: held from the first write, known only when it is proved."""

from uuid import UUID

import pytest

from services.intake.tables import KNOWN_BY, PERSON
from shared.event import Part, Role
from shared.ids import new_id
from tests.support.intake_doubles import IntakePlace, an_intake

PHONE = "07700 900123"
GOOD_NUMBER = "943 476 5919"


@pytest.fixture
async def place(tmp_path):
    async with an_intake(tmp_path) as made:
        yield made


async def a_known(place: IntakePlace) -> UUID:
    return await place.arrive(
        nhs_number=GOOD_NUMBER, reach={"phone": PHONE, "email": "R@example.org", "code_word": "blue heron"}
    )


async def test_nothing_but_a_name_to_be_called_by_is_compulsory__s1(place):
    answer = await place.client().post("/v1/arrivals", json={"called": "R"})

    assert answer.status_code == 201
    said = answer.json()
    assert answer.headers["location"] == f"/v1/people/{said['person']}"
    assert said["lead"] == str(place.community.the_backstop)
    (arrived,) = await place.place.journal("intake", UUID(said["person"]))
    assert (arrived.type, arrived.data["lead"]) == ("intake.arrived", said["lead"])


async def test_nobody_arrives_without_being_called_something__s1(place):
    for body in ({}, {"called": ""}, {"called": None}, {"called": "R", "diagnosis": "none"}):
        answer = await place.client().post("/v1/arrivals", json=body)
        assert answer.status_code == 422
    assert not await place.place.journal("intake")


async def test_a_new_person_is_held_by_the_backstop_with_the_door_beside_it__j2a(place):
    door = place.community.join()
    answer = await place.client(Role.PRACTITIONER, door).post(
        "/v1/arrivals", json={"called": "R", "door": "assessment-centre"}
    )
    person = UUID(answer.json()["person"])

    hold = await place.port.first_hold(person)

    assert (hold.lead, hold.chosen) == (place.community.the_backstop, door)
    assert answer.json()["chosen"] == str(door)
    (arrived,) = await place.place.journal("intake", person)
    assert (arrived.data["chosen"], arrived.data["at_organisation"]) == (str(door), str(door))


async def test_a_door_that_cant_lead_is_not_made_to__j2a(place):
    group = place.community.join(can_lead=False)
    client = place.client(Role.PEER_SUPPORTER, group)

    assert (await client.post("/v1/arrivals", json={"called": "R"})).json()["chosen"] is None
    asked = await client.post("/v1/arrivals", json={"called": "R", "chosen_holder": str(group)})
    assert asked.status_code == 422


async def test_nobody_can_be_told_to_arrive_at_an_organisation_that_is_not_there(place):
    answer = await place.client().post("/v1/arrivals", json={"called": "R", "at": str(new_id())})
    assert answer.status_code == 404


async def test_a_wrong_nhs_number_is_turned_back_and_not_repeated__s1(place):
    for number in ("943 476 5918", "1111111111", "0000000000", "94347659", "943476591x"):
        answer = await place.client().post("/v1/arrivals", json={"called": "R", "nhs_number": number})
        assert answer.status_code == 422
        assert answer.json()["fields"] == ["nhs_number"]
        assert number not in answer.text
    assert not await place.place.journal("intake")


async def test_everything_told_on_arrival_is_written_in_one_transaction__s1(place):
    group = place.community.join()
    person = await place.arrive(
        reach={"phone": PHONE},
        needs=[{"kind": "practical", "words": "Somewhere to sleep"}],
        passages=[{"heading": "what-i-need-now", "words": "Someone to sit with me"}],
        ring_if_quiet=[
            {"called": "Asha", "kind": "peer", "organisation": str(group)},
            {"called": "Mum", "kind": "family", "ways": {"phone": "0113 123 1234"}},
        ],
    )

    facts = await place.place.types("intake", person)
    assert facts == [
        "intake.arrived",
        "intake.safe-contact-changed",
        "intake.circle-changed",
        "intake.circle-changed",
        "intake.need-named",
        "intake.story-told",
    ]
    asked = await place.port.watchers(person)
    assert asked.organisations == (group,)
    assert len(asked.people) == 1


async def test_a_fault_in_any_part_writes_none_of_it(place):
    answer = await place.client().post(
        "/v1/arrivals", json={"called": "R", "reach": {"phone": "not a phone"}, "needs": []}
    )
    assert answer.status_code == 422
    assert not await place.place.journal("intake")


async def test_a_person_who_signed_in_comes_back_to_their_own_record__j7(place):
    person = await a_known(place)
    answer = await place.of(person).post("/v1/arrivals", json={"called": "R"})

    assert answer.status_code == 201
    assert answer.json()["person"] == str(person)
    assert answer.json()["kept_as_it_was"] == ["called"]
    assert place.pathway.held_again == [(person, None)]
    again = (await place.place.journal("intake", person))[-1]
    assert (again.type, again.data["lead"]) == ("intake.arrived", None)


@pytest.mark.parametrize("by", [{"phone": "+44 7700 900123"}, {"email": "r@EXAMPLE.org"}, {"nhs_number": "9434765919"}])
async def test_a_code_word_with_what_finds_the_record_is_known__s2(place, by):
    person = await a_known(place)
    door = place.community.join()
    body = {"called": "R", "recognise": {"code_word": "Blue  Heron", **by}}

    answer = await place.client(Role.PRACTITIONER, door).post("/v1/arrivals", json=body)

    assert answer.json()["person"] == str(person)
    assert place.pathway.held_again == [(person, door)]


async def test_a_wrong_code_word_gets_the_answer_that_a_stranger_gets__s2(place):
    person = await a_known(place)
    client = place.client(Role.PRACTITIONER)
    wrong = {"code_word": "grey heron", "phone": PHONE}
    unknown = {"code_word": "grey heron", "phone": "07700 900999"}

    answers = [
        (await client.post("/v1/arrivals", json={"called": "R", **more})).json()
        for more in ({"recognise": wrong}, {"recognise": unknown}, {"birth_date": "1970-09-11"}, {})
    ]

    assert str(person) not in {answer["person"] for answer in answers}
    assert len({answer["person"] for answer in answers}) == 4
    assert len({tuple(answer) for answer in answers}) == 1
    assert len({answer["lead"] for answer in answers}) == 1
    assert not place.pathway.held_again


async def test_too_many_wrong_code_words_make_the_right_one_a_stranger_s_without_a_word__s2(place):
    person = await a_known(place)
    guess = {"called": "R", "recognise": {"code_word": "grey heron", "phone": PHONE}}
    right = {"called": "R", "recognise": {"code_word": "blue heron", "phone": PHONE}}
    for _ in range(5):
        answer = await place.client(Role.PRACTITIONER).post("/v1/arrivals", json=guess)
        assert answer.status_code == 201

    answer = await place.client(Role.PRACTITIONER).post("/v1/arrivals", json=right)

    assert answer.status_code == 201
    assert answer.json()["person"] != str(person)


async def test_a_supporter_who_is_known_to_them_vouches_and_another_gets_a_stranger_s_answer__s2(place):
    person = await a_known(place)
    group, others = place.community.join(), place.community.join()
    place.consent.open(person, group)
    body = {"called": "R", "recognise": {"person": str(person)}}

    vouched = await place.client(Role.PEER_SUPPORTER, group).post("/v1/arrivals", json=body)
    stranger = await place.client(Role.PEER_SUPPORTER, others).post("/v1/arrivals", json=body)
    nobody = await place.client().post("/v1/arrivals", json=body)

    assert vouched.json()["person"] == str(person)
    assert stranger.json()["person"] != str(person)
    assert nobody.json()["person"] != str(person)
    assert (stranger.status_code, nobody.status_code) == (201, 201)
    assert place.pathway.held_again == [(person, group)]


async def test_an_arrival_says_who_reads_it_by_when_and_how_to_have_somebody_now__p10(place):
    said = (await place.client().post("/v1/arrivals", json={"called": "R"})).json()

    assert said["read_by"]["organisation"] == str(place.community.the_backstop)
    assert said["by_when"]["code"] == "answered-by"
    assert said["by_when"]["at"] > said["at"]
    assert said["i_need_someone_now"]["post"] == f"/v1/people/{said['person']}/asks"
    assert {each["number"] for each in said["i_need_someone_now"]["ring"]} >= {"999", "111"}


async def test_the_same_request_again_arrives_once(place):
    client = place.client(Role.PRACTITIONER)
    headers = {"X-Request-ID": str(new_id())}
    first, again = [await client.post("/v1/arrivals", json={"called": "R"}, headers=headers) for _ in range(2)]

    assert first.json() == again.json()
    assert len(await place.place.journal("intake")) == 1
    other = await client.post("/v1/arrivals", json={"called": "S"}, headers=headers)
    assert other.status_code == 422


async def test_no_identifier_lies_open_in_what_finds_a_record(place):
    await a_known(place)
    rows = await place.place.rows(KNOWN_BY)
    (person,) = await place.place.rows(PERSON)

    assert {row["kind"] for row in rows} == {"nhs-number", "phone", "email"}
    assert all(b"9434765919" not in row["key"] and b"7700" not in row["key"] for row in rows)
    assert b"9434765919" not in person["nhs_number"]
    assert (place.place.system.kit.settings.data / "intake.key").stat().st_mode & 0o777 == 0o600


async def test_arrivals_are_read_with_a_permit_only__c3(place):
    person = await a_known(place)
    stranger = await place.client(Role.PRACTITIONER).get(f"/v1/people/{person}/arrivals")
    known = await place.known(person, Part.JOURNEY).get(f"/v1/people/{person}/arrivals")

    assert stranger.status_code == 404
    assert [each["door"] for each in known.json()["items"]] == ["self"]


async def test_a_miss_runs_the_statements_of_a_wrong_code_word__c4(place):
    await a_known(place)
    ran: list[list[str]] = []
    for phone in (PHONE, "07700 900999"):
        said: list[str] = []
        place.place.watch(lambda prefix, text, said=said: said.append(text.split(" IN ")[0]))
        body = {"called": "R", "recognise": {"code_word": "grey heron", "phone": phone}}
        assert (await place.client(Role.PRACTITIONER).post("/v1/arrivals", json=body)).status_code == 201
        ran.append(said)

    assert ran[0] == ran[1]


async def test_a_bare_arrival_takes_six_statements(place):
    ran: list[str] = []
    place.place.watch(lambda prefix, text: ran.append(text))

    headers = {"X-Request-ID": str(new_id())}
    await place.client(Role.PRACTITIONER).post("/v1/arrivals", json={"called": "R"}, headers=headers)

    assert len(ran) <= 6


async def test_a_birth_date_that_can_t_be_is_turned_back(place):
    for date in ("2999-01-01", "1889-12-31", "2001-02-30"):
        answer = await place.client().post("/v1/arrivals", json={"called": "R", "birth_date": date})
        assert (answer.status_code, answer.json()["fields"]) == (422, ["birth_date"])


async def test_one_way_of_being_known_at_a_time_is_taken__s2(place):
    for recognise in (
        {},
        {"code_word": "blue heron"},
        {"phone": PHONE},
        {"code_word": "blue heron", "phone": PHONE, "email": "r@example.org"},
        {"person": str(new_id()), "code_word": "blue heron"},
        {"person": str(new_id()), "phone": PHONE},
    ):
        answer = await place.client().post("/v1/arrivals", json={"called": "R", "recognise": recognise})
        assert answer.status_code == 422


async def test_nobody_is_held_by_an_arrival_that_is_turned_back(place):
    person = await a_known(place)
    door = place.client(Role.PRACTITIONER)
    known = {"called": "R", "recognise": {"code_word": "blue heron", "phone": PHONE}}
    for wrong in (
        {"passages": [{"heading": "what-happened", "words": "x", "how": "self"}]},
        {"needs": [{"kind": "social", "words": "x", "how": "self"}]},
        {"circle": [{"called": "Mum", "ways": {"phone": "1"}}]},
        {"chosen_holder": str(new_id())},
        {"at": str(new_id())},
    ):
        assert (await door.post("/v1/arrivals", json=known | wrong)).status_code in {404, 422}

    assert not place.pathway.held_again
    assert (await place.place.types("intake", person)).count("intake.arrived") == 1
