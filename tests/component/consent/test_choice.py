"""Choices through the API: what is said, by whom, and who may write it down."""

from datetime import timedelta
from pathlib import Path

import pytest

from shared.bus import Record, topic_of
from shared.event import GENESIS, Actor, Code, Envelope, Event, Part, Role, encode
from shared.events.community import Ending, OfferChanged, OfferOpened, OrganisationGoesOn, OrganisationStopped
from shared.ids import new_id
from shared.journal import hash_of
from shared.ports import CRISIS, Standing
from tests.support.consent_place import ConsentPlace, consent_place
from tests.support.place import a_pass, person_pass


@pytest.fixture
async def here(tmp_path: Path):
    async with consent_place(tmp_path) as made:
        yield made


async def test_a_choice_names_who_what_what_for_until_when_and_in_whose_words__c1(here: ConsentPlace) -> None:
    until = (here.place.clock.now() + timedelta(days=30)).isoformat()
    response = await here.choose(
        {"organisation": str(here.group)},
        Part.STORY,
        Part.PLAN,
        purposes=["support", "crisis"],
        until=until,
        words="They know me.",
        lawful_basis="public-task",
    )
    assert response.status_code == 201
    said = response.json()
    assert response.headers["Location"] == f"/v1/choices/{said['choice']}"
    assert said["who"] == {"organisation": str(here.group)}
    assert said["what"] == ["plan", "story"]
    assert said["purposes"] == ["crisis", "support"]
    assert said["words"] == "They know me."
    assert said["given_how"] == "signed-in"
    assert said["lawful_basis"] == "public-task"
    assert (said["permit"], said["state"]) == (True, "in-force")
    again = await here.me.get(response.headers["Location"])
    assert again.json() == {k: v for k, v in said.items() if k != "says"}
    assert await here.place.types("consent", here.r) == ["consent.given"]
    assert await here.may(here.member(), Part.PLAN)
    assert not await here.may(here.member(), Part.JOURNEY)


async def test_no_is_a_record_too_and_the_latest_choice_wins__c1(here: ConsentPlace) -> None:
    await here.yes(here.group, Part.PLAN)
    response = await here.choose({"organisation": str(here.group)}, permit=False, words="Not for now.")
    assert response.status_code == 201
    assert response.json()["in_force"] is True
    assert set(response.json()["what"]) == set(Part)
    assert await here.why(here.member(), Part.PLAN) == "said-no"
    assert await here.place.types("consent", here.r) == ["consent.given", "consent.said-no"]
    await here.yes(here.group, Part.PLAN)
    assert await here.may(here.member(), Part.PLAN)


async def say(here: ConsentPlace, fact: Event, seq: int, prev: str) -> str:
    """Have community say something; gives its hash."""
    envelope = Envelope(new_id(), seq, seq, prev, here.place.clock.now(), None, new_id(), Actor(Role.PRACTITIONER), 1)
    raw = encode(fact, envelope)
    await here.place.system.bus.publish(topic_of("community"), [Record(here.house.bytes, raw)])
    await here.place.settle()
    return hash_of(raw)


async def test_any_crisis_service_is_who_has_a_crisis_offer_open__c1(here: ConsentPlace) -> None:
    offer, prev = new_id(), GENESIS
    facts = (
        OfferOpened(subject=here.house, offer=offer, intensity=CRISIS),
        OfferChanged(subject=here.house, offer=offer, is_open=False, intensity=CRISIS),
        OfferChanged(subject=here.house, offer=offer, is_open=True, intensity=CRISIS),
        OfferChanged(subject=here.house, offer=offer, is_open=True, intensity=Code("community")),
    )
    await here.choose({"any_crisis_service": True}, Part.PLAN)
    worker = a_pass(Role.DUTY, organisation=here.house)
    seen = [await here.may(worker, Part.PLAN)]
    for seq, fact in enumerate(facts, 1):
        prev = await say(here, fact, seq, prev)
        seen.append(await here.may(worker, Part.PLAN))
    assert seen == [False, True, False, True, False]


