"""Opening emergency access, its review falling due, and what the person reads of it (C5)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from services.consent.choice.domain import Asker
from services.consent.decision.domain import is_absence, of_a_stopped_organisation
from services.consent.emergency import domain
from services.consent.ledger.domain import Entry
from services.consent.ledger.writer import append
from shared.errors import NotFoundError
from shared.event import Part
from shared.ids import new_id
from shared.ports import Act, Why
from shared.shell import TurnedBack

if TYPE_CHECKING:
    from collections.abc import Collection

    from services.consent.decision.domain import Verdict
    from services.consent.emergency.domain import Access, OpenInEmergency
    from services.consent.store import ConsentStore
    from shared.due import DueItem
    from shared.shell import Tx

REVIEW = "emergency-review"
FAR = 2**31


async def open_in_emergency(command: OpenInEmergency, tx: Tx[ConsentStore]) -> UUID | TurnedBack:
    """Open it, or turn it back as of somebody who does not exist (C4). Either way its line is in the ledger, in the
    same transaction: audited before the first byte (C5).
    """
    verdict = await _looked(command, tx)
    if not is_absence(verdict) or not command.exists:
        await append(tx.store, [_line(command, tx, verdict, None)])
        return TurnedBack(domain.AlreadyOpenError() if verdict.permitted else NotFoundError())
    await tx.widen(command.person)
    number = await tx.store.next_access(command.person)
    access = domain.opened(command, tx.by, access=tx.new_id(), number=number, now=tx.now)
    await tx.store.add_access(access)
    await append(tx.store, [_line(command, tx, verdict, access)])
    tx.remind(REVIEW, tx.now + domain.REVIEW_AFTER, access.person, access.id)
    tx.emit(domain.used(access))
    return access.id


async def _looked(command: OpenInEmergency, tx: Tx[ConsentStore]) -> Verdict:
    """Read the same of everybody, whether they exist or not, and whatever they said (C4)."""
    by = tx.by
    choices, stopped = await tx.store.choices_about(
        command.person, organisation=by.organisation, member=by.member, themself=by.person
    )
    offers, at_crisis = await tx.store.offers_of(by.organisation or by.principal)
    asker = Asker(by.role, by.purpose, by.organisation, by.member, by.person, offers, at_crisis)
    verdict = domain.looked(asker, command.person, choices, tx.now)
    return of_a_stopped_organisation(verdict) if stopped else verdict


def _line(command: OpenInEmergency, tx: Tx[ConsentStore], verdict: Verdict, access: Access | None) -> Entry:
    by = tx.by
    return Entry(
        id=new_id(),
        at=tx.now,
        person=command.person,
        permitted=access is not None,
        why=verdict.why if access is None else Why.EMERGENCY,
        choice=verdict.choice if access is None else access.id,
        part=Part.NAME,
        act=Act.READ,
        purpose=by.purpose,
        thing=None if access is None else access.id,
        role=by.role,
        organisation=by.organisation,
        member=by.member,
    )


async def review_due(item: DueItem, tx: Tx[ConsentStore]) -> None:
    """Say that it is time to look at an access together (C5)."""
    access = await tx.store.access(item.ref)
    if access is not None:
        tx.emit(domain.review_due(access))


async def read_access(store: ConsentStore, person: UUID, access: UUID) -> Access:
    """Give one of those about a person. Raises NotFoundError for any other."""
    found = await store.access(access)
    if found is None or found.person != person:
        raise NotFoundError
    return found


async def read_accesses(store: ConsentStore, person: UUID, after: UUID | None, most: int) -> list[Access]:
    """Give a page of those about a person, newest first. Ask it only for the person themself."""
    before = FAR if after is None else (await read_access(store, person, after)).number
    return await store.accesses_page(person, before, most)


async def read_reasons(store: ConsentStore, person: UUID, accesses: Collection[UUID]) -> dict[UUID, Access]:
    """Give those of ``accesses`` that are about a person. Ask it only for the person themself."""
    found = await store.accesses_of(accesses)
    return {each.id: each for each in found if each.person == person}
