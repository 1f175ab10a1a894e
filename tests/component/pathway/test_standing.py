"""Whom an organisation stands to, over HTTP: walks beside, is chosen by, is linked to (J2a, J3, J6, J9, C4)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.event import Part, Role
from shared.ids import new_id
from tests.support.pathway_place import PathwayPlace, a_pathway


@pytest.fixture
async def it(tmp_path: Path) -> AsyncIterator[PathwayPlace]:
    async with a_pathway(tmp_path / "place") as place:
        yield place


async def walks_beside(it, peers, parts=()):
    person = it.arrive()
    it.open(person, peers, parts)
    assert (await it.post(it.member(peers, Role.PEER_SUPPORTER), f"/v1/people/{person}/alongside")).status_code == 201
    return person


async def test_a_supporter_sees_whom_their_organisation_walks_beside__j6(it) -> None:
    peers = it.community.join()
    people = {await walks_beside(it, peers), await walks_beside(it, peers)}
    for role in (Role.PEER_SUPPORTER, Role.CARER, Role.PRACTITIONER, Role.DUTY):
        listed = await it.get(it.member(peers, role), f"/v1/organisations/{peers}/alongside")
        assert {each["person"] for each in listed.json()["items"]} == {str(each) for each in people}


async def test_whoever_took_their_yes_back_is_on_no_list_and_leaves_no_gap__c4(it) -> None:
    peers = it.community.join()
    people = sorted([await walks_beside(it, peers) for _ in range(5)])
    for gone in people[1:4]:
        it.consent.opened.pop((gone, peers))
    reader, path, seen = it.member(peers), f"/v1/organisations/{peers}/alongside?limit=1", []
    page = (await it.get(reader, path)).json()
    seen += page["items"]
    page = (await it.get(reader, f"{path}&cursor={page['next']}")).json()
    seen += page["items"]
    assert [each["person"] for each in seen] == [str(people[0]), str(people[4])]
    assert "next" not in page


async def test_another_organisation_s_lists_are_as_if_there_were_none__c4(it) -> None:
    peers, others = it.community.join(), it.community.join()
    await walks_beside(it, peers)
    for whom in ("alongside", "chosen", "links", "holding"):
        known = await it.get(it.member(others), f"/v1/organisations/{peers}/{whom}")
        unknown = await it.get(it.member(others), f"/v1/organisations/{new_id()}/{whom}")
        assert (known.status_code, known.json()["code"]) == (unknown.status_code, unknown.json()["code"])
        assert known.status_code == 404


async def test_who_drifts_and_since_when_shows_to_whoever_may_see_the_journey__j9(it) -> None:
    peers, house = it.community.join(), it.community.join("crisis-house")
    person = await walks_beside(it, peers, [Part.JOURNEY])
    quiet = await walks_beside(it, peers)
    supporter = it.member(peers, Role.PEER_SUPPORTER)
    for each in (person, quiet):
        made = {"outcome": "made", "how": "phone"}
        assert (await it.post(supporter, f"/v1/people/{each}/contacts", made)).status_code == 201
        left = await it.post(it.supporter(each, house), f"/v1/people/{each}/left-the-building")
        assert left.status_code == 201
    await it.place.pass_time(timedelta(hours=73))
    items = (await it.get(supporter, f"/v1/organisations/{peers}/alongside")).json()["items"]
    told = {each["person"]: each for each in items}
    assert told[str(person)]["last_contact_at"] is not None
    assert told[str(person)]["drifting_since"] is not None
    assert told[str(quiet)] == {"person": str(quiet)}


async def test_who_chose_us_waits_on_our_list_until_we_say_that_we_hold_them__j2a(it) -> None:
    team = it.community.join("community-team")
    person = it.arrive(chosen=team)
    worker = it.supporter(person, team)
    await it.get(worker, f"/v1/people/{person}/lead")
    listed = (await it.get(worker, f"/v1/organisations/{team}/chosen")).json()["items"]
    assert [(each["person"], each["since"] is not None) for each in listed] == [(str(person), True)]
    await it.post(worker, f"/v1/people/{person}/lead/acknowledgement")
    assert (await it.get(worker, f"/v1/organisations/{team}/chosen")).json()["items"] == []


async def test_links_wait_for_the_organisation_that_answers_them__j3(it) -> None:
    peers, house = it.community.join(), it.community.join("crisis-house")
    offer = it.community.offer_of(house, "crisis")
    person, shut = it.arrive(), it.arrive()
    opener, answers = it.supporter(person, peers), it.supporter(person, house)
    it.open(shut, peers)
    made = (await it.post(opener, f"/v1/people/{person}/links", {"offer": str(offer.id)})).json()
    assert (await it.post(opener, f"/v1/people/{shut}/links", {"offer": str(offer.id)})).status_code == 201
    waiting = (await it.get(answers, f"/v1/organisations/{house}/links")).json()["items"]
    assert [(each["person"], each["link"], each["state"]) for each in waiting] == [
        (str(person), made["link"], "linked")
    ]
    one = (await it.get(answers, f"/v1/links/{made['link']}")).json()
    assert one == waiting[0]
    assert (await it.get(opener, f"/v1/links/{made['link']}")).status_code == 404
    assert (await it.post(answers, f"/v1/links/{made['link']}/welcome")).status_code == 204
    assert (await it.get(answers, f"/v1/organisations/{house}/links")).json()["items"] == []
    welcomed = (await it.get(answers, f"/v1/organisations/{house}/links?state=welcomed")).json()["items"]
    assert [each["link"] for each in welcomed] == [made["link"]]
