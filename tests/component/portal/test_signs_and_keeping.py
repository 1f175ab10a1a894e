"""By pages alone: warning signs are said in one press, and a passage is kept from somebody who can't tell."""

from shared.event import Part
from tests.support.browser import Browser
from tests.support.whole_place import CANARY, WholePlace

SIGN, PLANNED = "I stop sewing.", "Radio on, kettle on."


async def a_plan(r: Browser) -> None:
    await r.open("/me/plan/make/steps")
    await r.press("Keep this", **{"warning-signs": SIGN, "by-myself": PLANNED})
    await r.press("I agree to this")


async def test_r_says_that_signs_show_with_one_press_and_no_plan(r: Browser) -> None:
    """P9: no threshold."""
    await r.open("/me")
    await r.follow("My warning signs are showing")
    page = await r.press("My warning signs are showing")
    assert page.says("We have heard you", "Somebody answers by:", "116 123")
    assert (await r.open("/me/signs")).says("When it was said before", "somebody answers by")


async def test_what_r_planned_stands_on_the_answer(r: Browser) -> None:
    """P9: what the plan promised begins."""
    await a_plan(r)
    page = await r.open("/me/signs")
    line = next(c.value for c in page.form("My warning signs are showing").controls if c.name == "line")
    page = await r.press("My warning signs are showing", line=line, words="Three days now.")
    assert page.says("What you planned for now", PLANNED)
    assert (await r.open("/me/signs")).says("Three days now.")


async def test_a_supporter_whom_r_allowed_says_it_for_them(here: WholePlace, r: Browser) -> None:
    """P9."""
    await a_plan(r)
    await here.yes(here.group.id, Part.NAME, Part.PLAN, Part.JOURNEY)
    sam = Browser(here.place, here.group.by)
    await sam.open(f"/beside/{here.r}")
    await sam.follow("Their warning signs are showing")
    page = await sam.press("Their warning signs are showing", words="The curtains are shut.")
    assert page.says("It is said. Somebody has to answer")
    assert (await r.open("/me/signs")).says("The curtains are shut.")


async def test_a_passage_kept_from_a_group_is_not_there_for_them_and_they_cannot_tell(
    here: WholePlace, r: Browser
) -> None:
    """S4."""
    await here.yes(here.group.id, Part.NAME, Part.STORY)
    sam = Browser(here.place, here.group.by)
    assert (await sam.open(f"/beside/{here.r}/story")).says(CANARY)
    page = await r.open("/me/story")
    await r.open(next(href for text, href in page.read.links if text.startswith("Keep it from somebody")))
    page = await r.press("Keep it from them", who=str(here.group.id), words="They know my sister.")
    assert page.says("It is kept from them, from now.", "It is kept from", "They know my sister.")
    shut = await sam.open(f"/beside/{here.r}/story")
    assert not shut.says(CANARY)
    for word in ("kept", "withheld", "hidden", "not everything you"):
        assert word not in shut.text
    page = await r.press("Let them see it again")
    assert page.says("They may see it again")
    assert (await sam.open(f"/beside/{here.r}/story")).says(CANARY)


async def test_nobody_is_picked_and_the_page_says_so(r: Browser) -> None:
    page = await r.open("/me/story")
    await r.open(next(href for text, href in page.read.links if text.startswith("Keep it from somebody")))
    page = await r.press("Keep it from them", words="They know my sister.")
    assert (page.status, page.says("Pick one")) == (422, True)
    assert {c.name: c.value for c in page.form("Keep it from them").controls}["words"] == "They know my sister."
