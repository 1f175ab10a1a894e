"""The decision on every disclosure: a pure function over a person's choices and how the asker stands (C3).

Absence of a choice is no. Among choices about the same *who* the latest wins; between different ones a no beats
a yes. Standing (who leads, was chosen, walks alongside) opens only that somebody is known there, and to whoever
holds them how to reach them safely: an alias and a safe route, the blind hold of C2.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.consent.choice.domain import WORK_ROLES, Asker, Choice, State, by_who
from shared.event import Part, Role
from shared.passes import Purpose
from shared.ports import Act, Standing, Why

BY_STANDING = frozenset({Part.NAME, Part.CONTACT})
FOR_CARE = frozenset({Purpose.SUPPORT, Purpose.CRISIS})
SIGHT = frozenset({Part.STORY, Part.PLAN, Part.JOURNEY})
"""What a lead must see something of to lead with open eyes; a lead that loses all of it has lost sight (C2)."""
AT_THE_DOOR = frozenset({Standing.AT_THE_DOOR})
IN_EMERGENCY = frozenset({Part.PLAN, Part.CONTACT})
"""What emergency access opens, and no more (C5)."""
IN_EMERGENCY_ROLES = frozenset({Role.PRACTITIONER, Role.DUTY})
HOLDING = frozenset({Standing.LEADS, Standing.CHOSEN})
MAY_LEAD = HOLDING | {Standing.LINKED, Standing.OWES_THE_WAY_BACK, Standing.LED_BEFORE}
"""Who leads, or comes to lead without a new choice of the person's: pathway hears of it when they lose sight (C2)."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, about whom and by whom."""

    asker: Asker
    person: UUID
    part: Part
    act: Act = Act.READ


@dataclass(frozen=True, slots=True)
class Verdict:
    """Yes or no, the reason code and the choice that it rests on."""

    permitted: bool
    why: Why
    choice: UUID | None = None

    @property
    def open(self) -> bool:
        """Say whether standing may still turn this no into a yes: nobody said no, nobody is hidden."""
        return not self.permitted and self.why in {Why.NO_CHOICE, Why.WITHDRAWN, Why.ENDED}


def by_choice(question: Question, choices: Sequence[Choice], now: datetime) -> Verdict:
    """Decide by the person's choices alone."""
    early = _before_any_choice(question)
    if early is not None:
        return early
    covering = [choice for choice in choices if choice.covers(question.asker)]
    for choice in covering:
        if choice.hide and choice.in_force(now):
            return Verdict(permitted=False, why=Why.HIDDEN, choice=choice.id)
    organisation = question.asker.organisation
    verdict = _ruled(covering, question.part, question.asker.purpose, organisation, now)
    if question.part is Part.NAME and verdict.open:
        known_by = _any_yes(covering, question.asker.purpose, organisation, now)
        return verdict if known_by is None else Verdict(permitted=True, why=Why.CHOICE, choice=known_by)
    return verdict


def _before_any_choice(question: Question) -> Verdict | None:
    asker = question.asker
    if asker.role is Role.PERSON and asker.person == question.person:
        return Verdict(permitted=True, why=Why.SELF)
    if asker.role not in WORK_ROLES | {Role.PERSON}:
        return Verdict(permitted=False, why=Why.ROLE)
    if asker.person == question.person:
        return Verdict(permitted=False, why=Why.OWN_COLLEAGUE)  # S12: no work role opens one's own record
    return None


def of_a_stopped_organisation(verdict: Verdict) -> Verdict:
    """Turn a yes into a no: an organisation that ended or is suspended is let see nobody (J2a)."""
    return Verdict(permitted=False, why=Why.STOPPED, choice=verdict.choice)


def is_absence(verdict: Verdict) -> bool:
    """Say whether the person has simply not chosen, or a yes came to its end. Taking back is their word: it stands."""
    return not verdict.permitted and verdict.why in {Why.NO_CHOICE, Why.ENDED}


def may_be_emergency(question: Question, verdict: Verdict) -> bool:
    """Say whether emergency access could turn a no into a yes: reading alone, by a named practitioner (C5)."""
    asker = question.asker
    theirs = asker.role in IN_EMERGENCY_ROLES and asker.member is not None and asker.purpose in FOR_CARE
    return theirs and is_absence(verdict) and question.part in IN_EMERGENCY and question.act is Act.READ


def by_standing(question: Question, verdict: Verdict, standing: frozenset[Standing], *, owed: bool = False) -> Verdict:
    """Let standing answer where choices neither permit nor forbid (``verdict.open``).

    After a withdrawal only the lead may still read what was taken back of these two parts: whoever leads when a
    withdrawal has been answered holds blind, and must be able to reach the person (C2, J2). ``owed``: the asker's
    organisation lost sight and another is still to lead in its stead, so its lead counts for nothing. A door that
    somebody came to may write of them, never read (S2).
    """
    if not verdict.open or question.asker.purpose not in FOR_CARE or question.part not in BY_STANDING:
        return verdict
    standing -= {Standing.LED_BEFORE}
    leads = Standing.LEADS in standing and not owed
    taken_back = verdict.why is Why.WITHDRAWN and not leads
    if question.part is Part.CONTACT:
        holds = not taken_back and bool(standing & HOLDING)
        return Verdict(permitted=True, why=Why.HOLDS) if holds else verdict
    reading = question.act is not Act.WRITE
    if not standing or (reading and (taken_back or standing == AT_THE_DOOR)):
        return verdict
    return Verdict(permitted=True, why=Why.HOLDS if standing & HOLDING else Why.BESIDE)


