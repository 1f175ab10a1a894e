"""My warning signs are showing, over HTTP (P9)."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.event import Part, Role
from shared.ids import new_id
from shared.passes import Pass, Purpose
from tests.support.pathway_person import R
from tests.support.pathway_place import a_pathway

WAIT = timedelta(hours=4, minutes=1)
LADDER = [
    {"heading": "services", "words": "The night line."},
    {"heading": "safer-around-me", "words": "Give Sam the keys."},
    {"heading": "by-myself", "words": "Walk to the canal."},
    {"heading": "warning-signs", "words": "I stop opening the post."},
    {"heading": "ask-for-help", "words": "Sam."},
    {"heading": "people-and-places", "words": "The allotment."},
]


@pytest.fixture
async def r(tmp_path: Path) -> AsyncIterator[R]:
    """R, held by a team that has met them, with a peer group alongside and rung."""
    async with a_pathway(tmp_path / "place") as it:
        yield await R(it).held()


async def signs(r: R, by: Pass | None = None, **said: Any) -> dict[str, Any]:
    """Say that warning signs are showing."""
    found: dict[str, Any] = (await r.ok(r.post(by or r.me, "warning-signs", said))).json()
    return found


async def shown(r: R, by: Pass | None = None) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await r.ok(r.it.get(by or r.me, path(r)))).json()["items"]
    return items


def path(r: R) -> str:
    return f"/v1/people/{r.person}/warning-signs"


async def a_plan(r: R) -> str:
    """Have a plan of six steps in force, and give the line of its warning sign."""
    plan = (await r.ok(r.post(r.me, "plans", {"lines": LADDER, "co_produced": True}))).json()["plan"]
    await r.ok(r.it.post(r.me, f"/v1/plans/{plan}/agreement", {"revision": 1, "agreed": True}))
    lines = (await r.ok(r.it.get(r.me, f"/v1/plans/{plan}"))).json()["lines"]
    sign: str = next(line["id"] for line in lines if line["heading"] == "warning-signs")
    return sign


async def test_the_person_says_so_in_one_act_with_no_words_and_no_plan__p9(r: R) -> None:
    before = r.it.place.clock.now()
    said = await signs(r)
    by = datetime.fromisoformat(said["answer_by"])
    assert timedelta(hours=4) <= by - before <= timedelta(hours=4, minutes=1), "though they are not at crisis"
    assert (said["plan"], said["line"], said["lead"]) == (None, None, str(r.team))
    assert (await r.told())[-1] == "warning-signs-showing"


async def test_what_the_plan_promises_comes_back_in_the_plan_s_order__p9(r: R) -> None:
    sign = await a_plan(r)
    said = await signs(r, line=sign, words="Three weeks of post.")
    promised = [(line["heading"], line["words"]) for line in said["plan"]["lines"]]
    assert promised == [
        ("by-myself", "Walk to the canal."),
        ("people-and-places", "The allotment."),
        ("ask-for-help", "Sam."),
        ("services", "The night line."),
    ]
    assert said["line"] == sign
    assert [(each["line"], each["words"]) for each in await shown(r)] == [(sign, "Three weeks of post.")]


async def test_only_a_line_of_a_warning_sign_is_kept_and_nobody_is_turned_away_for_another__p9(r: R) -> None:
    await a_plan(r)
    said = await signs(r)
    for line in (said["plan"]["lines"][0]["id"], str(new_id())):
        assert (await signs(r, line=line))["line"] is None


async def test_a_supporter_says_it_whom_the_person_chose_or_who_may_see_their_plan__p9(r: R) -> None:
    await a_plan(r)
    chosen, allowed, known = (r.it.community.join("peer-group") for _ in range(3))
    r.it.intake.rung[r.person] = (chosen,)
    by = {each: r.it.member(each, Role.PEER_SUPPORTER) for each in (chosen, allowed, known)}
    r.it.open(r.person, chosen, ())
    r.it.open(r.person, allowed, (Part.PLAN,))
    r.it.open(r.person, known, (Part.JOURNEY,))
    said = await signs(r, by[chosen])
    assert (said["plan"], said["lead"]) == (None, None), "what they may not see is not there"
    said = await signs(r, by[allowed])
    assert (len(said["plan"]["lines"]), said["lead"]) == (4, None)
    turned = await r.post(by[known], "warning-signs")
    assert (turned.status_code, turned.json()["code"]) == (403, "not-their-supporter")
    stranger = await r.post(r.it.member(r.it.community.join()), "warning-signs")
    assert stranger.status_code == 404
    assert [each["member"] for each in await shown(r)] == [str(by[each].member) for each in (allowed, chosen)]


async def test_the_plan_opened_by_a_supporter_is_asked_of_consent_for_a_crisis__p9_p6(r: R) -> None:
    await a_plan(r)
    r.it.consent.asked.clear()
    await signs(r, r.worker)
    asked = [ask.by.purpose for ask in r.it.consent.asked if ask.part is Part.PLAN]
    assert set(asked) == {Purpose.CRISIS}


async def test_opened_by_this_act_the_plan_is_looked_at_again_after__p6_p9(r: R) -> None:
    await a_plan(r)
    await signs(r, r.worker)
    assert (await r.told())[-2:] == ["warning-signs-showing", "plan-opened-in-crisis"]
    await r.it.place.pass_time(timedelta(days=3, minutes=1))
    assert (await r.told()).count("plan-review-due") == 1


async def test_who_may_not_see_the_plan_opens_none_by_saying_it__c4_p9(r: R) -> None:
    sign = await a_plan(r)
    r.it.open(r.person, r.group, (Part.JOURNEY,))
    assert (await signs(r, r.peer, line=sign))["line"] is None
    assert "plan-opened-in-crisis" not in await r.told()
    await signs(r, line=sign)
    assert [each["line"] for each in await shown(r, r.peer)] == [None, None]
    assert [each["line"] for each in await shown(r, r.worker)] == [sign, None]


async def test_contact_made_by_anybody_since_answers_and_a_try_does_not__p9(r: R) -> None:
    earlier = r.it.place.clock.now().isoformat()
    await r.it.place.pass_time(timedelta(minutes=5))
    await signs(r)
    await r.try_(r.worker)
    await r.ok(r.post(r.worker, "contacts", {"outcome": "made", "how": "phone", "happened_at": earlier}))
    assert [each["state"] for each in await shown(r)] == ["open"]
    await r.ok(r.post(r.peer, "contacts", {"outcome": "made", "how": "in-person"}))
    (said,) = await shown(r)
    assert (said["state"], said["answered_at"] is not None) == ("answered", True)
    await r.it.place.pass_time(WAIT)
    told = await r.told()
    assert (told.count("warning-signs-answered"), "warning-signs-unanswered" in told) == (1, False)


async def test_silence_is_said_once_and_an_answer_still_counts_after__p9_j9(r: R) -> None:
    await signs(r)
    await r.it.place.pass_time(WAIT)
    assert (await r.told()).count("warning-signs-unanswered") == 1
    assert [each["state"] for each in await shown(r)] == ["unanswered"]
    await r.ok(r.post(r.worker, "contacts", {"outcome": "made", "how": "phone"}))
    assert (await r.told())[-1] == "warning-signs-answered"


async def test_a_welcome_is_no_answer_to_warning_signs_and_contact_none_to_an_ask__p9_j12(r: R) -> None:
    house = r.it.community.join("crisis-house")
    host, offer = r.it.supporter(r.person, house), r.it.community.offer_of(house, "crisis")
    await signs(r)
    await r.ok(r.post(r.me, "asks"))
    link = (await r.ok(r.post(r.peer, "links", {"offer": str(offer.id), "leads": True}))).json()["link"]
    await r.ok(r.it.post(host, f"/v1/links/{link}/welcome"))
    assert (await r.told()).count("ask-answered") == 1
    assert [each["state"] for each in await shown(r)] == ["open"]


async def test_somebody_who_had_gone_is_held_again_by_saying_it__p9_j7(r: R) -> None:
    await r.ok(r.post(r.me, "leave-me-be"))
    assert await r.lead() is None
    said = await signs(r)
    assert said["lead"] == str(await r.lead()) == str(r.it.community.the_backstop)


async def test_a_supporter_s_word_holds_again_who_manages_independently__p9_j7(tmp_path: Path) -> None:
    async with a_pathway(tmp_path / "place") as it:
        gone = await R(it).independent()
        assert await gone.lead() is None
        said = await signs(gone, gone.peer)
        assert await gone.lead() == it.community.the_backstop
        assert [line["heading"] for line in said["plan"]["lines"]] == [], "a plan of signs alone promises nothing"


async def test_leave_me_be_stops_the_clock_in_the_same_act__p9_j4(r: R) -> None:
    await signs(r)
    await r.ok(r.post(r.me, "leave-me-be"))
    await r.it.place.pass_time(WAIT)
    assert "warning-signs-unanswered" not in await r.told()


async def test_the_same_request_again_says_it_once__p9(r: R) -> None:
    await a_plan(r)
    again = {"headers": {"X-Request-ID": str(new_id())}}
    one, other = [await r.it.post(r.me, path(r), {"words": "It is back."}, **again) for _ in range(2)]
    assert one.json() == other.json()
    assert (await r.told()).count("warning-signs-showing") == 1
    assert (await r.it.post(r.me, path(r), {"words": "Else."}, **again)).status_code == 422


async def test_they_are_listed_newest_first_with_who_said_it_page_by_page__p9(r: R) -> None:
    for by in (r.me, r.peer, r.worker):
        await signs(r, by)
        await r.it.place.pass_time(timedelta(minutes=1))
    first = (await r.ok(r.it.get(r.me, path(r), params={"limit": 2}))).json()
    rest = (await r.ok(r.it.get(r.me, path(r), params={"limit": 2, "cursor": first["next"]}))).json()
    found = [(each["by_person"], each["organisation"], each["member"]) for each in (*first["items"], *rest["items"])]
    assert found == [
        (False, str(r.team), str(r.worker.member)),
        (False, str(r.group), str(r.peer.member)),
        (True, None, None),
    ]
    assert "next" not in rest


async def test_warning_signs_are_neither_among_asks_nor_in_their_figure__p9_j12(r: R) -> None:
    for _ in range(7):
        await signs(r)
    assert (await r.it.get(r.me, f"/v1/people/{r.person}/asks")).json()["items"] == []
    async with r.it.place.client() as anyone:
        assert (await anyone.get("/v1/figures/asks")).json()["asked"] == "*"


async def test_the_timeline_says_it_in_plain_words__p9_j11(r: R) -> None:
    await signs(r, words="It is back.")
    await r.it.place.settle()
    page = await r.ok(r.it.get(r.me, f"/v1/people/{r.person}/timeline"))
    assert page.json()["items"][-1]["says"] == "It was said that warning signs are showing."
    assert "It is back" not in page.text
