"""Send a browser to the provider, take it back, begin a session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.gateway.openid.domain import OpenIdError, Way, comes_back
from services.gateway.session.domain import SESSION_IDLE, SessionKind, begun
from services.gateway.signin.domain import pass_of
from services.gateway.silent import Silent
from shared.passes import Pass
from shared.ports import SignIn
from shared.shell import TurnedBack

if TYPE_CHECKING:
    from datetime import datetime

    from services.gateway.store import GatewayStore
    from shared.shell import Tx


@dataclass(frozen=True, slots=True)
class Leave(Silent):
    """A browser goes to the provider."""

    way: Way


@dataclass(frozen=True, slots=True)
class ComeBack(Silent):
    """A browser comes back with what the provider gave it."""

    state_hash: str
    binding_hash: str


@dataclass(frozen=True, slots=True)
class Begin(Silent):
    """The provider vouched for an address, and its owner signs in."""

    found: SignIn
    session_hash: str
    until: datetime


async def leave(command: Leave, tx: Tx[GatewayStore]) -> None:
    """Keep what the browser is known by when it comes back."""
    await tx.store.save_way(command.way, command.now)


async def come_back(command: ComeBack, tx: Tx[GatewayStore]) -> str | TurnedBack | None:
    """Take a way out, whether or not it was good; gives as which of two people its owner wants to sign in."""
    way = await tx.store.take_way(command.state_hash)
    if way is None or not comes_back(way, command.binding_hash, command.now):
        return TurnedBack(OpenIdError())
    return way.sign_in_as


async def begin(command: Begin, tx: Tx[GatewayStore]) -> Pass:
    """Begin a session, with the same ends as one that a link begins."""
    found = command.found
    by = pass_of(found, found.member or found.person or tx.new_id(), command.until)
    session = begun(SessionKind.OPENID, by, now=command.now, session_id=tx.new_id(), idle=SESSION_IDLE)
    await tx.store.save_session(command.session_hash, session, command.now)
    return by
