"""The circle and whom to ring, through the real app (S6, J9)."""

from datetime import timedelta
from uuid import UUID

import pytest

from shared.errors import NotFoundError
from shared.event import Part, Role
from shared.ids import new_id
from shared.ports import Channel
from tests.support.intake_doubles import an_intake
from tests.support.place import a_pass


@pytest.fixture
async def place(tmp_path):
    async with an_intake(tmp_path) as made:
        yield made


async def add(client, whose, **body) -> str:
    answer = await client.post(f"/v1/people/{whose}/circle", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["entry"])


async def test_the_circle_says_who_matters_and_what_each_may_do__s6(place):
    person = await place.arrive()
    me = place.of(person)
    entry = await add(me, person, called="Mum", kind="family", may=["be-told"], ways={"phone": "07700 900111"})

    (item,) = (await me.get(f"/v1/people/{person}/circle")).json()["items"]

    assert (item["entry"], item["called"], item["kind"], item["may"]) == (entry, "Mum", "family", ["be-told"])
    assert item["ways"]["phone"] == "+447700900111"
    assert item["if_quiet"] is None
    (watched,) = [await place.port.watchers(person)]
    assert (watched.people, watched.organisations) == ((), ())


async def test_whom_to_ring_is_in_the_person_s_order__j9(place):
    group = place.community.join()
    person = await place.arrive(ring_if_quiet=[{"called": "Mum"}, {"called": "Asha", "organisation": str(group)}])
    me = place.of(person)
    friend = await add(me, person, called="Sam", kind="friend", if_quiet=True)
    items = (await me.get(f"/v1/people/{person}/circle")).json()["items"]
    mum, asha = (next(i["entry"] for i in items if i["called"] == name) for name in ("Mum", "Asha"))
    assert [str(each) for each in (await place.port.watchers(person)).people] == [mum, friend]
    ringing = f"/v1/people/{person}/circle/ringing"

    assert (await me.put(ringing, json={"entries": [friend, asha]})).status_code == 204

    watched = await place.port.watchers(person)
    assert [str(each) for each in watched.people] == [friend]
    assert watched.organisations == (group,)
    for entries, status in (([friend, friend], 422), ([str(new_id())], 404)):
        assert (await me.put(ringing, json={"entries": entries})).status_code == status


async def test_please_do_not_speak_to_is_honoured_in_ringing_and_can_t_be_seen__s6(place):
    group, others = place.community.join(), place.community.join()
    ringed = [{"called": "Asha", "organisation": str(group)}, {"called": "B", "organisation": str(others)}]
    person = await place.arrive(ring_if_quiet=ringed)
    brother = await place.arrive("Jo")
    by = a_pass(Role.PEER_SUPPORTER, organisation=place.community.join())
    for each in (person, brother):
        place.consent.open(each, by.organisation)
    entry = await add(place.place.client(by), person, called="Jo", kind="family", person=str(brother), if_quiet=True)
    assert [str(each) for each in (await place.port.watchers(person)).people] == [entry]
    theirs = (await place.of(brother).get(f"/v1/people/{brother}/circle")).json()

    place.consent.not_spoken_to = {brother, group}

    watched = await place.port.watchers(person)
    assert (watched.people, watched.organisations) == ((), (others,))
    with pytest.raises(NotFoundError):
        await place.port.supporter_routes(person, UUID(entry))
    assert (await place.of(brother).get(f"/v1/people/{brother}/circle")).json() == theirs


async def test_somebody_of_the_circle_is_told_by_a_route_safe_for_them__s7(place):
    person = await place.arrive(ring_if_quiet=[{"called": "Mum", "ways": {"phone": "07700 900111"}}])
    (mum,) = (await place.port.watchers(person)).people

    (route,) = await place.port.supporter_routes(person, mum)

    assert (route.channel, route.address) == (Channel.TEXT, "+447700900111")


async def test_a_carer_who_is_a_person_of_the_place_is_tied_both_ways__s6(place):
    person = await place.arrive("Robin")
    carer = await place.arrive("Jo", reach={"email": "jo@example.org", "ways": [{"how": "email"}]})
    by = a_pass(Role.PEER_SUPPORTER, organisation=place.community.join())
    place.consent.open(person, by.organisation)
    place.consent.open(carer, by.organisation)
    supporter = place.place.client(by)

    entry = await add(supporter, person, called="Jo", kind="carer", person=str(carer), if_quiet=True)

    (mine,) = (await place.of(person).get(f"/v1/people/{person}/circle")).json()["items"]
    (theirs,) = (await place.of(carer).get(f"/v1/people/{carer}/circle")).json()["items"]
    assert (mine["person"], mine["kind"]) == (str(carer), "carer")
    assert (theirs["person"], theirs["kind"], theirs["called"]) == (str(person), "cared-for", "Robin")
    (watcher,) = (await place.port.watchers(person)).people
    (route,) = await place.port.supporter_routes(person, watcher)
    assert route.address == "jo@example.org"
    for each in (person, carer):
        assert "intake.circle-changed" in await place.place.types("intake", each)

    assert (await place.of(person).delete(f"/v1/people/{person}/circle/{entry}")).status_code == 204
    for each in (person, carer):
        assert (await place.of(each).get(f"/v1/people/{each}/circle")).json()["items"] == []