def _ruled(
    covering: Iterable[Choice], part: Part, purpose: Purpose, organisation: UUID | None, now: datetime
) -> Verdict:
    """Weigh the choices that name the asker, who is of ``organisation``: deny beats permit between them."""
    ruling = Verdict(permitted=False, why=Why.NO_CHOICE)
    about = [choice for choice in covering if choice.is_about(part, purpose)]
    counted = [choice for choice in about if not _against_their_word(choice, about, organisation, now)]
    for said in by_who(counted).values():
        latest = said[0]
        if not latest.in_force(now):
            older_no = next((c for c in said if not c.permit and c.in_force(now)), None)
            if older_no is None:
                ruling = _weaker(ruling, latest, now)
                continue
            latest = older_no
        if not latest.permit:
            return Verdict(permitted=False, why=Why.SAID_NO, choice=latest.id)
        if not ruling.permitted:
            ruling = Verdict(permitted=True, why=Why.CHOICE, choice=latest.id)
    return ruling


def _against_their_word(yes: Choice, about: Sequence[Choice], organisation: UUID | None, now: datetime) -> bool:
    """Say whether a supporter wrote a yes down where the person's own last word was a no, or taking a yes back.

    Only the person undoes their own word (C2, C5). Taking back from one whom the yes does not name counts only
    where the asker's own organisation wrote it down: nobody lets themself in again.
    """
    if not (yes.permit and yes.written_down):
        return False
    like = [each for each in about if each.who == yes.who or yes.given_to_organisation == organisation]
    words = [
        (each.given_at, each.permit) for each in like if not each.written_down and (each.permit or each.in_force(now))
    ]
    words += [(each.withdrawn_at, False) for each in like if each.permit and each.withdrawn_at is not None]
    before = [(at, not permit) for at, permit in words if at <= yes.given_at]
    return bool(before) and max(before)[1]


def _weaker(ruling: Verdict, latest: Choice, now: datetime) -> Verdict:
    """Remember why there is no yes, unless there is one; a withdrawal tells more than an end."""
    if ruling.permitted or ruling.why is Why.WITHDRAWN or not latest.permit:
        return ruling
    why = Why.WITHDRAWN if latest.state(now) is State.WITHDRAWN else Why.ENDED
    return Verdict(permitted=False, why=why, choice=latest.id)


def _any_yes(covering: Sequence[Choice], purpose: Purpose, organisation: UUID | None, now: datetime) -> UUID | None:
    """Find a yes in force for any part that nothing overrules: so the person is known there.

    Support and crisis are one for this: who supports somebody knows that they are there. Other purposes do not.
    """
    like = FOR_CARE if purpose in FOR_CARE else frozenset({purpose})
    for choice in covering:
        if not choice.permit or not choice.in_force(now):
            continue
        for part in choice.parts:
            for meant in choice.purposes & like:
                if _ruled(covering, part, meant, organisation, now).choice == choice.id:
                    return choice.id
    return None


@dataclass(frozen=True, slots=True)
class Sight:
    """An organisation as a whole: who of it could see something."""

    organisation: UUID
    members: frozenset[UUID] = frozenset()
    offers: frozenset[UUID] = frozenset()
    at_crisis: bool = False
    by_name_only: bool = False

    def askers(self) -> Iterable[Asker]:
        """Give everybody of it whom a choice could name."""
        for purpose in FOR_CARE:
            for role in WORK_ROLES:
                for member in (None, *self.members):
                    yield Asker(
                        role,
                        purpose,
                        self.organisation,
                        member,
                        offers=self.offers,
                        at_crisis=self.at_crisis,
                        by_name_only=self.by_name_only,
                    )


def sees(sight: Sight, person: UUID, choices: Sequence[Choice], now: datetime) -> bool:
    """Say whether anybody of an organisation sees anything of story, plan or journey."""
    named = [c for c in choices if c.permit and c.in_force(now) and c.parts & SIGHT]
    return any(
        by_choice(Question(asker, person, part), choices, now).permitted
        for asker in (sight.askers() if named else ())
        for part in SIGHT
    )


def lost_sight(sight: Sight, person: UUID, before: Sequence[Choice], after: Sequence[Choice], now: datetime) -> bool:
    """Say whether an organisation saw something before a choice and sees nothing after it (C2)."""
    return sees(sight, person, before, now) and not sees(sight, person, after, now)
