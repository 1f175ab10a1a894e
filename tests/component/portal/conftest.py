"""A place with R in it, and R's browser."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.browser import Browser
from tests.support.place import person_pass
from tests.support.whole_place import WholePlace, whole_place


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[WholePlace]:
    async with whole_place(tmp_path) as made:
        yield made


@pytest.fixture
async def r(here: WholePlace) -> AsyncIterator[Browser]:
    browser = Browser(here.place, person_pass(here.r))
    yield browser
    await browser.close()


@pytest.fixture
async def nobody(here: WholePlace) -> AsyncIterator[Browser]:
    browser = Browser(here.place)
    yield browser
    await browser.close()
