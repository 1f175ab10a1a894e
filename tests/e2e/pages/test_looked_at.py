"""Every page in a real browser: accessible, narrow, without script, small, and nothing from elsewhere."""

import pytest
from playwright.sync_api import Browser

from services.portal.words import LANGUAGES
from shared.event import Role
from tests.e2e.pages.conftest import Demo, paths
from tests.support.chromium import DESK, NARROW, Screen, a_screen

VISITORS: dict[str, tuple[str, list[str]]] = {
    "nobody": ("", paths()),
    "the person": ("person", paths(Role.PERSON)),
    "a peer supporter": ("peer-supporter", paths(Role.PEER_SUPPORTER)),
    "a practitioner": ("practitioner", paths(Role.PRACTITIONER)),
    "the steward": ("steward", paths(Role.STEWARD)),
}
MOST_BYTES = 100_000


def first(screen: Screen, demo: Demo, role: str) -> None:
    if role:
        screen.signs_in(demo.tokens[role])


@pytest.mark.parametrize("visitor", list(VISITORS))
@pytest.mark.parametrize("width", [NARROW, DESK])
def test_no_page_breaks_wcag_or_is_wider_than_its_screen(
    browser: Browser, demo: Demo, visitor: str, width: int
) -> None:
    """WCAG 2.2 AA by axe-core; 320 CSS pixels are a desk's screen at 400 % (1.4.10)."""
    role, every = VISITORS[visitor]
    found = {}
    with a_screen(browser, demo.base, width=width) as screen:
        first(screen, demo, role)
        for path in every:
            screen.open(demo.at(path))
            faults = screen.faults() + [f"{screen.too_wide()} px too wide"] * bool(screen.too_wide())
            if faults:
                found[path] = faults
        assert all(asked.url.startswith(demo.base) for asked in screen.asked), "nothing is fetched from elsewhere"
    assert not found


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_no_page_of_the_persons_breaks_in_another_language(browser: Browser, demo: Demo, language: str) -> None:
    found = {}
    with a_screen(browser, demo.base, width=NARROW) as screen:
        screen.signs_in(demo.tokens["person"])
        screen.open(f"/me?lang={language}")
        for path in paths(Role.PERSON):
            page = screen.open(path)
            assert page.locator("html").get_attribute("lang") == language
            faults = screen.faults() + [f"{screen.too_wide()} px too wide"] * bool(screen.too_wide())
            if faults:
                found[path] = faults
    assert not found


def test_what_is_wrong_is_said_accessibly_and_has_the_focus(browser: Browser, demo: Demo) -> None:
    with a_screen(browser, demo.base, width=NARROW) as screen:
        page = screen.open("/arrive")
        page.fill("#need", "Somebody <b>awake</b>")
        page.click("text=Send this")
        assert page.locator("#error-summary").evaluate("each => each === document.activeElement")
        assert page.input_value("#need") == "Somebody <b>awake</b>"
        assert not screen.faults()
        page.click("text=Say what you would like to be called >> nth=0")
        assert page.locator("#called").evaluate("each => each === document.activeElement")


def test_a_first_page_is_small_on_the_wire(browser: Browser, demo: Demo) -> None:
    for path in ("/", "/now", "/arrive"):
        with a_screen(browser, demo.base) as screen:
            screen.open(path)
            whole = sum(request.sizes()["responseBodySize"] for request in screen.asked)
            assert whole <= MOST_BYTES, (path, whole)


def test_by_keyboard_alone_r_asks_for_more(browser: Browser, demo: Demo) -> None:
    with a_screen(browser, demo.base) as screen:
        screen.signs_in(demo.tokens["person"])
        page = screen.open("/me/more")
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.id") == "words":
                break
        page.keyboard.type("Somebody in the evenings.")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=We have heard you")
        assert not screen.faults()


@pytest.mark.parametrize("script", [True, False])
def test_two_tabs_and_enter_leave_any_page_and_back_shows_nothing(
    browser: Browser, demo: Demo, *, script: bool
) -> None:
    with a_screen(browser, demo.base, script=script) as screen:
        screen.signs_in(demo.tokens["person"])
        page = screen.open("/me/story")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=Sunny")
        page.go_back()
        page.wait_for_load_state()
        assert "My story" not in page.content()
        assert page.url.startswith(demo.away) or page.url == "about:blank"


def test_with_script_three_presses_of_escape_leave(browser: Browser, demo: Demo) -> None:
    with a_screen(browser, demo.base) as screen:
        page = screen.open("/me/story")
        for _ in range(3):
            page.keyboard.press("Escape")
        page.wait_for_selector("text=Sunny")


def test_the_plan_prints_on_one_page(browser: Browser, demo: Demo) -> None:
    """P6."""
    with a_screen(browser, demo.base) as screen:
        screen.signs_in(demo.tokens["person"])
        page = screen.open("/me/plan/print")
        printed = page.pdf(format="A4")
        assert printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") + printed.count(b"/Type /Page/") == 1
        page.emulate_media(media="print")
        assert not page.is_visible("text=I need someone now")
        assert page.is_visible("text=116 123")
