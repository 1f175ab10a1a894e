"""A service's database goes back to what it was a while ago, and takes up from the bus what it forgot (ADR 0019)."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from services import SERVICES
from services.cli.door import issue
from services.recover import Recover, kept_by
from services.verify import verify
from shared.event import Part, Role
from tests.support.going_back import keep, loses_its_bus, put_back
from tests.support.place import ENGINE, a_pass, a_place, person_pass
from tests.support.setting_up import a_steward
from tests.support.whole_place import WholePlace, whole_place

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from services.recover import Found
    from tests.support.place import Place

pytestmark = pytest.mark.skipif(ENGINE != "sqlite", reason="verify reads a file; PostgreSQL has tests of its own")


@asynccontextmanager
async def gone_back(
    folder: Path, services: tuple[str, ...], meanwhile: Callable[[WholePlace], Awaitable[Any]], **before: Any
) -> AsyncIterator[WholePlace]:
    """Keep some services' rows, have something happen, put the rows back, and give the place as it starts again."""
    async with whole_place(folder) as here:
        if "first" in before:
            await before["first"](here)
        await here.place.settle()
        keep(here.place, *services)
        await meanwhile(here)
        await here.place.settle()
        put_back(here.place, *services)
    async with a_place(folder) as place:
        yield replace(here, place=place)


async def recovered(place: Place, *services: str) -> dict[str, Found]:
    found = await Recover(place.system, kept_by(place.system)).run(services or SERVICES)
    return {each.service: each for each in found}


async def as_promised(here: WholePlace) -> None:
    """Every journal whole, every cursor right, nothing parked."""
    await here.place.settle()
    system = here.place.system
    writer = system.file.writer
    assert writer is not None
    assert not verify(writer).findings
    for consumer in system.consumers.values():
        async with consumer.shell.database.read() as connection:
            assert not await consumer.store.lanes(connection)


def types(found: Found) -> dict[str, bool]:
    return {fact.type: fact.mended for fact in found.facts}


async def reads(here: WholePlace) -> int:
    answer = await here.place.client(here.house.by).get(f"/v1/people/{here.r}/stories")
    return answer.status_code


class Meanwhile:
    """What R does about the house while nobody keeps it."""

    def __init__(self) -> None:
        self.choice = UUID(int=0)

    async def let_in(self, here: WholePlace) -> None:
        self.choice = await here.yes(here.house.id, Part.STORY)
        assert await reads(here) == 200

    async def takes_back(self, here: WholePlace) -> None:
        await here.withdraw(self.choice)
        assert await reads(here) in {403, 404}

    async def says_no(self, here: WholePlace) -> None:
        body = {"who": {"organisation": str(here.house.id)}, "permit": False}
        assert (await here.me.post(f"/v1/people/{here.r}/choices", json=body)).status_code == 201

    async def says_no_to_an_offer_s_role(self, here: WholePlace) -> None:
        body = {"who": {"role": "practitioner"}, "permit": False}
        assert (await here.me.post(f"/v1/people/{here.r}/choices", json=body)).status_code == 201


async def test_without_it_what_was_taken_back_would_be_open_again(tmp_path: Path) -> None:
    r = Meanwhile()
    async with gone_back(tmp_path, ("consent",), r.takes_back, first=r.let_in) as here:
        assert await reads(here) == 200


async def test_a_withdrawal_answered_since_stays_withdrawn__c2(tmp_path: Path) -> None:
    r = Meanwhile()
    async with gone_back(tmp_path, ("consent",), r.takes_back, first=r.let_in) as here:
        found = await recovered(here.place, "consent")
        assert types(found["consent"]) == {"consent.withdrawn": True}
        assert await reads(here) in {403, 404}
        await as_promised(here)


async def test_a_no_said_since_is_a_no_again_as_wide_as_its_fact__c1(tmp_path: Path) -> None:
    r = Meanwhile()
    async with gone_back(tmp_path, ("consent",), r.says_no, first=r.let_in) as here:
        assert types((await recovered(here.place, "consent"))["consent"]) == {"consent.said-no": True}
        assert await reads(here) in {403, 404}
        await as_promised(here)


