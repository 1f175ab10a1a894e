"""The rulebook in force: signed, once, named by every event; a new one without a restart (M6)."""

from pathlib import Path

import pytest

from services.community.rulebook import signing
from services.community.rulebook.domain import RulebookUnsignedError
from shared.events.community import PLACE
from tests.support.place import Place, a_place
from tests.support.setting_up import a_group

COMMUNITY = ("community",)
IN_FORCE = "community.rulebook-in-force"


def new_version(folder: Path, number: int, *changes: tuple[str, str]) -> None:
    text = signing.default().text.decode().replace("version = 1", f"version = {number}")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    (folder / signing.RULEBOOK).write_text(text)


def sign(folder: Path) -> None:
    signing.sign_file(folder, signing.make_keys(folder))


async def in_force(place: Place) -> list[int]:
    return [e.data["in_force"] for e in await place.journal("community", PLACE) if e.type == IN_FORCE]


async def test_the_default_comes_into_force_once_however_often_a_place_starts__m6(tmp_path: Path) -> None:
    for _ in range(2):
        async with a_place(tmp_path, COMMUNITY) as place:
            await place.settle()
            assert await in_force(place) == [1]
            shown = (await place.client().get("/v1/rulebook")).json()
            assert (shown["version"], shown["signed_by"]) == (1, None)
            assert shown["in_force_since"] is not None


async def test_a_signed_rulebook_is_in_force_and_every_event_names_it__m6(tmp_path: Path) -> None:
    new_version(tmp_path, 4, ("after_hours = 72", "after_hours = 48"))
    sign(tmp_path)
    async with a_place(tmp_path, COMMUNITY) as place:
        await place.settle()
        await a_group(place)
        assert {event.rulebook for event in await place.journal("community")} == {4}
        shown = (await place.client().get("/v1/rulebook")).json()
        assert shown["drift"]["after_hours"] == 48
        assert shown["signed_by"]
        assert place.system.kit.ports.community.rulebook().drift_after.total_seconds() == 48 * 3600


async def test_a_place_does_not_begin_with_a_rulebook_that_nobody_signed__m6(tmp_path: Path) -> None:
    new_version(tmp_path, 2)
    with pytest.raises(RulebookUnsignedError):
        async with a_place(tmp_path, COMMUNITY):
            pass


async def test_a_new_version_comes_into_force_when_it_is_signed_not_before__m6(tmp_path: Path) -> None:
    sign(tmp_path)
    async with a_place(tmp_path, COMMUNITY) as place:
        await place.settle()
        new_version(tmp_path, 2, ("after_hours = 72", "after_hours = 24"))
        await place.settle()
        assert await in_force(place) == [1]
        assert place.system.kit.ports.community.rulebook().version == 1
        sign(tmp_path)
        await place.settle()
        assert await in_force(place) == [1, 2]
        assert place.system.kit.ports.community.rulebook().drift_after.total_seconds() == 24 * 3600
        group = await a_group(place)
        assert {event.rulebook for event in await place.journal("community", group.id)} == {2}


async def test_an_older_number_and_a_changed_text_under_a_used_number_change_nothing__m6(tmp_path: Path) -> None:
    new_version(tmp_path, 3, ("after_hours = 72", "after_hours = 48"))
    sign(tmp_path)
    async with a_place(tmp_path, COMMUNITY) as place:
        await place.settle()
        for number in (2, 3):
            new_version(tmp_path, number, ("after_hours = 72", "after_hours = 71"))
            sign(tmp_path)
            await place.settle()
            assert place.system.kit.ports.community.rulebook().drift_after.total_seconds() == 48 * 3600
        assert await in_force(place) == [3]
    new_version(tmp_path, 2)
    sign(tmp_path)
    async with a_place(tmp_path, COMMUNITY) as place:
        await place.settle()
        assert place.system.kit.ports.community.rulebook().version == 3
