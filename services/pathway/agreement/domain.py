"""Agreement is the person's: for one exact version, by signing in or before a witness of theirs (P3, P4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from services.pathway.holding.domain import Place
from services.pathway.plan.domain import Plan, State, Version, Written
from services.pathway.plan.headings import PlanKind
from shared.errors import AlongsideError, InvalidError, Kind, WhoActs
from shared.event import Code, Event, Role
from shared.events.pathway_plan import AgreementUndone, PlanAgreed, PlanNotAgreed
from shared.passes import Pass

SIGNED_IN = Code("signed-in")
MAY_WITNESS = frozenset({Role.PEER_SUPPORTER, Role.PRACTITIONER, Role.DUTY, Role.SYSTEM})
"""As whom one may witness. Carers act for somebody (C8): none of them may agree a plan."""


class How(StrEnum):
    """How a witness heard it from the person (P3)."""

    IN_PERSON = "in-person"
    PHONE = "phone"
    VIDEO = "video"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Witness:
    """Who says that they heard the person agree."""

    member: UUID
    organisation: UUID | None
    role: Role


@dataclass(frozen=True, slots=True)
class Around:
    """What decides who may witness for a person. ``permitted``: consent lets the witness see the plan at all."""

    permitted: bool
    chosen_members: frozenset[UUID]
    chosen_organisations: frozenset[UUID]
    relieved: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class AnswerPlan:
    """The person's answer to one exact version, or a witness's word for it."""

    person: UUID
    plan: UUID
    revision: int
    agreed: bool
    words: str | None
    would_agree_to: str | None
    witness: Witness | None
    how: How | None
    permitted: bool
    chosen_organisations: frozenset[UUID]

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the person."""
        return (self.person,)


@dataclass(frozen=True, slots=True)
class UndoAgreement:
    """ "That is not what I agreed." ``revision`` None: the one in force."""

    person: UUID
    plan: UUID
    revision: int | None
    words: str | None
    witness: Witness | None
    permitted: bool
    chosen_organisations: frozenset[UUID]
    place: Place
    within: timedelta

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the person."""
        return (self.person,)


@dataclass(frozen=True, slots=True)
class ChooseWitness:
    """The person, signed in, says who may witness for them."""

    person: UUID
    member: UUID
    organisation: UUID

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the person."""
        return (self.person,)


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was answered, by whom and when (MHSDS keeps by whom and when)."""

    id: UUID
    person: UUID
    plan: UUID
    revision: int
    answer: State
    at: datetime
    role: Role
    member: UUID | None
    organisation: UUID | None
    witness: UUID | None
    how: Code
    words: str | None
    would_agree_to: str | None


@dataclass(frozen=True, slots=True)
class InForce:
    """The version that is in force, of all plans of one kind of a person."""

    person: UUID
    kind: PlanKind
    plan: UUID
    revision: int


class WitnessError(AlongsideError):
    """One answer for every witness who can't be one, whatever the reason (P3)."""

    code: ClassVar[str] = "witness-unknown"
    kind: ClassVar[Kind] = Kind.CONFLICT
    says: ClassVar[str] = (
        "We do not know this witness. The person can agree by signing in, or choose a supporter who hears it from them."
    )
    who: ClassVar[WhoActs] = WhoActs.PERSON


class InForceAlreadyError(AlongsideError):
    """The version is the one in force."""

    code: ClassVar[str] = "in-force-already"
    kind: ClassVar[Kind] = Kind.CONFLICT
    says: ClassVar[str] = (
        "This version is agreed and in force. If it is not what the person agreed, say so: "
        '"undoing" takes it back at once.'
    )


class NothingAgreedError(AlongsideError):
    """There is no agreement to undo."""

    code: ClassVar[str] = "nothing-agreed"
    kind: ClassVar[Kind] = Kind.CONFLICT
    says: ClassVar[str] = "This version is not agreed, so there is nothing to undo."


def may_witness(witness: Witness, version: Version, around: Around) -> bool:
    """Say whether somebody may witness the agreement of ``version`` (P3).

    Chosen by the person; never a drafter of it, anyone of an organisation that it relieves, who acts for the
    person, or whom consent keeps away from the plan.
    """
    chosen = witness.member in around.chosen_members or witness.organisation in around.chosen_organisations
    return (
        chosen
        and around.permitted
        and witness.role in MAY_WITNESS
        and witness.organisation not in around.relieved
        and not drafted(witness, version)
    )


def drafted(witness: Witness, version: Version) -> bool:
    """Say whether somebody made a version or wrote a line of it.

    What a partner system sent, its whole organisation wrote.
    """
    wrote = [(version.drafted_by.member, version.drafted_by.organisation)]
    wrote += [(line.member, line.organisation) for line in version.lines if line.written is not Written.SELF]
    return any(
        witness.member == member
        or (member is None and organisation is not None and witness.organisation == organisation)
        for member, organisation in wrote
    )


def check_witness(by: Pass, person: UUID, witness: Witness | None, version: Version | None, around: Around) -> None:
    """Let the person through, or a witness who may be one. Raises WitnessError, always the same (P3)."""
    if by.is_person(person):
        return
    if witness is None or version is None or not may_witness(witness, version, around):
        raise WitnessError


def agree(plan: Plan, command: AnswerPlan, in_force: InForce | None) -> PlanAgreed:
    """Bring the exact version into force (P3). Raises InForceAlreadyError when it is."""
    _not_in_force(plan, in_force)
    witness = command.witness.member if command.witness else None
    return PlanAgreed(
        subject=plan.person, plan=plan.id, revision=plan.version.revision, witness=witness, how=how_of(command)
    )


def not_agree(plan: Plan, command: AnswerPlan, in_force: InForce | None) -> PlanNotAgreed:
    """Keep "not agreed" as the positive state that it is, in the person's words (P4)."""
    if not command.words:
        raise InvalidError(fields=("words",))
    _not_in_force(plan, in_force)
    return PlanNotAgreed(subject=plan.person, plan=plan.id, revision=plan.version.revision)


def undo(plan: Plan) -> tuple[Event, ...]:
    """Undo the agreement of a version, from now (P3)."""
    if plan.version.state is not State.AGREED:
        raise NothingAgreedError
    return (AgreementUndone(subject=plan.person, plan=plan.id, revision=plan.version.revision),)


def how_of(command: AnswerPlan) -> Code:
    """Give how it was said."""
    return Code(command.how) if command.witness and command.how else SIGNED_IN


def _not_in_force(plan: Plan, in_force: InForce | None) -> None:
    if in_force and (in_force.plan, in_force.revision) == (plan.id, plan.version.revision):
        raise InForceAlreadyError
