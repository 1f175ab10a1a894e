"""What the pages of those beside a person share: who they are, names of people, instants by the place's clock."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Any

from services.portal.form import Option, Problem
from services.portal.visit import WrongError
from services.portal.words import _
from shared.event import Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from services.portal.form import Typed
    from services.portal.visit import Visit

BESIDE = (Role.PEER_SUPPORTER, Role.CARER, Role.PRACTITIONER, Role.DUTY)
"""Who has pages under ``/beside``."""
WORK = (Role.PEER_SUPPORTER, Role.PRACTITIONER, Role.DUTY)
"""Who of them answers for an organisation: welcomes, meets, steps up and down, lets go."""
HOLDS = {
    "held": _("Held: they have met"),
    "held-not-met": _("Held, but not met yet"),
    "quietly-held": _("Held quietly: gently, without pressing"),
    "managing-independently": _("Managing independently; the way back is open"),
    "left-be": _("Asked to be left be; the way back is open"),
    "moved": _("Moved to another place"),
}
OUTCOMES = {
    "made": _("Spoke with each other"),
    "tried": _("Tried, and did not reach them"),
    "turned-down": _("They did not want to talk then"),
}
WAYS = {
    "in-person": _("In person"),
    "phone": _("By phone"),
    "video": _("By video"),
    "text": _("By text"),
    "email": _("By e-mail"),
    "letter": _("By letter"),
    "reminder": _("A reminder"),
    "sighting": _("Saw them, without speaking"),
    "through-a-supporter": _("Through somebody beside them"),
}
REACHED_BY = {
    "call": _("Ring them"),
    "text": _("Send them a text"),
    "email": _("Write them an e-mail"),
    "letter": _("Write them a letter"),
    "in-person": _("Go to them, or have them come"),
    "through-supporter": _("Through somebody beside them"),
}
SLEEPING = {
    "somewhere-safe": _("Somewhere safe"),
    "not-safe": _("Somewhere that is not safe"),
    "nowhere": _("Nowhere"),
}
"""What a person may answer to "where will you sleep for the next seven nights?" (J13)."""
NOT_AN_INSTANT = _("Pick a day and a time")


def whose(visit: Visit) -> str:
    """Give the API's path of the person in the address."""
    return f"/v1/people/{visit.named['person']}"


def ours(visit: Visit) -> str:
    """Give the API's path of the visitor's own organisation."""
    return f"/v1/organisations/{visit.by.organisation}"


def works(visit: Visit) -> bool:
    """Say whether the visitor answers for an organisation."""
    return visit.by.role in WORK


async def called(visit: Visit, people: Iterable[str | None]) -> dict[str, str]:
    """Give what people like to be called, of those whom the visitor may know."""
    wanted = sorted({each for each in people if each})
    found = await asyncio.gather(*(visit.api.maybe(f"/v1/people/{each}") for each in wanted))
    return {key: value["called"] for key, value in zip(wanted, found, strict=True) if value is not None}


def items(found: Any) -> list[dict[str, Any]]:
    """Give the items of a page of the API; none where there was nothing to see."""
    return list((found or {}).get("items", []))


async def members(visit: Visit) -> list[Option]:
    """Give who acts for the visitor's organisation, to pick from."""
    found = await visit.api.maybe(f"{ours(visit)}/members?limit=100")
    return [Option(each["id"], each["name"]) for each in items(found)]


def instant(visit: Visit, typed: Typed, name: str) -> str | None:
    """Give an instant as it was typed by the place's clock; None when nothing was. Raises WrongError."""
    given = typed.one(name)
    if not given:
        return None
    try:
        return datetime.fromisoformat(given).replace(tzinfo=visit.tongue.zone).isoformat()
    except ValueError:
        raise WrongError(Problem(name, NOT_AN_INSTANT)) from None
