"""Bad input gets an error of the catalogue: never a 500, never an echo, nothing half written."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from shared.event import Role
from shared.ids import new_id
from tests.support.intake_doubles import an_intake

MARK = "ZQXZQX"
LONG, LONE_SURROGATE = MARK * 5_000, "\ud83d"
JUNK: tuple[Any, ...] = (None, MARK, f"{MARK}\x00", "", " ", LONG, LONE_SURROGATE, 10**30, -1, 1.5, True)
JUNK = (*JUNK, [], [MARK], {}, {MARK: MARK})
KIND = {"Content-Type": "application/json"}
WAYS = {"phone": "07700 900123", "email": "r@example.org", "ways": [{"how": "text", "from_hour": 9, "to_hour": 17}]}
REACH = WAYS | {"language": "en", "interpreter": "none", "code_word": "blue heron", "never_voicemail": True}
PASSAGE = {"heading": "what-happened", "words": "It rained.", "language": "en", "how": "self"}
NEED = {"kind": "social", "words": "Company", "matters": "most", "codes": [{"system": "s", "code": "c"}]}
ENTRY = {"called": "Mum", "kind": "family", "may": ["be-rung"], "ways": WAYS}
BODIES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "arrivals": (
        "POST",
        "/v1/arrivals",
        {
            "called": "R",
            "door": "self",
            "nhs_number": "9434765919",
            "birth_date": "1990-02-01",
            "recognise": {"code_word": "grey heron", "phone": "07700 900123"},
            "reach": REACH,
            "ring_if_quiet": [ENTRY],
            "needs": [NEED],
            "passages": [PASSAGE],
        },
    ),
    "stories": ("POST", "/v1/people/{person}/stories", {"passages": [PASSAGE]}),
    "versions": ("POST", "/v1/people/{person}/stories/{story}/versions", {"passages": [PASSAGE | {"why": "so"}]}),
    "told-again": ("POST", "/v1/people/{person}/told-again", {"organisation": str(new_id())}),
    "needs": ("POST", "/v1/people/{person}/needs", NEED),
    "reach": ("PUT", "/v1/people/{person}/reach", REACH),
    "circle": ("POST", "/v1/people/{person}/circle", ENTRY | {"if_quiet": True, "note": "at night"}),
    "ringing": ("PUT", "/v1/people/{person}/circle/ringing", {"entries": [str(new_id())]}),
    "ties": ("POST", "/v1/people/{person}/circle/ties", {"code": "made-up"}),
    "texts": ("POST", "/v1/texts", {"from": "07700 900123", "words": "I need you"}),
}


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield at
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield from places(inner, (*at, step))


def spoilt(body: dict[str, Any]) -> Iterator[Any]:
    """Put each piece of junk in the place of each value, and a key that nobody knows beside each."""
    for at in places(body):
        for junk in JUNK:
            made: Any = [copy.deepcopy(body)]
            holder, last = made, 0
            for step in at:
                holder, last = holder[last], step
            holder[last] = junk
            yield made[0]
    yield body | {MARK: 1}


@pytest.fixture
async def place(tmp_path):
    async with an_intake(tmp_path) as made:
        yield made


@pytest.fixture(autouse=True)
def quick_code_words(monkeypatch):
    """Hash code words quickly: how slowly is tried elsewhere."""
    monkeypatch.setitem(__import__("services.intake.keys", fromlist=["_SCRYPT"])._SCRYPT, "n", 2)


@pytest.mark.parametrize("name", BODIES)
async def test_a_spoilt_body_is_an_error_of_the_catalogue_and_nothing_is_written(place, name):
    method, path, body = BODIES[name]
    person = await place.arrive()
    me = place.of(person)
    story = (await me.post(f"/v1/people/{person}/stories", json={"passages": [PASSAGE]})).json()["story"]
    caller = place.client(Role.SYSTEM, scopes=frozenset({"texts"})) if name == "texts" else me
    if name == "arrivals":
        caller = place.client()
    path = path.format(person=person, story=story)

    for each in spoilt(body):
        before = len(await place.place.journal("intake"))
        answer = await caller.request(method, path, content=json.dumps(each).encode(), headers=KIND)
        assert answer.status_code < 500, (each, answer.text)
        assert MARK not in answer.text
        if answer.status_code >= 400:
            assert set(answer.json()) >= {"code", "title", "who_must_act"}
            assert len(await place.place.journal("intake")) == before


async def test_what_is_not_one_json_object_is_turned_back(place):
    person = await place.arrive()
    path, me = f"/v1/people/{person}/needs", place.of(person)
    kind = {"Content-Type": "application/json"}
    for content, headers, status in (
        (b'{"kind": "social", "kind": "clinical", "words": "x"}', kind, 400),
        (b'{"kind": "social", "words": NaN}', kind, 400),
        (b"\xff", kind, 400),
        (b"[" * 5_000, kind, 400),
        (b"kind=social", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        (b"[]", kind, 422),
    ):
        answer = await me.post(path, content=content, headers=headers)
        assert answer.status_code == status


async def test_ids_marks_and_cursors_that_can_t_be_are_turned_back(place):
    person = await place.arrive()
    me = place.of(person)
    for path in (
        "/v1/people/not-an-id",
        f"/v1/people/{person}/stories?cursor={MARK}",
        f"/v1/people/{person}/stories?cursor=OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5",
        f"/v1/people/{person}/needs?limit=0",
        f"/v1/people/{person}/needs?limit=101",
    ):
        answer = await me.get(path)
        assert answer.status_code == 422
        assert MARK not in answer.text
    answer = await me.put(f"/v1/people/{person}/reach", json={}, headers={"If-Match": MARK})
    assert answer.status_code == 412
