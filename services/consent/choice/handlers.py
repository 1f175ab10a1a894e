"""Saying yes, saying no, taking back: one transaction each; and what the page of choices reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from services.consent.choice import domain
from services.consent.choice.domain import Choice, GiveChoice, Who, WhoKind, WithdrawChoice
from services.consent.decision.domain import Sight, lost_sight
from services.consent.store import ConsentStore
from shared.errors import NotFoundError
from shared.events.community import OfferChanged, OfferOpened, OrganisationGoesOn, OrganisationStopped
from shared.ports import CRISIS

if TYPE_CHECKING:
    from datetime import datetime

    from shared.due import DueItem
    from shared.event import Recorded
    from shared.shell import Tx

ENDS = "choice-ends"


@dataclass(frozen=True, slots=True)
class Settle:
    """Write that another leads now, or that the organisation was not leading."""

    person: UUID
    choice: UUID

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the person."""
        return (self.person,)


async def give_choice(command: GiveChoice, tx: Tx[ConsentStore]) -> UUID:
    """Write a yes or a no (C1). A no that takes all sight from whoever leads says so."""
    before = await tx.store.choices_of(command.person)
    number = await tx.store.next_number(command.person)
    choice = domain.give(command, tx.by, before, choice_id=tx.new_id(), number=number, now=tx.now)
    if not choice.permit:
        choice = await _looked_after(choice, before, [choice, *before], command, tx)
    await tx.store.add(choice)
    if choice.until is not None:
        tx.remind(ENDS, choice.until, choice.person, choice.id)
    tx.emit(domain.said(choice))
    return choice.id


async def withdraw_choice(command: WithdrawChoice, tx: Tx[ConsentStore]) -> UUID:
    """Take a choice back (C2). Raises NotFoundError for one that is not this person's."""
    choice = await tx.store.choice(command.choice)
    if choice is None or choice.person != command.person:
        raise NotFoundError
    gone = domain.withdraw(choice, now=tx.now)
    if gone is not choice:
        before = await tx.store.choices_of(command.person)
        after = [gone if each.id == gone.id else each for each in before]
        gone = await _looked_after(gone, before, after, command, tx)
        await tx.store.change(gone)
        tx.forget(ENDS, gone.person, gone.id)
        tx.emit(domain.taken_back(gone, command.looked_at))
    return gone.id


async def _looked_after(
    choice: Choice,
    before: Sequence[Choice],
    after: Sequence[Choice],
    command: GiveChoice | WithdrawChoice,
    tx: Tx[ConsentStore],
) -> Choice:
    """Write on a choice who has lost sight by it, so that another leads even if we stop right here."""
    there = command.looked_at
    if there is None:
        return choice
    offers, at_crisis = await tx.store.offers_of(there.organisation)
    sight = Sight(there.organisation, there.members, offers, at_crisis, there.by_name_only)
    if not lost_sight(sight, choice.person, before, after, tx.now):
        return choice
    return replace(choice, owed_by=there.organisation, instead=command.instead, blind=command.blind)


async def settle(command: Settle, tx: Tx[ConsentStore]) -> None:
    """Write that pathway has been told: nobody who lost sight leads."""
    choice = await tx.store.choice(command.choice)
    if choice is not None:
        await tx.store.change(replace(choice, owed_by=None))


async def choice_ends(item: DueItem, tx: Tx[ConsentStore]) -> None:
    """Say that a choice came to its end; deciding never waited for this."""
    choice = await tx.store.choice(item.ref)
    if choice is not None and choice.withdrawn_at is None:
        tx.emit(domain.ended(choice))


async def on_offer_opened(event: OfferOpened, _: Recorded, tx: Tx[ConsentStore]) -> None:
    """Keep whose offer it is and whether it is a crisis service: nothing else of community is copied."""
    await tx.store.open_offer(event.offer, event.subject, at_crisis=event.intensity == CRISIS)


async def on_offer_changed(event: OfferChanged, _: Recorded, tx: Tx[ConsentStore]) -> None:
    """Keep whether it is open, and still a crisis service."""
    await tx.store.change_offer(event.offer, is_open=event.is_open, at_crisis=event.intensity == CRISIS)


async def on_stopped(event: OrganisationStopped, _: Recorded, tx: Tx[ConsentStore]) -> None:
    """Keep that an organisation ended or was suspended: it is let see nobody, whatever was chosen."""
    await tx.store.stop(event.subject, stopped=True)


async def on_goes_on(event: OrganisationGoesOn, _: Recorded, tx: Tx[ConsentStore]) -> None:
    """Keep that an organisation goes on: choices are as they were."""
    await tx.store.stop(event.subject, stopped=False)


async def read_choice(store: ConsentStore, person: UUID, choice_id: UUID) -> Choice:
    """Give one of a person's own choices. Raises NotFoundError for anybody else's."""
    choice = await store.choice(choice_id)
    if choice is None or choice.person != person:
        raise NotFoundError
    return choice


async def read_choices(store: ConsentStore, person: UUID, before: int, most: int) -> list[Choice]:
    """Give a page of a person's own choices, newest first."""
    return await store.page_of(person, before, most)


async def read_owed(store: ConsentStore) -> list[Choice]:
    """Give the choices after which another is still to lead."""
    return await store.owed()


@dataclass(frozen=True, slots=True)
class Touched:
    """Whose sight a choice may take: the organisation it names (None: whoever leads), and members named alone."""

    organisation: UUID | None
    members: frozenset[UUID]


async def whom_it_touches(store: ConsentStore, person: UUID, who: Who) -> Touched:
    """Say whom to look at before a choice is taken back or a no is said."""
    organisation = who.id if who.kind is WhoKind.ORGANISATION else None
    if who.kind is WhoKind.OFFER and who.id is not None:
        organisation = await store.organisation_of(who.id)
    kinds = [c.who for c in await store.choices_of(person)]
    members = frozenset(w.id for w in kinds if w.kind is WhoKind.MEMBER and w.id is not None)
    return Touched(organisation, members)


async def still_open(store: ConsentStore, choice: Choice, now: datetime) -> list[UUID]:
    """Give the person's other choices in force that speak of the same parts to somebody who may be the same.

    Taking one choice back leaves the others as they are, so the person is told which they are.
    """
    organisation = choice.who.id if choice.who.kind is WhoKind.ORGANISATION else None
    return [
        other.id
        for other in await store.choices_of(choice.person)
        if other.permit
        and other.id != choice.id
        and other.in_force(now)
        and other.parts & choice.parts
        and other.who != choice.who
        and not (organisation and other.who.kind is WhoKind.ORGANISATION)
    ]
