"""Warm links over HTTP: the lead stays until the next one has met the person; not right only with what could be."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest

from shared.event import Code, Part, Role
from shared.events.intake import NeedKind, NeedNamed
from shared.ids import new_id
from shared.passes import Origin, Pass
from shared.ports import Offer
from tests.support.pathway_place import PathwayPlace, a_pathway


@pytest.fixture
async def it(tmp_path: Path) -> AsyncIterator[PathwayPlace]:
    async with a_pathway(tmp_path / "place") as place:
        yield place


class Journey:
    """A person with a peer supporter, and offers to link them to."""

    def __init__(self, it: PathwayPlace) -> None:
        self.it = it
        self.person = it.arrive()
        self.me = it.of(self.person)
        self.group = it.community.join()
        self.peer = it.supporter(self.person, self.group, Role.PEER_SUPPORTER)
        it.intake.rung[self.person] = (self.group,)

    def offer(self, kind: str = "community-team", intensity: str = "community", **more: Any) -> tuple[Offer, Pass]:
        organisation = self.it.community.join(kind)
        return self.it.community.offer_of(organisation, intensity, **more), self.it.supporter(self.person, organisation)

    async def link(self, offer: Offer, *, leads: bool = True, by: Pass | None = None, **more: Any) -> str:
        answer = await self.try_link(offer, leads=leads, by=by, **more)
        assert answer.status_code == 201, answer.text
        link: str = answer.json()["link"]
        return link

    async def try_link(
        self, offer: Offer, *, leads: bool = True, by: Pass | None = None, **more: Any
    ) -> httpx2.Response:
        body = {"offer": str(offer.id), "leads": leads} | more
        return await self.it.post(by or self.peer, f"/v1/people/{self.person}/links", body)

    async def say(
        self, by: Pass, link: str, what: str, body: Any = None, *, code: str | None = None
    ) -> httpx2.Response:
        answer = await self.it.post(by, f"/v1/links/{link}/{what}", body)
        assert answer.json()["code"] == code if code else answer.status_code == 204, answer.text
        return answer

    async def meet(self, offer: Offer, worker: Pass, **more: Any) -> str:
        link = await self.link(offer, **more)
        await self.say(worker, link, "welcome")
        await self.say(worker, link, "met")
        return link

    async def lead(self) -> UUID | None:
        return await self.it.lead(self.person)

    async def told(self) -> list[str]:
        return await self.it.told(self.person)


@pytest.fixture
def r(it: PathwayPlace) -> Journey:
    return Journey(it)


async def test_linked_welcomed_and_met_are_three_events_and_the_lead_moves_on_met__j3(r: Journey) -> None:
    offer, worker = r.offer()
    backstop = r.it.community.the_backstop
    link = await r.link(offer)
    assert await r.lead() == backstop
    await r.say(worker, link, "met", code="link-stands-elsewhere")
    await r.say(worker, link, "welcome", {"first_date": "2030-01-02T10:00:00Z"})
    assert await r.lead() == backstop
    await r.say(worker, link, "met")
    assert await r.lead() == offer.organisation
    told = [each for each in await r.told() if each in {"linked", "welcomed", "met", "lead-changed", "contact-made"}]
    assert told == ["linked", "welcomed", "lead-changed", "contact-made", "met", "lead-changed"]


@pytest.mark.parametrize("how", ["letter", "text", "email"])
async def test_a_letter_a_text_or_an_e_mail_is_no_meeting__j3(r: Journey, how: str) -> None:
    offer, worker = r.offer()
    link = await r.link(offer)
    await r.say(worker, link, "welcome")
    answer = await r.say(worker, link, "met", {"how": how}, code="not-a-meeting")
    assert [each["code"] for each in answer.json()["reasons"]] == ["not-two-way"]
    assert await r.lead() == r.it.community.the_backstop
    await r.say(worker, link, "met", {"how": "phone"})
    assert await r.lead() == offer.organisation


async def test_the_named_worker_or_the_deputy_meets_the_person_nobody_else__j3(r: Journey) -> None:
    offer, worker = r.offer()
    deputy, colleague = (r.it.supporter(r.person, offer.organisation) for _ in range(2))
    link = await r.link(offer)
    await r.say(worker, link, "welcome", {"deputy": str(deputy.member)})
    answer = await r.say(colleague, link, "met", code="not-a-meeting")
    assert [each["code"] for each in answer.json()["reasons"]] == ["not-the-named-worker"]
    await r.say(worker, link, "met", {"worker": str(new_id())}, code="not-a-member")
    await r.say(deputy, link, "met")
    assert await r.lead() == offer.organisation


async def test_a_link_that_does_not_lead_stands_alongside__j3(r: Journey) -> None:
    offer, worker = r.offer("charity")
    await r.meet(offer, worker, leads=False)
    assert await r.lead() == r.it.community.the_backstop
    assert "alongside-joined" in await r.told()


async def test_only_the_offer_s_organisation_answers_a_link__c4(r: Journey) -> None:
    offer, _ = r.offer()
    link = await r.link(offer)
    _, other = r.offer()
    for what in ("welcome", "met"):
        await r.say(other, link, what, code="not-found")
        await r.say(r.peer, link, what, code="not-found")
    await r.say(other, link, "not-right", {"reason": "too-far", "call_together": True}, code="not-found")
    stranger = r.it.member(r.it.community.join())
    assert (await r.try_link(offer, by=stranger)).status_code == 404


async def test_a_person_uses_several_offers_at_once_but_each_only_once__j1(r: Journey) -> None:
    first, second = r.offer()[0], r.offer("charity")[0]
    await r.link(first)
    await r.link(second, leads=False, by=r.me)
    answer = await r.try_link(first)
    assert [each["code"] for each in answer.json()["reasons"]] == ["linked-already"]
    page = (await r.it.get(r.me, f"/v1/people/{r.person}/links")).json()
    assert {each["offer"] for each in page["items"]} == {str(first.id), str(second.id)}


async def test_an_offer_that_is_not_open_or_cant_lead_is_not_linked_to_lead(r: Journey) -> None:
    shut, _ = r.offer(is_open=False)
    assert (await r.try_link(shut)).json()["code"] == "offer-not-open"
    small = r.it.community.offer_of(r.it.community.join(can_lead=False))
    assert (await r.try_link(small)).json()["code"] == "cannot-lead"
    assert (await r.try_link(small, leads=False)).status_code == 201
    assert (await r.it.post(r.peer, f"/v1/people/{r.person}/links", {"offer": str(new_id())})).status_code == 404


async def test_that_did_not_happen_gives_the_lead_back_until_it_is_settled__j3(r: Journey) -> None:
    team, worker = r.offer()
    await r.meet(team, worker)
    house, housed = r.offer("crisis-house")
    link = await r.meet(house, housed)
    assert await r.lead() == house.organisation
    await r.say(housed, link, "that-did-not-happen", code="not-theirs-to-say")
    await r.say(r.peer, link, "that-did-not-happen")
    assert await r.lead() == team.organisation
    await r.say(housed, link, "met", code="link-stands-elsewhere")
    r.it.intake.rung[r.person] = (r.group, house.organisation)
    await r.say(housed, link, "settlement", {"met": True}, code="not-theirs-to-say")
    assert await r.lead() == team.organisation
    await r.say(r.me, link, "settlement", {"met": False})
    assert await r.lead() == team.organisation
    await r.say(housed, link, "met")
    assert await r.lead() == house.organisation
    await r.say(r.me, link, "that-did-not-happen")
    await r.say(r.me, link, "settlement", {"met": True})
    assert await r.lead() == house.organisation


async def test_that_did_not_happen_can_be_said_for_14_days__j3(r: Journey) -> None:
    offer, worker = r.offer()
    link = await r.meet(offer, worker)
    await r.it.place.pass_time(timedelta(days=14, minutes=1))
    await r.say(r.me, link, "that-did-not-happen", code="too-late-to-say")
    other, worker = r.offer()
    link = await r.meet(other, worker)
    await r.it.place.pass_time(timedelta(days=13, hours=23))
    await r.say(r.me, link, "that-did-not-happen")


async def test_what_did_not_happen_takes_no_lead_that_others_have_by_now__j3(r: Journey) -> None:
    first, worker = r.offer()
    link = await r.meet(first, worker)
    second, other = r.offer()
    await r.meet(second, other)
    await r.say(r.me, link, "that-did-not-happen")
    assert await r.lead() == second.organisation


@pytest.mark.parametrize("leads", [True, False])
async def test_who_led_before_goes_on_held_but_not_met__j3(r: Journey, leads: bool) -> None:  # noqa: FBT001 - both ways
    offer, worker = r.offer()
    await r.meet(offer, worker)
    again = r.it.community.offer_of(offer.organisation)
    link = await r.meet(again, worker, leads=leads)
    await r.say(r.me, link, "that-did-not-happen")
    assert await r.lead() == offer.organisation
    page = (await r.it.get(r.me, f"/v1/people/{r.person}/lead")).json()
    assert page["met_at"] is None


async def test_a_named_worker_leads_no_more_people_than_the_rulebook_allows__j2b(it: PathwayPlace) -> None:
    first = Journey(it)
    offer, worker = first.offer()
    await first.meet(offer, worker)
    most = it.community.rulebook().holds_per_member
    for _ in range(most - 1):
        other = Journey(it)
        it.open(other.person, offer.organisation)
        await other.meet(offer, worker)
    last = Journey(it)
    it.open(last.person, offer.organisation)
    link = await last.link(offer)
    await last.say(worker, link, "welcome", code="too-many-held")
    beside = await last.link(it.community.offer_of(offer.organisation), leads=False)
    await last.say(worker, beside, "welcome")


async def test_an_offer_that_the_person_took_all_sight_from_cant_meet_its_way_to_the_lead__c2(r: Journey) -> None:
    offer, worker = r.offer()
    link = await r.link(offer)
    await r.say(worker, link, "welcome")
    port = r.it.place.system.running["pathway"].port
    await port.lead_lost_sight(r.person, offer.organisation, None, Origin(r.me, new_id()))
    assert await port.standing(offer.organisation, r.person) == frozenset()
    await r.say(worker, link, "met", code="link-stands-elsewhere")
    assert await r.lead() == r.it.community.the_backstop
    await r.meet(offer, worker)
    assert await r.lead() == offer.organisation


async def test_not_right_needs_what_could_be__j5(r: Journey) -> None:
    offer, worker = r.offer()
    link = await r.link(offer)
    body: dict[str, Any] = {"reason": "too-far"}
    await r.say(worker, link, "not-right", body, code="nothing-instead")
    shut, _ = r.offer(is_open=False)
    other_need, _ = r.offer(needs=("financial",))
    need = new_id()
    await name_need(r, need, NeedKind.SOCIAL)
    for_need, answering = r.offer(needs=("social",))
    needed = await r.link(for_need, need=str(need))
    for instead, reason in ((shut, "not-open"), (offer, "same-offer")):
        answer = await r.say(worker, link, "not-right", body | {"alternative": str(instead.id)}, code="no-alternative")
        assert [each["code"] for each in answer.json()["reasons"]] == [reason]
    wrong = body | {"alternative": str(other_need.id)}
    answer = await r.say(answering, needed, "not-right", wrong, code="no-alternative")
    assert [each["code"] for each in answer.json()["reasons"]] == ["not-this-need"]
    await r.say(worker, link, "not-right", body | {"alternative": str(new_id())}, code="invalid")
    good, _ = r.offer()
    await r.say(worker, link, "not-right", body | {"alternative": str(good.id)})
    fact = (await r.it.place.journal("pathway", r.person))[-1]
    assert (fact.data["alternative"], fact.data["by_silence"]) == (str(good.id), False)


async def test_who_has_said_no_already_is_no_alternative__j5(r: Journey) -> None:
    first, one = r.offer()
    second, two = r.offer()
    link = await r.link(first)
    await r.say(one, link, "not-right", {"reason": "too-far", "alternative": str(second.id)})
    link = await r.link(second)
    body = {"reason": "too-far", "alternative": str(first.id)}
    answer = await r.say(two, link, "not-right", body, code="no-alternative")
    assert [each["code"] for each in answer.json()["reasons"]] == ["said-no-already"]


async def test_the_holder_is_called_together_with_a_date__j5(r: Journey) -> None:
    offer, worker = r.offer()
    link = await r.link(offer)
    await r.say(worker, link, "not-right", {"reason": "kept-apart", "call_together": True})
    assert (await r.told())[-2:] == ["not-right", "conversation-called"]
    for by, reason in ((r.me, None), (worker, "kept-apart")):
        items = (await r.it.get(by, f"/v1/people/{r.person}/links")).json()["items"]
        assert items[0]["reason"] == reason


@pytest.mark.parametrize("ground", ["substances", "autism", "learning-disability", "illness", "age", "diagnosis"])
async def test_what_somebody_lives_with_is_never_a_ground__j5(r: Journey, ground: str) -> None:
    offer, worker = r.offer()
    link = await r.link(offer)
    body = {"reason": ground, "call_together": True}
    await r.say(worker, link, "not-right", body, code="never-a-ground")
    await r.say(worker, link, "not-right", body | {"reason": "other"}, code="invalid")
    assert "not-right" not in await r.told()


@pytest.mark.parametrize(("intensity", "hours"), [("crisis", 4), ("community", 48)])
async def test_silence_past_the_time_counts_as_not_right__j5(r: Journey, intensity: str, hours: int) -> None:
    await until_monday(r.it)
    offer, worker = r.offer("crisis-house", intensity)
    link = await r.link(offer)
    await r.it.place.pass_time(timedelta(hours=hours, minutes=-1))
    assert "not-right" not in await r.told()
    await r.it.place.pass_time(timedelta(minutes=2))
    assert (await r.told())[-2:] == ["not-right", "conversation-called"]
    assert (await r.it.place.journal("pathway", r.person))[-2].data["by_silence"] is True
    await r.say(worker, link, "welcome")


async def test_an_answer_in_time_is_no_silence__j5(r: Journey) -> None:
    offer, worker = r.offer()
    link = await r.link(offer)
    await r.say(worker, link, "welcome")
    await r.it.place.pass_time(timedelta(days=6))
    assert "not-right" not in await r.told()


async def test_two_answers_for_one_need_within_90_days_are_a_bounce__j5(r: Journey) -> None:
    need = str(new_id())
    for offer, worker in (r.offer(), r.offer()):
        assert "bounced" not in await r.told()
        link = await r.link(offer, need=need)
        await r.say(worker, link, "not-right", {"reason": "too-far", "call_together": True})
    assert (await r.told())[-1] == "bounced"
    assert (await r.it.place.journal("pathway", r.person))[-1].data["need"] == need
    other = Journey(r.it)
    for days, (offer, worker) in enumerate((other.offer(), other.offer())):
        await r.it.place.pass_time(timedelta(days=91 * days))
        link = await other.link(offer, need=need)
        await other.say(worker, link, "not-right", {"reason": "too-far", "call_together": True})
    assert "bounced" not in await other.told()


async def test_a_welcome_or_an_alternative_answers_an_asking_for_more_silence_does_not__j12(r: Journey) -> None:
    for _ in range(2):
        assert (await r.it.post(r.me, f"/v1/people/{r.person}/asks")).status_code == 201
    quiet, _ = r.offer("crisis-house", "crisis")
    await r.link(quiet)
    await r.it.place.pass_time(timedelta(hours=5))
    calling, called = r.offer()
    link = await r.link(calling)
    await r.say(called, link, "not-right", {"reason": "too-far", "call_together": True})
    assert "ask-answered" not in await r.told()
    offer, worker = r.offer()
    link = await r.link(offer)
    await r.say(worker, link, "welcome")
    assert (await r.told()).count("ask-answered") == 2


async def test_not_right_with_an_alternative_answers_an_asking_for_more__j12(r: Journey) -> None:
    assert (await r.it.post(r.me, f"/v1/people/{r.person}/asks")).status_code == 201
    (offer, worker), (other, _) = r.offer(), r.offer()
    link = await r.link(offer)
    await r.say(worker, link, "not-right", {"reason": "too-far", "alternative": str(other.id)})
    assert (await r.told())[-1] == "ask-answered"


async def test_a_link_is_made_with_few_statements(r: Journey) -> None:
    offer, _ = r.offer()
    ran: list[str] = []
    r.it.place.watch(lambda _, text: ran.append(text))
    body = {"offer": str(offer.id), "leads": True}
    once = {"X-Request-ID": str(new_id())}
    answer = await r.it.post(r.peer, f"/v1/people/{r.person}/links", body, headers=once)
    assert answer.status_code == 201
    assert len(ran) <= 6, ran
    again = await r.it.post(r.peer, f"/v1/people/{r.person}/links", body, headers=once)
    assert again.json()["link"] == answer.json()["link"]


async def test_meeting_an_offer_of_a_higher_intensity_is_the_step_up_and_never_down__j6(r: Journey) -> None:
    house, worker = r.offer("crisis-house", "crisis")
    await r.meet(house, worker)
    assert (await r.told())[-1] == "stepped-up"
    team, other = r.offer()
    await r.meet(team, other)
    assert await r.lead() == team.organisation
    assert "stepped-down" not in await r.told()


async def test_who_may_not_see_the_journey_sees_no_links__c4(r: Journey) -> None:
    await r.link(r.offer()[0])
    known = r.it.member(r.it.community.join())
    r.it.open(r.person, known.organisation, [Part.PLAN])
    assert (await r.it.get(known, f"/v1/people/{r.person}/links")).status_code == 404


async def name_need(r: Journey, need: UUID, kind: NeedKind) -> None:
    """Have pathway hear of a need, as intake's event tells it."""
    shell = r.it.place.system.running["pathway"].shell
    said = NeedNamed(subject=r.person, need=need, kind=kind)
    async with shell.database.write() as connection:
        await shell.make_store(connection).keep_need(said.need, said.subject, Code(said.kind.value))


async def until_monday(it: PathwayPlace) -> None:
    """Go to the next Monday morning that no bank holiday follows closely."""
    now = it.place.clock.now()
    days = 7 - now.weekday()
    it.place.clock.move(timedelta(days=days))
    while it.place.clock.now().month in {12, 1, 4, 5, 8}:
        it.place.clock.move(timedelta(days=7))
