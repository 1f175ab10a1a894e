"""Ways out: managing independently, leave me be, quietly held, moved away (J4). None is called by another's name.

The fact of the way out comes before nobody leads, so that no position of the journal shows a supported person
whom nobody leads (J2).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from services.pathway.holding.domain import Change, Holding, State, lead_changed
from shared.errors import AlongsideError, Kind, Reason, WhoActs
from shared.event import Code, Event
from shared.events.pathway import (
    CheckInDue,
    LeadWhy,
    Left,
    LetGoTurnedBack,
    ManagingIndependently,
    MoveBegun,
    Moved,
    QuietlyHeld,
)


class How(StrEnum):
    """How the person said it; all but the first before a witness."""

    SIGNED_IN = "signed-in"
    IN_PERSON = "in-person"
    PHONE = "phone"
    VIDEO = "video"
    TEXT = "text"


class LetGoReason(Reason):
    """Why letting go was turned back (J4)."""

    NOT_THE_LEAD = "not-the-lead", "Only whoever leads can let go."
    NOT_AGREED = "not-agreed", "The person has not agreed to manage independently."
    WITNESS_LETS_GO = (
        "witness-lets-go",
        "The agreement was witnessed by the organisation that lets go. The person signs in, or chooses somebody else.",
    )
    WITNESS_NOT_CHOSEN = "witness-not-chosen", "The person did not choose whoever witnessed the agreement."
    AT_CRISIS = (
        "at-crisis",
        "The person is at crisis or above. Step down first, with their answer to where they will sleep.",
    )
    NO_PLAN_IN_FORCE = "no-plan-in-force", "No plan that the person agreed is in force."
    NO_WAY_BACK = "no-way-back", "The way back is not in writing."
    NO_CHECK_INS = "no-check-ins", "The person has not said how often they want somebody to check in, never included."


class QuietReason(Reason):
    """Why somebody can't be held quietly yet (J4)."""

    NOT_THE_LEAD = "not-the-lead", "Only whoever leads, and an expert by experience, hold this conversation."
    TOO_FEW_TRIES = "too-few-tries", "Fewer than five tries since the person last answered."
    ONE_CHANNEL = "one-channel", "All the tries were made in one way. Try at least two."
    NO_SUPPORTER_ASKED = "no-supporter-asked", "No supporter whom the person chose, and no peer, was asked or tried."
    TOO_SOON = "too-soon", "The tries do not yet reach over four weeks."
    LATELY_IN_CRISIS = (
        "lately-in-crisis",
        "The person was at crisis too lately: less than four weeks ago, or what the rulebook says.",
    )
    ASK_OPEN = "ask-open", "The person asked for more, or their signs were showing, and nobody has answered."
    NOT_SUPPORTED = "not-supported", "Nobody is being held here."


class LetGoTurnedBackError(AlongsideError):
    """Letting go is possible only into managing independently (J4)."""

    code: ClassVar[str] = "let-go-turned-back"
    kind: ClassVar[Kind] = Kind.CONFLICT
    says: ClassVar[str] = "You stay the lead: nobody is let go into nothing. What is missing is listed."
    who: ClassVar[WhoActs] = WhoActs.CALLER


class NotSupportedError(AlongsideError):
    """Nobody leads this person now, so nobody can let go of them or move them on."""

    code: ClassVar[str] = "not-supported"
    kind: ClassVar[Kind] = Kind.CONFLICT
    says: ClassVar[str] = "This person is not being supported at present. They come back by saying so, by any door."


@dataclass(frozen=True, slots=True)
class Independence:
    """The person's own agreement to manage independently, as they last said it (J4).

    ``way_back``: in writing. ``check_ins``: every so many days; nought is the person's *never*; None is not said.
    ``witness`` is of ``witness_of``; both None when the person signed in.
    """

    person: UUID
    agreed: bool
    way_back: str | None
    check_ins: int | None
    check_in_by: UUID | None
    how: How
    witness: UUID | None
    witness_of: UUID | None
    witness_chosen: bool
    said_at: datetime


