"""Reading a FHIR Patient into an arrival: what is taken, what is left out and said, and bad files."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.arrival.api import ArrivalBody
from services.intake.person.fhir import NHS_NUMBER, UK_CORE, NotAPersonError, arrival_of
from shared.errors import MalformedError

EXAMPLES = Path(__file__).parents[3].parent / "shared" / "data" / "ukcore-examples"
OURS = {
    "resourceType": "Patient",
    "id": "one",
    "identifier": [
        {"system": NHS_NUMBER, "value": "943 476 5919"},
        {"system": "https://trust.example/no", "value": "7"},
    ],
    "name": [
        {"use": "official", "family": "OKAFOR", "given": ["Ngozi", "Ada"]},
        {"use": "nickname", "given": ["Zi"]},
    ],
    "telecom": [
        {"system": "phone", "value": "0113 496 0000"},
        {"system": "phone", "value": "07700 900123", "use": "mobile"},
        {"system": "email", "value": "Zi@Example.org"},
    ],
    "birthDate": "1990-02",
    "gender": "female",
    "communication": [
        {"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "en", "display": "English"}]}},
        {
            "language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "ig", "display": "Igbo"}]},
            "preferred": True,
            "extension": [{"url": f"{UK_CORE}interpreterRequired", "valueBoolean": True}],
        },
    ],
    "extension": [
        {
            "url": f"{UK_CORE}ContactPreference",
            "extension": [
                {"url": "PreferredContactMethod", "valueCodeableConcept": {"coding": [{"code": "4"}]}},
                {"url": "PreferredContactTimes", "valueTiming": {"repeat": {"when": ["AFT", "EVE"]}}},
            ],
        }
    ],
    "contact": [
        {"relationship": [{"coding": [{"code": "FRND"}]}], "name": {"text": "Bea"}},
        {
            "extension": [{"url": f"{UK_CORE}ContactRank", "valuePositiveInt": 1}],
            "relationship": [{"coding": [{"code": "MTH"}]}],
            "name": {"given": ["Chi"], "family": "Okafor"},
            "telecom": [{"system": "phone", "value": "not one"}],
        },
    ],
}


def read(resource):
    found = arrival_of(json.dumps(resource).encode())
    ArrivalBody.model_validate(found.body)
    return found


def test_a_record_is_read_into_the_body_of_an_arrival__s1() -> None:
    found = read(OURS)

    assert found.body == {
        "called": "Zi",
        "nhs_number": "9434765919",
        "reach": {
            "phone": "+447700900123",
            "email": "zi@example.org",
            "ways": [
                {"how": "email", "from_hour": 12, "to_hour": 17},
                {"how": "email", "from_hour": 17, "to_hour": 21},
            ],
            "language": "ig",
            "interpreter": "Igbo",
            "communication": "Igbo; English",
        },
        "circle": [{"called": "Chi Okafor", "kind": "family"}, {"called": "Bea", "kind": "friend"}],
    }


def test_what_is_left_out_is_said_and_not_repeated() -> None:
    said = "\n".join(f"{each.path}: {each.says}" for each in read(OURS).remarks)

    for what in ("identifier", "telecom", "birthDate", "gender", "the phone can't be right"):
        assert what in said
    for value in ("1990", "0113", "not one", "female"):
        assert value not in said


def test_a_number_with_a_wrong_check_digit_is_left_out__s1() -> None:
    found = read(OURS | {"identifier": [{"system": NHS_NUMBER, "value": "9434765918"}]})

    assert "nhs_number" not in found.body
    assert any("check digit" in each.says for each in found.remarks)


def test_nobody_of_a_record_is_rung_unless_the_person_says_so__j9() -> None:
    assert "ring_if_quiet" not in read(OURS).body


def test_somebody_without_a_name_still_arrives__s1() -> None:
    assert read({"resourceType": "Patient"}).body == {"called": "Name not given"}


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'{"resourceType":"Patient","id":"a","id":"b"}', b"NaN"])
def test_a_file_that_is_not_clean_json_is_turned_back(content: bytes) -> None:
    with pytest.raises(MalformedError):
        arrival_of(content)


@pytest.mark.parametrize(
    ("resource", "place"),
    [
        ([], "resourceType"),
        ({"resourceType": "Observation"}, "resourceType"),
        ({"resourceType": "Patient", "name": "Robin"}, "name"),
        ({"resourceType": "Patient", "birthDate": "yesterday"}, "birthDate"),
        ({"resourceType": "Patient", "made_up": 1}, "made_up"),
    ],
)
def test_what_is_not_a_person_s_record_is_turned_back_by_the_element__s1(resource: object, place: str) -> None:
    with pytest.raises(NotAPersonError) as error:
        arrival_of(json.dumps(resource).encode())
    assert error.value.fields[0].startswith(place)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["url", "value", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@given(st.sampled_from([e for e in OURS if e != "resourceType"]), JSON)
def test_whatever_stands_in_an_element_the_answer_is_a_body_or_an_error_of_the_catalogue(element, value) -> None:
    with suppress(NotAPersonError, MalformedError):
        read(OURS | {element: value})


def test_the_example_of_the_uk_core_is_read() -> None:
    file = EXAMPLES / "UKCore-Patient-RichardSmith-Example.json"
    if not file.exists():
        pytest.skip("the UK Core examples are not beside this checkout")

    found = read(json.loads(file.read_text()))

    assert found.body["called"] == "Richard"
    assert found.body["nhs_number"] == "9912003888"
    assert found.body["reach"]["phone"] == "+441131231234"
    assert found.body["reach"]["communication"] == "British Sign Language, Makaton vocabulary"
    assert found.body["reach"]["ways"] == [{"how": "call", "from_hour": 6, "to_hour": 12}]
    assert [each["called"] for each in found.body["circle"]] == ["JACKSON Jane (Miss)"]
    assert any("dayOfWeek" in each.path for each in found.remarks)


def test_every_example_of_a_person_is_read() -> None:
    files = sorted(EXAMPLES.glob("UKCore-Patient-*.json"))
    if not files:
        pytest.skip("the UK Core examples are not beside this checkout")
    assert all(read(json.loads(file.read_text())).body["called"] for file in files)
