"""Pages are those of a world without what may not be seen: title, text, order, length and all (C4, S4)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from services.portal.app import books
from shared.event import Part, Role
from shared.ids import new_id
from tests.support.browser import Browser
from tests.support.place import person_pass
from tests.support.twins import told_apart
from tests.support.whole_place import WholePlace, whole_place

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import httpx2

SECRET = {"heading": "what-happened", "words": "What Mo did."}
MATTERS = {"heading": "what-matters-most", "words": "My dog."}
PLAN = {
    "lines": [{"heading": "services", "words": "The night line."}], "co_produced": True, "kind": "safety",
}  # fmt: skip
ABOUT_SOMEBODY = [
    page.path.replace("{person:uuid}", "{}")
    for book in books()
    for page in book.pages
    if "{person:uuid}" in page.path and page.path.count("{") == 1
]
OF_A_GROUP = ["/beside", "/beside/alongside", "/beside/held", "/work"]


@dataclass
class World:
    """A place with somebody in it, as a supporter of a group sees it by pages."""

    whole: WholePlace
    person: UUID

    async def says(self, path: str, body: Any) -> dict[str, Any]:
        """Have the person do something."""
        async with self.whole.place.client(person_pass(self.person)) as me:
            said = await me.post(path, json=body)
        assert said.status_code in {200, 201}, said.text
        found: dict[str, Any] = said.json()
        return found

    async def lets_see(self, *parts: Part) -> str:
        body = {"who": {"organisation": str(self.whole.group.id)}, "what": list(parts), "permit": True}
        return str((await self.says(f"/v1/people/{self.person}/choices", body))["choice"])

    async def tells(self, *passages: dict[str, str]) -> str:
        return str((await self.says(f"/v1/people/{self.person}/stories", {"passages": passages}))["story"])


async def seen(world: World, person: UUID | None = None) -> Sequence[httpx2.Response]:
    """Give every page that a supporter can open about somebody, and those of their group."""
    browser = Browser(world.whole.place, world.whole.group.by)
    await browser.open("/beside/me")
    paths = [path.format(person or world.person) for path in ABOUT_SOMEBODY] + OF_A_GROUP
    answers = [await browser.http.get(path) for path in paths]
    assert {each.status_code for each in answers} <= {200, 303, 404}
    return answers


async def kept_from_them(world: World, *, is_there: bool) -> None:
    """One passage more in one world, withheld from the group."""
    await world.lets_see(Part.NAME, Part.STORY, Part.JOURNEY)
    story = await world.tells(MATTERS)
    if is_there:
        more = await world.says(f"/v1/people/{world.person}/stories/{story}/versions", {"passages": [SECRET]})
        assert more
        async with world.whole.place.client(person_pass(world.person)) as me:
            told = (await me.get(f"/v1/people/{world.person}/stories/{story}")).json()
        secret = next(each["passage"] for each in told["passages"] if each["words"] == SECRET["words"])
        body = {"passage": secret, "from": {"organisation": str(world.whole.group.id)}}
        await world.says(f"/v1/people/{world.person}/withholdings", body)


async def not_opened_to_them(world: World, *, is_there: bool) -> None:
    """A plan and a circle in one world, neither of them opened to the group."""
    await world.lets_see(Part.NAME, Part.STORY)
    await world.tells(MATTERS)
    if is_there:
        await world.says(f"/v1/people/{world.person}/plans", PLAN)
        await world.says(f"/v1/people/{world.person}/circle", {"called": "Jo", "kind": "family"})
        await world.says(f"/v1/people/{world.person}/needs", {"kind": "social", "words": "Company."})


async def nothing_opened(world: World, *, is_there: bool) -> None:
    """Somebody who told much in one world and nothing in the other, and opened nothing to the group."""
    if is_there:
        await world.tells(MATTERS, SECRET)
        await world.says(f"/v1/people/{world.person}/plans", PLAN)


Makes = Callable[..., Awaitable[None]]


async def twins(held: AsyncExitStack, folder: Path, makes: Makes) -> list[World]:
    """Build a world with what is hidden and one without."""
    return [await a_world(held, folder / name, makes, is_there=name == "with") for name in ("with", "without")]


async def a_world(held: AsyncExitStack, folder: Path, makes: Makes, *, is_there: bool) -> World:
    whole = await held.enter_async_context(whole_place(folder))
    came = await whole.place.client().post("/v1/arrivals", json={"called": "Kit"})
    world = World(whole, UUID(came.json()["person"]))
    await makes(world, is_there=is_there)
    await whole.place.settle()
    return world


@pytest.mark.parametrize("makes", [kept_from_them, not_opened_to_them, nothing_opened])
async def test_no_page_tells_a_world_from_one_without_what_is_hidden(tmp_path: Path, makes: Makes) -> None:
    async with AsyncExitStack() as held:
        assert not await told_apart(await twins(held, tmp_path, makes), seen)


async def test_the_twins_see_what_a_page_shows(tmp_path: Path) -> None:
    """The check bites: one passage more that is not kept from them is seen at once."""

    async def shown(world: World, *, is_there: bool) -> None:
        await world.lets_see(Part.NAME, Part.STORY)
        await world.tells(MATTERS, *([SECRET] if is_there else []))

    async with AsyncExitStack() as held:
        assert await told_apart(await twins(held, tmp_path, shown), seen)


async def test_who_opened_nothing_is_as_nobody(tmp_path: Path) -> None:
    """A page of somebody who opened nothing, and of nobody at all, are one."""
    async with AsyncExitStack() as held:
        world = await a_world(held, tmp_path, nothing_opened, is_there=True)
        browser = Browser(world.whole.place, world.whole.group.by)
        await browser.open("/beside/me")
        for path in ABOUT_SOMEBODY:
            known, unknown = [await browser.http.get(path.format(each)) for each in (world.person, new_id())]
            assert (known.status_code, known.text) == (unknown.status_code, unknown.text), path
            assert known.status_code == 404


def test_every_page_about_somebody_is_for_supporters() -> None:
    """What the twins look at is all there is."""
    roles = {
        role for book in books() for page in book.pages if "{person:uuid}" in page.path for role in page.roles
    }  # fmt: skip
    assert roles <= {Role.PEER_SUPPORTER, Role.CARER, Role.PRACTITIONER, Role.DUTY}
    assert len(ABOUT_SOMEBODY) > 10