async def test_a_no_whose_fact_names_nobody_closes_what_it_touches_and_the_person_is_asked__c1(tmp_path: Path) -> None:
    r = Meanwhile()
    async with gone_back(tmp_path, ("consent",), r.says_no_to_an_offer_s_role, first=r.let_in) as here:
        found = (await recovered(here.place, "consent"))["consent"]
        assert [(fact.about, fact.mended) for fact in found.facts] == [(here.r, False)]
        assert await reads(here) in {403, 404}


async def test_a_yes_said_since_stays_gone_and_is_listed(tmp_path: Path) -> None:
    r = Meanwhile()
    async with gone_back(tmp_path, ("consent",), r.let_in) as here:
        assert types((await recovered(here.place, "consent"))["consent"]) == {"consent.given": False}
        assert await reads(here) in {403, 404}
        await as_promised(here)


async def somebody_comes(here: WholePlace) -> UUID:
    came = await here.place.client().post("/v1/arrivals", json={"called": "N"})
    return UUID(came.json()["person"])


async def test_somebody_leads_whoever_arrived_since_and_leads_once__j2(tmp_path: Path) -> None:
    who: list[UUID] = []

    async def arrives(here: WholePlace) -> None:
        who.append(await somebody_comes(here))
        await here.place.settle()

    async with gone_back(tmp_path, ("pathway",), arrives) as here:
        before = await here.place.system.running["pathway"].shell.read(lambda store: store.find_holding(who[0]))
        assert before is None
        found = (await recovered(here.place, "pathway"))["pathway"]
        assert types(found)["pathway.lead-changed"]
        assert found.heard > 0
        held = await here.place.system.running["pathway"].shell.read(lambda store: store.find_holding(who[0]))
        assert held.lead == here.backstop.id
        await as_promised(here)
        assert (await here.place.types("pathway", who[0])).count("pathway.lead-changed") == 1


async def lead_of(place: Place, person: UUID) -> UUID | None:
    held = await place.system.running["pathway"].shell.read(lambda store: store.find_holding(person))
    return held.lead if held else None


@pytest.mark.parametrize("when", ["before", "after"])
async def test_what_knew_a_bus_that_lost_its_data_since_knows_the_one_that_is_there_and_goes_on__j2(
    tmp_path: Path, when: str
) -> None:
    who: list[UUID] = []

    async def arrives_around_it(here: WholePlace) -> None:
        if when == "before":
            await loses_its_bus(here.place)
        who.append(await somebody_comes(here))
        await here.place.settle()
        if when == "after":
            await loses_its_bus(here.place)

    async with gone_back(tmp_path, ("pathway",), arrives_around_it) as here:
        found = (await recovered(here.place, "pathway"))["pathway"]
        assert (found.whole, found.sent_again) == (True, True)
        who.append(await somebody_comes(here))
        await as_promised(here)
        assert [await lead_of(here.place, each) for each in who] == [here.backstop.id] * 2
        assert await here.place.rows(here.place.system.running["pathway"].shell.tables.unsent) == []
        assert not (await recovered(here.place, "pathway"))["pathway"].sent_again


async def test_who_took_somebody_on_since_leads_them_and_the_next_change_begins_with_it__j2(tmp_path: Path) -> None:
    who: list[UUID] = []

    async def chosen(here: WholePlace) -> None:
        came = await here.place.client().post("/v1/arrivals", json={"called": "N", "chosen_holder": str(here.house.id)})
        who.append(UUID(came.json()["person"]))

    async def taken_on(here: WholePlace) -> None:
        said = await here.house.http.post(f"/v1/people/{who[0]}/lead/acknowledgement", json={})
        assert said.status_code == 200, said.text

    async with gone_back(tmp_path, ("pathway",), taken_on, first=chosen) as here:
        await recovered(here.place, "pathway")
        them = here.place.client(person_pass(who[0]))
        lead = (await them.get(f"/v1/people/{who[0]}/lead")).json()
        assert (lead["lead"], lead["state"]) == (str(here.house.id), "held-not-met")
        back = await here.place.client(here.house.by).post(f"/v1/people/{who[0]}/lead/hand-back", json={})
        assert back.status_code == 409, back.text
        stays = {"organisation": str(here.group.id)}
        assert (await them.post(f"/v1/people/{who[0]}/alongside", json=stays)).status_code == 201
        await as_promised(here)