async def test_nobody_becomes_a_crisis_service_by_calling_an_offer_so__c1(here: ConsentPlace) -> None:
    await here.choose({"any_crisis_service": True}, Part.PLAN)
    await say(here, OfferOpened(subject=here.group, offer=new_id(), intensity=CRISIS), 1, GENESIS)
    assert not await here.may(here.member(), Part.PLAN)


async def test_an_organisation_that_stopped_is_let_see_nobody__j2a(here: ConsentPlace) -> None:
    await here.yes(here.house, Part.PLAN)
    worker = a_pass(Role.SYSTEM, organisation=here.house)
    here.beside(here.house, Standing.LEADS)
    stopped = OrganisationStopped(subject=here.house, how=Ending.SUSPENDED, backstop=here.pathway.backstop)
    prev = await say(here, stopped, 1, GENESIS)
    assert await here.why(worker, Part.PLAN) == "organisation-stopped"
    assert await here.why(worker, Part.CONTACT) == "organisation-stopped"
    await say(here, OrganisationGoesOn(subject=here.house), 2, prev)
    assert await here.may(worker, Part.PLAN)


async def test_a_choice_ends_when_the_person_said_and_that_is_an_event__c1(here: ConsentPlace) -> None:
    until = (here.place.clock.now() + timedelta(hours=30)).isoformat()
    await here.yes(here.group, Part.PLAN, until=until)
    assert await here.may(here.member(), Part.PLAN)
    await here.place.pass_time(timedelta(hours=31))
    assert await here.why(here.member(), Part.PLAN) == "ended"
    assert await here.place.types("consent", here.r) == ["consent.given", "consent.ended"]


async def test_a_partners_lawful_basis_opens_nothing__c1(here: ConsentPlace) -> None:
    response = await here.choose(
        {"organisation": str(here.group)}, Part.EQUITY, permit=True, lawful_basis="vital-interests"
    )
    assert response.status_code == 201
    assert not await here.may(here.member(), Part.PLAN)


async def test_only_the_person_reads_their_choices__c4(here: ConsentPlace) -> None:
    choice = await here.yes(here.group, Part.PLAN)
    other = here.place.client(person_pass(new_id()))
    nothing = await other.get(f"/v1/people/{new_id()}/choices")
    for path in (f"/v1/people/{here.r}/choices", f"/v1/choices/{choice}", f"/v1/choices/{new_id()}"):
        seen = await other.get(path)
        assert (seen.status_code, seen.json()) == (404, nothing.json())
    taken = await other.post(f"/v1/choices/{choice}/withdrawal", json={})
    assert (taken.status_code, taken.json()) == (404, nothing.json())
    for role in (Role.PEER_SUPPORTER, Role.PRACTITIONER, Role.DUTY, Role.STEWARD, Role.SYSTEM, Role.CARER):
        worker = here.place.client(a_pass(role, organisation=here.group, scopes=frozenset({"read", "write"})))
        assert (await worker.get(f"/v1/people/{here.r}/choices")).status_code == 403
        assert (await worker.post(f"/v1/choices/{choice}/withdrawal", json={})).status_code == 403
    assert (await here.place.client().get(f"/v1/people/{here.r}/choices")).status_code == 401


async def test_choices_come_in_pages_newest_first_without_totals(here: ConsentPlace) -> None:
    said = [str(await here.yes(here.group, Part.PLAN)) for _ in range(5)]
    path, seen = f"/v1/people/{here.r}/choices?limit=2", []
    cursor = ""
    for _ in range(3):
        page = (await here.me.get(path + cursor)).json()
        assert set(page) <= {"items", "next"}
        seen += [item["choice"] for item in page["items"]]
        cursor = f"&cursor={page.get('next')}"
    assert seen == said[::-1]
    assert (await here.me.get(path + f"&cursor={new_id()}")).status_code == 404


