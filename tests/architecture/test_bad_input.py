"""Bad input to every route that takes a body: one shape of error, no fault of ours, no echo, nothing written."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from shared.event import Role
from shared.passes import Pass
from tests.support.place import a_pass, person_pass
from tests.support.shapes import Shaped, shaped
from tests.support.whole_place import WholePlace, whole_place

pytestmark = pytest.mark.asyncio(loop_scope="module")
CANARY = "canary-4f1d-zebra"
SHAPE = {"type", "title", "status", "code", "who_must_act"}
OUR_WORDS = SHAPE | {"reasons", "fields", "facts", "request_id"}
SCOPES = frozenset({"read", "write", "subscriptions", "texts"})
JSON = {"content-type": "application/json"}
FIRST_CHOICE = (Role.PERSON, Role.STEWARD, Role.PRACTITIONER, Role.SYSTEM, Role.PEER_SUPPORTER, Role.DUTY, Role.ANYONE)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[WholePlace]:
    async with whole_place(tmp_path_factory.mktemp("bad")) as made:
        yield made


def caller(whole: WholePlace, shape: Shaped) -> Pass | None:
    """Give somebody whom the route lets in, so that it is the input that is turned back."""
    role = next((each for each in FIRST_CHOICE if each in (shape.roles or ())), Role.ANYONE)
    member = whole.house.by.member
    return {
        Role.ANYONE: None,
        Role.PERSON: person_pass(whole.r),
        Role.SYSTEM: a_pass(Role.SYSTEM, organisation=whole.house.id, scopes=SCOPES),
    }.get(role, Pass(role, whole.r, member=member, organisation=whole.house.id))


def bad_bodies(good: dict[str, Any]) -> Iterator[tuple[str, bytes, dict[str, str], set[int]]]:
    """Give each: what is wrong, the bytes, the headers, and the statuses that say so."""
    whole = json.dumps(good)
    inside = whole[1:-1]
    twice = f'{{"{CANARY}": 1, "{CANARY}": 2{", " + inside if inside else ""}}}'
    yield "not JSON", f'{{"{CANARY}": '.encode(), JSON, {400}
    yield "a key twice", twice.encode(), JSON, {400}
    yield "not UTF-8", b'{"x": "\xff\xfe' + CANARY.encode() + b'"}', JSON, {400}
    yield "half a surrogate", f'{{"{CANARY}": "\\ud800"}}'.encode(), JSON, {400}
    yield "no number", f'{{"{CANARY}": NaN}}'.encode(), JSON, {400}
    yield "too deep", b'{"a":' * 5_000 + b"1" + b"}" * 5_000, JSON, {400}
    yield "a list", f'["{CANARY}"]'.encode(), JSON, {422}
    yield "a word", f'"{CANARY}"'.encode(), JSON, {422}
    yield "null", b"null", JSON, {422, 409, 404}
    yield "another type", whole.encode(), {"content-type": f"text/{CANARY}"}, {415}
    yield "no type", whole.encode(), {}, {415}
    yield "an unknown field", json.dumps(good | {CANARY: CANARY}).encode(), JSON, {422}
    yield "too long", json.dumps(good | {"x": CANARY * 60_000}).encode(), JSON, {413}
    yield "a bad request id", whole.encode(), JSON | {"x-request-id": CANARY}, {422}
    yield "a bad correlation id", whole.encode(), JSON | {"x-correlation-id": CANARY}, {422}
    for name in good:
        for wrong in ({CANARY: [CANARY]}, [[CANARY]], CANARY * 2_000):
            yield f"{name}: {type(wrong).__name__}", json.dumps(good | {name: wrong}).encode(), JSON, {422, 409, 404}


def fault(answer: httpx2.Response, statuses: set[int]) -> str:
    """Say what is wrong with an answer to bad input; nothing when nothing is."""
    if answer.status_code not in statuses:
        return f"{answer.status_code} {answer.text[:120]}"
    told = answer.json()
    if "problem+json" not in answer.headers["content-type"] or not set(told) >= SHAPE or set(told) - OUR_WORDS:
        return f"another shape: {answer.text[:120]}"
    everything = answer.text + str(answer.headers)
    return "an echo" if CANARY in everything else ""


async def test_bad_bodies_get_the_one_shape_and_never_an_echo(whole: WholePlace) -> None:
    before = await _written(whole)
    wrong = []
    for shape in (each for each in shaped(whole.place.system.app) if each.body is not None):
        ids = {"person": whole.r, "organisation": whole.house.id, "story": whole.story}
        async with whole.place.client(caller(whole, shape)) as http:
            for what, body, headers, statuses in bad_bodies(shape.body or {}):
                answer = await http.request(shape.method, shape.filled(ids), content=body, headers=headers)
                if found := fault(answer, statuses):
                    wrong.append(f"{shape}, {what}: {found}")
    assert not wrong, "\n".join(wrong)
    assert await _written(whole) == before, "nothing half written"


async def _written(whole: WholePlace) -> int:
    await whole.place.settle()
    return sum([len(await whole.place.journal(name)) for name in whole.place.system.running])


@pytest.mark.parametrize("bad", [CANARY, "00000000", "%00", "..", "1' OR '1'='1", "é" * 40, CANARY * 200])
async def test_ids_that_are_no_ids_are_turned_back_everywhere(whole: WholePlace, bad: str) -> None:
    wrong = []
    for shape in (each for each in shaped(whole.place.system.app) if each.params and each.roles is not None):
        path = shape.filled(dict.fromkeys(shape.params, bad))
        async with whole.place.client(caller(whole, shape)) as http:
            answer = await http.request(shape.method, path, json=shape.body)
            if found := fault(answer, {404, 405, 415, 422}):
                wrong.append(f"{shape}: {found}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "query", [{"cursor": CANARY}, {"cursor": "WyJ4Il0"}, {"limit": "0"}, {"limit": "101"}, {"limit": CANARY}]
)
async def test_pages_that_are_no_pages_are_turned_back(whole: WholePlace, query: dict[str, str]) -> None:
    told = whole.place.system.app.openapi()
    wrong, asked = [], 0
    ids = {"person": whole.r, "organisation": whole.house.id, "story": whole.story}
    for shape in (each for each in shaped(whole.place.system.app) if each.method == "GET" and each.roles):
        known = {each["name"] for each in told["paths"][shape.path]["get"].get("parameters", ())}
        if not set(query) <= known:
            continue
        asked += 1
        async with whole.place.client(caller(whole, shape)) as http:
            if found := fault(await http.get(shape.filled(ids), params=query), {422, 404}):
                wrong.append(f"{shape}: {found}")
    assert not wrong, "\n".join(wrong)
    assert asked > 5


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
async def test_a_method_that_a_path_does_not_take_is_no_fault(whole: WholePlace, method: str) -> None:
    async with whole.place.client(whole.house.by) as http:
        answer = await http.request(method, "/v1/arrivals", content=CANARY.encode(), headers=JSON)
    assert not fault(answer, {404, 405, 415})


async def test_a_token_that_is_not_text_is_no_fault(whole: WholePlace) -> None:
    async with whole.place.client() as http:
        for token in ("", "x" * 9_000, "\xff\xfe", f"{CANARY} {CANARY}", "a.b.c"):
            header = {"authorization": b"Bearer " + token.encode("latin-1")}
            answer = await http.get("/v1/partners", headers=header)  # type: ignore[arg-type]
            assert not fault(answer, {401})
