"""The sentences that pages say of themselves: what was done, what could not be, and what to do now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.portal.form import Kind
from services.portal.visit import View
from services.portal.words import Message, _

if TYPE_CHECKING:
    from services.portal.asking import TurnedDownError
    from services.portal.form import Form
    from services.portal.visit import Visit

SAID: dict[str, Message] = {}
"""What may stand at the top of a page after something was done, by the code in its address."""


def said(code: str, english: str) -> str:
    """Enter a sentence; gives its code."""
    SAID[code] = Message(english)
    return code


_PLAIN = {
    "missing": (_("Nothing here"), _("There is nothing here that you can see."), 404),
    "not-read": (_("Not read"), _("We could not read what was sent. Go back and try again."), 400),
    "not-ours": (
        _("Not sent"),
        _("This page was open for too long, or somebody else has signed in here since. Nothing was changed. Go back, "
          "load the page again and try once more."),
        403,
    ),
    "later": (
        _("Try again"),
        _("We can't do this just now and nothing was changed. Try again in a minute."),
        503,
    ),
    "done": (_("Done"), _("It is done. There is nothing more here that you can see just now."), 200),
    "fault": (_("Something went wrong"), _("Something went wrong on our side. We have been told."), 500),
}  # fmt: skip
ENDED = _("Signed out")
TRY_AGAIN = _("We can't do this just now. What you wrote is still here: try again in a minute.")
CHANGED = _("Somebody has changed this since you opened it. Look at it as it is now, then try again.")


def plain(code: str) -> View:
    """Give a page that says one thing and where to turn."""
    title, says, status = _PLAIN[code]
    return View("plain.html", title, {"says": says}, status)


def of_page(error: TurnedDownError) -> View:
    """Give the page for what could not be read."""
    return plain("later" if error.status in {429, 503} else "fault")


def of_problem(error: TurnedDownError) -> list[Message]:
    """Say what the API would not do, in its own sentences, which are in every catalogue."""
    if error.status in {429, 503}:
        return [TRY_AGAIN]
    if error.code == "stale":
        return [CHANGED]
    reasons = [reason["says"] for reason in error.problem.get("reasons", [])]
    return [Message(each) for each in (error.problem.get("title", ""), *reasons) if each] or [TRY_AGAIN]


def ended(visit: Visit, form: Form) -> View:
    """Give the page for a form whose writer is not signed in any more: what they typed is in it, to be sent again."""
    return View("ended.html", ENDED, {"signed_out": True, **_typed(visit, form)}, 401)


def kept(visit: Visit, form: Form) -> View:
    """Give the page for a form that could not be dealt with, nor its own page be had: its words are in this one."""
    return View("ended.html", _PLAIN["later"][0], {"signed_out": False, "says": TRY_AGAIN, **_typed(visit, form)}, 503)


def _typed(visit: Visit, form: Form) -> dict[str, Any]:
    """Give what is sent again, and of it what is shown: words, and never what is secret."""
    secret = {each.name for each in form.fields if each.kind in {Kind.SECRET, Kind.PIN}}
    words = {each.name for each in form.fields if each.kind in {Kind.WORDS, Kind.LINE}}
    again = [(name, value) for name, value in visit.typed.pairs if name not in secret]
    return {"again": again, "kept": [value for name, value in again if name in words and value.strip()]}
