"""What a warm link is: linked, welcomed, met are three acts; "not right" only with what could be (J3, J5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.pathway.link.errors import (
    AlternativeError,
    AlternativeReason,
    LinkStateError,
    LinkStateReason,
    MeetingError,
    MeetingReason,
    NothingInsteadError,
    TooLateError,
)
from shared.event import Code, Event
from shared.events.pathway import (
    Bounced,
    ContactHow,
    ConversationCalled,
    DidNotHappen,
    Linked,
    Met,
    NotRight,
    Welcomed,
)
from shared.ports import Offer

SAYABLE_FOR = timedelta(days=14)
"""How long after a meeting the person may say that it did not happen (J3)."""
TWO_WAY = frozenset({ContactHow.IN_PERSON, ContactHow.PHONE, ContactHow.VIDEO})
"""How one can meet: both there, at once; not a letter, a text or an e-mail (J3)."""


class State(StrEnum):
    """Where a link stands. ``UNSETTLED``: the person said that the meeting did not happen. ``ENDED``: the person
    took back everything that its organisation could see (C2).
    """

    LINKED = "linked"
    WELCOMED = "welcomed"
    MET = "met"
    NOT_RIGHT = "not-right"
    UNSETTLED = "unsettled"
    ENDED = "ended"


LIVE = frozenset({State.LINKED, State.WELCOMED, State.MET, State.UNSETTLED})
"""States in which an organisation is linked to the person."""


class Reason(StrEnum):
    """Why an offer is not right for a person. What a person lives with is not on the list (J5)."""

    NO_PLACE_FREE = "no-place-free"
    BETTER_ELSEWHERE = "another-offer-fits-better"
    NOT_WHAT_THEY_WANT = "not-what-the-person-wants"
    TOO_FAR = "too-far"
    FOR_OTHERS = "focus-on-another-group"
    KEPT_APART = "kept-apart"


class NeverAGround(StrEnum):
    """What is never a ground (J5); named so that the answer can say so."""

    SUBSTANCES = "substances"
    AUTISM = "autism"
    LEARNING_DISABILITY = "learning-disability"
    ILLNESS = "illness"
    AGE = "age"
    DIAGNOSIS = "diagnosis"
    ADDRESS = "address"
    TRIES = "tries"
    NOT_ENGAGING = "not-engaging"
    TOO_UNWELL = "too-unwell"
    NOT_UNWELL_ENOUGH = "not-unwell-enough"


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a person to an offer. ``leads``: meeting the person makes its organisation the lead (J3).

    ``need`` None: the need was not named. ``takes``: the kinds of need that the offer took when it was linked.
    """

    id: UUID
    person: UUID
    offer: UUID
    organisation: UUID
    intensity: Code
    takes: frozenset[Code]
    need: UUID | None
    leads: bool
    opened_by: UUID | None
    opened_at: datetime
    answer_by: datetime
    state: State = State.LINKED
    named: UUID | None = None
    deputy: UUID | None = None
    first_date: datetime | None = None
    met_by: UUID | None = None
    met_at: datetime | None = None
    reason: Reason | None = None
    alternative: UUID | None = None
    by_silence: bool = False
    answered_at: datetime | None = None

    @property
    def at(self) -> datetime:
        """Give the instant that it stands in a list by."""
        return self.opened_at

    @property
    def live(self) -> bool:
        """Say whether the organisation is linked to the person."""
        return self.state in LIVE


@dataclass(frozen=True, slots=True)
class Instead:
    """What could be, checked before the transaction. ``need_kind``: of the link's need, where it is known."""

    offer: Offer | None
    need_kind: Code | None


