"""What one service may ask another and can't wait for the bus: by call in one process, else by HTTP. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from shared.event import Code, Part, Role
from shared.news import AskOfMany
from shared.passes import Origin, Pass

CRISIS = Code("crisis")


class Standing(StrEnum):
    """How an organisation stands to a person (pathway answers). ``LED_BEFORE``: it leads again should the person
    say that the next one's meeting did not happen (J3); that alone opens nothing.
    """

    LEADS = "leads"
    CHOSEN = "chosen"
    ALONGSIDE = "alongside"
    LINKED = "linked"
    OWES_THE_WAY_BACK = "owes-the-way-back"
    LED_BEFORE = "led-before"
    AT_THE_DOOR = "at-the-door"


@dataclass(frozen=True, slots=True)
class Offer:
    """What others need of an offer (community answers)."""

    id: UUID
    organisation: UUID
    intensity: Code
    needs: frozenset[Code]
    is_open: bool
    places_free: int | None
    leaving_needs_a_bed: bool
    watched_after_leaving: bool


@dataclass(frozen=True, slots=True)
class Organisation:
    """What others need of an organisation. ``funded`` false: a volunteer or unfunded group (J2d)."""

    id: UUID
    kind: Code
    funded: bool
    commissioned: bool
    active: bool
    buddy: UUID | None
    can_lead: bool
    offered_to_strangers: bool = True


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rulebook in force (M6): numbers that each place sets, above the floors that community checks."""

    version: int
    intensities: tuple[Code, ...]
    drift_after: timedelta
    drift_rung: timedelta
    ask_answer_crisis: timedelta
    ask_answer_other_working_days: int
    link_answer_crisis: timedelta
    link_answer_other_working_days: int
    bounce_count: int
    bounce_window: timedelta
    conversation_working_days: int
    hold_acknowledged_within: timedelta
    holds_per_member: int
    not_quiet_within: timedelta = timedelta(weeks=4)
    duty_line_tested_every: timedelta = timedelta(weeks=1)

    def at_crisis(self, intensity: Code) -> bool:
        """Say whether an intensity is crisis or above."""
        return self.intensities.index(intensity) >= self.intensities.index(CRISIS)


@dataclass(frozen=True, slots=True)
class Watchers:
    """Whom a person said may be rung when they go quiet, in their order (intake answers). Ids only.

    ``themselves``: organisations that put themselves there: rung, and not of the person's choosing by that alone.
    """

    people: tuple[UUID, ...]
    organisations: tuple[UUID, ...]
    themselves: frozenset[UUID] = frozenset()

    @property
    def chosen(self) -> frozenset[UUID]:
        """Give the organisations that somebody else named: supporters of the person's choosing (P3)."""
        return frozenset(self.organisations) - self.themselves


class Channel(StrEnum):
    """How a message can leave."""

    TEXT = "text"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Route:
    """One safe way to reach somebody: an address, and the hours of the day (local time) in which it is safe."""

    channel: Channel
    address: str
    from_hour: int = 0
    to_hour: int = 24
    language: str = "en"


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who owns an e-mail address that asked for a sign-in link."""

    role: Role
    member: UUID | None = None
    organisation: UUID | None = None
    person: UUID | None = None


class Why(StrEnum):
    """The reason code of a decision."""

    SELF = "self"
    CHOICE = "choice"
    HOLDS = "holds"
    BESIDE = "beside"
    EMERGENCY = "emergency"
    NO_CHOICE = "no-choice"
    SAID_NO = "said-no"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"
    HIDDEN = "hidden"
    OWN_COLLEAGUE = "own-or-colleague"
    STOPPED = "organisation-stopped"
    ROLE = "role"
    CANNOT_ASK = "cannot-ask"


class Act(StrEnum):
    """What would happen with what is disclosed; kept in the ledger."""

    READ = "read"
    WRITE = "write"
    DELIVERY = "delivery"
    ALERT = "alert"
    EXPORT = "export"


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: may ``by`` have ``part`` of ``person``? ``thing`` names what exactly, for the ledger."""

    by: Pass
    person: UUID
    part: Part
    act: Act = Act.READ
    thing: UUID | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Consent's answer. ``except_for`` holds ids of passages withheld from this reader; ``choice`` what it rests on."""

    permitted: bool
    why: Why
    choice: UUID | None = None
    except_for: frozenset[UUID] = frozenset()


class Decider(Protocol):
    """Consent, seen from here. The ledger row of what it permits is durable before it answers."""

    async def decide(self, ask: Ask) -> Answer:
        """Answer one question. Raises UnavailableError when it can't."""
        ...

    async def surely_not(self, ask: AskOfMany) -> frozenset[UUID]:
        """Give what neither a choice nor standing may open. The rest is decided alone. Raises UnavailableError."""
        ...

    async def hidden(self, person_id: UUID, ids: frozenset[UUID]) -> frozenset[UUID]:
        """Give those of ``ids`` whom the person asked us not to speak to (S6). Raises UnavailableError."""
        ...


