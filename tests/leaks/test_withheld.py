"""A passage that is withheld is as one that was never told: twin worlds, and what leaves by itself (S4, C4)."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from shared.event import Part
from shared.ids import new_id
from tests.leaks.test_twins import seen_by
from tests.support.notify_servers import Script, receiving, reply
from tests.support.place import person_pass
from tests.support.twins import Alike, told_apart
from tests.support.whole_place import WholePlace, whole_place

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    import httpx2

    from shared.passes import Pass

SECRET = {"heading": "what-happened", "words": "What Mo did."}
KEPT = {"heading": "my-wellness", "words": "Walks help."}
MATTERS = {"heading": "what-matters-most", "words": "My dog."}


@dataclass
class World:
    """A whole place with a person who tells more in one world than in the other, and withholds what is more."""

    whole: WholePlace
    person: UUID
    peer: Pass

    @property
    def me(self) -> httpx2.AsyncClient:
        return self.whole.place.client(person_pass(self.person))

    @property
    def stories(self) -> str:
        return f"/v1/people/{self.person}/stories"

    async def says(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        said = await self.me.post(path, json=body)
        assert said.status_code == 201, said.text
        found: dict[str, Any] = said.json()
        return found

    async def tells(self, *passages: dict[str, str]) -> str:
        return str((await self.says(self.stories, {"passages": passages}))["story"])

    async def adds(self, story: str, *passages: dict[str, str]) -> None:
        await self.says(f"{self.stories}/{story}/versions", {"passages": passages})

    async def passages(self) -> dict[str, list[str]]:
        """Give the ids of the person's passages, by their words."""
        found: dict[str, list[str]] = {}
        for story in (await self.me.get(self.stories)).json()["items"]:
            for each in story["passages"]:
                found.setdefault(each["words"], []).append(each["passage"])
        return found

    async def withholds(self, who: dict[str, Any]) -> None:
        """Withhold every passage with the secret's words."""
        for passage in (await self.passages())[SECRET["words"]]:
            await self.says(f"/v1/people/{self.person}/withholdings", {"passage": passage, "from": who})


@asynccontextmanager
async def a_world(folder: Path, *, secret: bool) -> AsyncIterator[World]:
    """Build one. Where there is a secret: a story is nothing else, one is told with it, one grows by it and corrects
    it; the same stories are told in the other world without it.
    """
    async with whole_place(folder) as whole:
        came = (await whole.place.client().post("/v1/arrivals", json={"called": "Q"})).json()["person"]
        here = World(whole, UUID(came), whole.group.by)
        more = [SECRET] if secret else []
        for each in more:
            await here.tells(each)
        first = await here.tells(MATTERS)
        await here.tells(*more, KEPT, *more)
        for each in more:
            await here.adds(first, each)
            wrong = (await here.me.get(f"{here.stories}/{first}")).json()["passages"][-1]["passage"]
            await here.adds(first, each | {"passage": wrong, "why": "Not so."})
        await here.adds(first, KEPT)
        choice = {"who": {"organisation": str(whole.group.id)}, "permit": True, "what": ["story", "journey", "name"]}
        await here.says(f"/v1/people/{here.person}/choices", choice)
        await whole.place.settle()
        yield here


@pytest.fixture
async def worlds(tmp_path: Path):
    async with a_world(tmp_path / "one", secret=True) as one, a_world(tmp_path / "other", secret=False) as other:
        yield one, other


async def every_story(here: World, by: Pass) -> list[httpx2.Response]:
    """Read all that can be read, page by page, correct and add, and read again."""
    client = here.whole.place.client(by)
    answers: list[httpx2.Response] = [await client.get(here.stories)]
    theirs = [(each["story"], each["passages"]) for each in answers[0].json()["items"]]
    after: dict[str, str] = {}
    for _ in range(len(theirs) + 2):
        answers.append(await client.get(here.stories, params={"limit": "1"} | after))
        after = {"cursor": answers[-1].json()["next"]} if "next" in answers[-1].json() else {}
    for story, passages in theirs:
        path = f"{here.stories}/{story}"
        answers += [one := await client.get(path), await client.get(f"{path}/versions", params={"limit": 1})]
        for passage in [each["passage"] for each in passages]:
            change = {"passage": passage, "words": "Theirs.", "why": "Ours differs."}
            answers.append(await client.post(f"{path}/versions", json={"passages": [change]}))
        body = {"passages": [KEPT | {"words": "Company helps."}]}
        answers.append(await client.post(f"{path}/versions", json=body, headers={"If-Match": one.headers["etag"]}))
        answers += [await client.get(path), await client.get(f"{path}/versions")]
    return [*answers, await client.get(f"/v1/people/{here.person}/timeline")]


WHOM: dict[str, Callable[[World], dict[str, Any]]] = {
    "organisation": lambda here: {"organisation": str(here.whole.group.id)},
    "role": lambda here: {"role": here.peer.role.value},
    "member": lambda here: {"member": str(here.peer.member)},
}