@dataclass(frozen=True, slots=True)
class OpenLink:
    """Open a link of a person to an offer."""

    person: UUID
    offer: Offer
    need: UUID | None
    leads: bool
    answer_by: datetime

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the person."""
        return (self.person,)


def link(command: OpenLink, link_id: UUID, opened_by: UUID | None, now: datetime) -> tuple[Link, Linked]:
    """Open a link: a proposal; the lead stays the lead (J3)."""
    offer = command.offer
    opened = Link(
        id=link_id,
        person=command.person,
        offer=offer.id,
        organisation=offer.organisation,
        intensity=offer.intensity,
        takes=offer.needs,
        need=command.need,
        leads=command.leads,
        opened_by=opened_by,
        opened_at=now,
        answer_by=command.answer_by,
    )
    said = Linked(
        subject=opened.person,
        link=opened.id,
        offer=opened.offer,
        organisation=opened.organisation,
        intensity=opened.intensity,
        leads=opened.leads,
    )
    return opened, said


def welcome(
    link: Link,
    named: UUID,
    deputy: UUID | None,
    first_date: datetime | None,
    *,
    others: Iterable[Link],
    now: datetime,
) -> tuple[Link, tuple[Event, ...]]:
    """Say: you are welcome, with the named worker who will meet the person (J3). Late is better than never (J5)."""
    late = link.state is State.NOT_RIGHT and link.by_silence
    if link.state is not State.LINKED and not late:
        raise LinkStateError(reasons=(LinkStateReason.ANSWERED,))
    if late and any(each.offer == link.offer and each.live for each in others):
        raise LinkStateError(reasons=(LinkStateReason.LINKED_ALREADY,))
    after = replace(
        link,
        state=State.WELCOMED,
        named=named,
        deputy=deputy,
        first_date=first_date,
        by_silence=False,
        answered_at=now,
    )
    said = Welcomed(
        subject=link.person, link=link.id, offer=link.offer, organisation=link.organisation, first_date=first_date
    )
    return after, (said,)


def meet(link: Link, worker: UUID, how: ContactHow, now: datetime) -> tuple[Link, tuple[Event, ...]]:
    """Say that the named worker or the deputy met the person, two-way (J3). Raises MeetingError, LinkStateError."""
    if link.state is not State.WELCOMED:
        unsettled = link.state is State.UNSETTLED
        raise LinkStateError(reasons=(LinkStateReason.UNSETTLED if unsettled else LinkStateReason.NOT_WELCOMED,))
    if how not in TWO_WAY:
        raise MeetingError(reasons=(MeetingReason.NOT_TWO_WAY,))
    if worker not in {link.named, link.deputy}:
        raise MeetingError(reasons=(MeetingReason.NOT_THE_NAMED_WORKER,))
    return _met(link, worker, now)


def not_right(
    link: Link,
    reason: Reason,
    instead: Instead,
    *,
    together_by: datetime | None,
    others: Iterable[Link],
    now: datetime,
) -> tuple[Link, tuple[Event, ...]]:
    """Say: not right for this person, and here is what could be (J5).

    With an alternative that is open, takes this need and has not already said no; or with ``together_by``, when
    the holder is called together with the offer. Raises AlternativeError, NothingInsteadError, LinkStateError.
    """
    if link.state not in {State.LINKED, State.WELCOMED}:
        raise LinkStateError(reasons=(LinkStateReason.ANSWERED,))
    if instead.offer is None and together_by is None:
        raise NothingInsteadError
    if instead.offer is not None:
        wrong = wrong_with(instead.offer, link, instead.need_kind, others)
        if wrong:
            raise AlternativeError(reasons=wrong)
    alternative = instead.offer.id if instead.offer else None
    after = replace(link, state=State.NOT_RIGHT, reason=reason, alternative=alternative, answered_at=now)
    facts: tuple[Event, ...] = (_not_right(after),)
    if together_by is not None:
        facts += (ConversationCalled(subject=link.person, link=link.id, by=together_by),)
    return after, facts


def silent(link: Link, together_by: datetime, now: datetime) -> tuple[Link, tuple[Event, ...]]:
    """Count silence past the time as not right: it brings no alternative, so the holder is called together (J5)."""
    if link.state is not State.LINKED:
        return link, ()
    after = replace(link, state=State.NOT_RIGHT, by_silence=True, answered_at=now)
    called = ConversationCalled(subject=link.person, link=link.id, by=together_by)
    return after, (_not_right(after), called)


def wrong_with(
    offer: Offer, link: Link, need_kind: Code | None, others: Iterable[Link]
) -> tuple[AlternativeReason, ...]:
    """Give everything that keeps an offer from being an alternative (J5)."""
    wanted = {need_kind} if need_kind else link.takes
    said_no = any(
        each.offer == offer.id and each.state is State.NOT_RIGHT and each.need == link.need for each in others
    )
    checks = (
        (AlternativeReason.SAME_OFFER, offer.id == link.offer),
        (AlternativeReason.NOT_OPEN, not offer.is_open),
        (AlternativeReason.NOT_THIS_NEED, bool(wanted) and offer.needs.isdisjoint(wanted)),
        (AlternativeReason.SAID_NO, said_no),
    )
    return tuple(reason for reason, holds in checks if holds)


def bounce(
    link: Link, others: Iterable[Link], count: int, window: timedelta, conversation_by: datetime, now: datetime
) -> tuple[Event, ...]:
    """Say that somebody was sent from one place to another: ``count`` answers for one need within ``window`` (J5)."""
    answers = {
        each.id: each.answered_at
        for each in (*others, link)
        if each.state is State.NOT_RIGHT and each.need == link.need and each.answered_at is not None
    }
    lately = sum(now - at <= window for at in answers.values())
    if lately < count:
        return ()
    return (Bounced(subject=link.person, need=link.need, conversation_by=conversation_by),)


def did_not_happen(link: Link, now: datetime) -> tuple[Link, tuple[Event, ...]]:
    """Take the person's word that a meeting did not happen (J3). Raises TooLateError after 14 days."""
    if link.state is not State.MET or link.met_at is None:
        raise LinkStateError(reasons=(LinkStateReason.NOT_MET,))
    if now - link.met_at > SAYABLE_FOR:
        raise TooLateError
    return replace(link, state=State.UNSETTLED), (DidNotHappen(subject=link.person, link=link.id),)


def settle(link: Link, *, met: bool, now: datetime) -> tuple[Link, tuple[Event, ...]]:
    """Settle it in the person's words: they have met now, or they are welcome and still to meet (J3)."""
    if link.state is not State.UNSETTLED:
        raise LinkStateError(reasons=(LinkStateReason.SETTLED,))
    if met and link.met_by is not None:
        return _met(link, link.met_by, now)
    return replace(link, state=State.WELCOMED, met_by=None, met_at=None), ()


def _met(link: Link, worker: UUID, now: datetime) -> tuple[Link, tuple[Event, ...]]:
    after = replace(link, state=State.MET, met_by=worker, met_at=now)
    said = Met(subject=link.person, link=link.id, offer=link.offer, organisation=link.organisation, worker=worker)
    return after, (said,)


def _not_right(link: Link) -> NotRight:
    return NotRight(
        subject=link.person,
        link=link.id,
        offer=link.offer,
        organisation=link.organisation,
        alternative=link.alternative,
        by_silence=link.by_silence,
    )
