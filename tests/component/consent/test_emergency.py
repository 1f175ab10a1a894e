"""Emergency access: where the person has not chosen, plan and safe contact, for one named practitioner (C5)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from services.consent.tables import LEDGER
from shared.event import Part, Role
from shared.events.consent import EmergencyAccessUsed, EmergencyReviewDue
from shared.ids import new_id
from shared.passes import Purpose
from shared.ports import Act
from tests.support.consent_place import ConsentPlace, consent_place
from tests.support.place import a_pass, person_pass
from tests.support.twins import Alike

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    import httpx2

    from shared.passes import Pass

REASON = "Found on the bridge; could not say who to ring."
USED = "consent.emergency-access-used"
OPENED = "opened emergency access to your plan and how to reach you safely, for your support"


@pytest.fixture
async def here(tmp_path: Path):
    async with consent_place(tmp_path) as made:
        yield made


def practitioner(here: ConsentPlace, role: Role = Role.PRACTITIONER, **more: Any) -> Pass:
    return a_pass(role, organisation=here.house, **more)


async def opens(here: ConsentPlace, by: Pass, person: UUID | None = None, **more: Any) -> httpx2.Response:
    body = {"reason": REASON} | more
    return await here.place.client(by).post(f"/v1/people/{person or here.r}/emergency-access", json=body)


async def seen(here: ConsentPlace, by: Pass) -> set[Part]:
    return {part for part in Part if await here.may(by, part)}


async def looked(here: ConsentPlace) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await here.me.get(f"/v1/people/{here.r}/who-looked")).json()["items"]
    return items


@pytest.mark.parametrize("role", [Role.PRACTITIONER, Role.DUTY])
async def test_where_there_is_no_choice_it_opens_plan_and_safe_contact_and_no_more__c5(here, role: Role) -> None:
    by = practitioner(here, role)
    assert await seen(here, by) == set()
    said = await opens(here, by)
    assert (said.status_code, said.json()["opens"]) == (201, ["contact-details", "plan"])
    assert await seen(here, by) == {Part.PLAN, Part.CONTACT}
    assert await here.why(by, Part.PLAN) == "emergency"
    for act in (Act.WRITE, Act.DELIVERY, Act.ALERT, Act.EXPORT):
        assert not await here.may(by, Part.PLAN, act)
    assert not await here.may(by, Part.PLAN, person=new_id())


async def test_it_is_one_member_s_alone__c5(here: ConsentPlace) -> None:
    by = practitioner(here)
    await opens(here, by)
    assert await seen(here, practitioner(here)) == set()
    assert await seen(here, a_pass(Role.SYSTEM, organisation=here.house)) == set()
    elsewhere = a_pass(Role.PRACTITIONER, organisation=here.team)
    assert (
        await seen(here, a_pass(Role.PEER_SUPPORTER, organisation=here.house)) == await seen(here, elsewhere) == set()
    )


async def test_it_ends_by_itself_at_its_time_which_is_four_hours_and_never_more_than_a_day__c5(here) -> None:
    usual, long = practitioner(here), practitioner(here)
    await opens(here, usual)
    await opens(here, long, hours=24)
    here.place.clock.move(timedelta(hours=4))
    assert (await seen(here, usual), await seen(here, long)) == (set(), {Part.PLAN, Part.CONTACT})
    here.place.clock.move(timedelta(hours=20))
    assert await seen(here, long) == set()
    for hours in (0, 25, -1):
        assert (await opens(here, usual, hours=hours)).status_code == 422
    for reason in ("", None):
        assert (await opens(here, usual, reason=reason)).status_code == 422


async def said_no(here: ConsentPlace, by: Pass) -> None:
    await here.choose({"organisation": str(here.house)}, permit=False)


async def said_no_to_a_role(here: ConsentPlace, by: Pass) -> None:
    await here.choose({"role": by.role.value}, permit=False)


async def hid(here: ConsentPlace, by: Pass) -> None:
    await here.choose({"member": str(by.member)}, permit=False, hide=True)


async def took_back(here: ConsentPlace, by: Pass) -> None:
    await here.withdraw(await here.yes(here.house, Part.PLAN, Part.CONTACT))


@pytest.mark.parametrize("said", [said_no, said_no_to_a_role, hid, took_back])
async def test_whatever_the_person_said_stands_and_can_not_be_told_from_somebody_unknown__c5_c4(here, said) -> None:
    by = practitioner(here)
    await said(here, by)
    known, unknown = await opens(here, by), await opens(here, by, new_id())
    assert known.status_code == 404
    assert Alike().answer(known) == Alike().answer(unknown)
    assert await seen(here, by) == set()
    assert USED not in await here.place.types("consent")
    assert await looked(here) == []


async def test_one_s_own_record_is_never_opened_by_a_work_role__s12_c5(here: ConsentPlace) -> None:
    by = practitioner(here, person=here.r)
    assert (await opens(here, by)).status_code == 404
    assert await seen(here, by) == set()


@pytest.mark.parametrize("said", [said_no, hid])
async def test_a_no_that_is_said_meanwhile_ends_it_at_once__c5_c2(here: ConsentPlace, said: Any) -> None:
    by = practitioner(here)
    await opens(here, by)
    assert await seen(here, by) == {Part.PLAN, Part.CONTACT}
    await said(here, by)
    assert await seen(here, by) == set()


async def test_a_no_about_one_part_leaves_the_other__c5(here: ConsentPlace) -> None:
    await here.choose({"organisation": str(here.house)}, Part.PLAN, permit=False)
    by = practitioner(here)
    assert (await opens(here, by)).status_code == 201
    assert await seen(here, by) == {Part.CONTACT}


async def test_what_is_open_already_needs_no_emergency__c5(here: ConsentPlace) -> None:
    await here.yes(here.house, Part.PLAN, Part.CONTACT)
    said = await opens(here, practitioner(here))
    assert (said.status_code, said.json()["code"]) == (409, "already-open")


async def test_a_yes_that_came_to_its_end_is_the_absence_of_one__c5(here: ConsentPlace) -> None:
    until = here.place.clock.now() + timedelta(hours=1)
    await here.yes(here.house, Part.PLAN, Part.CONTACT, until=until.isoformat())
    here.place.clock.move(timedelta(hours=2))
    by = practitioner(here)
    assert (await opens(here, by)).status_code == 201
    assert await seen(here, by) == {Part.PLAN, Part.CONTACT}


async def test_only_a_named_practitioner_of_a_commissioned_organisation_asks_for_care__c5_m1(here) -> None:
    no_member = practitioner(here)
    wrong = [
        a_pass(Role.PRACTITIONER, organisation=here.group),
        practitioner(here, purpose=Purpose.RESEARCH),
        practitioner(here, Role.PEER_SUPPORTER),
        practitioner(here, Role.CARER),
        practitioner(here, Role.STEWARD),
        a_pass(Role.SYSTEM, organisation=here.house, scopes=frozenset({"read", "write"})),
        person_pass(new_id()),
        type(no_member)(Role.PRACTITIONER, new_id(), organisation=here.house),
    ]
    for by in wrong:
        answers = [await opens(here, by), await opens(here, by, new_id())]
        assert {each.status_code for each in answers} == {403}, by.role
        assert len({each.text for each in answers}) == 1


async def test_the_person_sees_who_used_it_when_and_why_and_each_reading__c5_c6(here: ConsentPlace) -> None:
    by = practitioner(here)
    made = (await opens(here, by)).json()
    assert await here.may(by, Part.PLAN)
    read, used = await looked(here)
    use = {"access": made["access"], "until": made["until"], "reason": REASON}
    assert (read["why"], read["part"], read["emergency"], read["choice"]) == ("emergency", "plan", use, None)
    assert (used["why"], used["emergency"]) == ("emergency", use)
    assert used["says"].startswith(f"A practitioner of The Willows {OPENED}")
    assert "was let see your plan" in read["says"]
    (item,) = (await here.me.get(f"/v1/people/{here.r}/emergency-access")).json()["items"]
    assert (item["reason"], item["organisation_name"], item["role"]) == (REASON, "The Willows", "practitioner")
    assert (item["at"], item["until"]) == (made["at"], made["until"])


async def test_the_list_is_the_person_s_alone_and_comes_in_pages__c4(here: ConsentPlace) -> None:
    made = [(await opens(here, practitioner(here), hours=n)).json()["access"] for n in (1, 2, 3)]
    path = f"/v1/people/{here.r}/emergency-access"
    first = (await here.me.get(path, params={"limit": 2})).json()
    second = (await here.me.get(path, params={"limit": 2, "cursor": first["next"]})).json()
    assert [each["access"] for each in (*first["items"], *second["items"])] == made[::-1]
    assert "next" not in second
    another = here.place.client(person_pass(new_id()))
    answers = [await another.get(path), await another.get(f"/v1/people/{new_id()}/emergency-access")]
    assert [each.status_code for each in answers] == [404, 404]
    assert answers[0].text == answers[1].text
    assert (await here.place.client(practitioner(here)).get(path)).status_code == 403


async def test_an_attempt_that_opens_nothing_is_in_the_ledger_too__c5(here: ConsentPlace) -> None:
    by = practitioner(here)
    await said_no(here, by)
    await opens(here, by)

    (row,) = [each for each in await here.place.rows(LEDGER) if each["member"] == by.member]
    assert (bool(row["permitted"]), row["why"], row["person"]) == (False, "said-no", here.r)
    assert await here.place.system.running["consent"].port.broken_batches() == []


async def test_its_facts_hold_ids_and_instants_and_a_review_falls_due_after_72_hours__c5(here: ConsentPlace) -> None:
    by = practitioner(here)
    access = (await opens(here, by)).json()
    (used,) = [each.event() for each in await here.place.journal("consent", here.r)]
    assert isinstance(used, EmergencyAccessUsed)
    assert (str(used.access), used.organisation, used.member) == (access["access"], here.house, by.member)
    await here.place.pass_time(timedelta(hours=71))
    assert await here.place.types("consent", here.r) == [USED]
    await here.place.pass_time(timedelta(hours=2))
    due = (await here.place.journal("consent", here.r))[-1].event()
    assert due == EmergencyReviewDue(subject=here.r, access=used.access, organisation=here.house)
    assert REASON.encode() not in b"".join(each.raw for each in await here.place.journal("consent"))
