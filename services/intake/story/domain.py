"""A story in a person's own words (S3): told once, corrected without anything vanishing.

A passage keeps its id through every wording; each wording is a row of its own with a version. What a reader may not
see is left out before anything is counted: versions and marks are those of a world without it (S4, C4, I1).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.errors import AlongsideError, InvalidError, Kind, NotFoundError, StaleError, WhoActs
from shared.event import Event, Role
from shared.events.intake import StoryAmended, StoryTold
from shared.passes import Pass

LINE = "People choose what to share; this may not be everything."
"""The line that every view bears, full or empty (S4)."""
TEXT = "text/plain"
MOST_PASSAGES = 50
FEWEST = 5
SMALL = "*"


class Heading(StrEnum):
    """The seven headings of the PRSB About Me standard, what happened, and what I need now (S3)."""

    WHAT_MATTERS_MOST = "what-matters-most"
    PEOPLE_WHO_MATTER = "people-who-matter"
    HOW_I_COMMUNICATE = "how-i-communicate"
    MY_WELLNESS = "my-wellness"
    PLEASE_DO_AND_DO_NOT = "please-do-and-do-not"
    HOW_TO_SUPPORT_ME = "how-and-when-to-support-me"
    ALSO_WORTH_KNOWING = "also-worth-knowing"
    WHAT_HAPPENED = "what-happened"
    WHAT_I_NEED_NOW = "what-i-need-now"


ORDER = {heading: place for place, heading in enumerate(Heading)}


class Written(StrEnum):
    """How somebody's words came to be written down (S3)."""

    SELF = "self"
    SUPPORTED_BY = "supported-by"
    RECORDED_BY = "recorded-by"


class NotYourWordsError(AlongsideError):
    """A correction of what somebody else said: it may stand beside theirs, never instead (I2)."""

    code = "not-your-words"
    kind = Kind.CONFLICT
    says = "These are somebody else's words. Add yours beside them; theirs stay."
    who = WhoActs.CALLER


@dataclass(frozen=True, slots=True)
class Told:
    """A passage as it is told. ``passage`` with ``why`` corrects one that is there; no words take it out."""

    heading: Heading | None
    words: str | None
    language: str = "en"
    how: Written | None = None
    passage: UUID | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """One wording of a passage. ``words`` None: taken out at this version, and still there before it."""

    id: UUID
    passage: UUID
    story: UUID
    version: int
    place: int
    heading: Heading
    media_type: str
    words: str | None
    language: str
    how: Written
    by_member: UUID | None
    by_organisation: UUID | None
    why: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Story:
    """A story as one reader sees it: its wordings in order, without any that they may not see."""

    id: UUID
    person: UUID
    at: datetime
    wordings: tuple[Passage, ...]

    def now(self) -> tuple[Passage, ...]:
        """Give the last wording of each passage that is still there; what matters most comes first (S13)."""
        last = {p.passage: p for p in self.wordings}
        return tuple(sorted((p for p in last.values() if p.words is not None), key=_order))

    def versions(self) -> tuple[tuple[Passage, ...], ...]:
        """Give what changed at each version that differs for this reader, numbered from one by place (I1)."""
        numbers = sorted({p.version for p in self.wordings})
        return tuple(tuple(p for p in self.wordings if p.version == number) for number in numbers)

    def mark(self) -> str:
        """Give the opaque mark of what this reader sees now; it changes only when that does (C4)."""
        seen = b"".join(p.id.bytes for p in self.wordings)
        return hashlib.sha256(self.id.bytes + seen).hexdigest()[:24]


def _order(passage: Passage) -> tuple[int, int, int]:
    return ORDER[passage.heading], passage.version, passage.place


@dataclass(frozen=True, slots=True)
class TellStory:
    """Tell a story: one passage or more."""

    person: UUID
    passages: tuple[Told, ...]

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about one person."""
        return (self.person,)


@dataclass(frozen=True, slots=True)
class AmendStory:
    """Add to a story or correct it. ``hidden``: passages that whoever asks may not know of."""

    person: UUID
    story: UUID
    passages: tuple[Told, ...]
    hidden: frozenset[UUID]
    mark: str | None = None

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about one person."""
        return (self.person,)


