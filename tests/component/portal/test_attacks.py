"""Who means harm: forms from elsewhere, frames, links that lead away, scanners of links, a shared browser."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.gateway.session.handlers import SignOut, sign_out
from services.gateway.signin.domain import hashed
from services.portal.app import books
from services.portal.asking import Heard, Request
from shared.event import Role
from shared.ids import new_id
from shared.passes import Origin, Pass
from shared.ports import SignIn
from tests.support.browser import SESSION, Browser
from tests.support.gateway_doubles import Mailbox, OpenCommunity, OpenIntake
from tests.support.place import Place, a_pass, a_place, person_pass
from tests.support.whole_place import WholePlace

R = "r@home.example"


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Place]:
    """Sign-in alone, with a mailbox that can be looked into."""
    async with a_place(tmp_path / "data", ("gateway",)) as made:
        ports: Any = made.system.kit.ports
        ports.community, ports.intake, ports.notify = OpenCommunity(), OpenIntake(), Mailbox()
        ports.intake.people[R] = SignIn(Role.PERSON, person=new_id())
        yield made


async def asked_for_a_link(door: Place, browser: Browser) -> str:
    await browser.open("/sign-in")
    page = await browser.press("Send me a link", email=R)
    assert page.says("Look at your e-mail")
    box: Any = door.system.kit.ports.notify
    return f"/sign-in/link/{box.links[-1][1]}"


async def test_a_link_that_is_only_looked_into_still_signs_in_and_only_once(door: Place) -> None:
    browser, scanner = Browser(door), Browser(door)
    link = await asked_for_a_link(door, browser)
    for _ in range(3):
        assert (await scanner.open(link)).says("Press the button to go on.")
    await browser.open(link)
    page = await browser.press("Sign in")
    assert page.path == "/me"
    await browser.open(link)
    page = await browser.press("Sign in")
    assert page.says("This link can't be used.")


async def test_a_link_signs_nobody_in_who_did_not_ask_for_it_in_this_browser(door: Place) -> None:
    browser, thief = Browser(door), Browser(door)
    link = await asked_for_a_link(door, browser)
    await thief.open(link)
    page = await thief.press("Sign in")
    assert page.says("This link can't be used.", "works only where you asked for it")
    assert SESSION not in thief.http.cookies


async def test_an_unknown_address_gets_the_page_that_a_known_one_gets(door: Place) -> None:
    """C4."""
    known, unknown = Browser(door), Browser(door)
    await known.open("/sign-in")
    await unknown.open("/sign-in")
    told = await known.press("Send me a link", email=R)
    same = await unknown.press("Send me a link", email="stranger@home.example")
    assert (told.status, told.text, told.title) == (same.status, same.text, same.title)


@pytest.mark.parametrize(
    "wanted", ["//evil.example/x", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/me?x=//y"]
)
async def test_no_sign_in_leads_elsewhere(door: Place, wanted: str) -> None:
    browser = Browser(door)
    await browser.http.get("/sign-in", params={"next": wanted})
    await browser.open(await asked_for_a_link(door, browser))
    answer = await browser.http.post(
        browser.filled("Sign in")[0], data=dict(browser.filled("Sign in")[1]), headers={"Origin": "http://place"}
    )
    assert answer.headers["location"] == "/me"


async def test_whoever_wanted_a_page_comes_to_it_once_signed_in(door: Place) -> None:
    browser = Browser(door)
    assert (await browser.open("/me/story")).path == "/sign-in"
    await browser.open(await asked_for_a_link(door, browser))
    page = await browser.press("Sign in")
    assert page.path == "/me/story"


@pytest.mark.parametrize("headers", [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://place.evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
])  # fmt: skip
async def test_a_form_from_elsewhere_does_nothing(here: WholePlace, r: Browser, headers: dict[str, str]) -> None:
    await r.open("/me/leave-me-be")
    page = await r.send(r.filled("Leave me be"), **headers)
    assert (page.status, page.says("Nothing was changed.")) == (403, True)
    assert (await here.me.get(f"/v1/people/{here.r}/lead")).json()["lead"]


async def test_a_form_without_this_browsers_token_does_nothing(here: WholePlace, r: Browser) -> None:
    await r.open("/me/leave-me-be")
    path, pairs, method = r.filled("Leave me be")
    others = Browser(here.place, person_pass(here.r))
    await others.open("/me/leave-me-be")
    stolen = dict(others.filled("Leave me be")[1])["form_token"]
    for token in ("", "x", stolen):
        changed = [(name, token if name == "form_token" else value) for name, value in pairs]
        assert (await r.send((path, changed, method))).status == 403
    assert (await here.me.get(f"/v1/people/{here.r}/lead")).json()["lead"]


async def test_what_one_wrote_is_not_sent_as_another_who_signs_in_here_since(here: WholePlace, r: Browser) -> None:
    """A shared phone: Kit's words never become R's."""
    await r.open("/me/story/tell")
    sent = r.filled("Keep this", **{"what-happened": "Kit's own words."})
    kit = (await here.place.client().post("/v1/arrivals", json={"called": "Kit"})).json()["person"]
    await r.signs_in(person_pass(UUID(kit)))
    page = await r.send(sent)
    assert (page.status, page.says("somebody else has signed in here since")) == (403, True)
    told = (await here.me.get(f"/v1/people/{here.r}/stories")).text
    assert "Kit's own words." not in told


async def test_words_typed_before_a_session_ended_are_kept_and_sent_after(here: WholePlace, r: Browser) -> None:
    await r.open("/me/story/tell")
    sent = r.filled("Keep this", **{"what-happened": "It took me an hour to write this."})
    await here.place.system.running["gateway"].shell.run(
        sign_out, SignOut(hashed(r.http.cookies[SESSION])), Origin(person_pass(here.r), new_id()), gives=type(None)
    )
    page = await r.send(sent)
    assert (page.status, page.says("Nothing you wrote is lost", "It took me an hour to write this.")) == (401, True)
    await r.signs_in(person_pass(here.r))
    page = await r.press("Send it now")
    assert page.says("We have kept your words.", "It took me an hour to write this.")


async def test_the_json_api_takes_no_cookie(here: WholePlace, r: Browser) -> None:
    await r.open("/me")
    assert (await r.http.get(f"/v1/people/{here.r}/stories")).status_code == 401


async def test_leaving_ends_a_session_that_began_with_a_link(door: Place) -> None:
    browser = Browser(door)
    await browser.open(await asked_for_a_link(door, browser))
    await browser.press("Sign in")
    secret = browser.http.cookies[SESSION]
    await browser.http.get("/leave")
    told = await door.client().get("/v1/sign-in/sessions/current", headers={"Authorization": f"Bearer {secret}"})
    assert told.status_code == 401


async def test_leaving_signs_out_and_back_leads_away_too(here: WholePlace, r: Browser) -> None:
    await r.open("/me/story")
    gone = await r.http.get("/leave")
    assert (gone.status_code, gone.headers["location"].startswith("https://")) == (303, True)
    assert SESSION not in r.http.cookies
    for path in ("/me/story", "/", "/offers"):
        back = await r.http.get(path)
        assert (back.status_code, back.headers["location"], back.text) == (303, gone.headers["location"], "")


async def test_after_leaving_a_form_sent_again_by_back_shows_nothing(here: WholePlace, r: Browser) -> None:
    await r.open("/me/story/tell")
    sent = r.filled("Keep this", **{"what-happened": "My own words."})
    await r.http.get("/leave")
    answer = await r.http.post(sent[0], data=dict(sent[1]), headers={"Origin": "http://place"})
    assert (answer.status_code, answer.text) == (303, "")


async def test_leaving_waits_for_nobody(here: WholePlace, r: Browser) -> None:
    """Also while nothing answers."""
    await r.open("/me/story")
    route: Any = here.place.system.app.router.routes[-1]

    async def away(_: Request) -> Heard:
        return Heard(503, b"{}")

    route.speak = away
    gone = await r.http.get("/leave")
    assert (gone.status_code, gone.headers["location"].startswith("https://")) == (303, True)
    assert 'alongside-session=""' in str(gone.headers)


async def test_what_is_secret_is_never_shown_again(here: WholePlace, r: Browser) -> None:
    await r.open("/me/reach")
    sent = r.filled("Keep this", code_word="heron blue", interpreter="Polish, a woman")
    await here.place.system.running["gateway"].shell.run(
        sign_out, SignOut(hashed(r.http.cookies[SESSION])), Origin(person_pass(here.r), new_id()), gives=type(None)
    )
    page = await r.send(sent)
    assert page.says("Nothing you wrote is lost", "Polish, a woman", "116 123")
    assert "heron blue" not in page.html


async def test_words_are_kept_when_not_even_their_page_can_be_had(here: WholePlace, r: Browser) -> None:
    await r.open("/me/story/tell")
    sent = r.filled("Keep this", **{"what-happened": "It took me an hour to write this."})
    route: Any = here.place.system.app.router.routes[-1]
    speak = route.speak

    async def half_away(asked: Request) -> Heard:
        return Heard(503, b"{}") if "/people/" in asked.path else await speak(asked)

    async def all_away(asked: Request) -> Heard:
        return Heard(503, b"{}") if "/sign-in/" not in asked.path else await speak(asked)

    for away in (half_away, all_away):
        route.speak = away
        page = await r.send(sent)
        kept = {c.value for form in page.read.forms for c in form.controls}
        assert (page.status, "It took me an hour to write this." in kept) == (503, True)
    route.speak = speak
    page = await r.send(sent)
    assert page.says("We have kept your words.")


async def test_every_page_is_kept_nowhere_framed_by_nobody_and_loads_nothing_from_elsewhere(
    here: WholePlace, r: Browser
) -> None:
    for page in (page for book in books() for page in book.pages if "{" not in page.path and page.path != "/leave"):
        shown = await r.open(page.path)
        headers = shown.headers
        assert headers["cache-control"] == "no-store", page.path
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"
        for loaded in ("src=", "srcset=", "<style", "style="):
            assert f'{loaded}"http' not in shown.html
        assert "style=" not in shown.html
        assert shown.html.count("<script") == 1


async def test_titles_and_addresses_name_nobody_and_tell_nothing(here: WholePlace, r: Browser) -> None:
    """They stay behind in the browser's history."""
    for page in (page for book in books() for page in book.pages if "{" not in page.path and page.path != "/leave"):
        title = (await r.open(page.path)).title.lower() + page.path
        for word in ("health", "crisis", "safety", "suicid", "mental", "nhs", "distress", "harm", "ill", "risk"):
            assert word not in title.replace("still", "").replace("will", ""), (page.path, word)


