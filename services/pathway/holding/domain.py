"""Who leads: the values and pure rules of a hold (J2, J2a–J2d, J3, J6, J7).

A ``Holding`` is one person's. While they are supported exactly one organisation leads: a value that says otherwise
can't be made. Every rule gives the next value and the facts; ``LeadChanged`` facts, replayed, give the same lead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.pathway.holding.errors import HolderStoppedError, NotChosenError
from shared.event import Code, Event
from shared.events.pathway import (
    AlongsideJoined,
    AlongsideLeft,
    HolderChosen,
    LeadChanged,
    LeadWhy,
    Returned,
    SteppedDown,
    SteppedUp,
)

CRISIS = Code("crisis")
MANAGING_INDEPENDENTLY = Code("managing-independently")
COMMUNITY = Code("community")
KEPT_BEFORE = 8


class State(StrEnum):
    """Where somebody is. Quietly held is still supported: the lead stays (J4)."""

    SUPPORTED = "supported"
    QUIETLY_HELD = "quietly-held"
    INDEPENDENT = "managing-independently"
    LEFT_BE = "left-be"
    MOVED = "moved"


SUPPORTED = frozenset({State.SUPPORTED, State.QUIETLY_HELD})


@dataclass(frozen=True, slots=True)
class Led:
    """One organisation's time as lead. ``named`` None: its person on duty. ``met_at``: it met the person."""

    organisation: UUID
    since: datetime
    named: UUID | None = None
    deputy: UUID | None = None
    acknowledged_at: datetime | None = None
    met_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """What a decision must know of the place, asked before the transaction.

    ``commissioned``: those of the organisations concerned that are statutory or commissioned (J2c). One that is not
    in it counts as not commissioned, so that an unknown one only ever brings the backstop beside. ``stopped``:
    those that ended or are suspended, read inside the transaction, so that none of them comes to lead (J2a).
    """

    backstop: UUID
    intensities: tuple[Code, ...]
    commissioned: frozenset[UUID] = frozenset()
    stopped: frozenset[UUID] = frozenset()

    def at_crisis(self, intensity: Code) -> bool:
        """Say whether an intensity is crisis or above."""
        return self.intensities.index(intensity) >= self.intensities.index(CRISIS)


@dataclass(frozen=True, slots=True)
class Holding:
    """One person's hold. ``before`` are those who led earlier, the last one last (J3: they may lead again).

    ``blind``: the lead holds with an alias and a safe route only (C2). ``crisis_until``: when they were last at crisis
    or above. ``out_at``: when they took a way out. ``last_lead`` owes the check-ins and the way back (J2).
    """

    person: UUID
    state: State
    led: Led | None
    intensity: Code = COMMUNITY
    chosen: UUID | None = None
    chosen_since: datetime | None = None
    alongside: tuple[UUID, ...] = ()
    before: tuple[Led, ...] = ()
    last_lead: UUID | None = None
    blind: bool = False
    crisis_until: datetime | None = None
    out_at: datetime | None = None
    alarmed_at: datetime | None = None
    lead: UUID | None = field(init=False)

    def __post_init__(self) -> None:
        """Hold J2 in the value itself. Raises ValueError for a supported person whom nobody leads, and the reverse."""
        if (self.state in SUPPORTED) is (self.led is None):
            message = "exactly one leads while somebody is supported (J2)"
            raise ValueError(message)
        object.__setattr__(self, "lead", self.led.organisation if self.led else None)

    @property
    def supported(self) -> bool:
        """Say whether somebody leads."""
        return self.led is not None

    @property
    def named(self) -> UUID | None:
        """Give the lead's named person; None stands for its person on duty."""
        return self.led.named if self.led else None

    @property
    def deputy(self) -> UUID | None:
        """Give the deputy of the named person."""
        return self.led.deputy if self.led else None

    @property
    def acknowledged_at(self) -> datetime | None:
        """Give when the present lead said: we hold this person."""
        return self.led.acknowledged_at if self.led else None

    @property
    def met_at(self) -> datetime | None:
        """Give when the present lead met the person; held but not met until then (J2b)."""
        return self.led.met_at if self.led else None

    @property
    def concerned(self) -> frozenset[UUID]:
        """Give the organisations that lead, are to lead, walk alongside or owe the way back."""
        each = (self.lead, self.chosen, self.last_lead, *self.alongside)
        return frozenset(organisation for organisation in each if organisation is not None)

    @property
    def live(self) -> bool:
        """Say whether the person is really held: acknowledged, and met (J2b)."""
        return self.acknowledged_at is not None and self.met_at is not None


