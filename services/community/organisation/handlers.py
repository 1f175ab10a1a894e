"""Joining, being vouched for, changing, stopping: one function, one transaction (M1, J2a)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from services.community.kinds import Membership
from services.community.member import domain as members
from services.community.organisation import domain
from services.community.organisation.domain import (
    Amend,
    BuddyError,
    CannotVouchError,
    Enter,
    GiveWord,
    GoOn,
    IsBackstopError,
    Organisation,
    Stop,
    Vouch,
)
from services.community.paging import must_match
from services.community.place.domain import NotReadyError, may_be_backstop
from shared.event import Role

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from services.community.paging import After
    from services.community.store import CommunityStore
    from shared.shell import Tx


async def enter(command: Enter, tx: Tx[CommunityStore]) -> UUID:
    """Have a group ask to join, or enter a commissioned body (M1)."""
    asking = replace(command.organisation, asked_at=tx.now)
    entered, facts = domain.enter_body(asking, tx.now) if command.by_steward else domain.ask_to_join(asking)
    await tx.store.add_organisation(replace(entered, first_member=None) if entered.works else entered)
    tx.emit(*facts)
    await _welcome_first_member(entered, Role.PRACTITIONER, tx)
    return entered.id


async def vouch(command: GiveWord, tx: Tx[CommunityStore]) -> UUID:
    """Count a word for an organisation; the first lets it join (M1).

    Raises NotFoundError, CannotVouchError, NotWorkingError.
    """
    organisation = await tx.store.get_vouched(command.organisation)
    await _may_vouch(command, tx.store)
    given = Vouch(command.by_member, command.by_organisation, command.as_expert, tx.now)
    vouched, facts = domain.vouch(organisation, given)
    if facts:
        await tx.store.add_vouch(organisation.id, given)
        await tx.store.save_organisation(replace(vouched, first_member=None))
        tx.emit(*facts)
    if organisation.membership is not Membership.JOINED:
        await _welcome_first_member(vouched, Role.PEER_SUPPORTER, tx)
    return organisation.id


async def _may_vouch(command: GiveWord, store: CommunityStore) -> None:
    """Raise CannotVouchError unless the voucher's organisation works, and is theirs."""
    theirs = await store.find_organisation(command.by_organisation)
    if theirs is None or not theirs.works:
        raise CannotVouchError
    if command.as_expert:
        member = await store.find_member(command.by_member)
        if member is None or not member.expert_by_experience:
            raise CannotVouchError


async def _welcome_first_member(organisation: Organisation, role: Role, tx: Tx[CommunityStore]) -> None:
    """Let whoever asked on behalf of the group sign in, unless somebody has their address already."""
    first = organisation.first_member
    if first is None or not organisation.works or await tx.store.member_by_email(first.email):
        return
    member = members.Member(
        id=tx.new_id(),
        organisation=organisation.id,
        name=first.name,
        role=role,
        joined_at=tx.now,
        email=first.email,
        named_worker=True,
    )
    joined, facts = members.join(member, by_steward=False)
    await tx.store.add_member(joined)
    tx.emit(*facts)


async def amend(command: Amend, tx: Tx[CommunityStore]) -> UUID:
    """Change an organisation. Raises NotFoundError, StaleError, BuddyError."""
    organisation = await tx.store.get_vouched(command.organisation)
    must_match(command.tag, organisation.id, organisation.revision)
    changes = dict(command.changes)
    if changes.get("buddy") is not None:
        buddy = await tx.store.find_organisation(changes["buddy"])
        if buddy is None or not buddy.works or buddy.id == organisation.id:
            raise BuddyError
    changed = replace(organisation, **changes, revision=organisation.revision + 1)
    if not may_be_backstop(changed) and (await tx.store.place()).backstop == changed.id:
        raise IsBackstopError
    if changed.works:
        changed, facts = domain.settle_offering(changed)
        tx.emit(*facts)
    await tx.store.save_organisation(changed)
    return organisation.id


async def stop(command: Stop, tx: Tx[CommunityStore]) -> UUID:
    """End or suspend an organisation (J2a). Raises NotFoundError, NotReadyError, IsBackstopError."""
    organisation = await tx.store.get_organisation(command.organisation)
    place = await tx.store.place()
    if place.backstop is None:
        raise NotReadyError
    stopped, facts = domain.stop(organisation, command.how, place.backstop)
    await tx.store.save_organisation(stopped)
    tx.emit(*facts)
    return organisation.id


async def go_on(command: GoOn, tx: Tx[CommunityStore]) -> UUID:
    """Let a suspended organisation take part again. Raises NotFoundError, NotWorkingError."""
    organisation = await tx.store.get_organisation(command.organisation)
    goes_on, facts = domain.go_on(organisation)
    await tx.store.save_organisation(goes_on)
    tx.emit(*facts)
    return organisation.id


async def read_organisation(store: CommunityStore, organisation_id: UUID) -> Organisation:
    """Give an organisation. Raises NotFoundError."""
    return await store.get_vouched(organisation_id)


async def read_organisations(
    store: CommunityStore, after: After, most: int, memberships: Iterable[Membership], **of: str | None
) -> list[Organisation]:
    """Give a page of those organisations that stand so."""
    return await store.list_organisations(after, most, memberships=memberships, **of)


async def must_work(store: CommunityStore, organisation_id: UUID) -> Organisation:
    """Give an organisation that takes part now. Raises NotFoundError, NotWorkingError."""
    organisation = await store.get_organisation(organisation_id)
    if not organisation.works:
        raise domain.NotWorkingError
    return organisation