ROLES: dict[Role, Any] = {
    role: a_pass(role) for role in (Role.PEER_SUPPORTER, Role.CARER, Role.PRACTITIONER, Role.DUTY, Role.SYSTEM)
} | {Role.STEWARD: Pass(Role.STEWARD, new_id())}
"""Everybody but the person and nobody, who have tests of their own."""


@pytest.mark.parametrize("role", list(ROLES))
async def test_a_page_of_another_role_is_no_page(here: WholePlace, role: Role) -> None:
    browser = Browser(here.place, ROLES[role])
    nothing = await browser.open("/me/there-is-no-such-page")
    for page in (page for book in books() for page in book.pages if page.roles and role not in page.roles):
        path = page.path
        while "{" in path:
            path = f"{path[: path.index('{')]}{new_id()}{path[path.index('}') + 1 :]}"
        shown = await browser.open(path)
        assert (shown.status, shown.text, shown.title) == (404, nothing.text, nothing.title), path


async def test_a_page_that_needs_a_sign_in_sends_nobody_to_it_whatever_is_there(
    here: WholePlace, nobody: Browser
) -> None:
    for page in (page for book in books() for page in book.pages if page.roles and "{" not in page.path):
        assert (await nobody.open(page.path)).path == "/sign-in", page.path


async def test_bytes_that_no_form_sends_are_turned_back(here: WholePlace, r: Browser) -> None:
    await r.open("/me/more")
    for content in (b"\xff\xfe=1", b"&".join(b"a%d=1" % n for n in range(2000))):
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        assert (await r.http.post("/me/more", content=content, headers=kind)).status_code in {400, 403}