Change = tuple[Holding, tuple[Event, ...]]


def lead_of(holding: Holding | None) -> UUID | None:
    """Answer who leads: the one function that everything asks (J2)."""
    return None if holding is None else holding.lead


def choose(holding: Holding, chosen: UUID | None, now: datetime, stopped: frozenset[UUID]) -> Change:
    """Say who is to lead next. The lead stays until they acknowledge (J2a); the lead itself is never chosen."""
    if chosen is None or chosen in {holding.lead, holding.chosen, *stopped}:
        return holding, ()
    after = replace(holding, chosen=chosen, chosen_since=now)
    return after, (HolderChosen(subject=holding.person, organisation=chosen),)


def acknowledged(
    holding: Holding, by: UUID, named: UUID | None, deputy: UUID | None, now: datetime, place: Place
) -> Change:
    """Let the chosen holder lead from now, or the lead name who of it holds the person (J2a, J2b).

    Raises NotChosenError for anyone else.
    """
    if by == holding.lead and holding.led is not None:
        led = replace(holding.led, named=named, deputy=deputy, acknowledged_at=holding.led.acknowledged_at or now)
        after = replace(holding, led=led)
        return after, (lead_changed(holding, after, LeadWhy.ACKNOWLEDGED),) if led != holding.led else ()
    if not holding.supported or by != holding.chosen:
        raise NotChosenError
    if by in place.stopped:
        raise HolderStoppedError
    return led_by(holding, Led(by, now, named, deputy, acknowledged_at=now), LeadWhy.ACKNOWLEDGED, place)


def met(holding: Holding, by: UUID, named: UUID | None, deputy: UUID | None, now: datetime, place: Place) -> Change:
    """Let the next one lead, now that it has met the person (J3).

    A group that led until now stays alongside (J2c). Nothing changes for somebody whom nobody leads: they
    come back by saying so.
    """
    if holding.led is None:
        return holding, ()
    if by == holding.lead:
        led = replace(
            holding.led,
            named=named or holding.named,
            deputy=deputy or holding.deputy,
            acknowledged_at=holding.acknowledged_at or now,
            met_at=now,
        )
        after = replace(holding, led=led)
        return after, (lead_changed(holding, after, LeadWhy.MET),) if led.named != holding.named else ()
    if by in place.stopped:
        raise HolderStoppedError
    group = holding.lead not in {place.backstop, *place.commissioned}
    former = holding.lead if group else None
    changed = led_by(holding, Led(by, now, named, deputy, acknowledged_at=now, met_at=now), LeadWhy.MET, place)
    return then(changed, lambda h: join_alongside(h, former))


def not_met_after_all(
    holding: Holding, organisation: UUID, place: Place, now: datetime, met_at: datetime | None = None
) -> Change:
    """Let the former lead lead again, because the person said: that did not happen (J3).

    When others lead since, ``organisation`` only loses its place among those who may lead again. ``met_at``: the
    instant of the meeting that did not happen; an organisation that led before it goes on, held but not met.
    """
    if holding.led is not None and holding.lead == organisation and met_at not in {None, holding.led.since}:
        return replace(holding, led=replace(holding.led, met_at=None)), ()
    gone = {organisation, *place.stopped}
    before = tuple(led for led in holding.before if led.organisation not in gone)
    if holding.led is None or holding.lead != organisation:
        return replace(holding, before=before), ()
    former = replace(before[-1], since=now) if before else Led(place.backstop, now)
    after = replace(
        holding,
        led=former,
        before=before[:-1],
        alongside=_without(holding.alongside, former.organisation),
        chosen=None,
        chosen_since=None,
        alarmed_at=None,
    )
    facts: tuple[Event, ...] = (lead_changed(holding, after, LeadWhy.NOT_MET_AFTER_ALL),)
    return then((after, facts), lambda h: beside(h, place))


