"""Forms: what is asked, how it is typed, and what is said of what can't be taken. What was typed is never lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from urllib.parse import parse_qsl
from uuid import UUID

from services.portal.words import Message, _
from shared.ids import new_id

MOST_FIELDS = 400
TOKEN, REQUEST = "form_token", "request_id"
MISSING = _("Fill this in")
TOO_LONG = _("Use fewer words here: it is longer than we can keep")
NOT_TAKEN = _("Look at this again: we could not take it as it is")
PICK_ONE = _("Pick one")


class Kind(StrEnum):
    """How a field is filled in."""

    LINE = "line"
    WORDS = "words"
    EMAIL = "email"
    PHONE = "phone"
    SECRET = "secret"  # noqa: S105 - a kind of field
    PIN = "pin"
    ONE = "one"
    MANY = "many"
    PICK = "pick"
    TICK = "tick"
    WHEN = "when"
    DAY = "day"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that may be picked."""

    value: str
    label: Message | str
    hint: Message | str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that is asked. ``api`` is the API's name for it where it differs, for what the API could not take."""

    name: str
    label: Message | str
    kind: Kind = Kind.LINE
    hint: Message | str = ""
    needed: bool = False
    most: int = 500
    options: tuple[Option, ...] = ()
    missing: Message = MISSING
    wrong: Message = NOT_TAKEN
    api: str = ""
    rows: int = 5
    autocomplete: str = ""

    def named_by(self, place: str) -> bool:
        """Say whether the API means this field: ``passages.0.words`` is ``words``."""
        return (self.api or self.name) in place.split(".")


@dataclass(frozen=True, slots=True)
class Form:
    """What is asked together and sent with one press."""

    action: str
    button: Message
    fields: tuple[Field, ...] = ()
    who_reads: Message | None = None
    """Who reads what is written here, and by when (P10)."""
    warns: bool = False
    """Its button can't be taken back with one press, and looks so."""

    def typed(self, sent: Typed) -> list[Problem]:
        """Say what is missing or too long."""
        found = []
        for each in self.fields:
            given = sent.every(each.name)
            if each.needed and not any(value.strip() for value in given):
                message = PICK_ONE if each.kind in {Kind.ONE, Kind.PICK} and each.missing is MISSING else each.missing
                found.append(Problem(each.name, message))
            elif any(len(value) > each.most for value in given):
                found.append(Problem(each.name, TOO_LONG))
            elif each.options and each.kind in {Kind.ONE, Kind.MANY, Kind.PICK}:
                known = {option.value for option in each.options} | {""}
                if not set(given) <= known:
                    found.append(Problem(each.name, PICK_ONE))
        return found

    def with_options(self, **options: Sequence[Option]) -> Form:
        """Give the same form with what may be picked just now."""
        fields = (
            replace(each, options=tuple(options[each.name])) if each.name in options else each for each in self.fields
        )
        return replace(self, fields=tuple(fields))


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with what was typed, beside the field it is about ('' for the whole)."""

    field: str
    says: Message | str


@dataclass(frozen=True, slots=True)
class Typed:
    """What came with a form. Text is trimmed at its ends; line ends are one character."""

    pairs: tuple[tuple[str, str], ...] = ()

    def every(self, name: str) -> list[str]:
        """Give all that was given by a name."""
        return [value for key, value in self.pairs if key == name]

    def one(self, name: str) -> str:
        """Give what was given by a name, trimmed; '' when nothing was."""
        return next(iter(self.every(name)), "").strip()

    def some(self, name: str) -> str | None:
        """Give it, or None when nothing was typed: a field left empty is no answer."""
        return self.one(name) or None

    def ticked(self, name: str) -> bool:
        """Say whether a box is ticked."""
        return bool(self.one(name))

    def id(self, name: str) -> str | None:
        """Give an id, or None where it is none: it goes into no path of the API otherwise."""
        try:
            return str(UUID(self.one(name)))
        except ValueError:
            return None


def read(body: bytes) -> Typed:
    """Read a form as a browser sends it. Raises ValueError for what no browser sends."""
    pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    return Typed(tuple((name, value.replace("\r\n", "\n").replace("\r", "\n")) for name, value in pairs))


@dataclass(frozen=True, slots=True)
class Shown:
    """A form as a page draws it: with what was typed, what was wrong with it, and its own request id."""

    form: Form
    typed: Typed = field(default_factory=Typed)
    problems: tuple[Problem, ...] = ()
    request_id: str = field(default_factory=lambda: str(new_id()))

    def value(self, name: str) -> str:
        """Give what stands in a field."""
        return next(iter(self.typed.every(name)), "")

    def picked(self, name: str, value: str) -> bool:
        """Say whether a value is picked."""
        return value in self.typed.every(name)

    def wrong(self, name: str) -> Message | str | None:
        """Give what is wrong with a field."""
        return next((each.says for each in self.problems if each.field == name), None)


def filled(form: Form, **values: str | Sequence[str] | None) -> Shown:
    """Give a form with what is known already."""
    pairs = [
        (name, each) for name, value in values.items() for each in ([value] if isinstance(value, str) else value or ())
    ]
    return Shown(form, Typed(tuple(pairs)))
