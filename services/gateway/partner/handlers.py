"""Register, list and remove partner systems; change an assertion for an access token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.gateway.partner.domain import Partner, UnknownSystemError
from services.gateway.session.domain import SessionKind, begun
from shared.errors import NotFoundError
from shared.event import Role
from shared.passes import Pass

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from services.gateway.store import GatewayStore
    from shared.shell import Tx


@dataclass(frozen=True, slots=True)
class AddPartner:
    """Register a partner system under an id of ours."""

    partner: Partner

    @property
    def streams(self) -> tuple[UUID, ...]:
        """Facts about sign-in are no events."""
        return ()


@dataclass(frozen=True, slots=True)
class RemovePartner:
    """Let a partner system sign in no more; its tokens end with it."""

    partner_id: UUID

    @property
    def streams(self) -> tuple[UUID, ...]:
        """No events."""
        return ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """Change a checked assertion for a token. Only hashes are kept; ``now`` is real time."""

    partner: Partner
    scopes: frozenset[str]
    jti: str
    jti_until: datetime
    token_hash: str
    until: datetime
    now: datetime

    @property
    def streams(self) -> tuple[UUID, ...]:
        """No events."""
        return ()


async def add_partner(command: AddPartner, tx: Tx[GatewayStore]) -> UUID:
    """Keep a partner system; gives its id."""
    await tx.store.save_partner(command.partner, tx.now)
    return command.partner.id


async def remove_partner(command: RemovePartner, tx: Tx[GatewayStore]) -> None:
    """Mark it removed and end its tokens. Raises NotFoundError."""
    await tx.connection.guard(command.partner_id, alone=True)
    if not await tx.store.remove_partner(command.partner_id):
        raise NotFoundError
    await tx.store.end_tokens_of(command.partner_id)


async def exchange(command: Exchange, tx: Tx[GatewayStore]) -> None:
    """Use the assertion up and keep the token.

    Raises UnknownSystemError for an assertion that was used before, and for a system that was removed since it was
    looked at: its tokens have ended already.
    """
    partner = command.partner
    await tx.connection.guard(partner.id)
    found = await tx.store.find_partner(partner.id)
    if found is None or found.removed:
        raise UnknownSystemError
    if not await tx.store.use_jti(partner.id, command.jti, command.jti_until, command.now):
        raise UnknownSystemError
    by = Pass(Role.SYSTEM, partner.id, organisation=partner.organisation, scopes=command.scopes, until=command.until)
    session = begun(SessionKind.PARTNER, by, now=command.now, session_id=tx.new_id())
    await tx.store.save_session(command.token_hash, session, command.now)


async def find_partner(store: GatewayStore, partner_id: UUID) -> Partner | None:
    """Give a partner system, or None."""
    return await store.find_partner(partner_id)


async def list_partners(store: GatewayStore) -> list[Partner]:
    """Give the partner systems that may sign in."""
    return await store.list_partners()
