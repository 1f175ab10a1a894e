"""What was withheld while a backup was already made is withheld again after the restore (S4, ADR 0019)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from shared.event import Part
from tests.component.test_recover import as_promised, gone_back, recovered, types
from tests.support.place import ENGINE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.whole_place import WholePlace

pytestmark = pytest.mark.skipif(ENGINE != "sqlite", reason="verify reads a file; PostgreSQL has tests of its own")


async def withholds(here: WholePlace) -> UUID:
    (story,) = (await here.me.get(f"/v1/people/{here.r}/stories")).json()["items"]
    body = {"passage": story["passages"][0]["passage"], "from": {"role": here.group.by.role.value}}
    said = await here.me.post(f"/v1/people/{here.r}/withholdings", json=body)
    assert said.status_code == 201, said.text
    return UUID(said.json()["withholding"])


async def test_what_was_withheld_since_is_withheld_again_from_the_same__s4(tmp_path: Path) -> None:
    async def lets_in(here: WholePlace) -> None:
        await here.yes(here.group.id, Part.STORY)

    async with gone_back(tmp_path, ("consent",), withholds, first=lets_in) as here:
        (found,) = (await recovered(here.place, "consent")).values()
        assert types(found) == {"consent.passage-withheld": True}
        (mine,) = (await here.me.get(f"/v1/people/{here.r}/withholdings")).json()["items"]
        assert (mine["state"], mine["from"]) == ("withheld", {"role": here.group.by.role.value})
        peer = here.place.client(here.group.by)
        assert (await peer.get(f"/v1/people/{here.r}/stories")).json()["items"] == []
        await as_promised(here)


async def test_what_was_given_back_since_stays_withheld_and_the_person_is_asked__s4(tmp_path: Path) -> None:
    one: list[UUID] = []

    async def first(here: WholePlace) -> None:
        one.append(await withholds(here))

    async def gives_back(here: WholePlace) -> None:
        assert (await here.me.delete(f"/v1/people/{here.r}/withholdings/{one[0]}")).status_code == 204

    async with gone_back(tmp_path, ("consent",), gives_back, first=first) as here:
        (found,) = (await recovered(here.place, "consent")).values()
        assert types(found) == {"consent.passage-given-back": False}
        (mine,) = (await here.me.get(f"/v1/people/{here.r}/withholdings")).json()["items"]
        assert mine["state"] == "withheld"


async def test_emergency_access_that_a_restore_forgot_stands_in_the_list_and_opens_nothing__c5(tmp_path: Path) -> None:
    async def uses_it(here: WholePlace) -> None:
        said = await here.house.http.post(f"/v1/people/{here.r}/emergency-access", json={"reason": "On the bridge."})
        assert said.status_code == 201, said.text

    async with gone_back(tmp_path, ("consent",), uses_it) as here:
        (found,) = (await recovered(here.place, "consent")).values()
        assert types(found) == {"consent.emergency-access-used": False}
        (use,) = (await here.me.get(f"/v1/people/{here.r}/emergency-access")).json()["items"]
        assert (use["reason"], use["until"]) == (None, use["at"])
        assert (await here.place.client(here.house.by).get(f"/v1/people/{here.r}/reach")).status_code == 404
        await as_promised(here)
