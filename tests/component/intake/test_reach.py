"""How to reach somebody safely, through the real app and through the port that messages are sent by (S7)."""

from uuid import UUID

import pytest

from services.intake.tables import REACH
from shared.event import Part, Role
from shared.ports import Channel, Route
from tests.support.intake_doubles import an_intake

SAFE = {
    "phone": "07700 900123",
    "email": "R@Example.org",
    "ways": [{"how": "email"}, {"how": "call"}, {"how": "text", "from_hour": 9, "to_hour": 17}],
    "language": "ar",
    "interpreter": "Arabic, a woman",
    "code_word": "blue heron",
}


@pytest.fixture
async def place(tmp_path):
    async with an_intake(tmp_path) as made:
        yield made


async def test_a_safe_route_shapes_every_message__s7(place):
    person = await place.arrive(reach=SAFE)

    assert await place.port.routes(person) == (
        Route(Channel.EMAIL, "r@example.org", language="ar"),
        Route(Channel.TEXT, "+447700900123", 9, 17, language="ar"),
    )


async def test_nobody_is_written_to_who_may_not_be__s7(place):
    assert await place.port.routes(await place.arrive(reach=SAFE | {"may_be_written_to": False})) == ()
    assert await place.port.routes(await place.arrive(reach=SAFE | {"ways": [{"how": "in-person"}]})) == ()
    assert await place.port.routes(await place.arrive()) == ()


async def test_a_code_word_is_kept_hashed_and_never_shown__s7(place):
    person = await place.arrive(reach=SAFE)
    told = await place.of(person).get(f"/v1/people/{person}/reach")
    (kept,) = await place.place.rows(REACH)

    assert told.json()["has_code_word"] is True
    assert told.json()["interpreter"] == "Arabic, a woman"
    assert "heron" not in told.text
    assert (len(kept["salt"]), len(kept["hashed"])) == (32, 32)
    assert b"heron" not in await place.place.kept()


async def test_the_safe_route_is_read_with_leave_for_contact_details_only__c3(place):
    person = await place.arrive(reach=SAFE)
    path = f"/v1/people/{person}/reach"

    assert (await place.known(person, Part.STORY).get(path)).status_code == 404
    assert (await place.known(person, Part.CONTACT).get(path)).json()["phone"] == "+447700900123"


async def test_what_the_person_set_nobody_else_changes__c8(place):
    person = await place.arrive(reach=SAFE)
    path = f"/v1/people/{person}/reach"
    supporter = place.known(person)

    assert (await supporter.put(path, json=SAFE)).status_code == 200
    assert (await place.of(person).put(path, json=SAFE)).status_code == 200
    theirs = await supporter.put(path, json={"phone": "07700 900999"})
    assert (theirs.status_code, theirs.json()["code"]) == (409, "safe-contact-is-theirs")
    assert (await place.known(person, role=Role.CARER).put(path, json=SAFE)).status_code == 403


async def test_a_supporter_can_t_take_over_the_address_that_signs_in__c8(place):
    person = await place.arrive(reach=SAFE)

    await place.known(person).put(f"/v1/people/{person}/reach", json={"email": "mine@example.net"})

    assert await place.port.sign_in("mine@example.net") is None
    assert (await place.port.sign_in("r@example.org")).person == person
    await place.of(person).put(f"/v1/people/{person}/reach", json={"email": "mine@example.net"})
    assert (await place.port.sign_in("mine@example.net")).person == person
    assert await place.port.sign_in("r@example.org") is None


async def test_nor_by_taking_it_away_first__c8(place):
    """Two requests, or ten: whatever a supporter sets, it is the person's address that signs in."""
    person = await place.arrive(reach=SAFE)
    supporter = place.known(person)
    for body in ({"phone": "07700 900123"}, {"email": "mine@example.net"}, {}, {"email": "mine@example.net"}):
        assert (await supporter.put(f"/v1/people/{person}/reach", json=body)).status_code == 200
    assert await place.port.sign_in("mine@example.net") is None
    assert (await place.port.sign_in("r@example.org")).person == person


async def test_an_address_of_the_writing_organisation_s_own_signs_nobody_in_as_the_person__p3(place):
    """A group that means well gives its own mailbox: it may carry messages, and agrees to no plan."""
    group = place.community.join()
    place.community.addresses["us@example.org"] = group
    async with place.client(Role.PEER_SUPPORTER, group) as us:
        body = {"called": "R", "reach": {"email": "us@example.org"}}
        person = UUID((await us.post("/v1/arrivals", json=body)).json()["person"])
        place.consent.open(person, group, Part.NAME)
        assert (await us.put(f"/v1/people/{person}/reach", json=body["reach"])).status_code == 200
    assert await place.port.sign_in("us@example.org") is None
    assert [route.address for route in await place.port.routes(person)] == ["us@example.org"]
    other = place.known(person)
    assert (await other.put(f"/v1/people/{person}/reach", json=body["reach"])).status_code == 200
    assert (await place.port.sign_in("us@example.org")).person == person, "a member may be somebody's person too"


async def test_a_stranger_who_gives_somebody_s_address_does_not_lock_them_out__c4(place):
    person = await place.arrive(reach=SAFE)
    stranger = (await place.client().post("/v1/arrivals", json={"called": "R", "reach": SAFE})).json()

    assert stranger["person"] != str(person)
    assert (await place.port.sign_in("r@example.org")).person == person
    assert await place.port.sign_in("nobody@example.org") is None
    assert await place.port.sign_in("not an address") is None


async def test_a_code_word_stays_until_it_is_changed_or_taken_away__s7(place):
    person = await place.arrive(reach=SAFE)
    me, path = place.of(person), f"/v1/people/{person}/reach"

    await me.put(path, json={"phone": SAFE["phone"]})
    assert (await me.get(path)).json()["has_code_word"] is True
    await me.put(path, json={"phone": SAFE["phone"], "code_word": None})
    assert (await me.get(path)).json()["has_code_word"] is False


async def test_a_safe_route_that_changed_since_it_was_read_is_stale(place):
    person = await place.arrive(reach=SAFE)
    me, path = place.of(person), f"/v1/people/{person}/reach"
    mark = {"If-Match": (await me.get(path)).headers["etag"]}

    assert (await me.put(path, json=SAFE, headers=mark)).status_code == 200
    assert (await me.put(path, json=SAFE, headers=mark)).status_code == 412


async def test_a_safe_route_that_can_t_be_is_turned_back_and_not_repeated(place):
    person = await place.arrive()
    me, path = place.of(person), f"/v1/people/{person}/reach"
    wrong: list[dict[str, object]] = [
        {"phone": "12345"},
        {"email": "nobody"},
        {"ways": [{"how": "text", "from_hour": 9, "to_hour": 9}]},
        {"ways": [{"how": "pigeon"}]},
        {"language": "the Arabic one"},
        {"code_word": "abc"},
    ]

    for body in wrong:
        answer = await me.put(path, json=body)
        assert answer.status_code == 422
        assert str(next(iter(body.values()))) not in answer.text
    assert (await me.get(path)).json()["said"] is False


async def test_a_changed_safe_route_is_a_fact_without_an_address(place):
    person = await place.arrive()
    await place.of(person).put(f"/v1/people/{person}/reach", json=SAFE)

    fact = (await place.place.journal("intake", UUID(str(person))))[-1]
    assert (fact.type, fact.data) == ("intake.safe-contact-changed", {})
