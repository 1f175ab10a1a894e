"""A plan with somebody beside: whose words a line is, witnessed by whom they chose, opened in a crisis (P2 to P6)."""

from collections.abc import AsyncIterator

import pytest

from shared.event import Part, Role
from tests.support.browser import Browser
from tests.support.setting_up import somebody_of
from tests.support.whole_place import WholePlace


@pytest.fixture
async def sam(here: WholePlace) -> AsyncIterator[Browser]:
    await here.yes(here.group.id, Part.NAME, Part.PLAN, Part.JOURNEY)
    browser = Browser(here.place, here.group.by)
    yield browser
    await browser.close()


async def drafted(here: WholePlace, sam: Browser) -> str:
    await sam.open(f"/beside/{here.r}/plan/make/steps")
    page = await sam.press(
        "Keep this for them to read", co_produced="yes",
        **{"warning-signs": "I stop sewing.\nThe curtains stay shut.", "services-mine": "The desk, by day."},
    )  # fmt: skip
    assert page.says("It is kept for them to read.", "I stop sewing.", "not answered yet"), page.text
    return page.path


async def test_each_line_says_whose_words_it_is(here: WholePlace, sam: Browser) -> None:
    """P2."""
    plan = (await drafted(here, sam)).rpartition("/")[2]
    lines = (await here.me.get(f"/v1/plans/{plan}")).json()["lines"]
    assert [(each["words"], each["written"]) for each in lines] == [
        ("I stop sewing.", "supported-by"), ("The curtains stay shut.", "supported-by"),
        ("The desk, by day.", "recorded-by"),
    ]  # fmt: skip


async def test_a_plan_without_a_word_of_theirs_is_not_made_together_and_says_why(
    here: WholePlace, sam: Browser
) -> None:
    """P2."""
    await sam.open(f"/beside/{here.r}/plan/make/steps")
    page = await sam.press("Keep this for them to read", co_produced="yes", **{"services-mine": "The desk."})
    assert page.status == 409
    assert page.says("Nothing in this plan is the person's own")
    page = await sam.press("Keep this for them to read", co_produced="no", did_not_want_to="Not today, thanks.")
    assert page.says("It was not made with them.", "Not today, thanks.", "The desk.")


async def test_an_empty_plan_is_not_kept(here: WholePlace, sam: Browser) -> None:
    await sam.open(f"/beside/{here.r}/plan/make/support")
    page = await sam.press("Keep this for them to read", co_produced="yes")
    assert (page.status, page.says("Write at least one line")) == (422, True)


async def test_it_is_in_force_when_a_witness_whom_they_chose_says_that_they_agreed(
    here: WholePlace, sam: Browser
) -> None:
    """P3: never whoever wrote it down."""
    path = await drafted(here, sam)
    ada = await somebody_of(here.place, here.group.id, Role.PEER_SUPPORTER)
    page = await sam.press("They agreed to exactly this", how="phone")
    assert page.status == 409
    witness = Browser(here.place, ada.by)
    await witness.open(path)
    assert (await witness.press("They agreed to exactly this", how="phone")).status == 409
    chosen = {"member": str(ada.by.member), "organisation": str(here.group.id)}
    assert (await here.me.post(f"/v1/people/{here.r}/witnesses", json=chosen)).status_code == 201
    await witness.open(path)
    page = await witness.press("They agreed to exactly this", how="phone")
    assert page.says("It is in force from now.", "In force: they agreed to it", "I stop sewing."), page.text
    await witness.close()


async def test_not_agreed_is_noted_in_their_words(here: WholePlace, sam: Browser) -> None:
    """P4."""
    path = await drafted(here, sam)
    await sam.open(path)
    await sam.press("They do not agree", words="Nobody asked me.", would_agree_to="A walk first.")
    page = await sam.open(path)
    assert page.says("not agreed", "Nobody asked me.", "They would agree to: A walk first.")


async def test_a_plan_in_force_is_opened_in_a_crisis_and_printed(here: WholePlace, sam: Browser) -> None:
    """P6: recorded, and looked at again."""
    plan = (await drafted(here, sam)).rpartition("/")[2]
    agreed = await here.me.post(f"/v1/plans/{plan}/agreement", json={"revision": 1, "agreed": True})
    assert agreed.status_code == 201, agreed.text
    page = await sam.open(f"/beside/{here.r}/plan")
    assert page.says("Are they in a crisis now?", "It is recorded")
    page = await sam.press("Open it: they are in a crisis now")
    assert page.says("It is recorded that you opened it", "I stop sewing.")
    assert "plan-opened-in-crisis" in str(await here.place.types("pathway", here.r))
    page = await sam.open(f"/beside/{here.r}/plan/print")
    assert page.says("My plan – R", "The curtains stay shut.", "116 123")


async def test_a_change_keeps_whose_words_a_line_is_and_what_was_typed(here: WholePlace, sam: Browser) -> None:
    """P2, P3."""
    path = await drafted(here, sam)
    await sam.open(f"{path}/change")
    page = await sam.press("Keep this for them to read", services="The night line.", review_on="2001-01-01")
    assert page.status == 422
    typed = {c.name: c.value for c in page.form("Keep this for them to read").controls}
    assert typed["services"] == "The night line."
    page = await sam.press("Keep this for them to read", co_produced="yes", review_on="")
    assert page.says("The night line.", "The desk, by day.")
    lines = (await here.me.get(f"/v1/plans/{path.rpartition('/')[2]}")).json()["lines"]
    assert {each["words"]: each["written"] for each in lines}["The desk, by day."] == "recorded-by"


async def test_whoever_may_not_see_the_plan_finds_nothing_there(here: WholePlace, sam: Browser) -> None:
    """C4."""
    path = await drafted(here, sam)
    stranger = Browser(here.place, here.house.by)
    for at in (path, f"/beside/{here.r}/plan", f"/beside/{here.r}/plan/print", f"{path}/change"):
        assert (await stranger.open(at)).status == 404
    await stranger.close()
