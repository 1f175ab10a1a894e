"""Arriving by any door (S1), and being held from the first write (J2a).

A new person's arrival is written with the backstop as lead and the door as chosen holder, in one transaction. Nobody
is turned away, and nobody is told whether somebody is already known: a stranger and a wrong code word get the same
answer (S2, C4).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from services.intake.circle.domain import Entry, Ringed, begin_circle
from services.intake.need.domain import Named, NameNeeds, Need, name_needs
from services.intake.person.domain import Identifier, Person, Surety, surety_of
from services.intake.reach.domain import CodeWord, KeptReach, Reach, SetReach, set_reach
from services.intake.story.domain import Story, TellStory, Told, tell
from shared.errors import InvalidError
from shared.event import Event, Role
from shared.events.intake import Arrived, Door

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.passes import Pass


EARLIEST_BIRTH = date(1890, 1, 1)

HERE_AND_NOW = timedelta(hours=72)
"""How long a door is known to somebody who came to it, without a choice: to write, never to read ."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """That somebody came: when, by which door, whom they would like to lead. ``words`` came with them (a text)."""

    id: UUID
    person: UUID
    at: datetime
    door: Door
    at_organisation: UUID | None
    chosen: UUID | None
    words: str | None
    by_role: Role
    by_member: UUID | None
    by_organisation: UUID | None


@dataclass(frozen=True, slots=True)
class Came:
    """What every arrival tells, of somebody new or known."""

    door: Door
    at_organisation: UUID | None = None
    chosen: UUID | None = None
    words: str | None = None
    passages: tuple[Told, ...] = ()
    needs: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class ArriveNew:
    """Somebody comes who is not known here, or may not be known by what was said.

    ``text_from`` is set for a text that several could have sent: then the number alone finds nobody by it (J7).
    ``writers_own``: as for a safe route that is set.
    """

    person: UUID
    called: str
    lead: UUID
    came: Came
    born: date | None = None
    nhs_number: Identifier | None = None
    reach: Reach | None = None
    code_word: CodeWord | None = field(default=None, repr=False)
    ringed: tuple[Ringed, ...] = ()
    text_from: Identifier | None = None
    writers_own: bool = False

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about one person."""
        return (self.person,)


@dataclass(frozen=True, slots=True)
class ArriveKnown:
    """Somebody who is known comes, or comes back; pathway has held them before this is written (J7)."""

    person: UUID
    came: Came

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about one person."""
        return (self.person,)


@dataclass(frozen=True, slots=True)
class Held:
    """The answer to an arrival: the same fields for somebody new and somebody known (C4)."""

    arrival: UUID
    person: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Written:
    """Everything that one arrival writes."""

    arrival: Arrival
    person: Person | None = None
    known_by: tuple[Identifier, ...] = ()
    surety: Surety = Surety.ANYONE
    reach: KeptReach | None = None
    ringed: tuple[Entry, ...] = ()
    needs: tuple[Need, ...] = ()
    story: Story | None = None


def arrive_new(
    command: ArriveNew, by: Pass, now: datetime, new_id: Callable[[], UUID]
) -> tuple[Written, tuple[Event, ...]]:
    """Decide the arrival of somebody new: the backstop leads from this write (J2a).

    Raises InvalidError for a birth date that can't be.
    """
    if command.born is not None and not EARLIEST_BIRTH <= command.born <= now.date():
        raise InvalidError(fields=("birth_date",))
    arrival = _arrival(command.person, command.came, by, now, new_id())
    surety = surety_of(by)
    number = command.nhs_number
    person = Person(
        command.person, command.called, command.born, number.value if number else None, now, command.lead,
        command.came.chosen,
    )  # fmt: skip
    facts: list[Event] = [_arrived(arrival, command.lead)]
    reach = None
    if command.reach is not None:
        setting = SetReach(command.person, command.reach, command.code_word, forget_code_word=False, surety=surety)
        reach, said = set_reach(None, setting, now, new_id())
        facts += said
    ringed, said = begin_circle(command.person, command.ringed, by, now, new_id)
    facts += said
    needs, story, said = _told(command.person, command.came, by, now, new_id)
    facts += said
    return Written(arrival, person, _known_by(command), surety, reach, ringed, needs, story), tuple(facts)


def arrive_known(
    command: ArriveKnown, by: Pass, now: datetime, new_id: Callable[[], UUID]
) -> tuple[Written, tuple[Event, ...]]:
    """Decide the arrival of somebody known: the fact bears no lead, for pathway has held them already (J7)."""
    arrival = _arrival(command.person, command.came, by, now, new_id())
    needs, story, said = _told(command.person, command.came, by, now, new_id)
    return Written(arrival, needs=needs, story=story), (_arrived(arrival, None), *said)


def _known_by(command: ArriveNew) -> tuple[Identifier, ...]:
    number = (command.nhs_number,) if command.nhs_number else ()
    by_email = not command.writers_own
    reach = command.reach.identifiers(by_email=by_email) if command.reach and not command.text_from else ()
    return (*number, *reach, *((command.text_from,) if command.text_from else ()))


def _told(
    person: UUID, came: Came, by: Pass, now: datetime, new_id: Callable[[], UUID]
) -> tuple[tuple[Need, ...], Story | None, tuple[Event, ...]]:
    needs, facts = name_needs(NameNeeds(person, came.needs), by, now, new_id)
    if not came.passages:
        return needs, None, facts
    story, said = tell(TellStory(person, came.passages), by, now, new_id)
    return needs, story, (*facts, *said)


def _arrival(person: UUID, came: Came, by: Pass, now: datetime, arrival: UUID) -> Arrival:
    return Arrival(
        arrival, person, now, came.door, came.at_organisation, came.chosen, came.words, by.role,
        by.member or by.person, by.organisation,
    )  # fmt: skip


def _arrived(arrival: Arrival, lead: UUID | None) -> Arrived:
    return Arrived(
        subject=arrival.person, arrival=arrival.id, door=arrival.door, at_organisation=arrival.at_organisation,
        lead=lead, chosen=arrival.chosen,
    )  # fmt: skip