def stepped(holding: Holding, to: Code, now: datetime, place: Place) -> Change:
    """Step up or down in one reversible act; everyone alongside stays (J6, J2c). The lead changes on *met* only."""
    if to == holding.intensity or not holding.supported:
        return holding, ()
    up = place.intensities.index(to) > place.intensities.index(holding.intensity)
    kind = SteppedUp if up else SteppedDown
    left = place.at_crisis(holding.intensity) and not place.at_crisis(to)
    after = replace(holding, intensity=to, crisis_until=now if left else holding.crisis_until)
    fact = kind(subject=holding.person, was=holding.intensity, now=to)
    return then((after, (fact,)), lambda h: beside(h, place))


def join_alongside(holding: Holding, organisation: UUID | None) -> Change:
    """Let an organisation walk alongside; whoever leads is not also beside themself."""
    if organisation is None or organisation in {holding.lead, *holding.alongside}:
        return holding, ()
    after = replace(holding, alongside=(*holding.alongside, organisation))
    return after, (AlongsideJoined(subject=holding.person, organisation=organisation),)


def leave_alongside(holding: Holding, organisation: UUID, place: Place) -> Change:
    """Let an organisation no longer walk alongside; at crisis the backstop then stands beside (J2c)."""
    if organisation not in holding.alongside:
        return holding, ()
    after = replace(holding, alongside=_without(holding.alongside, organisation))
    fact = AlongsideLeft(subject=holding.person, organisation=organisation)
    return then((after, (fact,)), lambda h: beside(h, place))


def reached(holding: Holding, by: UUID | None, now: datetime) -> Change:
    """Take in that somebody made contact (J8): the lead has met the person; the quietly held are back (J7)."""
    after, facts = holding, ()
    if holding.led is not None and by == holding.lead and holding.met_at is None:
        after = replace(after, led=replace(holding.led, met_at=now), alarmed_at=None)
    if holding.state is State.QUIETLY_HELD:
        after = replace(after, state=State.SUPPORTED, out_at=None)
        return after, (Returned(subject=holding.person, chosen=holding.lead),)
    return after, facts


def led_by(holding: Holding, new: Led, why: LeadWhy, place: Place, *, keep_before: bool = True) -> Change:
    """Change the lead: one goes, one comes, in one value (J2)."""
    earlier = tuple(led for led in holding.before if led.organisation != new.organisation)
    if keep_before and holding.led is not None:
        earlier = (*earlier, holding.led)[-KEPT_BEFORE:]
    after = replace(
        holding,
        led=new,
        before=earlier,
        chosen=None,
        chosen_since=None,
        alongside=_without(holding.alongside, new.organisation),
        blind=False,
        alarmed_at=None,
    )
    return then((after, (lead_changed(holding, after, why),)), lambda h: beside(h, place))


def beside(holding: Holding, place: Place) -> Change:
    """At crisis or above have a statutory or commissioned body lead or stand beside (J2c)."""
    if not holding.supported or not place.at_crisis(holding.intensity):
        return holding, ()
    if place.commissioned.union({place.backstop}) & {holding.lead, *holding.alongside}:
        return holding, ()
    return join_alongside(holding, place.backstop)


def lead_changed(was: Holding, now: Holding, why: LeadWhy) -> LeadChanged:
    """Say who leads now; the only maker of this fact after the first."""
    return LeadChanged(subject=was.person, was=was.lead, now=now.lead, named=now.named, why=why)


def then(change: Change, *rules: Callable[[Holding], Change]) -> Change:
    """Apply rules one after the other, keeping every fact in order."""
    holding, facts = change
    for rule in rules:
        holding, more = rule(holding)
        facts = (*facts, *more)
    return holding, facts


def _without(held: tuple[UUID, ...], organisation: UUID) -> tuple[UUID, ...]:
    return tuple(each for each in held if each != organisation)