@pytest.mark.parametrize("answered", [False, True])
async def test_warning_signs_said_since_wait_for_a_human_without_their_words_unless_one_answered__p9(
    tmp_path: Path, *, answered: bool
) -> None:
    async def says(here: WholePlace) -> None:
        said = await here.me.post(f"/v1/people/{here.r}/warning-signs", json={"words": "It is back."})
        assert said.status_code == 201

    async def first(here: WholePlace) -> None:
        await here.yes(here.house.id, Part.JOURNEY)
        await says(here)

    async def meanwhile(here: WholePlace) -> None:
        await says(here)
        if answered:
            made = {"outcome": "made", "how": "phone"}
            assert (await here.house.http.post(f"/v1/people/{here.r}/contacts", json=made)).status_code == 201

    async with gone_back(tmp_path, ("pathway",), meanwhile, first=first) as here:
        found = types((await recovered(here.place, "pathway"))["pathway"])
        assert all(mended for name, mended in found.items() if "signs" in name), found
        await as_promised(here)
        await here.place.pass_time(timedelta(hours=5))
        items = (await here.me.get(f"/v1/people/{here.r}/warning-signs")).json()["items"]
        assert [each["words"] for each in items] == [None, "It is back."]
        assert {each["state"] for each in items} == {"answered" if answered else "unanswered"}


async def test_the_whole_place_goes_back_and_everything_that_was_told_stands_in_journals_and_cursors(
    tmp_path: Path,
) -> None:
    r = Meanwhile()

    async def much(here: WholePlace) -> None:
        await somebody_comes(here)
        await r.let_in(here)
        await r.takes_back(here)

    async with gone_back(tmp_path, tuple(SERVICES), much) as here:
        found = await recovered(here.place)
        assert all(each.whole for each in found.values())
        assert types(found["consent"]) == {"consent.given": False, "consent.withdrawn": True}
        await as_promised(here)
        assert await reads(here) in {403, 404}


async def test_an_organisation_that_stopped_since_stays_stopped__j2a(tmp_path: Path) -> None:
    async def stops(here: WholePlace) -> None:
        steward = await a_steward(here.place)
        said = await steward.post(f"/v1/organisations/{here.group.id}/ending", json={"how": "suspended"})
        assert said.status_code < 300, said.text

    async with gone_back(tmp_path, ("community",), stops) as here:
        port = here.place.system.running["community"].port
        assert (await port.organisation(here.group.id)).active
        found = (await recovered(here.place, "community"))["community"]
        assert types(found) == {"community.organisation-stopped": True}
        assert not (await port.organisation(here.group.id)).active
        await as_promised(here)


async def test_nobody_is_written_to_by_a_route_that_was_changed_since__s7(tmp_path: Path) -> None:
    async def safe(here: WholePlace, phone: str) -> None:
        said = await here.me.put(f"/v1/people/{here.r}/reach", json={"phone": phone})
        assert said.status_code < 300, said.text

    async with gone_back(
        tmp_path, ("intake",), lambda here: safe(here, "07700 900002"), first=lambda here: safe(here, "07700 900001")
    ) as here:
        port = here.place.system.running["intake"].port
        assert await port.routes(here.r)
        found = (await recovered(here.place, "intake"))["intake"]
        assert [(fact.type, fact.about) for fact in found.facts] == [("intake.safe-contact-changed", here.r)]
        assert await port.routes(here.r) == ()
        await as_promised(here)


async def test_whoever_was_signed_in_signs_in_again_and_no_link_opens_twice(tmp_path: Path) -> None:
    async with gone_back(tmp_path, (), somebody_comes) as here:
        until = here.place.clock.now() + timedelta(hours=1)
        token = await issue(here.place.system, a_pass(Role.STEWARD), until)
        identify = here.place.system.running["gateway"].port.identify
        assert await identify(token) is not None
        await recovered(here.place, "gateway")
        assert await identify(token) is None


async def test_a_journal_that_went_on_another_way_is_left_alone_and_said_so(tmp_path: Path) -> None:
    r = Meanwhile()
    async with gone_back(tmp_path, ("consent",), r.takes_back, first=r.let_in) as here:
        other = await here.yes(here.house.id, Part.PLAN)
        found = (await recovered(here.place, "consent"))["consent"]
        assert not found.whole
        assert [(each.about, each.why) for each in found.astray] == [(here.r, "does-not-continue")]
        choices = (await here.me.get(f"/v1/people/{here.r}/choices")).json()["items"]
        assert str(other) in {each["choice"] for each in choices if each["state"] == "in-force"}
