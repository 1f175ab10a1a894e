"""Ways out over HTTP: managing independently, leave me be, quietly held, moved away (J4)."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from shared.event import Role
from tests.support.pathway_person import R
from tests.support.pathway_place import PathwayPlace, a_pathway, a_rulebook


@pytest.fixture
async def it(tmp_path: Path) -> AsyncIterator[PathwayPlace]:
    async with a_pathway(tmp_path / "place") as place:
        yield place


@pytest.fixture
async def r(it: PathwayPlace) -> R:
    return await R(it).held()


def reasons(answer: httpx2.Response) -> set[str]:
    assert (answer.status_code, answer.json()["code"]) == (409, "let-go-turned-back"), answer.text
    return {each["code"] for each in answer.json()["reasons"]}


async def test_nobody_is_let_go_into_nothing_and_the_turning_back_is_an_event__j4(r: R) -> None:
    assert reasons(await r.let_go()) == {"not-agreed", "no-plan-in-force", "no-way-back", "no-check-ins"}
    event = (await r.it.place.journal("pathway", r.person))[-1]
    assert event.type == "pathway.let-go-turned-back"
    assert set(event.data["reasons"]) == {"not-agreed", "no-plan-in-force", "no-way-back", "no-check-ins"}
    assert await r.lead() == r.team


async def test_nobody_is_let_go_with_a_plan_they_did_not_agree__j4(r: R) -> None:
    line = {"heading": "warning-signs", "words": "Theirs", "written": "recorded-by"}
    await r.ok(r.post(r.worker, "plans", {"lines": [line], "co_produced": False}))
    await r.ok(r.agree())
    assert reasons(await r.let_go()) == {"no-plan-in-force"}
    assert await r.lead() == r.team


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        ({"way_back": None}, "no-way-back"),
        ({"check_ins": None}, "no-check-ins"),
        ({"agreed": False}, "not-agreed"),
    ],
)
async def test_each_part_that_is_missing_turns_letting_go_back__j4(r: R, missing: Any, reason: str) -> None:
    await r.plan()
    await r.ok(r.agree(**missing))
    assert reasons(await r.let_go()) == {reason}
    assert await r.lead() == r.team


async def test_the_agreement_is_not_witnessed_by_who_lets_go__j4(r: R) -> None:
    await r.plan()
    await r.ok(r.agree(r.worker, how="in-person"))
    assert reasons(await r.let_go()) == {"witness-lets-go"}
    await r.ok(r.agree(r.it.supporter(r.person, r.it.community.join("council")), how="phone"))
    assert reasons(await r.let_go()) == {"witness-not-chosen"}
    await r.ok(r.agree(r.peer, how="in-person"))
    assert (await r.let_go()).status_code == 200


async def test_only_the_lead_lets_go__j4(r: R) -> None:
    await r.plan()
    await r.ok(r.agree())
    assert reasons(await r.let_go(r.peer)) == {"not-the-lead"}
    assert await r.lead() == r.team


async def test_managing_independently_nobody_leads_and_the_last_lead_owes_the_check_ins__j4_j2(r: R) -> None:
    await r.plan()
    await r.ok(r.agree(check_ins=14))
    assert (await r.let_go()).json() == {"person": str(r.person), "state": "managing-independently"}
    assert await r.lead() is None
    assert (await r.told())[-2:] == ["managing-independently", "lead-changed"]
    shown = (await r.it.get(r.me, f"/v1/people/{r.person}/lead")).json()
    assert (shown["owes_the_way_back"], shown["intensity"]) == (str(r.team), "managing-independently")
    await r.it.place.pass_time(timedelta(days=43))
    assert (await r.told()).count("check-in-due") == 3
    assert (await r.let_go()).json()["code"] == "not-supported"


async def test_nobody_is_let_go_out_of_crisis_past_the_question_where_they_will_sleep__j4_j13(r: R) -> None:
    await r.plan()
    await r.ok(r.agree())
    await r.ok(r.post(r.worker, "steps", {"to": "crisis"}))
    assert reasons(await r.let_go()) == {"at-crisis"}
    assert await r.lead() == r.team
    await r.ok(r.post(r.me, "steps", {"to": "community", "sleeping": "somewhere-safe"}))
    assert (await r.let_go()).status_code == 200


async def test_a_check_in_names_whom_the_person_wants_it_from__j4(r: R) -> None:
    await r.plan()
    await r.ok(r.agree(check_in_by=str(r.group)))
    await r.ok(r.let_go())
    await r.it.place.pass_time(timedelta(days=15))
    due = (await r.it.place.journal("pathway", r.person))[-1]
    assert (due.type, due.data) == ("pathway.check-in-due", {"last_lead": str(r.team), "by": str(r.group)})


async def test_the_person_may_say_never_to_check_ins__j4(r: R) -> None:
    await r.plan()
    await r.ok(r.agree(check_ins="never"))
    assert (await r.let_go()).status_code == 200
    await r.it.place.pass_time(timedelta(days=60))
    assert "check-in-due" not in await r.told()


async def test_an_agreement_that_is_taken_back_before_letting_go_is_none__j4(r: R) -> None:
    await r.plan()
    await r.ok(r.agree())
    await r.ok(r.agree(agreed=False))
    assert reasons(await r.let_go()) == {"not-agreed"}


async def test_an_agreement_lasts_for_one_way_out__j4(r: R) -> None:
    await r.plan()
    await r.ok(r.agree())
    await r.ok(r.let_go())
    await r.ok(r.it.post(r.me, "/v1/returns"))
    await r.ok(r.post(r.worker, "lead/acknowledgement"))
    assert reasons(await r.let_go()) == {"not-agreed"}


async def test_leave_me_be_is_one_act_and_every_message_and_clock_stops_with_it__j4(r: R) -> None:
    await r.ok(r.post(r.worker, "left-the-building"))
    await r.ok(r.post(r.me, "asks"))
    port = r.it.place.system.running["pathway"].port
    assert await port.told(r.person)
    assert (await r.post(r.me, "leave-me-be", {"words": "No more for now."})).json()["state"] == "left-be"
    assert await r.lead() is None
    assert not await port.told(r.person)
    before = await r.told()
    assert before[-2:] == ["left", "lead-changed"]
    await r.it.place.pass_time(timedelta(days=60))
    assert await r.told() == before
    assert (await r.post(r.me, "leave-me-be")).status_code == 200
    assert await r.told() == before


async def test_no_proxy_and_no_supporter_sets_leave_me_be__j4(r: R) -> None:
    other = r.it.of(r.it.arrive())
    for by, status in ((r.worker, 403), (r.peer, 403), (other, 404)):
        assert (await r.post(by, "leave-me-be")).status_code == status
    assert await r.lead() == r.team


async def test_leave_me_be_asks_for_no_plan_and_no_agreement__j4(it: PathwayPlace) -> None:
    r = R(it)
    assert (await r.post(r.me, "leave-me-be")).status_code == 200
    assert await r.lead() is None


async def test_leave_me_be_ends_an_open_alarm__j4_j9(r: R) -> None:
    await r.ok(r.post(r.worker, "left-the-building"))
    await r.it.place.pass_time(timedelta(hours=73))
    assert (await r.told())[-1] == "drifting"
    await r.ok(r.post(r.me, "leave-me-be"))
    assert "drifting-ended" in await r.told()


async def test_quietly_held_needs_the_whole_ladder__j4(r: R) -> None:
    answer = await r.post(r.worker, "quietly-held")
    assert reasons(answer) == {"too-few-tries", "one-channel", "no-supporter-asked", "too-soon"}
    await r.ladder()
    assert (await r.post(r.worker, "quietly-held")).status_code == 202
    assert await r.state() == "held"
    assert (await r.post(r.peer, "quietly-held")).status_code == 200
    assert await r.state() == "quietly-held"
    assert await r.lead() == r.team
    assert (await r.told())[-1] == "quietly-held"


async def test_quietly_held_is_said_by_two_one_an_expert_by_experience_of_another_organisation__j4(r: R) -> None:
    await r.ladder()
    colleague = r.it.supporter(r.person, r.team, Role.PEER_SUPPORTER)
    for by in (r.worker, colleague):
        assert (await r.post(by, "quietly-held")).status_code == 202
    other = r.it.supporter(r.person, r.it.community.join("council"))
    assert reasons(await r.post(other, "quietly-held")) == {"not-the-lead"}
    assert await r.state() == "held"


async def test_contact_begins_the_ladder_again_and_ends_being_quietly_held__j4_j7(r: R) -> None:
    await r.ladder()
    await r.ok(r.post(r.peer, "contacts", {"outcome": "made", "how": "phone"}))
    assert "too-few-tries" in reasons(await r.post(r.worker, "quietly-held"))
    await r.ladder()
    for by in (r.worker, r.peer):
        await r.ok(r.post(by, "quietly-held"))
    await r.ok(r.post(r.peer, "contacts", {"outcome": "made", "how": "phone"}))
    assert (await r.state(), await r.lead()) == ("held", r.team)
    assert (await r.told())[-1] == "returned"


async def test_nobody_is_held_quietly_within_four_weeks_of_crisis__j4(r: R) -> None:
    await r.ladder()
    await r.ok(r.post(r.worker, "steps", {"to": "crisis"}))
    assert "lately-in-crisis" in reasons(await r.post(r.worker, "quietly-held"))
    await r.ok(r.post(r.worker, "steps", {"to": "community", "sleeping": "somewhere-safe"}))
    await r.it.place.pass_time(timedelta(days=27))
    assert reasons(await r.post(r.worker, "quietly-held")) == {"lately-in-crisis"}
    await r.it.place.pass_time(timedelta(days=2))
    assert (await r.post(r.worker, "quietly-held")).status_code == 202


async def test_a_rulebook_may_keep_people_longer_out_of_being_held_quietly__j4_m6(r: R, monkeypatch: Any) -> None:
    longer = replace(a_rulebook(), not_quiet_within=timedelta(weeks=8))
    monkeypatch.setattr(r.it.community, "rulebook", lambda: longer)
    await r.ok(r.post(r.worker, "steps", {"to": "crisis"}))
    await r.ok(r.post(r.worker, "steps", {"to": "community", "sleeping": "somewhere-safe"}))
    await r.ladder()
    assert reasons(await r.post(r.worker, "quietly-held")) == {"lately-in-crisis"}
    await r.it.place.pass_time(timedelta(weeks=4))
    assert (await r.post(r.worker, "quietly-held")).status_code == 202


async def test_nobody_is_held_quietly_while_they_wait_for_an_answer__j4_j12(r: R) -> None:
    await r.ok(r.post(r.me, "asks"))
    await r.ladder()
    assert reasons(await r.post(r.worker, "quietly-held")) == {"ask-open"}


async def test_quietly_held_is_without_alarms__j4(r: R) -> None:
    await r.ladder()
    for by in (r.worker, r.peer):
        await r.ok(r.post(by, "quietly-held"))
    before = await r.told()
    await r.it.place.pass_time(timedelta(days=40))
    assert await r.told() == before


async def test_a_move_away_ends_only_when_the_new_place_has_met_them__j4(r: R) -> None:
    move = (await r.ok(r.post(r.worker, "moves", {"new_place": "Leeds"}))).json()["move"]
    assert (await r.post(r.worker, f"moves/{move}/met")).json()["fields"] == ["there"]
    said = await r.post(r.worker, f"moves/{move}/met", {"there": "Their key worker, by phone"})
    assert (said.status_code, said.json()["confirmed"], said.json()["state"]) == (202, False, "supported")
    assert await r.lead() == r.team
    answer = await r.post(r.me, f"moves/{move}/met")
    assert (answer.status_code, answer.json()["state"]) == (200, "moved")
    assert await r.lead() is None
    assert (await r.told())[-2:] == ["moved", "lead-changed"]
    assert (await r.post(r.me, f"moves/{move}/met")).status_code == 200


async def test_nobody_is_moved_away_by_the_word_of_who_lets_go_alone__j4(r: R) -> None:
    r.it.intake.rung[r.person] = (r.group, r.team)
    move = (await r.ok(r.post(r.worker, "moves", {"new_place": "Leeds"}))).json()["move"]
    assert (await r.post(r.worker, f"moves/{move}/met", {"there": "Somebody"})).status_code == 202
    assert await r.lead() == r.team
    assert (await r.post(r.peer, f"moves/{move}/met", {"there": "R's new worker, with R"})).status_code == 200
    assert await r.lead() is None


async def test_only_the_person_or_their_lead_begins_a_move_and_no_stranger_ends_it__j4(r: R) -> None:
    assert (await r.post(r.peer, "moves", {"new_place": "Leeds"})).json()["code"] == "not-the-lead"
    move = (await r.ok(r.post(r.me, "moves", {"new_place": "Leeds"}))).json()["move"]
    other = r.it.supporter(r.person, r.it.community.join("charity"), Role.PEER_SUPPORTER)
    answer = await r.post(other, f"moves/{move}/met", {"there": "Somebody"})
    assert answer.json()["code"] == "not-the-lead"
    assert await r.lead() == r.team