async def test_naming_a_person_of_the_place_tells_nothing_of_them__c4(place):
    person, other = await place.arrive(), await place.arrive()
    supporter = place.known(person)
    path = f"/v1/people/{person}/circle"

    answers = [
        await client.post(path, json={"called": "X", "kind": "friend", "person": str(each)})
        for client in (supporter, place.of(person))
        for each in (other, new_id())
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


async def test_only_the_person_or_whoever_added_them_takes_somebody_out__s6(place):
    person = await place.arrive()
    mum = await add(place.of(person), person, called="Mum", kind="family")
    supporter = place.known(person)
    worker = await add(supporter, person, called="Lee", kind="worker")
    path = f"/v1/people/{person}/circle"

    turned_back = await supporter.delete(f"{path}/{mum}")
    assert (turned_back.status_code, turned_back.json()["code"]) == (409, "not-yours-to-remove")
    assert (await supporter.delete(f"{path}/{worker}")).status_code == 204
    assert (await place.of(person).delete(f"{path}/{worker}")).status_code == 404
    assert (await place.client(Role.PRACTITIONER).delete(f"{path}/{mum}")).status_code == 404


async def test_a_person_taken_out_is_rung_no_more__j9(place):
    person = await place.arrive(ring_if_quiet=[{"called": "Mum"}])
    (mum,) = (await place.port.watchers(person)).people

    await place.of(person).delete(f"/v1/people/{person}/circle/{mum}")

    assert (await place.port.watchers(person)).people == ()


async def test_the_circle_is_read_with_leave_and_addresses_by_whoever_may_ring__c3(place):
    person = await place.arrive(ring_if_quiet=[{"called": "Mum", "ways": {"phone": "07700 900111"}}])
    path = f"/v1/people/{person}/circle"

    assert (await place.known(person, Part.STORY).get(path)).status_code == 404
    supporter = (await place.known(person, Part.CIRCLE, role=Role.PEER_SUPPORTER).get(path)).json()["items"]
    carer = (await place.known(person, Part.CIRCLE, role=Role.CARER).get(path)).json()["items"]
    assert supporter[0]["ways"]["phone"] == "+447700900111"
    assert carer[0]["ways"] is None


async def invited(place, person, entry) -> str:
    answer = await place.of(person).post(f"/v1/people/{person}/circle/{entry}/invitation")
    assert answer.status_code == 201, answer.text
    return str(answer.json()["code"])


async def test_two_people_are_tied_both_ways_when_both_say_so__s6(place):
    person, carer = await place.arrive("Robin"), await place.arrive("Jo")
    entry = await add(place.of(person), person, called="Jo", kind="carer")
    code = await invited(place, person, entry)

    answer = await place.of(carer).post(f"/v1/people/{carer}/circle/ties", json={"code": code})

    assert answer.status_code == 201
    (mine,) = (await place.of(person).get(f"/v1/people/{person}/circle")).json()["items"]
    (theirs,) = (await place.of(carer).get(f"/v1/people/{carer}/circle")).json()["items"]
    assert mine["person"] == str(carer)
    assert (theirs["entry"], theirs["person"], theirs["kind"]) == (answer.json()["entry"], str(person), "cared-for")
    again = await place.of(carer).post(f"/v1/people/{carer}/circle/ties", json={"code": code})
    assert again.status_code == 404
    assert (await place.of(carer).delete(f"/v1/people/{carer}/circle/{theirs['entry']}")).status_code == 204
    assert (await place.of(person).get(f"/v1/people/{person}/circle")).json()["items"] == []


async def test_an_invitation_that_is_made_up_used_up_or_past_its_week_is_one_of_nothing__c4(place):
    person, carer = await place.arrive(), await place.arrive()
    entry = await add(place.of(person), person, called="Jo", kind="carer")
    code = await invited(place, person, entry)
    ties = f"/v1/people/{carer}/circle/ties"
    changed = code[:-2] + ("AA" if code[-2:] != "AA" else "BB")

    answers = [await place.of(carer).post(ties, json={"code": each}) for each in (changed, code[:-4], "ä", "x")]
    answers.append(await place.of(person).post(f"/v1/people/{person}/circle/ties", json={"code": code}))
    answers.append(await place.of(person).post(ties, json={"code": code}))
    answers.append(await place.of(carer).post(f"/v1/people/{person}/circle/{entry}/invitation"))
    place.place.clock.move(timedelta(days=7, seconds=1))
    answers.append(await place.of(carer).post(ties, json={"code": code}))

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


async def test_a_circle_has_an_end(place):
    person = await place.arrive(circle=[{"called": f"{n}"} for n in range(50)])
    for n in range(50):
        await add(place.of(person), person, called=f"{n}")

    answer = await place.of(person).post(f"/v1/people/{person}/circle", json={"called": "One more"})

    assert (answer.status_code, answer.json()["code"]) == (409, "circle-full")
    assert (await place.port.watchers(person)).people == ()
