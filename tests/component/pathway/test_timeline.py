"""The timeline over HTTP: everything, in order, in plain words, as the reader may see it (J11, C4)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.event import Part
from shared.events.community import OrganisationJoined
from shared.events.consent import ConsentGiven
from shared.events.intake import StoryTold
from shared.ids import new_id
from shared.passes import Pass
from tests.support.foreign import Foreign
from tests.support.pathway_person import R
from tests.support.pathway_place import a_pathway


@pytest.fixture
async def r(tmp_path: Path) -> AsyncIterator[R]:
    async with a_pathway(tmp_path / "place") as it:
        yield await R(it).held()


async def read(r: R, by: Pass, query: str = "") -> list[dict[str, Any]]:
    await r.it.place.settle()
    answer = await r.it.get(by, f"/v1/people/{r.person}/timeline{query}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_the_person_reads_every_event_of_every_service_in_plain_words__j11(r: R) -> None:
    foreign = Foreign(r.it.place)
    await foreign.say(StoryTold(subject=r.person, story=new_id(), passages=3))
    await foreign.say(ConsentGiven(subject=r.person, choice=new_id(), organisation=r.team, parts=(Part.STORY,)))
    says = [each["says"] for each in await read(r, r.me)]
    assert sorted(says) == sorted(
        [
            "Who leads changed.",
            "A story was told.",
            "The person said that something may be shared.",
            "An organisation was chosen to lead next.",
            "Who leads changed.",
            "Contact was made.",
            "Somebody walks alongside.",
        ]
    )


async def test_events_stand_in_the_order_of_tick_source_and_number__j11(r: R) -> None:
    foreign = Foreign(r.it.place)
    for _ in range(3):
        await foreign.say(StoryTold(subject=r.person, story=new_id(), passages=1))
    says = [each["says"] for each in await read(r, r.me)]
    assert says[:4] == [
        "A story was told.",
        "Who leads changed.",
        "A story was told.",
        "An organisation was chosen to lead next.",
    ]


async def test_others_see_only_events_whose_part_they_may_see_numbered_as_if_there_were_no_more__j11_c4(r: R) -> None:
    foreign = Foreign(r.it.place)
    await r.plan()
    await foreign.say(StoryTold(subject=r.person, story=new_id(), passages=3))
    await foreign.say(ConsentGiven(subject=r.person, choice=new_id(), organisation=r.team, parts=(Part.STORY,)))
    whole = await read(r, r.me)
    r.it.open(r.person, r.group, {Part.JOURNEY})
    theirs = await read(r, r.peer)
    assert {"A plan was drafted.", "A story was told."} <= {each["says"] for each in whole}
    assert {each["says"] for each in theirs} == {
        "Who leads changed.",
        "An organisation was chosen to lead next.",
        "Contact was made.",
        "Somebody walks alongside.",
    }
    assert [each["number"] for each in theirs] == list(range(1, len(theirs) + 1))


async def test_what_one_may_not_see_changes_no_byte_of_a_page__c4(r: R) -> None:
    r.it.open(r.person, r.group, {Part.JOURNEY})
    path = f"/v1/people/{r.person}/timeline?limit=2"
    await r.it.place.settle()
    before = (await r.it.get(r.peer, path)).content
    await r.plan()
    await Foreign(r.it.place).say(StoryTold(subject=r.person, story=new_id(), passages=3))
    await r.it.place.settle()
    assert (await r.it.get(r.peer, path)).content == before


async def test_the_ids_of_a_timeline_are_the_reader_s_own__c4_i1(r: R) -> None:
    mine, theirs = await read(r, r.me), await read(r, r.worker)
    again, peers = await read(r, r.worker), await read(r, r.peer)
    assert [each["id"] for each in theirs] == [each["id"] for each in again]
    ids = [{each["id"] for each in items} for items in (mine, theirs, peers)]
    assert len(set.union(*ids)) == sum(map(len, ids))


async def test_without_the_journey_there_is_no_timeline__j11_c4(r: R) -> None:
    r.it.open(r.person, r.group, {Part.STORY, Part.PLAN})
    assert (await r.it.get(r.peer, f"/v1/people/{r.person}/timeline")).status_code == 404


async def test_the_timeline_pages_by_a_cursor_that_others_can_not_make_up__j11(r: R) -> None:
    await r.it.place.settle()
    whole, seen, query = await read(r, r.me), [], "?limit=2"
    while True:
        answer = (await r.it.get(r.me, f"/v1/people/{r.person}/timeline{query}")).json()
        seen += answer["items"]
        if "next" not in answer:
            break
        query = f"?limit=2&cursor={answer['next']}"
    assert seen == whole
    for wrong in ("x", "LTE", "!!!!"):
        answer = await r.it.get(r.me, f"/v1/people/{r.person}/timeline?cursor={wrong}")
        assert (answer.status_code, answer.json()["fields"]) == (422, ["cursor"])


async def test_the_end_of_drifting_names_nobody__j9_j11(r: R) -> None:
    await r.ok(r.post(r.worker, "left-the-building"))
    await r.it.place.pass_time(timedelta(hours=73))
    await r.ok(r.post(r.peer, "contacts", {"outcome": "made", "how": "phone"}))
    ended = next(each for each in await read(r, r.me) if each["says"] == "Nobody is being asked to look any more.")
    assert (ended["by"], ended["organisation"]) == ({"role": "timer", "organisation": None}, None)


async def test_what_is_about_no_person_is_on_nobody_s_timeline__j11(r: R) -> None:
    before = await read(r, r.me)
    await Foreign(r.it.place).say(OrganisationJoined(subject=r.person, kind=r.it.community.joined[r.team].kind))
    assert await read(r, r.me) == before
