"""What those beside a person do by pages alone: see who is there, note contacts, hand back, arrive, say their hours."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from shared.event import Part, Role
from tests.support.browser import Browser
from tests.support.setting_up import a_steward, somebody_of
from tests.support.whole_place import CANARY, WholePlace

EVERYBODY = "People choose what to share; this may not be everything."
ALL = (Part.NAME, Part.STORY, Part.PLAN, Part.JOURNEY)


@pytest.fixture
async def sam(here: WholePlace) -> AsyncIterator[Browser]:
    """A peer supporter, whose group walks beside R."""
    await here.yes(here.group.id, Part.NAME)
    walks = await here.group.http.post(f"/v1/people/{here.r}/alongside", json={})
    assert walks.status_code == 201, walks.text
    browser = Browser(here.place, here.group.by)
    yield browser
    await browser.close()


async def test_a_supporter_s_first_page_says_whom_they_walk_beside(here: WholePlace, sam: Browser) -> None:
    """J6, S4."""
    page = await sam.open("/beside")
    assert page.says("Kitchen Table", "Nothing just now.", "People we walk beside", EVERYBODY)
    page = await sam.follow("R")
    assert (page.status, page.title) == (200, "Somebody you support – Alongside")
    assert page.says("R", EVERYBODY, "Your organisation walks beside them.")


async def test_what_the_person_did_not_open_is_left_out_without_a_trace(here: WholePlace, sam: Browser) -> None:
    """C4: no heading tells that there is something to be seen."""
    shut = await sam.open(f"/beside/{here.r}")
    for heading in ("What matters most to them", "Who leads", "Contacts", "How to reach them safely"):
        assert not shut.says(heading)
    assert not shut.says("Read what they told")
    assert (await sam.open(f"/beside/{here.r}/story")).status == 404
    await here.yes(here.group.id, *ALL)
    page = await sam.open(f"/beside/{here.r}")
    assert page.says("What matters most to them", CANARY, "Who leads", "Night and Day Trust", "Held, but not met yet")
    first = [says for level, says in page.read.headings if level <= 2][:2]
    assert first == ["R", "What matters most to them"]


async def test_somebody_whom_they_may_not_know_is_somebody_who_does_not_exist(here: WholePlace) -> None:
    """C4."""
    stranger = Browser(here.place, (await somebody_of(here.place, here.house.id)).by)
    for path in (f"/beside/{here.r}", f"/beside/{here.r}/plan", f"/work/{here.r}", f"/beside/{here.r}/contact"):
        page = await stranger.open(path)
        unknown = await stranger.open(path.replace(str(here.r), str(here.story)))
        assert (page.status, page.text) == (unknown.status, unknown.text)
        assert page.status == 404
    await stranger.close()


async def test_a_story_that_is_read_says_so_to_the_reader_and_to_the_person(
    here: WholePlace, sam: Browser, r: Browser
) -> None:
    """S2."""
    await here.yes(here.group.id, *ALL)
    page = await sam.open(f"/beside/{here.r}/story")
    assert page.says("They see that you read this, and when.", CANARY, EVERYBODY)
    assert (await r.open("/me/looked")).says("was let see your story")
    page = await sam.press("They had to tell it again here")
    assert page.says("We have counted it.")


async def test_a_contact_is_noted_with_a_promise_that_shows_until_it_is_kept(here: WholePlace, sam: Browser) -> None:
    """J8, W2."""
    await here.yes(here.group.id, *ALL)
    await sam.open(f"/beside/{here.r}/contact")
    by = (here.place.clock.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    told = {"outcome": "made", "how": "phone", "note": "I saw R, R knows I am saying so."}
    page = await sam.press("Keep this", **told, promise_by=by, promise_words="I ring on Tuesday.")
    assert page.status == 422
    assert page.says("Show or read a note to the person before it is kept")
    page = await sam.press("Keep this", shown="yes")
    assert page.says("It is kept, and they can read it.", "What was promised", "I ring on Tuesday.", "R knows I am")
    await sam.open(f"/beside/{here.r}/contact")
    page = await sam.press("Keep this", outcome="made", how="in-person")
    assert not page.says("What was promised")


async def test_a_promise_without_a_day_is_asked_for_its_day_and_nothing_is_lost(here: WholePlace, sam: Browser) -> None:
    """J8: a promise is a dated thing."""
    await sam.open(f"/beside/{here.r}/contact")
    page = await sam.press("Keep this", outcome="tried", how="text", promise_words="I try again.")
    assert (page.status, page.says("Say by when, so that it is kept")) == (422, True)
    assert {c.name: c.value for c in page.form("Keep this").controls}["promise_words"] == "I try again."


async def test_an_alert_is_taken_on_with_one_press(here: WholePlace, sam: Browser) -> None:
    """W1, J12: the group that R chose hears that R asked for more."""
    await here.yes(here.group.id, *ALL)
    rung = {"called": "Sam", "organisation": str(here.group.id), "may": ["be-rung"], "if_quiet": True}
    assert (await here.me.post(f"/v1/people/{here.r}/circle", json=rung)).status_code == 201
    await sam.open(f"/beside/{here.r}/ask")
    page = await sam.press("Ask for more", words="Somebody in the evenings.")
    assert page.says("A clock has started", "Somebody in the evenings.", "waiting for an answer")
    await here.place.pass_time(timedelta(minutes=30))
    page = await sam.open("/beside")
    assert page.says("They asked for more")
    page = await sam.press("I am on it")
    assert page.says("Nobody else is asked from now.", "Nothing just now.")


async def test_a_group_puts_a_hold_down_with_one_press_and_goes_on_beside_them(here: WholePlace) -> None:
    """J2d."""
    steward = await a_steward(here.place)
    own = f"/v1/organisations/{here.group.id}"
    mark = {"If-Match": (await steward.get(own)).headers["etag"]}
    facts = {"funded": False, "commissioned": False, "can_lead": True, "round_the_clock": False}
    entered = await steward.put(f"/v1/place/organisations/{here.group.id}/facts", json=facts, headers=mark)
    assert entered.status_code == 200, entered.text
    came = await here.group.http.post("/v1/arrivals", json={"called": "Kit", "chosen_holder": str(here.group.id)})
    person = came.json()["person"]
    await here.place.settle()
    sam = Browser(here.place, here.group.by)
    page = await sam.open("/work")
    assert page.says("Kit")
    await sam.follow("Kit")
    page = await sam.press("We hold this person")
    assert page.says("Your organisation leads", "held only once you have met")
    page = await sam.open(f"/beside/{person}")
    assert page.says("it never counts against you")
    page = await sam.press("Hand this back")
    assert page.says("You have put it down.", "Your organisation walks beside them.")
    assert not page.says("Your organisation leads.")
    await sam.close()


async def test_walking_beside_and_no_longer_is_one_press_each(here: WholePlace, sam: Browser) -> None:
    """J6."""
    await sam.open(f"/beside/{here.r}")
    page = await sam.press("No longer walk beside them")
    assert page.says("does not walk beside them any more", "Nobody yet.")
    await sam.open(f"/beside/{here.r}")
    assert (await sam.press("Walk beside them")).says("walks beside them from now")


async def test_somebody_new_is_held_with_a_name_alone_and_the_door_may_write_more(
    here: WholePlace, sam: Browser
) -> None:
    """S1, J2a."""
    await sam.open("/beside/arrive")
    page = await sam.press("We have them: send this", called="")
    assert (page.status, page.says("Say what they would like to be called")) == (422, True)
    page = await sam.press(
        "We have them: send this", called="Kit", now="A bed for tonight.", ring="Ada", ring_phone="07700 900111",
        written="supported-by", **{"need-practical": "A bed."},
    )  # fmt: skip
    assert page.says("Somebody looks after them now", "Night and Day Trust", "Somebody answers by:")
    assert not page.says("read this instead of asking")


async def test_whoever_is_known_by_a_code_word_need_not_tell_it_again(here: WholePlace, sam: Browser) -> None:
    """S2: the story stands where a form would."""
    reach = {"phone": "07700 900555", "ways": [{"how": "call"}], "code_word": "heron blue"}
    assert (await here.me.put(f"/v1/people/{here.r}/reach", json=reach)).status_code in {200, 204}
    await here.yes(here.group.id, *ALL)
    await sam.open("/beside/arrive")
    page = await sam.press(
        "We have them: send this", called="R", code_word="heron blue", found_by="07700 900555"
    )  # fmt: skip
    assert page.says("read this instead of asking", CANARY, EVERYBODY)
    await sam.open("/beside/arrive")
    page = await sam.press("We have them: send this", called="R", code_word="wrong word", found_by="07700 900555")
    assert page.says("Somebody looks after them now")
    assert not page.says(CANARY)


async def test_a_supporter_vouches_for_whom_they_know(here: WholePlace, sam: Browser) -> None:
    """S2, J7: to their own record, by one act."""
    await here.yes(here.group.id, *ALL)
    await sam.open(f"/beside/{here.r}/arrived")
    page = await sam.press("We have them: send this", now="To sit somewhere warm.")
    assert (page.path, page.says("They are held from this moment.")) == (f"/beside/{here.r}", True)
    told = (await here.me.get(f"/v1/people/{here.r}/stories")).json()["items"]
    assert any(p["words"] == "To sit somewhere warm." for each in told for p in each["passages"])


async def test_hours_buddy_and_how_we_are_rung_are_said_on_one_page(here: WholePlace, sam: Browser) -> None:
    """W1."""
    page = await sam.open("/beside/me")
    assert page.says("At any time: you have set no hours.", "In no way yet")
    page = await sam.press("Add these hours", days=["1", "3"], from_hour="9", to_hour="17")
    assert page.says("Your hours are kept.", "Monday, Wednesday: 9–17")
    await sam.press("Add these hours", days=["6"], from_hour="20", to_hour="24")
    page = await sam.press("Take these hours away")
    assert page.says("Saturday: 20–24")
    assert not page.says("Monday, Wednesday: 9–17")
    page = await sam.press("Add this way", channel="text", address="nobody knows")
    assert (page.status, page.says("Write a phone number such as")) == (422, True)
    page = await sam.press("Add this way", channel="text", address="07700 900123", watched_from="8", watched_to="22")
    assert page.says("How you are rung is kept.", "8–22")
    page = await sam.press("Keep this", buddy=str(here.house.id))
    assert page.says("Your buddy is kept.")
    page = await sam.press("Add them", name="Ada", role="peer-supporter", email="ada@example.org")
    assert page.says("They are with you.", "Ada")


async def test_a_carer_has_the_same_pages_but_for_what_answers_for_an_organisation(here: WholePlace) -> None:
    """C4: what is not theirs is simply not there."""
    await here.yes(here.group.id, *ALL)
    carer = Browser(here.place, (await somebody_of(here.place, here.group.id, Role.CARER, named_worker=False)).by)
    page = await carer.open(f"/beside/{here.r}")
    assert page.says(CANARY, "Note a contact")
    assert not page.says("They are at our door")
    for path in ("/work", f"/work/{here.r}", "/beside/held", f"/beside/{here.r}/left"):
        assert (await carer.open(path)).status == 404
    await carer.close()


async def test_nobody_else_has_these_pages(here: WholePlace, r: Browser, nobody: Browser) -> None:
    for path in ("/beside", "/work", "/beside/me", f"/beside/{here.r}", "/beside/arrive"):
        assert (await r.open(path)).status == 404
        assert (await nobody.open(path)).says("Send me a link")
