"""The steward's first page: whether the place serves, what it still needs, who was not answered (J2a, J12, S2).

A steward sees organisations and numbers, never a person: no page of theirs asks the API for anything of anybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.portal.form import Option
from services.portal.naming import organisations
from services.portal.page import Book
from services.portal.people import items
from services.portal.visit import View, Visit
from services.portal.words import _
from shared.event import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

BOOK = Book()
STEWARD = Role.STEWARD
SERVICES = {
    "gateway": _("Signing in"),
    "intake": _("Coming in, and stories"),
    "community": _("Organisations and offers"),
    "pathway": _("Plans, links and who leads"),
    "consent": _("What people let others see"),
    "notify": _("Texts, e-mails and partner systems"),
}
PAGES = 20
"""How many pages of the directory a list to pick from takes in: two thousand organisations."""


async def bodies(visit: Visit) -> list[dict[str, Any]]:
    """Give every organisation that has joined, by name."""
    found: list[dict[str, Any]] = []
    behind = ""
    for _page in range(PAGES):
        told = await visit.api.read(f"/v1/organisations?membership=joined&limit=100{behind}")
        found += told["items"]
        if "next" not in told:
            break
        behind = f"&cursor={told['next']}"
    return found


def picks(found: list[dict[str, Any]]) -> list[Option]:
    """Give organisations to pick from."""
    return [Option(each["id"], each["name"]) for each in found]


def standing(found: Mapping[str, Any] | None) -> dict[str, Any]:
    """Sum up what waits: lanes that stand still, what does not answer, the longest wait to be sent."""
    every = items(found)
    there = [each for each in every if each["answers"]]
    return {
        "lanes": sum(each["parked_lanes"] for each in there),
        "silent": [each["service"] for each in every if not each["answers"]],
        "unsent": max((each["oldest_unsent_seconds"] for each in there), default=0),
        "due": max((each["oldest_due_seconds"] for each in there), default=0),
    }


@BOOK.page("/place", STEWARD)
async def place(visit: Visit) -> View:
    """Show whether the place serves, what it still needs, and what people did not get in time."""
    found, asks, told, waits = await visit.api.all(
        "/v1/place", "/v1/figures/asks", "/v1/told-again?limit=100", "/v1/operations"
    )
    ids = [found["backstop"], *(each["organisation"] for each in items(told))]
    return View("place.html", _("Our place"), {
        "found": found, "asks": asks, "told": items(told), "more": "next" in (told or {}),
        "names": await organisations(visit, ids), "waits": standing(waits), "services": SERVICES,
    })  # fmt: skip
