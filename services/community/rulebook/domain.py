"""What a rulebook may say: its shape, and the safety floors that no place can lower (M6)."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.errors import AlongsideError, Kind, Reason, WhoActs
from shared.event import Code
from shared.ports import Rulebook

INTENSITIES = ("managing-independently", "community", "enhanced", "crisis", "inpatient")
"""These five, in this order, are in every rulebook (J1)."""

CodeText = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,47}$")]
Count = Annotated[int, Field(ge=1, le=10_000)]


class Floor(Reason):
    """A floor that a rulebook went below."""

    INTENSITIES = (
        "intensities",
        "The five intensities have to be there in their order, each once, from least to most.",
    )
    DRIFT = "drift", "Drifting is noticed after 72 hours at most."
    DRIFT_RUNG = "drift-rung", "An alert that nobody has acknowledged goes on after 60 minutes at most."
    ASKS = "asks", "Somebody who asks for more waits 4 hours at crisis, else 2 working days, at most."
    LINKS = "links", "Silence counts as an answer after 4 hours at crisis, else 2 working days, at most."
    BOUNCE = "bounce", "Two answers of not right within 90 days are a bounce, at the latest."
    CONVERSATION = "conversation", "The conversation after a bounce is within 3 working days at most."
    HOLDING = "holding", "A chosen holder says that they hold within 24 hours at most."
    QUIET = "quiet", "Nobody is quietly held within 4 weeks of crisis."
    DUTY_LINE = "duty-line", "Each route of the duty line is tried every week at least."


class RulebookUnreadableError(AlongsideError):
    """The file is not a rulebook: not TOML, or a part is missing, unknown or of the wrong kind."""

    code = "rulebook-unreadable"
    kind = Kind.INVALID
    says = "This file is not a rulebook. The parts that are missing, unknown or wrong are listed."


class RulebookUnsignedError(AlongsideError):
    """The signature is missing, or is not the leaders' group's signature of this very file."""

    code = "rulebook-not-signed"
    kind = Kind.INVALID
    says = "The leaders' group has not signed this rulebook as it stands. It is not in force."
    who = WhoActs.STEWARD


class RulebookBelowFloorError(AlongsideError):
    """The rulebook lowers a safety floor; signed or not, it is not in force."""

    code = "rulebook-below-floor"
    kind = Kind.INVALID
    says = "This rulebook goes below a safety floor. It can't come into force."
    who = WhoActs.STEWARD


class RulebookOlderError(AlongsideError):
    """A version is in force once: a changed file needs a higher number."""

    code = "rulebook-older"
    kind = Kind.CONFLICT
    says = "A rulebook with this number, or a higher one, was in force already. Give it the next number."
    who = WhoActs.STEWARD


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class Drift(_Part):
    """When nobody has made contact (J9)."""

    after_hours: Count
    rung_minutes: Count


class Answering(_Part):
    """How long an answer may take (J5, J12)."""

    at_crisis_hours: Count
    otherwise_working_days: Count


class Bounce(_Part):
    """When answers of "not right" become a bounce (J5)."""

    count: Count
    within_days: Count
    conversation_working_days: Count


class Holding(_Part):
    """What a holder owes (J2a, J2b)."""

    acknowledged_within_hours: Count
    people_for_each_member: Count


class Quiet(_Part):
    """How long after crisis, and after the first try, nobody is quietly held (J4)."""

    not_within_days: Count


class DutyLine(_Part):
    """How often the duty line is tried (W1)."""

    tested_every_days: Count


class Document(_Part):
    """A rulebook as it is written. Hours, minutes, days and working days as their names say."""

    version: Count
    intensities: Annotated[list[CodeText], Field(max_length=20)]
    drift: Drift
    asks: Answering
    links: Answering
    bounce: Bounce
    holding: Holding
    quiet: Quiet
    duty_line: DutyLine


FLOORS = Document(
    version=1,
    intensities=list(INTENSITIES),
    drift=Drift(after_hours=72, rung_minutes=60),
    asks=Answering(at_crisis_hours=4, otherwise_working_days=2),
    links=Answering(at_crisis_hours=4, otherwise_working_days=2),
    bounce=Bounce(count=2, within_days=90, conversation_working_days=3),
    holding=Holding(acknowledged_within_hours=24, people_for_each_member=10_000),
    quiet=Quiet(not_within_days=28),
    duty_line=DutyLine(tested_every_days=7),
)
"""The safety floors. A place may be quicker, never slower; how many it holds is its own figure."""


def below_floors(document: Document) -> tuple[Floor, ...]:
    """Say which safety floors a rulebook lowers."""
    bounce = document.bounce
    checks = (
        (Floor.INTENSITIES, _in_order(document.intensities)),
        (Floor.DRIFT, document.drift.after_hours <= FLOORS.drift.after_hours),
        (Floor.DRIFT_RUNG, document.drift.rung_minutes <= FLOORS.drift.rung_minutes),
        (Floor.ASKS, _answers_in_time(document.asks, FLOORS.asks)),
        (Floor.LINKS, _answers_in_time(document.links, FLOORS.links)),
        (
            Floor.BOUNCE,
            bounce.count <= FLOORS.bounce.count and bounce.within_days >= FLOORS.bounce.within_days,
        ),
        (
            Floor.CONVERSATION,
            bounce.conversation_working_days <= FLOORS.bounce.conversation_working_days,
        ),
        (
            Floor.HOLDING,
            document.holding.acknowledged_within_hours <= FLOORS.holding.acknowledged_within_hours,
        ),
        (Floor.QUIET, document.quiet.not_within_days >= FLOORS.quiet.not_within_days),
        (Floor.DUTY_LINE, document.duty_line.tested_every_days <= FLOORS.duty_line.tested_every_days),
    )
    return tuple(floor for floor, is_kept in checks if not is_kept)


def _in_order(intensities: list[str]) -> bool:
    if len(set(intensities)) != len(intensities) or not set(INTENSITIES) <= set(intensities):
        return False
    places = [intensities.index(each) for each in INTENSITIES]
    return places[0] == 0 and all(before < after for before, after in pairwise(places))


def _answers_in_time(answering: Answering, floor: Answering) -> bool:
    return (
        answering.at_crisis_hours <= floor.at_crisis_hours
        and answering.otherwise_working_days <= floor.otherwise_working_days
    )


def in_force(document: Document) -> Rulebook:
    """Give the rulebook as every service reads it. Raises RulebookBelowFloorError."""
    lowered = below_floors(document)
    if lowered:
        raise RulebookBelowFloorError(reasons=lowered)
    return Rulebook(
        version=document.version,
        intensities=tuple(Code(each) for each in document.intensities),
        drift_after=timedelta(hours=document.drift.after_hours),
        drift_rung=timedelta(minutes=document.drift.rung_minutes),
        ask_answer_crisis=timedelta(hours=document.asks.at_crisis_hours),
        ask_answer_other_working_days=document.asks.otherwise_working_days,
        link_answer_crisis=timedelta(hours=document.links.at_crisis_hours),
        link_answer_other_working_days=document.links.otherwise_working_days,
        bounce_count=document.bounce.count,
        bounce_window=timedelta(days=document.bounce.within_days),
        conversation_working_days=document.bounce.conversation_working_days,
        hold_acknowledged_within=timedelta(hours=document.holding.acknowledged_within_hours),
        holds_per_member=document.holding.people_for_each_member,
        not_quiet_within=timedelta(days=document.quiet.not_within_days),
        duty_line_tested_every=timedelta(days=document.duty_line.tested_every_days),
    )
