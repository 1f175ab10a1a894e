"""What codes of the API are called on pages, and the names of organisations that answers give by id."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from services.portal.form import Option
from services.portal.words import Message, _

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from services.portal.visit import Visit

STORY = {
    "what-matters-most": _("What matters most to me"),
    "people-who-matter": _("People who matter to me"),
    "how-i-communicate": _("How I like to talk and be talked to"),
    "my-wellness": _("How I am when I am well, and how I stay so"),
    "please-do-and-do-not": _("Please do, and please do not"),
    "how-and-when-to-support-me": _("How and when to support me"),
    "also-worth-knowing": _("Also worth knowing about me"),
    "what-happened": _("What happened"),
    "what-i-need-now": _("What I need now"),
}
"""The seven headings of About Me and two of ours (S3), in our own wording."""
HOW = {
    "self": _("in their own words"),
    "supported-by": _("written with support"),
    "recorded-by": _("written down by somebody else"),
}
NEEDS = {
    "clinical": _("Care or treatment"),
    "practical": _("Something practical"),
    "social": _("People and company"),
    "financial": _("Money"),
}
MATTERS = {
    "most": _("It matters most"),
    "a-lot": _("It matters a lot"),
    "somewhat": _("It matters somewhat"),
    "not-now": _("Not now"),
    "not-said": _("I would rather not say"),
}
PARTS = {
    "name": _("what I like to be called"),
    "story": _("my story and my needs"),
    "plan": _("my plans"),
    "journey": _("how things go: who leads, contacts, what was asked"),
    "circle": _("the people in my circle"),
    "contact-details": _("how to reach me"),
    "equity": _("what I said about myself for fairness"),
}
ROLES = {
    "person": _("you"),
    "peer-supporter": _("peer supporters"),
    "carer": _("carers"),
    "practitioner": _("practitioners"),
    "duty": _("people on duty"),
    "partner-system": _("computer systems"),
}
STATES = {
    "draft": _("not answered yet"),
    "agreed": _("agreed by you"),
    "not-agreed": _("not agreed"),
    "agreement-undone": _("taken back: not what was agreed"),
}
FOR_WHOM = {
    "women": _("women"), "men": _("men"), "young-people": _("young people"), "older-people": _("older people"),
    "lgbtqi-people": _("LGBTQI people"), "black-people": _("Black people"), "asian-people": _("Asian people"),
    "refugees": _("refugees"), "carers": _("carers"), "parents": _("parents"), "a-faith": _("people of a faith"),
    "disabled-people": _("disabled people"), "neurodivergent-people": _("neurodivergent people"),
    "veterans": _("veterans"), "students": _("students"),
}  # fmt: skip
INTENSITIES = {
    "managing-independently": _("Managing independently"),
    "community": _("Support in the community"),
    "enhanced": _("More support"),
    "crisis": _("Support in a crisis"),
    "inpatient": _("A stay in hospital"),
}


def options(names: Mapping[str, Message], *only: str) -> tuple[Option, ...]:
    """Give what may be picked, in order."""
    return tuple(Option(code, names[code]) for code in (only or names))


async def organisations(visit: Visit, ids: Iterable[str | None]) -> dict[str, dict[str, Any]]:
    """Give organisations by id, each as the directory shows it; one that can't be had is left out."""
    wanted = sorted({each for each in ids if each})
    found = await asyncio.gather(*(visit.api.perhaps(f"/v1/organisations/{each}") for each in wanted))
    return {key: value for key, value in zip(wanted, found, strict=True) if value is not None}


async def ringing(visit: Visit) -> dict[str, Any] | None:
    """Give the body of this place that is there day and night, with its telephone."""
    place = await visit.api.perhaps("/v1/place")
    backstop = (place or {}).get("backstop")
    return (await organisations(visit, [backstop])).get(backstop) if backstop else None
