"""The words of pages in the visitor's language, and how a date is said in it.

English is the source; ``locale/<language>.po`` holds the others and is read when the process starts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

if TYPE_CHECKING:
    from collections.abc import Iterable

LOCALE = Path(__file__).parent / "locale"
ENGLISH = "en"
LANGUAGES = {"en": "English", "cy": "Cymraeg", "ar": "العربية"}
"""Each by its own name: whoever needs it reads that one."""
RIGHT_TO_LEFT = frozenset({"ar"})
BABEL = {"en": "en_GB", "cy": "cy", "ar": "ar"}


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence in English that is looked up when it is shown."""

    english: str
    with_: tuple[tuple[str, str], ...] = ()


def _(english: str, **with_: str) -> Message:
    """Mark a sentence for translation."""
    return Message(english, tuple(with_.items()))


DAY_AND_TIME = _("{day}, {time}")


@cache
def translations(language: str) -> NullTranslations:
    """Give a language's catalogue; English is its own."""
    path = LOCALE / f"{language}.po"
    if language == ENGLISH or not path.exists():
        return NullTranslations()
    with path.open("rb") as source:
        catalogue = read_po(source, locale=BABEL[language])
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


@dataclass(frozen=True)
class Tongue:
    """One language as a page uses it, with the place's time zone."""

    language: str
    zone: ZoneInfo

    @property
    def direction(self) -> str:
        """Give which way it is written."""
        return "rtl" if self.language in RIGHT_TO_LEFT else "ltr"

    def say(self, said: Message | str, /, **with_: object) -> str:
        """Give a sentence in this language; ``{names}`` in it are filled from ``with_``."""
        english, given = (said.english, dict(said.with_)) if isinstance(said, Message) else (said, {})
        text = translations(self.language).gettext(english) if english else ""
        filled = {**given, **with_}
        return text.format(**filled) if filled else text

    def day(self, at: str | date | None) -> str:
        """Say a day: Tuesday 3 March 2026."""
        when = self._local(at)
        return format_date(when, "EEEE d MMMM y", locale=BABEL[self.language]) if when else ""

    def when(self, at: str | datetime | None) -> str:
        """Say an instant by the place's clock: Tuesday 3 March 2026, 14:05."""
        when = self._local(at)
        if not isinstance(when, datetime):
            return self.day(when)
        return self.say(DAY_AND_TIME, day=self.day(when), time=format_time(when, "HH:mm", locale=BABEL[self.language]))

    def short(self, at: str | datetime | None) -> str:
        """Say an instant in few letters: 3 Mar, 14:05."""
        when = self._local(at)
        return format_datetime(when, "d MMM, HH:mm", locale=BABEL[self.language]) if when else ""

    def _local(self, at: str | date | None) -> date | None:
        if isinstance(at, str):
            at = datetime.fromisoformat(at) if "T" in at else date.fromisoformat(at)
        return at.astimezone(self.zone) if isinstance(at, datetime) else at


def wanted(chosen: str, accepted: str) -> str:
    """Give the language to show: the one chosen, else the first that the browser asks for and we have."""
    for each in (chosen, *_asked_for(accepted)):
        if each in LANGUAGES:
            return each
    return ENGLISH


def _asked_for(accepted: str) -> Iterable[str]:
    return (part.partition(";")[0].strip().partition("-")[0].lower() for part in accepted[:200].split(","))
