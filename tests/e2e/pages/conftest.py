"""One demo and one Chromium for all that looks at pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser

from services.portal.app import books
from shared.event import Role
from tests.support.chromium import chromium
from tests.support.command_line import served


@dataclass(frozen=True)
class Demo:
    """A demo that runs, and a token for each role."""

    base: str
    tokens: dict[str, str]
    person: str


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with served(tmp_path_factory.mktemp("pages") / "demo", "--demo-data") as running:
        people: list[dict[str, Any]] = running.greeting["sign_ins"]
        person = people[0]["try"].partition("/v1/people/")[2].partition("/")[0]
        yield Demo(running.greeting["address"], {each["role"]: each["token"] for each in people}, person)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def paths(*roles: Role) -> list[str]:
    """Give the addresses of pages that need no id, for one of these roles; for anybody when none is said."""
    every = [page for book in books() for page in book.pages if "{" not in page.path and page.path != "/leave"]
    return [page.path for page in every if (page.roles & set(roles) if roles else not page.roles)]
