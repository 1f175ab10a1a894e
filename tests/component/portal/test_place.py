"""The steward by pages alone: the place, organisations, offers, duty line, systems, what waits; never a person (C4)."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from joserfc.jwk import ECKey
from sqlalchemy import insert

from services.portal.app import books
from shared.db import Sql
from shared.event import Part, Role
from shared.ids import new_id
from tests.support.browser import Browser
from tests.support.notify_servers import receiving
from tests.support.place import a_pass
from tests.support.whole_place import CANARY, WholePlace


@pytest.fixture
async def steward(here: WholePlace) -> AsyncIterator[Browser]:
    browser = Browser(here.place, a_pass(Role.STEWARD))
    yield browser
    await browser.close()


async def test_the_first_page_says_whether_the_place_serves_and_what_was_not_answered(
    here: WholePlace, steward: Browser
) -> None:
    """J2a, J12, S2: small numbers are hidden (E1)."""
    page = await steward.open("/place")
    assert page.says("The place serves people.", "Night and Day Trust", "Ways that somebody has answered: 2")
    assert page.says("fewer than five times, or never", "Nobody has said so.", "No lane stands still.")
    for _ in range(5):
        told = await here.me.post(f"/v1/people/{here.r}/told-again", json={"organisation": str(here.house.id)})
        assert told.status_code == 201, told.text
    page = await steward.open("/place")
    assert page.says("The Willows: ")
    page = await steward.follow("Rulebook")
    assert page.says("Version 1, in force since", "Nobody of this place has signed one yet", "at most 15 people")
    assert page.says("somebody is rung", "after 72 hours", "tried every 7 days")


async def test_a_commissioned_body_is_entered_told_apart_and_given_its_first_workers(steward: Browser) -> None:
    """J2a, J2c."""
    await steward.open("/place/organisations")
    await steward.follow("Enter a body that the place commissions")
    about = {"name": "Elm Street Team", "does": "We come to you.", "kind": "community-team"}
    page = await steward.press("Enter this body", **about)
    assert (page.status, page.says("Write one way to reach it")) == (422, True)
    page = await steward.press("Enter this body", telephone="0161 496 0000", first_name="Jo")
    assert (page.status, page.says("Write both")) == (422, True)
    page = await steward.press("Enter this body", first_email="jo@elm.example", can_lead="yes")
    assert page.says("It is entered, and has joined.", "Elm Street Team", "its contract with the place"), page.text
    assert page.says("Practitioner: 1")
    assert not page.says("Jo"), "who acts for it is counted, not named"
    page = await steward.press("Add them", member="Kim Duty", role="duty", email="kim@elm.example")
    assert page.says("They act for it now.", "On duty: 1")
    page = await steward.press("Keep these facts", funded="yes", commissioned="yes", can_lead=[])
    assert page.says("These facts are kept.", "May lead No", "Funded Yes"), page.text


async def test_facts_that_somebody_changed_meanwhile_are_not_written_over(here: WholePlace, steward: Browser) -> None:
    other = Browser(here.place, a_pass(Role.STEWARD))
    for each in (steward, other):
        await each.open(f"/place/organisations/{here.house.id}")
    page = await other.press("Keep these facts", funded="yes", commissioned="yes", can_lead="yes")
    assert page.says("These facts are kept.")
    page = await steward.press("Keep these facts", funded=[])
    assert (page.status, page.says("Somebody has changed this")) == (412, True)
    await other.close()


async def test_before_a_body_stops_the_page_says_who_takes_everybody_it_leads(
    here: WholePlace, steward: Browser
) -> None:
    """J2a."""
    await steward.open("/place/organisations?name=willow")
    await steward.follow("The Willows")
    page = await steward.follow("Suspend or end it: what happens then")
    assert page.says("The backstop takes everybody it leads: Night and Day Trust.", "Ended is for good.")
    page = await steward.press("Stop it now", how="suspended")
    assert page.says("It has stopped.", "How it stands Suspended")
    page = await steward.open("/place/organisations?membership=suspended")
    assert page.says("The Willows")
    await steward.follow("The Willows")
    page = await steward.press("Let it go on")
    assert page.says("It takes part again.", "Has joined")
    page = await steward.open(f"/place/organisations/{here.backstop.id}/stop")
    assert page.says("Name another backstop first")
    assert not [each for each in page.read.forms if each.button == "Stop it now"]


async def test_who_asked_to_join_is_found_with_what_it_still_needs(here: WholePlace, steward: Browser) -> None:
    """M1."""
    asking = {"name": "Bread and Soup", "does": "We eat together.", "reach": {"email": "hello@soup.example"}}
    assert (await here.place.client().post("/v1/organisations", json=asking)).status_code == 201
    page = await steward.open("/place/organisations?membership=asked-to-join")
    assert page.says("Bread and Soup", "Asked to join", "vouched for by: 0", "Still needed:")
    assert not page.says("The Willows")
    page = await steward.follow("Bread and Soup")
    assert page.says("Nobody yet. It joins once somebody who has joined vouches for it.")


async def test_an_offer_is_opened_counted_and_changed(here: WholePlace, steward: Browser) -> None:
    """M3."""
    await steward.open(f"/place/offers?organisation={here.house.id}")
    await steward.follow("Open an offer")
    about: dict[str, Any] = {"name": "A night in", "says": "A bed and company.", "intensity": "crisis"}
    page = await steward.press("Open this offer", **about, needs=["social"], languages="en, pl")
    assert page.says("The offer is there.", "The Willows", "Nobody counts them"), page.text
    page = await steward.press("Say how many are free", places="some")
    assert (page.status, page.says("Write a number")) == (422, True)
    page = await steward.press("Say how many are free", places="3")
    assert page.says("It is kept how many places are free.", "Places free now 3")
    page = await steward.press("Keep these changes", name="Two nights in", is_open=[])
    assert page.says("It is changed, and counts as looked at.", "Two nights in", "Open now No")
    offer = (await here.place.client().get(f"/v1/offers/{page.path.rpartition('/')[2]}")).json()
    assert (offer["languages"], offer["needs"], offer["places_free"]) == (["en", "pl"], ["social"], 3)
    page = await steward.open(f"/place/offers?organisation={here.house.id}")
    assert page.says("Two nights in", "not open just now", "places free now: 3", "last looked at")


async def test_the_duty_line_is_tried_written_down_and_changed(here: WholePlace, steward: Browser) -> None:
    """W1, J2a."""
    page = await steward.open("/place/duty")
    assert page.says("Night and Day Trust leads when nobody else does.", "Somebody answered it last")
    page = await steward.press("Add this way", channel="text", address="no number")
    assert (page.status, page.says("Write a phone number such as")) == (422, True)
    page = await steward.press("Add this way", address="07700 900222", watched_from="9", watched_to="17")
    assert page.says("try it now", "07700 900222, 9–17", "Nobody has answered it yet: it does not count.")
    routes = (await page_api(here, "/v1/place/duty-line/routes"))["items"]
    page = await steward.press("Keep this test", route=routes[-1]["id"], answered="no")
    assert page.says("The test is kept.", "Not answered since, in tests: 1", "nobody answered")
    page = await steward.press("Keep this test", route=routes[-1]["id"], answered="yes")
    assert not page.says("Nobody has answered it yet")
    away = f"Take this way out {routes[-1]['address']}"
    page = await steward.press(away)
    assert page.says("It is taken out.")
    assert not page.says("07700 900222")
    page = await steward.press("Take this way out")
    assert page.status == 409, "two tested ways have to stay"


async def test_another_backstop_is_named_only_from_bodies_that_may_be(here: WholePlace, steward: Browser) -> None:
    """J2a."""
    page = await steward.open("/place/duty")
    named = page.form("Name this backstop")
    assert "The Willows" not in named.button
    page = await steward.press("Name this backstop", organisation=str(here.house.id))
    assert page.status in {409, 422}
    page = await steward.press("Name this backstop", organisation=str(here.backstop.id))
    assert page.says("The backstop is named.")


async def test_a_partner_system_is_let_in_and_out_by_its_pasted_keys(here: WholePlace, steward: Browser) -> None:
    await steward.open("/place/systems")
    about: dict[str, Any] = {"organisation": str(here.house.id), "name": "Willow records", "scopes": ["read"]}
    page = await steward.press("Let it sign in", **about, keys="not keys")
    assert (page.status, page.says("This is no set of public keys")) == (422, True)
    private = ECKey.generate_key("P-384", {"kid": "one"}, private=True)
    keys = {"keys": [private.as_dict(private=True)]}
    page = await steward.press("Let it sign in", keys=orjson.dumps(keys).decode())
    assert (page.status, page.says("Send public keys only")) == (422, True)
    keys = {"keys": [private.as_dict(private=False)]}
    page = await steward.press("Let it sign in", keys=orjson.dumps(keys).decode())
    assert page.says("It may sign in.", "Willow records", "read what people let its organisation see"), page.text
    page = await steward.press("Let it sign in no more")
    assert page.says("It can't sign in any more")
    assert not page.says("Willow records")


async def test_what_a_system_was_told_shows_times_and_answers_and_nothing_of_whom(
    here: WholePlace, steward: Browser
) -> None:
    """C4."""
    async with receiving() as script:
        system = here.place.client(here.system_of(here.house))
        asked = {"url": script.url(), "events": ["*"], "person": str(here.r)}
        await here.yes(here.house.id, Part.NAME, Part.JOURNEY)
        made = await system.post("/v1/subscriptions", json=asked)
        assert made.status_code == 201, made.text
        await here.place.settle()
        await steward.open("/place/systems")
        page = await steward.follow(script.url())
        assert page.says("It is told", "taken", "tries: 1", "its answer: 2"), page.text
        assert str(here.r) not in page.html
        page = await steward.press("Pause it")
        assert page.says("It is told nothing until it goes on", "a steward paused it")
        page = await steward.press("Let it go on")
        assert page.says("It is told again, from where it stopped.")
    assert (await steward.open(f"/place/systems/told/{new_id()}")).status == 404


async def test_parked_lanes_are_counted_and_tried_again(here: WholePlace, steward: Browser) -> None:
    shell = here.place.system.running["notify"].shell
    row = {"consumer": "notify", "source": "intake", "subject": new_id(), "seq": 1, "reason": "unreadable"}
    async with shell.database.write() as connection:
        await connection.run(Sql(insert(shell.tables.parked)), **row, raw=b"{}", at=shell.clock.now())
    page = await steward.open("/place")
    assert page.says("Lanes that stand still: 1")
    page = await steward.open("/place/lanes")
    assert page.says("Parked lanes: 1", "Nothing is lost and nothing is done twice.")
    page = await steward.press("Try the parked lanes again", lanes=["notify"])
    assert page.says("They were tried again.")
    page = await steward.press("Send everything again", journals=["gateway"])
    assert page.says("put back to be sent")


async def test_no_page_of_a_stewards_holds_a_persons_words_name_or_id(here: WholePlace, steward: Browser) -> None:
    """C4: with a story, a plan and a choice there."""
    await here.yes(here.house.id, *(Part.NAME, Part.STORY, Part.PLAN, Part.JOURNEY))
    every = [each.path for book in books() for each in book.pages if Role.STEWARD in each.roles]
    paths = [each for path in every if "{" not in (each := path.replace("{organisation:uuid}", str(here.house.id)))]
    assert len(paths) >= 10
    for path in paths:
        shown = await steward.open(path)
        assert shown.status == 200, path
        assert not [each for each in (CANARY, str(here.r), str(here.story)) if each in shown.html], path


async def test_the_stewards_pages_are_nobody_elses(here: WholePlace) -> None:
    """C4: what is not theirs is not there."""
    sam = Browser(here.place, here.group.by)
    for path in ("/place", "/place/organisations", "/place/duty", "/place/systems", "/place/lanes"):
        assert (await sam.open(path)).status == 404, path
    await sam.close()


async def page_api(here: WholePlace, path: str) -> dict[str, Any]:
    told: dict[str, Any] = (await here.place.client(a_pass(Role.STEWARD)).get(path)).json()
    return told
