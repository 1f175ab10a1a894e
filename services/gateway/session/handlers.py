"""See one's sessions, use one, end one or all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.gateway.session.domain import OWN, OwnSignInError, Session
from shared.errors import NotFoundError, NotSignedInError

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from services.gateway.store import GatewayStore
    from shared.passes import Pass
    from shared.shell import Tx


@dataclass(frozen=True, slots=True)
class Touch:
    """Somebody uses a session now; real time."""

    token_hash: str
    now: datetime

    @property
    def streams(self) -> tuple[UUID, ...]:
        """No events."""
        return ()


@dataclass(frozen=True, slots=True)
class SignOut:
    """End one token."""

    token_hash: str

    @property
    def streams(self) -> tuple[UUID, ...]:
        """No events."""
        return ()


@dataclass(frozen=True, slots=True)
class EndSession:
    """End one of somebody's sessions."""

    session: UUID
    principal: UUID

    @property
    def streams(self) -> tuple[UUID, ...]:
        """No events."""
        return ()


@dataclass(frozen=True, slots=True)
class SignOutEverywhere:
    """End every session of somebody's, and what could begin one in their name."""

    by: Pass

    @property
    def streams(self) -> tuple[UUID, ...]:
        """No events."""
        return ()


async def touch(command: Touch, tx: Tx[GatewayStore]) -> None:
    """Move the idle end of a session on. Raises NotSignedInError for one that ended meanwhile: it stays ended."""
    found = await tx.store.find_session(command.token_hash, command.now)
    if found is None or not await tx.store.touch(command.token_hash, command.now):
        raise NotSignedInError


async def sign_out(command: SignOut, tx: Tx[GatewayStore]) -> None:
    """End a token at once."""
    await tx.store.end_token(command.token_hash)


async def end_session(command: EndSession, tx: Tx[GatewayStore]) -> None:
    """End a session. Raises NotFoundError for one that is unknown and for one that is somebody else's."""
    if not await tx.store.end_session(command.session, command.principal):
        raise NotFoundError


async def sign_out_everywhere(command: SignOutEverywhere, tx: Tx[GatewayStore]) -> None:
    """End all of somebody's sessions and the links that were sent to them.

    The links first: one that is being used right now is waited for, and its session is then found and ended.
    """
    await tx.store.end_links_of(command.by.member, command.by.person)
    await tx.store.end_tokens_of(command.by.principal)


async def own_sign_in(tx: Tx[GatewayStore], token_hash: str, now: datetime) -> Session:
    """Give the session of a member who showed who they are. Raises OwnSignInError, NotSignedInError."""
    found = await tx.store.find_session(token_hash, now)
    if found is None:
        raise NotSignedInError
    if found.kind not in OWN:
        raise OwnSignInError
    return found


async def find_session(store: GatewayStore, token_hash: str, now: datetime) -> Session | None:
    """Give the session of a token, or None."""
    return await store.find_session(token_hash, now)


async def find_pass(store: GatewayStore, token_hash: str, now: datetime) -> Pass | None:
    """Give the pass of a token, or None."""
    return await store.find_pass(token_hash, now)


async def sessions_of(store: GatewayStore, principal: UUID, now: datetime) -> dict[str, Session]:
    """Give somebody's sessions by the hash of their token."""
    return await store.sessions_of(principal, now)
