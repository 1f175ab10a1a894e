"""A real Chromium, for what only a browser can say: layout, keyboard, accessibility, what goes over the wire.

The machine's own is used (Debian's ``chromium``); where there is none the tests skip with a loud reason, and fail where
``ALONGSIDE_REQUIRE_ENGINES`` is 1.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page, Request

PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""WCAG 2.2 AA, and what axe-core's authors hold good practice."""
PHONE, NARROW, DESK = 360, 320, 1280
"""Widths in CSS pixels. 320 is also what 1280 is at 400 % (WCAG 1.4.10)."""
AXE = Axe()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the machine's own."""
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        reason = "NO CHROMIUM: pages are not looked at (Debian: apt-get install chromium)"
        if os.environ.get("ALONGSIDE_REQUIRE_ENGINES") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Screen:
    """One screen of one visitor. ``asked`` is all that it loaded."""

    base: str
    context: BrowserContext
    page: Page
    asked: list[Request] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go to a page of the place."""
        self.page.goto(self.base + path)
        return self.page

    def signs_in(self, token: str) -> None:
        """Sign in to a demo."""
        self.open("/sign-in")
        self.page.fill("#token", token)
        self.page.click("text=Sign in to the demo")
        self.page.wait_for_load_state()

    def faults(self) -> list[str]:
        """Give what axe-core finds wrong with what is shown now."""
        found = AXE.run(self.page, options={"runOnly": {"type": "tag", "values": RULES}}).response["violations"]
        return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]

    def too_wide(self) -> int:
        """Give by how many pixels the page is wider than its screen."""
        wide: Any = self.page.evaluate("document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth")
        return int(wide) if wide > 1 else 0  # one is a fraction of a pixel, rounded up


@contextmanager
def a_screen(browser: Browser, base: str, *, width: int = DESK, script: bool = True, **more: Any) -> Iterator[Screen]:
    """Open one of so many CSS pixels, with or without script."""
    context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=script, **more)
    page = context.new_page()
    screen = Screen(base, context, page)
    page.on("request", lambda request: screen.asked.append(request))  # noqa: PLW0108 - it marks what it is given
    page.on("dialog", lambda dialog: dialog.dismiss())
    yield screen
    context.close()
