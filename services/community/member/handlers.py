"""Members come, set their hours, and go: one function, one transaction (W1, J2b)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from services.community.member import domain
from services.community.member.domain import AddMember, AddressInUseError, ChangeMember, LetMemberLeave, Member
from services.community.organisation.handlers import must_work
from services.community.paging import must_match
from shared.event import Role

if TYPE_CHECKING:
    from uuid import UUID

    from services.community.paging import After
    from services.community.store import CommunityStore
    from shared.shell import Tx


async def add_member(command: AddMember, tx: Tx[CommunityStore]) -> UUID:
    """Let somebody act for an organisation.

    Raises NotFoundError, NotWorkingError, AddressInUseError, StewardsOnlyError.
    """
    await must_work(tx.store, command.member.organisation)
    await _address_is_free(tx.store, command.member.email, command.member.id)
    member, facts = domain.join(replace(command.member, joined_at=tx.now), by_steward=tx.by.role is Role.STEWARD)
    await tx.store.add_member(member)
    tx.emit(*facts)
    return member.id


async def change_member(command: ChangeMember, tx: Tx[CommunityStore]) -> UUID:
    """Change a member. Raises NotFoundError, StaleError, AddressInUseError, StewardsOnlyError."""
    member = await tx.store.get_member(command.organisation, command.member)
    must_match(command.tag, member.id, member.revision)
    await _address_is_free(tx.store, command.changes.get("email"), member.id)
    changed, facts = domain.change(member, command.changes, by_steward=tx.by.role is Role.STEWARD)
    await tx.store.save_member(changed)
    tx.emit(*facts)
    return member.id


async def let_member_leave(command: LetMemberLeave, tx: Tx[CommunityStore]) -> UUID:
    """Let a member go; whom they held is held by their deputy, then by the one on duty (J2b)."""
    member = await tx.store.get_member(command.organisation, command.member)
    others = await tx.store.members_of(command.organisation)
    gone, facts = domain.leave(member, others, tx.now)
    await tx.store.save_member(gone)
    tx.emit(*facts)
    return member.id


async def _address_is_free(store: CommunityStore, email: str | None, member_id: UUID) -> None:
    if email is None:
        return
    owner = await store.member_by_email(email)
    if owner is not None and owner.id != member_id:
        raise AddressInUseError


async def read_member(store: CommunityStore, organisation_id: UUID, member_id: UUID) -> Member:
    """Give a member of an organisation. Raises NotFoundError."""
    return await store.get_member(organisation_id, member_id)


async def read_members(store: CommunityStore, organisation_id: UUID, after: After, most: int) -> list[Member]:
    """Give a page of an organisation's members. Raises NotFoundError for an unknown organisation."""
    await store.get_organisation(organisation_id)
    return await store.list_members(organisation_id, after, most)
