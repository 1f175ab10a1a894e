"""The rulebook in force, in plain words: its numbers, who signed it, since when."""

from __future__ import annotations

from services.portal.naming import INTENSITIES
from services.portal.page import Book
from services.portal.pages.place import STEWARD
from services.portal.visit import View, Visit
from services.portal.words import _

BOOK = Book()


@BOOK.page("/place/rules", STEWARD)
async def rules(visit: Visit) -> View:
    """Show every number by which this place goes. It changes by a signed file, not by a page."""
    found = await visit.api.read("/v1/rulebook")
    return View("place_rules.html", _("Rulebook"), {"rules": found, "intensities": INTENSITIES})