async def test_a_supporter_writes_down_a_yes_that_they_were_told__c1(here: ConsentPlace) -> None:
    here.beside(here.group, Standing.ALONGSIDE)
    peer = here.member()
    told = {"given_how": "phone", "words": "Yes, the Willows may see my plan."}
    response = await here.choose({"organisation": str(here.house)}, Part.PLAN, by=peer, **told)
    assert response.status_code == 201
    assert set(response.json()) == {"choice"}
    mine = (await here.me.get(response.headers["Location"])).json()
    assert mine["given_to"] == {"organisation": str(here.group), "member": str(peer.member)}
    assert (mine["given_how"], mine["until"]) == ("phone", None)
    assert await here.may(a_pass(Role.PRACTITIONER, organisation=here.house), Part.PLAN)


async def test_a_yes_to_ones_own_organisation_that_one_writes_down_lasts_72_hours__s2(here: ConsentPlace) -> None:
    here.beside(here.group, Standing.LEADS)
    told = {"given_how": "in-person", "words": "Go on, read it."}
    until = (here.place.clock.now() + timedelta(days=400)).isoformat()
    response = await here.choose({"organisation": str(here.group)}, Part.STORY, by=here.member(), until=until, **told)
    assert response.status_code == 201
    assert await here.may(here.member(), Part.STORY)
    await here.place.pass_time(timedelta(hours=73))
    assert not await here.may(here.member(), Part.STORY)


async def test_no_member_writes_their_own_group_in_again__c2_c5(here: ConsentPlace) -> None:
    """The group still stands beside R, so it may write; what R took back or said no to stays shut to it."""
    here.beside(here.group, Standing.ALONGSIDE)
    told = {"given_how": "in-person", "words": "Go on, read it."}
    await here.withdraw(await here.yes(here.group, Part.STORY))
    response = await here.choose({"organisation": str(here.group)}, Part.STORY, by=here.member(), **told)
    assert response.status_code == 201, "they can't tell"
    assert not await here.may(here.member(), Part.STORY)
    await here.choose({"organisation": str(here.house)}, Part.PLAN, permit=False)
    await here.choose({"organisation": str(here.house)}, Part.PLAN, by=here.member(), **told)
    assert not await here.may(a_pass(Role.PRACTITIONER, organisation=here.house), Part.PLAN)
    await here.yes(here.group, Part.STORY)
    assert await here.may(here.member(), Part.STORY), "R's own word undoes R's own word"


async def test_another_person_writes_nobody_s_choices_whatever_they_may_see__c8(here: ConsentPlace) -> None:
    other = new_id()
    await here.choose({"member": str(other)}, Part.STORY)
    assert await here.may(person_pass(other), Part.STORY)
    told = {"given_how": "in-person", "words": "R says it is fine."}
    response = await here.choose({"organisation": str(here.house)}, Part.STORY, by=person_pass(other), **told)
    assert (response.status_code, response.json()["code"]) == (404, "not-found")


async def test_what_supporters_write_down_never_uses_up_what_the_person_may_say__c1(
    here: ConsentPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.consent.choice.domain.MOST_CHOICES", 20)
    here.beside(here.group, Standing.ALONGSIDE)
    peer, told = here.member(), {"given_how": "phone", "words": "Yes."}
    house = {"organisation": str(here.house)}
    written = [(await here.choose(house, Part.PLAN, by=peer, **told)).status_code for _ in range(3)]
    assert written == [201, 201, 409]
    for _ in range(20):
        choice = await here.yes(here.team, Part.PLAN)
    assert (await here.choose({"organisation": str(here.team)}, Part.PLAN)).status_code == 409
    await here.withdraw(choice)
    assert (await here.choose({"organisation": str(here.team)}, Part.PLAN)).status_code == 201, "room again"


async def test_nobody_becomes_a_practitioner_by_saying_so__m1(here: ConsentPlace) -> None:
    """A group that joined on one voucher calls its members what it likes: a role's yes is not for it."""
    await here.choose({"role": "practitioner"}, Part.STORY)
    calls_itself_so = a_pass(Role.PRACTITIONER, organisation=here.group)
    assert await here.may(calls_itself_so, Part.STORY)
    here.community.by_name_only.add(here.group)
    assert not await here.may(calls_itself_so, Part.STORY)
    here.community.commissioned.add(here.group)
    assert await here.may(calls_itself_so, Part.STORY)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"permit": False}, "no"),
        ({"who": {"any_crisis_service": True}}, "too-wide"),
        ({"who": {"role": "practitioner"}}, "too-wide"),
        ({"words": None}, "no-words"),
        ({"given_how": "signed-in"}, "signed-in"),
    ],
)
async def test_what_only_the_person_may_say_no_supporter_writes_down__c8(here: ConsentPlace, body, reason) -> None:
    here.beside(here.group, Standing.LEADS)
    said = {"who": {"organisation": str(here.house)}, "words": "Yes.", "given_how": "phone"} | body
    response = await here.choose(said.pop("who"), Part.PLAN, by=here.member(), **said)
    assert response.status_code == 403
    assert response.json()["code"] == "only-the-person"
    assert reason in [r["code"] for r in response.json()["reasons"]]
    assert await here.place.types("consent") == []