@pytest.mark.parametrize("who", WHOM)
async def test_a_withheld_passage_is_as_one_that_was_never_told_over_every_story_route__s4_c4(
    worlds: Sequence[World], who: str
) -> None:
    one, _ = worlds

    async def asks(here: World) -> list[httpx2.Response]:
        return [*await seen_by(here.whole, here.peer), *await every_story(here, here.peer)]

    assert SECRET["words"] in (await one.whole.place.client(one.peer).get(one.stories)).text, "it would be seen"
    await one.withholds(WHOM[who](one))
    assert await told_apart(worlds, asks) == []
    assert SECRET["words"] not in "".join(each.text for each in await every_story(one, one.peer))
    assert SECRET["words"] in (await one.me.get(one.stories)).text


async def test_the_instants_of_a_story_are_those_of_a_world_without_what_is_withheld__s4_c4(
    worlds: Sequence[World],
) -> None:
    """Twins blank out times: here a time that says when something withheld was told is looked for."""
    one, _ = worlds
    begins = await one.tells(SECRET)
    await one.tells(KEPT)
    await one.adds(begins, KEPT)
    await one.whole.place.settle()
    whole = (await one.me.get(one.stories)).json()["items"]
    seen = {p["at"] for story in whole for p in story["passages"] if p["words"] != SECRET["words"]}
    told = {p["at"] for story in whole for p in story["passages"]} - seen
    await one.withholds(WHOM["organisation"](one))
    client = one.whole.place.client(one.peer)
    theirs = (await client.get(one.stories)).json()["items"]
    for story in theirs:
        assert story["told_at"] == min(each["at"] for each in story["passages"])
        versions = (await client.get(f"{one.stories}/{story['story']}/versions")).json()["items"]
        assert [each["version"] for each in versions] == [*range(1, len(versions) + 1)]
    assert [each["told_at"] for each in theirs] == sorted(each["told_at"] for each in theirs)
    assert [each["story"] for each in theirs][-1] == begins
    timeline = (await client.get(f"/v1/people/{one.person}/timeline")).json()["items"]
    assert len(told) > 2
    assert not told & {each["at"] for each in timeline}
    assert [each["number"] for each in timeline] == [*range(1, len(timeline) + 1)]


async def test_a_correction_of_a_withheld_passage_answers_as_of_one_that_there_is_not__s4_c4(
    worlds: Sequence[World],
) -> None:
    one, _ = worlds
    mine = (await one.me.get(one.stories)).json()["items"]
    withheld = [(s["story"], p["passage"]) for s in mine for p in s["passages"] if p["words"] == SECRET["words"]]
    await one.withholds(WHOM["role"](one))
    client = one.whole.place.client(one.peer)
    for story, passage in withheld:
        answers = []
        for each in (passage, new_id()):
            change = {"passage": str(each), "words": "x", "why": "y"}
            answers.append(await client.post(f"{one.stories}/{story}/versions", json={"passages": [change]}))
        assert {each.status_code for each in answers} == {404}
        assert Alike().answer(answers[0]) == Alike().answer(answers[1])


async def test_all_withheld_is_the_empty_story_and_bears_the_line__s4(tmp_path: Path) -> None:
    async with whole_place(tmp_path) as whole:
        here = World(whole, whole.r, whole.group.by)
        await whole.yes(whole.group.id, Part.STORY)
        for each in (p for ids in (await here.passages()).values() for p in ids):
            body = {"passage": each, "from": {"organisation": str(whole.group.id)}}
            await here.says(f"/v1/people/{whole.r}/withholdings", body)
        said = (await whole.place.client(here.peer).get(here.stories)).json()
    assert said == {"called": "R", "line": "People choose what to share; this may not be everything.", "items": []}


async def test_news_of_nothing_but_what_is_withheld_leaves_to_no_subscriber__s4_c7(tmp_path: Path) -> None:
    """Queued, then withheld, then let go: what tells of something else too leaves, and the rest leaves no gap."""
    async with whole_place(tmp_path) as whole, receiving(Script([reply(204)])) as script:
        here = World(whole, whole.r, whole.group.by)
        await whole.yes(whole.group.id, Part.STORY)
        system = whole.place.client(whole.system_of(whole.group))
        made = await system.post("/v1/subscriptions", json={"url": script.url(), "events": ["intake.story-told"]})
        await whole.place.settle()
        before = len(script.about(whole.r))
        paused = f"/v1/subscriptions/{made.json()['id']}"
        assert (await system.post(f"{paused}/pause")).status_code < 300
        for passages in ([SECRET], [SECRET, KEPT], [SECRET], [KEPT]):
            await here.tells(*passages)
        await whole.place.settle()
        await here.withholds(WHOM["organisation"](here))
        assert (await system.post(f"{paused}/resume")).status_code < 300
        await whole.place.settle()
        orders = [each["order"] for each in script.about(whole.r)]
    assert orders == [*range(1, before + 3)]