class CommunityPort(Protocol):
    """Organisations, offers, the rulebook and the backstop."""

    def rulebook(self) -> Rulebook:
        """Give the rulebook in force; it is kept in memory and never unknown while an instance serves."""
        ...

    async def must_be_ready(self) -> None:
        """Raise NotReadyError while the place serves only its own setting-up (J2a)."""
        ...

    async def organisation(self, organisation_id: UUID) -> Organisation:
        """Raise NotFoundError for one that is not joined."""
        ...

    async def offer(self, offer_id: UUID) -> Offer:
        """Raise NotFoundError for an unknown offer."""
        ...

    async def backstop(self) -> UUID:
        """Give the backstop holder. Raises NotReadyError until backstop and duty line are set (J2a)."""
        ...

    async def routes(self, organisation_id: UUID) -> tuple[Route, ...]:
        """Give how an organisation's people on duty are told of an alert, in order; its named members' first."""
        ...

    async def duty_line(self) -> tuple[Route, ...]:
        """Give the tested routes of the place's duty line."""
        ...

    async def sign_in(self, email: str) -> SignIn | None:
        """Say which member has this e-mail address."""
        ...

    async def is_member(self, member: UUID, organisation: UUID) -> bool:
        """Say whether a member belongs to an organisation now."""
        ...

    async def role_of(self, member: UUID, organisation: UUID) -> Role | None:
        """Give as what a member acts for an organisation now; None when they don't."""
        ...

    async def names(self, ids: frozenset[UUID]) -> dict[UUID, str]:
        """Give the names of organisations, and first names of members who let theirs be shown; others are left out."""
        ...


class IntakePort(Protocol):
    """People, as far as others must know of them."""

    async def exists(self, person_id: UUID) -> bool:
        """Say whether there is such a person."""
        ...

    async def watchers(self, person_id: UUID) -> Watchers:
        """Say whom to ring, in order."""
        ...

    async def passages(self, person_id: UUID, passages: frozenset[UUID]) -> frozenset[UUID]:
        """Give those of ``passages`` that are in the person's story."""
        ...

    async def told_only(self, person_id: UUID, passages: frozenset[UUID]) -> frozenset[datetime]:
        """Give when nothing but these passages was told or changed: for who may not see them, that is no news (S4)."""
        ...

    async def at_the_door(self, organisation: UUID, person_id: UUID) -> bool:
        """Say whether the person came to this organisation's door within 72 hours, and it wrote the arrival."""
        ...

    async def routes(self, person_id: UUID) -> tuple[Route, ...]:
        """Give the person's own safe routes (S7); none when they may not be written to."""
        ...

    async def supporter_routes(self, person_id: UUID, entry: UUID) -> tuple[Route, ...]:
        """Give how somebody of the circle is told."""
        ...

    async def sign_in(self, email: str) -> SignIn | None:
        """Say which person has this e-mail address as their own safe route; None when none or several."""
        ...

    async def first_hold(self, person_id: UUID) -> FirstHold | None:
        """Give the hold that a new person's arrival was written with, until pathway has a record of it (J2a)."""
        ...


@dataclass(frozen=True, slots=True)
class FirstHold:
    """The backstop leads from the first write; the door's choice of holder stands beside it."""

    lead: UUID
    chosen: UUID | None
    since: datetime


class PathwayPort(Protocol):
    """Who leads, and the acts that can't wait for the bus."""

    async def lead(self, person_id: UUID) -> UUID | None:
        """Give the organisation that leads; None while nobody does (managing independently, leave me be)."""
        ...

    async def told(self, person_id: UUID) -> bool:
        """Say whether messages to and about the person may leave (false after leave me be)."""
        ...

    async def standing(self, organisation: UUID, person_id: UUID) -> frozenset[Standing]:
        """Say how an organisation stands to a person; empty when it does not."""
        ...

    async def arrive_again(self, person_id: UUID, chosen: UUID | None, origin: Origin) -> None:
        """Hold somebody already known who came to a door or came back (J7); never a second lead."""
        ...

    async def lead_lost_sight(
        self, person_id: UUID, organisation: UUID, instead: UUID | None, origin: Origin, *, blind: bool = False
    ) -> None:
        """Let the backstop, or whom the person names, lead when the lead's access was withdrawn (C2).

        ``blind``: the person wants the new lead to hold with an alias and a safe route only.
        """
        ...


class NotifyPort(Protocol):
    """Messages that can't wait for the bus."""

    async def send_link(self, email: str, token: str) -> None:
        """Queue the mail with a one-time sign-in link; neutral words, the token only inside the mail."""
        ...


class GatewayPort(Protocol):
    """Sign-ins, for processes that answer the public without gateway; and a demo's clock."""

    async def known(self, token: str) -> Pass | None:
        """Say whose access token this is; None when it is unknown or past. Its member may have left (community)."""
        ...

    async def clock_offset(self) -> timedelta:
        """Give how far a demo's clock was moved on; nought in any other instance."""
        ...


@dataclass
class Ports:
    """Everything that a service may ask. Set once when a process is wired; the owners come in any order."""

    community: CommunityPort = field(init=False)
    intake: IntakePort = field(init=False)
    pathway: PathwayPort = field(init=False)
    notify: NotifyPort = field(init=False)
    gateway: GatewayPort = field(init=False)
