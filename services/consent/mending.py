"""What consent knows again after a restore (ADR 0019). What restricts is done again; what opened is left shut.

A choice's words, purposes and, but for an organisation, whom it names are in no fact: what a fact does not say is taken
as wide as it may have been meant, and the person is asked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from services.consent.choice import domain
from services.consent.choice.domain import ALL_PURPOSES, Choice, GivenHow, Who, WhoKind
from services.consent.choice.handlers import ENDS
from services.consent.decision.domain import Sight, lost_sight
from services.consent.emergency.domain import REVIEW_AFTER, forgotten
from services.consent.emergency.handlers import REVIEW
from services.consent.withholding.domain import again
from shared.events.consent import (
    ConsentEnded,
    ConsentGiven,
    ConsentSaidNo,
    ConsentWithdrawn,
    EmergencyAccessUsed,
    EmergencyReviewDue,
    PassageGivenBack,
    PassageWithheld,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime
    from uuid import UUID

    from services.consent.store import ConsentStore
    from shared.event import Event, Recorded
    from shared.ports import Ports
    from shared.shell import Tx

OF_A_CHOICE = (ConsentGiven, ConsentSaidNo, ConsentWithdrawn, ConsentEnded)
Change = tuple[Choice | None, Choice]
"""A choice as it was, None for one that was gone, and as it is."""


def mended(choices: Sequence[Choice], event: Event, at: datetime, number: int) -> list[Change]:
    """Give what a forgotten fact changes; ``number`` is the person's next. A yes that is gone stays gone: that is safe.

    A no that is gone stands again for the organisation that it named; one whose fact does not say whom it named takes
    back every yes that touches its parts.
    """
    if isinstance(event, ConsentWithdrawn):
        found = [each for each in choices if each.id == event.choice and each.withdrawn_at is None]
        return [
            (each, replace(domain.withdraw(each, now=at), owed_by=event.organisation, instead=event.instead))
            for each in found
        ]
    if not isinstance(event, ConsentSaidNo) or any(each.id == event.choice for each in choices):
        return []
    if event.organisation is None:
        touched = [each for each in choices if each.permit and each.in_force(at) and each.parts & set(event.parts)]
        return [(each, domain.withdraw(each, now=at)) for each in touched]
    who = Who(WhoKind.ORGANISATION, event.organisation)
    no = Choice(
        event.choice, event.subject, number, who, frozenset(event.parts), ALL_PURPOSES,
        permit=False, given_how=GivenHow.SIGNED_IN, given_at=at,
    )  # fmt: skip
    return [(None, no)]


def stands(event: Event, changes: Sequence[Change]) -> bool:
    """Say whether the state is as a fact says; else the person is to be asked what they want."""
    if isinstance(event, ConsentSaidNo):
        return event.organisation is not None or not changes
    return not isinstance(event, ConsentGiven)


class ConsentMends:
    """Implements ``services.recover.Mends``."""

    async def restored(self, tx: Tx[ConsentStore]) -> None:
        """Nothing: nobody is shown anything before what was taken back is taken back again."""

    async def took_up(self, facts: Sequence[Recorded], tx: Tx[ConsentStore]) -> Collection[UUID]:
        """Take back again, say no again; what lost sight by it is told to pathway when consent starts (C2)."""
        done = set()
        for fact in facts:
            event = fact.event() if fact.known() else None
            if event is None:
                continue
            if not isinstance(event, OF_A_CHOICE):
                if await self._stands(event, fact.time, tx):
                    done.add(fact.id)
                continue
            before = await tx.store.choices_of(fact.subject)
            there = any(each.id == getattr(event, "choice", None) for each in before)
            changes = mended(before, event, fact.time, await tx.store.next_number(fact.subject))
            for was, now in changes:
                await self._keep(was, now, before, tx)
            if isinstance(event, ConsentEnded):
                tx.forget(ENDS, event.subject, event.choice)
            if stands(event, changes) or (there and not changes):
                done.add(fact.id)
        return done

    async def _stands(self, event: Event, at: datetime, tx: Tx[ConsentStore]) -> bool:
        """Mend what is no choice; says whether all stands as the fact says."""
        if isinstance(event, PassageWithheld | PassageGivenBack):
            return await self._withheld(event, at, tx)
        if isinstance(event, EmergencyAccessUsed):
            return await self._used(event, at, tx)
        if isinstance(event, EmergencyReviewDue):
            tx.forget(REVIEW, event.subject, event.access)
        return True

    async def _used(self, event: EmergencyAccessUsed, at: datetime, tx: Tx[ConsentStore]) -> bool:
        """Have the use of an emergency access stand in the person's list and be looked at, and open nothing (C5). Its
        reason is lost: the person is told so.
        """
        if await tx.store.access(event.access) is None:
            await tx.store.add_access(forgotten(event, await tx.store.next_access(event.subject), at))
            tx.remind(REVIEW, at + REVIEW_AFTER, event.subject, event.access)
        return False

    async def _withheld(self, event: PassageWithheld | PassageGivenBack, at: datetime, tx: Tx[ConsentStore]) -> bool:
        """Withhold again (S4); says whether all stands as the fact says. What was given back stays withheld where that
        is forgotten: the person is asked.
        """
        found = await tx.store.withholding(event.withholding)
        if isinstance(event, PassageGivenBack):
            return found is not None and not found.in_force
        if found is None:
            await tx.store.add_withholding(again(event, await tx.store.next_withholding(event.subject), at))
        return True

    async def _keep(self, was: Choice | None, now: Choice, before: Sequence[Choice], tx: Tx[ConsentStore]) -> None:
        if now.owed_by is None and now.who.kind is WhoKind.ORGANISATION and now.who.id is not None:
            offers, at_crisis = await tx.store.offers_of(now.who.id)
            after = [now, *(each for each in before if each.id != now.id)]
            if lost_sight(Sight(now.who.id, offers=offers, at_crisis=at_crisis), now.person, before, after, tx.now):
                now = replace(now, owed_by=now.who.id)
        if was is None:
            await tx.store.add(now)
        else:
            await tx.store.change(now)
            tx.forget(ENDS, now.person, now.id)


def mends(ports: Ports) -> Any:  # noqa: ARG001 - every service's takes them
    """Give consent's."""
    return ConsentMends()
