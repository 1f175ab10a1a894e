"""What ``alongside init`` has to know, how it asks for it, and what it takes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from shared.errors import InvalidError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.cli.output import Out

QUESTIONS = {
    "backstop": "The backstop: the funded body, there day and night, that leads when nobody else does",
    "backstop_does": "What it does, in a sentence",
    "backstop_telephone": "Its telephone number",
    "steward_name": "The steward's name",
    "steward_email": "The steward's e-mail address",
    "duty_name": "A duty worker's name",
    "duty_email": "The duty worker's e-mail address",
    "first_route": "The duty line's first route, text:NUMBER or email:ADDRESS",
    "second_route": "Its second route, another number or address",
    "group": "The first group's name (leave empty for none yet)",
    "group_does": "What the group does",
    "group_member": "The name of somebody of the group",
    "group_email": "Their e-mail address",
}
OF_GROUP = ("group_does", "group_member", "group_email")
ROUTE = re.compile(r"(text|email):(\S.*)")


@dataclass(frozen=True, slots=True)
class Wanted:
    """All that a place begins with. ``routes``: channel and address, each answered by a human just now."""

    backstop: str
    backstop_does: str
    backstop_telephone: str
    steward_name: str
    steward_email: str
    duty_name: str
    duty_email: str
    routes: tuple[tuple[str, str], ...]
    group: str | None
    group_does: str | None
    group_member: str | None
    group_email: str | None


def complete(given: Mapping[str, str | None], out: Out, *, can_ask: bool, answered: bool) -> Wanted:
    """Ask for what was not given. Raises InvalidError with the options that are missing or can't be read."""
    told = dict(given)
    for name, question in QUESTIONS.items():
        skipped = name in OF_GROUP and not told["group"]
        if told[name] is None and can_ask and not skipped:
            told[name] = typer.prompt(question, default="" if name == "group" else None, show_default=False).strip()
    routes = tuple(_route(name, told[name]) for name in ("first_route", "second_route") if told[name])
    if routes and not answered and can_ask:
        out.say(f"Now try both routes ({', '.join(address for _, address in routes)}) until a human answers each.")
        answered = typer.confirm("Did a human answer both?")
    missing = [
        name for name in QUESTIONS if not told[name] and name != "group" and (name not in OF_GROUP or told["group"])
    ]
    if not answered:
        missing.append("routes_answered")
    if missing:
        raise InvalidError(fields=tuple(f"--{name.replace('_', '-')}" for name in missing))
    # None of those that a place can't do without is missing now.
    plain = {name: told[name] or None for name in QUESTIONS if name not in ("first_route", "second_route")}
    return Wanted(routes=routes, **plain)  # type: ignore[arg-type]


def _route(name: str, told: str | None) -> tuple[str, str]:
    found = ROUTE.fullmatch(told or "")
    if found is None:
        raise InvalidError(fields=(f"--{name.replace('_', '-')}",))
    return found[1], found[2]