@dataclass(frozen=True, slots=True)
class WayOut:
    """One way out that somebody took. ``mind_changed``: taken back whole within 72 hours, so it counts nowhere."""

    id: UUID
    person: UUID
    kind: State
    last_lead: UUID
    plan: UUID | None
    words: str | None
    at: datetime
    ended_at: datetime | None = None
    mind_changed: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody is moving away; ``there`` says who of the new place met them, and how that is known.

    ``met_at``: when the person, or a supporter of their choosing, confirmed it; the hold ends with that alone.
    """

    id: UUID
    person: UUID
    lead: UUID
    place: str
    begun_at: datetime
    there: str | None = None
    met_at: datetime | None = None


def why_not(
    holding: Holding, by: UUID | None, agreement: Independence | None, *, plan_in_force: bool, at_crisis: bool
) -> tuple[LetGoReason, ...]:
    """Give every reason why the lead stays the lead (J4); none when the person may be let go.

    Nobody is let go out of crisis past the question where they will sleep (J13).
    """
    said = agreement if agreement is not None and agreement.agreed else None
    witnessed = said is not None and said.witness_of is not None
    lets_go = witnessed and said is not None and said.witness_of in {by, holding.lead}
    wrong = (
        (LetGoReason.NOT_THE_LEAD, by is None or by != holding.lead),
        (LetGoReason.NOT_AGREED, said is None),
        (LetGoReason.WITNESS_LETS_GO, lets_go),
        (LetGoReason.WITNESS_NOT_CHOSEN, witnessed and not lets_go and said is not None and not said.witness_chosen),
        (LetGoReason.AT_CRISIS, at_crisis),
        (LetGoReason.NO_PLAN_IN_FORCE, not plan_in_force),
        (LetGoReason.NO_WAY_BACK, agreement is None or not agreement.way_back),
        (LetGoReason.NO_CHECK_INS, agreement is None or agreement.check_ins is None),
    )
    return tuple(reason for reason, is_so in wrong if is_so)


def turned_back(person: UUID, by: UUID, reasons: tuple[Reason, ...]) -> Event:
    """Say that letting go was turned back; the lead stays (J4)."""
    return LetGoTurnedBack(subject=person, organisation=by, reasons=tuple(Code(each.value) for each in reasons))


def independent(holding: Holding, now: datetime) -> Change:
    """Let nobody lead: the person manages independently; the last lead owes check-ins and the way back (J2, J4)."""
    after, facts = _out(holding, State.INDEPENDENT, now)
    return after, (ManagingIndependently(subject=holding.person, last_lead=_owes(after)), *facts)


def left_be(holding: Holding, now: datetime) -> Change:
    """Leave the person be, by their own single act (J4). Again changes nothing."""
    if holding.state is State.LEFT_BE:
        return holding, ()
    after, facts = _out(holding, State.LEFT_BE, now)
    return after, (Left(subject=holding.person, last_lead=_owes(after)), *facts)


def begun(move: Move) -> MoveBegun:
    """Say that somebody is moving away; the lead stays the lead."""
    return MoveBegun(subject=move.person, move=move.id)


def confirms(holding: Holding, by: UUID | None, chosen: Collection[UUID]) -> bool:
    """Say whether a word that the new place has met somebody ends the hold (J4): theirs, or a chosen supporter's.

    ``by`` None: the person's own. The lead rings there and says so; that alone lets nobody go.
    """
    return by is None or (by != holding.lead and by in chosen)


def moved(holding: Holding, move: UUID, now: datetime) -> Change:
    """End the hold: the new place has met the person (J4)."""
    after, facts = _out(holding, State.MOVED, now)
    return after, (Moved(subject=holding.person, move=move, last_lead=_owes(after)), *facts)


def quietly_held(holding: Holding, now: datetime) -> Change:
    """Hold somebody quietly: the lead stays, gently, without alarms (J4)."""
    if holding.lead is None:
        raise NotSupportedError
    after = replace(holding, state=State.QUIETLY_HELD, out_at=now, alarmed_at=None)
    return after, (QuietlyHeld(subject=holding.person, lead=holding.lead),)


def check_in(holding: Holding, said: Independence | None) -> tuple[CheckInDue | None, timedelta | None]:
    """Give the check-in that is due and when the next one is; none for who is not managing independently."""
    if holding.state is not State.INDEPENDENT or holding.last_lead is None or said is None or not said.check_ins:
        return None, None
    due = CheckInDue(subject=holding.person, last_lead=holding.last_lead, by=said.check_in_by)
    return due, timedelta(days=said.check_ins)


def _out(holding: Holding, state: State, now: datetime) -> Change:
    last = holding.lead or holding.last_lead
    after = replace(
        holding,
        state=state,
        led=None,
        last_lead=last,
        chosen=None,
        chosen_since=None,
        before=(),
        blind=False,
        alarmed_at=None,
        out_at=now,
    )
    return after, (lead_changed(holding, after, LeadWhy.WAY_OUT),) if holding.supported else ()


def _owes(holding: Holding) -> UUID:
    if holding.last_lead is None:
        raise NotSupportedError
    return holding.last_lead