async def test_whom_the_person_is_not_known_to_gets_the_answer_for_nobody__c4(here: ConsentPlace) -> None:
    told = {"given_how": "phone", "words": "Yes."}
    theirs = await here.choose({"organisation": str(here.house)}, Part.PLAN, by=here.member(), **told)
    here.r = new_id()
    nobody = await here.choose({"organisation": str(here.house)}, Part.PLAN, by=here.member(), **told)
    assert (theirs.status_code, theirs.json()) == (404, nobody.json())


async def test_please_do_not_speak_to_hides_somebody_from_everything__s6(here: ConsentPlace) -> None:
    peer = here.member()
    here.beside(here.group, Standing.LEADS)
    await here.yes(here.group, *Part)
    assert await here.may(peer, Part.PLAN)
    response = await here.choose({"member": str(peer.member)}, permit=False, hide=True, what=["plan"])
    assert response.status_code == 201
    for part in Part:
        assert not await here.may(peer, part)
        assert await here.may(here.member(), part)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"who": {}},
        {"who": {"organisation": str(new_id()), "any_crisis_service": True}},
        {"who": {"any_crisis_service": False}},
        {"who": {"role": "steward"}},
        {"who": {"role": "person"}},
        {"who": {"organisation": str(new_id())}},
        {"who": {"offer": str(new_id())}},
        {"what": None},
        {"what": []},
        {"what": ["diary"]},
        {"purposes": ["curiosity"]},
        {"until": "2020-01-01T00:00:00Z"},
        {"until": "2999-01-01T00:00:00"},
        {"hide": True},
        {"who": {"any_crisis_service": True}, "permit": False, "hide": True},
        {"words": "x" * 20_001},
        {"words": "\x00"},
        {"lawful_basis": "because we always did"},
        {"force": True},
        {"given_how": "telepathy"},
    ],
)
async def test_what_makes_no_sense_is_turned_back_and_nothing_is_written(here: ConsentPlace, body) -> None:
    good = {"who": {"organisation": str(here.group)}, "what": ["plan"], "permit": True}
    sent = {} if not body else good | body
    response = await here.me.post(f"/v1/people/{here.r}/choices", json=sent)
    assert response.status_code in {400, 422}, response.text
    assert "curiosity" not in response.text
    assert await here.place.types("consent") == []


async def test_the_same_request_again_says_it_once(here: ConsentPlace) -> None:
    ask = {"who": {"organisation": str(here.group)}, "what": ["plan"], "permit": True}
    headers = {"X-Request-ID": str(new_id())}
    me = here.me
    path = f"/v1/people/{here.r}/choices"
    first, second = [await me.post(path, json=ask, headers=headers) for _ in range(2)]
    assert first.json()["choice"] == second.json()["choice"]
    other = await me.post(path, json=ask | {"what": ["story"]}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "request-id-used")
    assert len((await me.get(path)).json()["items"]) == 1


@pytest.mark.parametrize(
    "body", [None, [], "who", 1, {"who": []}, {"who": {"organisation": {"a": 1}}}, {"permit": "yes"}]
)
async def test_no_body_makes_a_fault(here: ConsentPlace, body) -> None:
    response = await here.me.post(f"/v1/people/{here.r}/choices", json=body)
    assert response.status_code in {400, 415, 422}
