"""What a person does by pages alone, in a browser without script."""

from datetime import datetime, timedelta

from services.intake.tables import PERSON
from services.portal.app import books
from services.portal.form import Kind
from tests.support.browser import Browser
from tests.support.place import person_pass
from tests.support.whole_place import CANARY, WholePlace

ELSEWHERE = {"/me/plan/{plan:uuid}/change", "/beside/{person:uuid}/plan/{plan:uuid}/change", "/place/systems/add"}
"""A change is drawn as the form that makes a plan, which says it; a partner system's keys are nobody's words."""


async def test_somebody_comes_in_with_a_name_alone_and_is_held_from_then(nobody: Browser) -> None:
    """S1, J2a."""
    await nobody.open("/")
    await nobody.follow("Come in")
    page = await nobody.press("Send this", called="Kit", need="Someone to ring in the evenings.")
    assert page.status == 200
    assert page.says("Somebody looks after you now", "Somebody answers by:", "116 123")


async def test_coming_in_without_a_name_says_what_to_do_and_keeps_what_was_typed(nobody: Browser) -> None:
    await nobody.open("/arrive")
    page = await nobody.press("Send this", called=" ", need="<b>Somebody</b> to talk to", phone="07700 900123")
    assert page.status == 422
    assert page.says("There is something to put right", "Say what you would like to be called")
    assert {c.name: c.value for c in page.form("Send this").controls}["need"] == "<b>Somebody</b> to talk to"
    assert "<b>Somebody" not in page.html
    again = await nobody.press("Send this", called="Kit")
    assert again.says("Somebody looks after you now")


async def test_a_phone_number_that_is_none_is_marked_and_nothing_is_lost(nobody: Browser) -> None:
    await nobody.open("/arrive")
    page = await nobody.press("Send this", called="Kit", phone="ring my sister")
    assert page.says("Write the phone number with its code")
    assert {c.name: c.value for c in page.form("Send this").controls}["phone"] == "ring my sister"


async def test_r_tells_their_story_once_and_puts_it_right_with_a_reason(r: Browser) -> None:
    """S3."""
    page = await r.open("/me/story")
    assert page.says(CANARY)
    await r.open("/me/story/tell")
    page = await r.press("Keep this", **{"what-i-need-now": "Some nights with somebody awake.\nThat is all."})
    assert page.says("We have kept your words.", "Some nights with somebody awake.", "What I need now")
    link = next(href for text, href in page.read.links if text.startswith("Put it right"))
    await r.open(link)
    page = await r.press("Keep this", words="Five nights.", why="")
    assert (page.status, page.says("Say in a few words why it changes")) == (422, True)
    page = await r.press("Keep this", words="Five nights.", why="I had not counted.")
    assert page.says("We have kept your words.", "Five nights.", "I had not counted.")


async def test_an_empty_telling_is_not_kept(r: Browser) -> None:
    await r.open("/me/story/tell")
    page = await r.press("Keep this")
    assert (page.status, page.says("Write something under one of the headings")) == (422, True)


async def test_r_makes_a_plan_and_it_counts_when_r_agrees_to_exactly_it(r: Browser) -> None:
    """P3."""
    await r.open("/me/plan")
    await r.follow("My safety plan")
    page = await r.press("Keep this", **{"warning-signs": "I stop sewing.\nThe curtains stay shut.", "services": "111"})
    assert page.says("it counts once you agree it", "The curtains stay shut.", "not answered yet")
    page = await r.press("I agree to this")
    assert page.says("You agreed this plan. It is in force from now.")
    page = await r.open("/me/plan/print")
    assert page.says("I stop sewing.", "116 123")


async def test_r_changes_a_plan_and_the_agreed_one_stays_in_force_until_then(r: Browser) -> None:
    """P3."""
    await r.open("/me/plan/make/steps")
    await r.press("Keep this", services="The night line.")
    await r.press("I agree to this")
    await r.follow("Change this plan")
    page = await r.press("Keep this", services="The night line.\nThe crisis house.")
    assert page.says("not answered yet", "The crisis house.")
    page = await r.open("/me/plan")
    assert page.says("The night line.")
    assert not page.says("The crisis house.")
    assert page.says("Read it and answer")


async def test_a_change_that_is_turned_back_keeps_what_was_typed(r: Browser) -> None:
    await r.open("/me/plan/make/steps")
    await r.press("Keep this", services="The night line.")
    await r.follow("Change this plan")
    page = await r.press("Keep this", services="The night line.\nJo.", review_on="2001-01-01")
    assert (page.status, page.says("Pick a day that is still to come")) == (422, True)
    typed = {c.name: c.value for c in page.form("Keep this").controls}
    assert (typed["services"], typed["review_on"]) == ("The night line.\nJo.", "2001-01-01")
    page = await r.press("Keep this", review_on="")
    assert page.says("Jo.", "not answered yet")


async def test_r_says_not_agreed_in_their_own_words(r: Browser) -> None:
    """P4."""
    await r.open("/me/plan/make/steps")
    await r.press("Keep this", services="Ring the desk.")
    page = await r.press("I do not agree", words="Nobody asked me.", would_agree_to="A walk with Sam.")
    assert page.says("You did not agree", "Nobody asked me.", "A walk with Sam.")
    page = await r.press("Not now")
    assert page.says("That line is set aside")


async def test_r_undoes_an_agreement(r: Browser) -> None:
    """P3: that is not what I agreed."""
    await r.open("/me/plan/make/steps")
    await r.press("Keep this", services="Ring the desk.")
    await r.press("I agree to this")
    page = await r.press("That is not what I agreed")
    assert page.says("It counts as not agreed")
    assert not (await r.open("/me/plan")).says("In force")


