"""Ask for a one-time link, use it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from services.gateway.session.domain import SESSION_IDLE, SessionKind, begun
from services.gateway.signin.domain import LINKS_IN_A_WINDOW, WINDOW, Link, LinkSpentError, opens, pass_of
from shared.event import Role
from shared.passes import Pass
from shared.shell import TurnedBack

if TYPE_CHECKING:
    from datetime import datetime

    from services.gateway.store import GatewayStore
    from shared.shell import Tx


@dataclass(frozen=True, slots=True)
class AskLink:
    """Somebody asked for a link; ``link`` is None when nobody owns the address, and the same is done. Real time."""

    who: str
    link: Link
    now: datetime

    @property
    def streams(self) -> tuple[UUID, ...]:
        """No events."""
        return ()


@dataclass(frozen=True, slots=True)
class UseLink:
    """Somebody brings a link and the secret of the browser that asked for it."""

    token_hash: str
    binding: str
    session_hash: str
    until: datetime
    now: datetime

    @property
    def streams(self) -> tuple[UUID, ...]:
        """No events."""
        return ()


async def ask_link(command: AskLink, tx: Tx[GatewayStore]) -> bool:
    """Keep a link for whoever asked; says whether one may be sent (not too many for this address lately)."""
    await tx.connection.guard(UUID(hex=command.who[:32]), alone=True)  # of two at once the second counts the first
    asked = await tx.store.asked(command.who, command.now - WINDOW)
    await tx.store.note_asked(id=tx.new_id(), who=command.who, at=command.now)
    await tx.store.save_link(command.link, command.now)
    return asked < LINKS_IN_A_WINDOW and command.link.found.role is not Role.ANYONE


async def use_link(command: UseLink, tx: Tx[GatewayStore]) -> Pass | TurnedBack:
    """Sign in with a link, which is then spent whether or not it was good: one that was not is turned back."""
    link = await tx.store.use_link(command.token_hash)
    found = opens(link, command.binding, command.now)
    if found is None:
        return TurnedBack(LinkSpentError())
    by = pass_of(found, found.member or found.person or tx.new_id(), command.until)
    session = begun(SessionKind.LINK, by, now=command.now, session_id=tx.new_id(), idle=SESSION_IDLE)
    await tx.store.save_session(command.session_hash, session, command.now)
    return by