@dataclass(frozen=True, slots=True)
class SayToldAgain:
    """ "I had to tell it again" (S2): one press, counted for the organisation."""

    person: UUID
    organisation: UUID

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about one person."""
        return (self.person,)


@dataclass(frozen=True, slots=True)
class ToldAgain:
    """How often people had to tell it again to one organisation, as it may be shown."""

    organisation: UUID
    times: int | str


def published(times: int) -> int | str:
    """Give a count as it may be shown: under 5 a ``*``, else to the nearest 5 (E1, the NHS small-number rule)."""
    return SMALL if times < FEWEST else FEWEST * ((times + FEWEST // 2) // FEWEST)


def tell(command: TellStory, by: Pass, now: datetime, new_id: Callable[[], UUID]) -> tuple[Story, tuple[Event, ...]]:
    """Decide a new story. Raises InvalidError for words in somebody else's name, or a correction of nothing."""
    if any(told.passage or told.words is None for told in command.passages):
        raise InvalidError(fields=("passages",))
    story = new_id()
    wordings = _worded(command.passages, story, 1, by, now, new_id)
    told = Story(story, command.person, now, wordings)
    return told, (StoryTold(subject=command.person, story=story, passages=len(wordings)),)


def amend(
    seen: Story | None, version: int, command: AmendStory, by: Pass, now: datetime, new_id: Callable[[], UUID]
) -> tuple[tuple[Passage, ...], tuple[Event, ...]]:
    """Decide the next version of a story. ``seen`` is what the caller may see; ``version`` the last there is.

    Raises NotFoundError for a story or passage that is not there for them (C4), StaleError when it changed since
    they read it, NotYourWordsError (I2), InvalidError for a correction that does not say why (S3).
    """
    if seen is None:
        raise NotFoundError
    if command.mark is not None and command.mark != seen.mark():
        raise StaleError
    now_there = {p.passage: p for p in seen.now()}
    told = tuple(_corrected(each, now_there, by) for each in command.passages)
    wordings = _worded(told, command.story, version + 1, by, now, new_id)
    return wordings, (StoryAmended(subject=command.person, story=command.story, passages=len(wordings)),)


def _corrected(told: Told, there: dict[UUID, Passage], by: Pass) -> Told:
    """Let a correction keep the heading that stands; check that it may be made and says why."""
    if told.passage is None:
        if told.words is None:
            raise InvalidError(fields=("passages.words",))
        return told
    was = there.get(told.passage)
    if was is None:
        raise NotFoundError
    if not told.why:
        raise InvalidError(fields=("passages.why",))
    theirs = was.by_organisation is None or was.by_organisation != by.organisation
    if by.role is not Role.PERSON and (theirs or was.how is Written.SELF):
        raise NotYourWordsError
    return replace(told, heading=told.heading or was.heading)


def _worded(
    told: Iterable[Told], story: UUID, version: int, by: Pass, now: datetime, new_id: Callable[[], UUID]
) -> tuple[Passage, ...]:
    return tuple(
        Passage(
            id=new_id(), passage=each.passage or new_id(), story=story, version=version, place=place,
            heading=_heading(each), media_type=TEXT, words=each.words, language=each.language,
            how=written_how(each.how, by), by_member=by.member or by.person, by_organisation=by.organisation,
            why=each.why, at=now,
        )
        for place, each in enumerate(told)
    )  # fmt: skip


def _heading(told: Told) -> Heading:
    if told.heading is None:
        raise InvalidError(fields=("passages.heading",))
    return told.heading


def written_how(said: Written | None, by: Pass) -> Written:
    """Say how words were written: nobody but the person writes as themself (S3). Raises InvalidError."""
    own = by.role in {Role.PERSON, Role.ANYONE}
    if said is Written.SELF and not own:
        raise InvalidError(fields=("how",))
    return said or (Written.SELF if own else Written.RECORDED_BY)
