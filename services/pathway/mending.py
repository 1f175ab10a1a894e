"""What pathway knows again after a restore (ADR 0019): who leads and who is beside, contacts, promises, asks, clocks.

Words are gone with the rows. Plans and links are in no fact: whoever leads is listed to be asked about those.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from services.pathway.ask.domain import ANSWER_BY, Ask, AskKind
from services.pathway.contact import domain as contacts
from services.pathway.contact.domain import Contact, Open, Outcome, Promise, Watch
from services.pathway.contact.handlers import CONTACT_BY, PROMISED
from services.pathway.holding import mending
from services.pathway.holding.domain import CRISIS, State
from services.pathway.holding.handlers import NOT_MET, watch
from services.pathway.plan.domain import State as PlanState
from services.pathway.wayout.domain import WayOut
from services.pathway.wayout.handlers import CHECK_IN
from shared.event import Role
from shared.events import pathway as said
from shared.events.pathway_plan import (
    AgreementUndone,
    WarningSignsAnswered,
    WarningSignsShowing,
    WarningSignsUnanswered,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from services.pathway.holding.domain import Holding
    from services.pathway.store import PathwayStore
    from shared.event import Code, Event, Recorded
    from shared.ports import Ports
    from shared.shell import Tx

CONTACTS = {
    said.ContactMade: Outcome.MADE,
    said.ContactTried: Outcome.TRIED,
    said.ContactTurnedDown: Outcome.TURNED_DOWN,
}
HOLDS = (
    said.LeadChanged, said.HolderChosen, said.AlongsideJoined, said.AlongsideLeft, said.SteppedUp, said.SteppedDown,
    said.NotMetAlarmed, said.LetGoTurnedBack,
)  # fmt: skip
OUT = (said.ManagingIndependently, said.Left, said.Moved, said.QuietlyHeld)
Told = tuple["Event", "Recorded"]


class PathwayMends:
    """Implements ``services.recover.Mends``."""

    def __init__(self, ports: Ports) -> None:
        """``ports`` gives the rulebook, when it is needed."""
        self.ports = ports

    async def restored(self, tx: Tx[PathwayStore]) -> None:
        """Nothing: who leads is in the rows, and in the facts that are taken up."""

    async def took_up(self, facts: Sequence[Recorded], tx: Tx[PathwayStore]) -> Collection[UUID]:
        """Mend the hold first: everything else is about somebody who is held."""
        told = [(fact.event(), fact) for fact in facts if fact.known()]
        was = await tx.store.find_holding(facts[0].subject)
        now = mending.mended(was, [(event, fact.time) for event, fact in told], partial(_at_crisis, self.ports))
        if now is None:
            return ()
        if now != was:
            await tx.store.save_holdings([(was, now)])
        self._watch_over(tx, was, now)
        done = {fact.id for event, fact in told if isinstance(event, HOLDS)}
        _, kept = await tx.store.get_watched(now.person)
        seen = kept
        for event, fact in told:
            if await _contact(event, fact, tx) or await _ask(event, fact, now, tx) or await _went(event, fact, tx):
                done.add(fact.id)
            after = await _watched(event, fact, seen, tx)
            if after is not None:
                seen = after
                done |= set() if isinstance(event, OUT) else {fact.id}
            if isinstance(event, AgreementUndone):
                await _undone(event, tx)
        if seen != kept:
            await tx.store.save_watch(seen)
        _clocks(tx, now, kept, seen)
        return done

    def _watch_over(self, tx: Tx[PathwayStore], was: Holding | None, now: Holding) -> None:
        watch(tx, was, now, self.ports.community.rulebook().hold_acknowledged_within)
        if now.alarmed_at is not None:
            tx.forget(NOT_MET, now.person)  # it has rung


def _clocks(tx: Tx[PathwayStore], holding: Holding, was: Watch, now: Watch) -> None:
    if now.contact_by is None and (was.contact_by is not None or not holding.supported):
        tx.forget(CONTACT_BY, holding.person)
    elif now.contact_by is not None and now != was:
        tx.remind(CONTACT_BY, now.contact_by, holding.person)


async def _contact(event: Event, fact: Recorded, tx: Tx[PathwayStore]) -> bool:
    """Keep a contact without its note: that somebody spoke with the person counts for every clock (J8)."""
    if not isinstance(event, (said.ContactMade, said.ContactTried, said.ContactTurnedDown)):
        return False
    by = fact.actor
    await tx.store.add_contact(
        Contact(
            event.contact, event.subject, CONTACTS[type(event)], event.how, event.organisation,
            by.member if by.role is not Role.PERSON else None, by.role, None, shown=True,
            happened_at=fact.time, at=fact.time,
        )
    )  # fmt: skip
    return True


async def _watched(event: Event, fact: Recorded, seen: Watch, tx: Tx[PathwayStore]) -> Watch | None:
    """Give what is watched after a fact; None for a fact of something else."""
    if isinstance(event, said.Promised):
        by = fact.actor.organisation
        member = fact.actor.member if by else None
        await tx.store.add_promise(
            Promise(event.promise, event.subject, event.promise, by, member, event.by, None, fact.time)
        )
        tx.remind(PROMISED, event.by, event.subject, event.promise)
        return replace(seen, promises=(*seen.promises, Open(event.promise, by, fact.time)))
    if isinstance(event, said.LeftTheBuilding):
        return replace(seen, left_at=fact.time, contact_by=event.contact_by)
    if isinstance(event, said.PromiseKept):
        await tx.store.keep_promises((event.promise,), fact.time)
        return _without(seen, event.promise, tx)
    if isinstance(event, said.Drifting):
        if event.promise is not None:
            return replace(_without(seen, event.promise, tx), drifting_since=event.since)
        return replace(seen, left_at=None, contact_by=None, drifting_since=event.since)
    if isinstance(event, said.DriftingEnded):
        return replace(seen, drifting_since=None)
    if isinstance(event, OUT):
        return contacts.stopped(seen)[0]
    return None


async def _went(event: Event, fact: Recorded, tx: Tx[PathwayStore]) -> bool:
    """Keep a way out, or that it ended; who manages independently is checked in on as they said, if that is known."""
    if isinstance(event, said.Returned):
        await tx.store.come_back(event.subject, fact.time, mind_changed=False)
        tx.forget(CHECK_IN, event.subject)
        return True
    if not isinstance(event, (*OUT, said.CheckInDue)):
        return False
    agreement = await tx.store.independence(event.subject)
    if (
        agreement is not None
        and agreement.check_ins
        and isinstance(event, (said.ManagingIndependently, said.CheckInDue))
    ):
        tx.remind(CHECK_IN, fact.time + timedelta(days=agreement.check_ins), event.subject)
    if isinstance(event, said.CheckInDue):
        return agreement is not None
    owes = event.lead if isinstance(event, said.QuietlyHeld) else event.last_lead
    state = State.QUIETLY_HELD if isinstance(event, said.QuietlyHeld) else mending.OUT[type(event)]
    await tx.store.go(WayOut(tx.new_id(), event.subject, state, owes, None, None, fact.time))
    tx.forget(PROMISED, event.subject)
    return agreement is not None or not isinstance(event, said.ManagingIndependently)


async def _undone(event: AgreementUndone, tx: Tx[PathwayStore]) -> None:
    """Have no version in force that the person said they never agreed (P3); which one stands instead is listed."""
    plan = await tx.store.plan(event.plan, event.revision)
    if plan is None:
        return
    await tx.store.stand(plan, PlanState.UNDONE, None)
    stands = await tx.store.in_force(plan.person, plan.kind)
    if stands is not None and (stands.plan, stands.revision) == (event.plan, event.revision):
        await tx.store.drop_in_force(plan.person, plan.kind)


def _without(seen: Watch, promise: UUID, tx: Tx[PathwayStore]) -> Watch:
    tx.forget(PROMISED, seen.person, promise)
    return replace(seen, promises=tuple(each for each in seen.promises if each.id != promise))


async def _ask(event: Event, fact: Recorded, holding: Holding, tx: Tx[PathwayStore]) -> bool:
    """Keep an ask, or that warning signs show, without its words: somebody has to answer all the same (J12, P9)."""
    if isinstance(event, (said.AskedForMore, WarningSignsShowing)):
        by, more = fact.actor, isinstance(event, said.AskedForMore)
        theirs = by.role is Role.PERSON
        ask = Ask(
            event.ask if isinstance(event, said.AskedForMore) else event.signs,
            event.subject, None, theirs, by.organisation, None if theirs else by.member, holding.lead, fact.time,
            event.answer_by, kind=AskKind.MORE if more else AskKind.WARNING_SIGNS,
        )  # fmt: skip
        await tx.store.add_ask(ask)
        tx.remind(ANSWER_BY, ask.answer_by, ask.person, ask.id)
        return True
    return await _ask_moved(event, fact, tx)


async def _ask_moved(event: Event, fact: Recorded, tx: Tx[PathwayStore]) -> bool:
    if isinstance(event, (said.AskAnswered, said.AskUnanswered)):
        found = await tx.store.get_ask(event.ask)
    elif isinstance(event, (WarningSignsAnswered, WarningSignsUnanswered)):
        found = await tx.store.get_ask(event.signs)
    else:
        return False
    if found is None:
        return False
    if isinstance(event, (said.AskAnswered, WarningSignsAnswered)):
        link = event.link if isinstance(event, said.AskAnswered) else None
        await tx.store.move_ask(replace(found, answered_at=fact.time, link=link))
    else:
        await tx.store.move_ask(replace(found, unanswered_at=fact.time))
    tx.forget(ANSWER_BY, found.person, found.id)
    return True


def _at_crisis(ports: Ports, intensity: Code) -> bool:
    order = ports.community.rulebook().intensities
    return intensity in order and order.index(intensity) >= order.index(CRISIS)


def mends(ports: Ports) -> Any:
    """Give pathway's."""
    return PathwayMends(ports)