async def test_i_need_someone_now_is_one_press_on_every_page_and_says_by_when(here: WholePlace, r: Browser) -> None:
    """P10: with the shortest clock that there is, as warning signs have (P9)."""
    for path in ("/me", "/me/story", "/me/plan", "/me/sharing", "/me/reach", "/offers", "/about"):
        page = await r.open(path)
        assert page.form("I need someone now").action == "/me/now", path
    page = await r.press("I need someone now")
    assert page.says("We have heard you", "Somebody answers by:", "116 123")
    said = (await here.me.get(f"/v1/people/{here.r}/warning-signs")).json()["items"]
    assert [each["state"] for each in said] == ["open"]
    hours = datetime.fromisoformat(said[0]["answer_by"]) - datetime.fromisoformat(said[0]["said_at"])
    assert hours <= timedelta(hours=4), "at any hour, on any day"


async def test_wherever_somebody_writes_the_page_says_who_reads_it__p10() -> None:
    writing = [
        action
        for book in books()
        for action in book.actions
        if any(field.kind is Kind.WORDS for field in action.form.fields)
    ]
    assert len(writing) > 15
    assert not [action.path for action in writing if action.form.who_reads is None and action.path not in ELSEWHERE]


async def test_pressed_twice_it_is_asked_once(here: WholePlace, r: Browser) -> None:
    await r.open("/me/more")
    sent = r.filled("I need more", words="Somebody in the evenings.")
    await r.send(sent)
    page = await r.send(sent)
    assert page.says("We have heard you")
    assert len((await here.me.get(f"/v1/people/{here.r}/asks")).json()["items"]) == 1


async def test_r_lets_the_group_see_the_story_and_takes_it_back(here: WholePlace, r: Browser) -> None:
    """C1, C2."""
    await r.open("/me/sharing/give")
    page = await r.press("Let them see this", who=str(here.group.id), what=["story", "plan"])
    assert page.says("They may see it from now", "my story and my needs")
    async with here.place.client(here.system_of(here.group)) as theirs:
        assert (await theirs.get(f"/v1/people/{here.r}/stories")).status_code == 200
        page = await r.press("Take it back")
        assert page.says("It is taken back. From now on nothing that it covered leaves here.")
        assert (await theirs.get(f"/v1/people/{here.r}/stories")).status_code == 404
    page = await r.open("/me/looked")
    assert page.says("was let see your story")


async def test_r_says_no_and_whom_they_picked_stays_picked_if_something_is_missing(
    here: WholePlace, r: Browser
) -> None:
    await r.open("/me/sharing/give")
    page = await r.press("Let them see this", who=str(here.house.id))
    assert (page.status, page.says("Tick what they may see")) == (422, True)
    assert {c.name: c.value for c in page.form("Let them see this").controls}["who"] == str(here.house.id)
    await r.open("/me/sharing/no")
    page = await r.press("Say no", who=str(here.house.id), hide="yes")
    assert page.says("They see nothing from now on.", "Nobody speaks to them about you.")


async def test_r_says_how_to_reach_them_safely_and_who_is_in_their_circle(r: Browser) -> None:
    """S6, S7."""
    await r.open("/me/reach")
    page = await r.press("Keep this", phone="07700 900333", ways=["text"], code_word="heron blue")
    assert page.says("We have kept how to reach you.")
    controls = {c.name: c for c in page.form("Keep this").controls if c.name != "ways"}
    assert controls["phone"].value.endswith("7700900333")
    assert not controls["voicemail"].on, "never a voicemail, unless they say so"
    assert "heron blue" not in page.html
    await r.open("/me/circle")
    page = await r.press("Add them", called="Jo", kind="family", may=["be-rung"], phone="07700900444", if_quiet="yes")
    assert page.says("They are in your circle.", "Jo", "is rung if I go quiet, as number 1")
    page = await r.press("Take out")
    assert page.says("They are not in your circle any more.", "Nobody is in your circle yet.")


async def test_a_voicemail_is_left_only_where_somebody_said_that_it_may(here: WholePlace, nobody: Browser) -> None:
    """S7: what is not said is not allowed."""
    await nobody.open("/arrive")
    await nobody.press("Send this", called="Kit", phone="07700 900123", ways=["call"])
    people = await here.place.rows(PERSON)
    kit = Browser(here.place, person_pass(people[-1]["id"] if people[-1]["id"] != here.r else people[0]["id"]))
    page = await kit.open("/me/reach")
    ticked = {c.name: c.on for c in page.form("Keep this").controls if c.kind == "checkbox" and c.name != "ways"}
    assert ticked == {"voicemail": False, "may_be_written_to": False}


async def test_what_was_done_is_said_once(r: Browser) -> None:
    """Nothing of it stays in an address, and nobody can make it up."""
    await r.open("/me/leave-me-be")
    page = await r.press("Leave me be")
    assert page.says("We leave you be.")
    assert not (await r.open("/me?said=welcome-back")).says("We leave you be.")
    assert not r.page or not r.page.says("Welcome back")


async def test_r_is_left_be_by_one_press_and_comes_back_by_one(r: Browser) -> None:
    """J4, J7."""
    await r.open("/me/leave-me-be")
    page = await r.press("Leave me be")
    assert page.says("We leave you be.", "Nobody leads your support just now, as you chose.")
    page = await r.press("I want support again")
    assert page.says("Welcome back. Somebody looks after you from this moment.", "Who looks after you:")


async def test_all_that_happened_can_be_read_in_order(r: Browser) -> None:
    """J11."""
    page = await r.open("/me/timeline")
    assert page.says("Somebody arrived.", "A story was told.")
