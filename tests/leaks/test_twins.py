"""What one may not see one can't detect: twin worlds, with and without the hidden thing (C4)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from shared.event import Part, Role
from shared.ids import new_id
from shared.passes import Purpose
from tests.support.place import a_pass, person_pass
from tests.support.twins import Alike, told_apart
from tests.support.whole_place import WholePlace, whole_place

if TYPE_CHECKING:
    from uuid import UUID

    import httpx2

    from shared.passes import Pass

ROLES = (Role.PEER_SUPPORTER, Role.CARER, Role.PRACTITIONER, Role.DUTY, Role.SYSTEM, Role.STEWARD, Role.PERSON)
ABOUT_A_PERSON = re.compile(r"^/v1/people/\{person[^}]*\}")


@pytest.fixture
async def worlds(tmp_path: Path):
    async with whole_place(tmp_path / "one") as one, whole_place(tmp_path / "other") as other:
        yield one, other


def routes_about(here: WholePlace) -> list[tuple[str, str]]:
    """Give method and path of every route about a person."""
    paths = here.place.system.app.openapi()["paths"]
    return [(method.upper(), path) for path, each in paths.items() for method in each if ABOUT_A_PERSON.match(path)]


def filled(path: str, person: UUID, here: WholePlace) -> str:
    """Name a person in a path, and R's story, or nothing that there is, in the rest of it."""
    path = ABOUT_A_PERSON.sub(f"/v1/people/{person}", path).replace("{story}", str(here.story))
    return re.sub(r"\{[^}]+\}", str(here.story), path)


async def asked_of_every_route(here: WholePlace, by: Pass, person: UUID) -> list[httpx2.Response]:
    """Ask everything that can be asked about somebody; bodies are empty objects."""
    client = here.place.client(by)
    return [
        await client.request(method, filled(path, person, here), json={} if method in {"POST", "PUT"} else None)
        for method, path in routes_about(here)
    ]


async def test_whoever_sees_nothing_of_a_person_can_not_tell_that_there_is_one__c4(tmp_path: Path) -> None:
    async with whole_place(tmp_path) as here:
        assert len(routes_about(here)) > 20
        for role in ROLES:
            stranger = a_pass(role, organisation=here.house.id, scopes=frozenset({"read", "write"}))
            by = person_pass(new_id()) if role is Role.PERSON else stranger
            theirs = await asked_of_every_route(here, by, here.r)
            nobodys = await asked_of_every_route(here, by, new_id())
            for route, one, other in zip(routes_about(here), theirs, nobodys, strict=True):
                assert Alike().answer(one) == Alike().answer(other), (role, route)
                assert one.status_code in {401, 403, 404, 415, 422, 428}, (role, route)


async def seen_by(here: WholePlace, by: Pass) -> list[httpx2.Response]:
    """Read everything that can be read about R, twice, so that a trace of reading would show."""
    client = here.place.client(by)
    paths = [filled(path, here.r, here) for method, path in routes_about(here) if method == "GET"]
    return [await client.get(path) for path in (*paths, *paths)]


async def test_a_choice_for_somebody_else_can_not_be_told_by_a_reader__c4(worlds) -> None:
    for here in worlds:
        await here.yes(here.group.id, Part.STORY, Part.JOURNEY, Part.NAME)
    one = worlds[0]
    await one.yes(one.house.id, *Part)
    no = {"who": {"role": "practitioner"}, "permit": False}
    assert (await one.me.post(f"/v1/people/{one.r}/choices", json=no)).status_code == 201
    assert (await one.house.http.get(f"/v1/people/{one.r}/stories")).status_code == 404
    for here in worlds:
        await here.place.settle()
    assert await told_apart(worlds, lambda here: seen_by(here, here.group.by)) == []


async def test_a_hidden_contact_can_not_tell_that_they_are_hidden__s6(worlds) -> None:
    """In one world R hides a peer whose group sees all; in the other nothing was ever shared with that group."""
    one, _ = worlds
    await one.yes(one.group.id, *Part)
    hide = {"who": {"member": str(one.group.by.member)}, "permit": False, "hide": True}
    assert (await one.me.post(f"/v1/people/{one.r}/choices", json=hide)).status_code == 201
    for here in worlds:
        await here.place.settle()
    assert await told_apart(worlds, lambda here: seen_by(here, here.group.by)) == []


async def test_taken_back_is_as_never_given_and_another_purpose_sees_nothing__c4(worlds) -> None:
    one, _ = worlds
    choice = await one.yes(one.group.id, *Part)
    assert await told_apart(worlds, lambda here: seen_by(here, here.group.by)) != [], "a leak would not be seen"

    async def for_research(here: WholePlace) -> list[httpx2.Response]:
        by = a_pass(Role.PRACTITIONER, organisation=here.group.id, purpose=Purpose.RESEARCH)
        return await seen_by(here, by)

    assert await told_apart(worlds, for_research) == []
    await one.withdraw(choice)
    for here in worlds:
        await here.place.settle()
    assert await told_apart(worlds, lambda here: seen_by(here, here.group.by)) == []


async def test_whose_warning_signs_show_tells_nothing_of_a_plan_that_one_may_not_see__c4_p9(worlds) -> None:
    """In one world a plan is in force and the signs are its lines; a group alongside sees the journey alone."""
    lines: dict[int, str] = {}
    for here in worlds:
        await here.yes(here.group.id, Part.JOURNEY, Part.NAME)
        assert (await here.group.http.post(f"/v1/people/{here.r}/alongside", json={})).is_success
        lines[id(here)] = str(new_id())
    one = worlds[0]
    draft = {"lines": [{"heading": "warning-signs", "words": "Post unopened."}], "co_produced": True}
    plan = (await one.me.post(f"/v1/people/{one.r}/plans", json=draft)).json()["plan"]
    agreed = await one.me.post(f"/v1/plans/{plan}/agreement", json={"revision": 1, "agreed": True})
    assert agreed.status_code == 201, agreed.text
    lines[id(one)] = (await one.me.get(f"/v1/plans/{plan}")).json()["lines"][0]["id"]

    async def says_so(here: WholePlace) -> list[httpx2.Response]:
        path, said = f"/v1/people/{here.r}/warning-signs", {"line": lines[id(here)]}
        by_r = await here.me.post(path, json=said)
        assert (by_r.status_code, by_r.json()["line"] is not None) == (201, here is one)
        by_them = await here.group.http.post(path, json=said)
        await here.place.settle()
        return [by_them, *await seen_by(here, here.group.by)]

    assert await told_apart(worlds, says_so) == []
