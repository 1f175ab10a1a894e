"""Each public path has one owner, found by the path alone: what a reverse proxy sends it by."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from services import SERVICES
from services.calls.elsewhere import wired_over_nothing
from services.cli.routes import expression, owners
from tests.support.command_line import told

if TYPE_CHECKING:
    from collections.abc import Sequence


@pytest.fixture(scope="module")
def found() -> list[tuple[str, str]]:
    with wired_over_nothing() as system:
        return owners({name: running.routers for name, running in system.running.items()})


def in_dispute(found: Sequence[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """Give the paths that another owner's expression matches too, and is not written out in full itself."""
    return [
        (path, owner, other)
        for path, owner in found
        for template, other in found
        if other != owner and re.match(expression(template), path.replace("{", "").replace("}", ""))
    ]


def test_no_path_has_two_owners(found: list[tuple[str, str]]) -> None:
    assert len(found) > 100
    assert {owner for _, owner in found} == set(SERVICES)
    assert not in_dispute(found)


def test_a_path_of_two_owners_is_seen() -> None:
    planted = [("/v1/people/{person}/plans", "pathway"), ("/v1/people/{person}/{part}", "intake")]
    assert in_dispute(planted) == [("/v1/people/{person}/plans", "pathway", "intake")]


def test_nothing_public_lies_where_services_ask_one_another(found: list[tuple[str, str]]) -> None:
    assert not [path for path, _ in found if path.startswith("/internal")]


def test_the_command_gives_what_a_reverse_proxy_needs() -> None:
    listed = told("routes")
    (choices,) = [each for each in listed if each["path"] == "/v1/people/{person}/choices"]
    assert choices["owner"] == "consent"
    assert re.match(choices["expression"], "/v1/people/0b7b-1/choices")
    assert not re.match(choices["expression"], "/v1/people/0b7b-1/choices/more")
