"""Move a demo's clock and read how far it was moved; give the operator of an instance a token."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from services.gateway.front.domain import not_too_far
from services.gateway.session.domain import SessionKind, begun

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from services.gateway.store import GatewayStore
    from shared.passes import Pass
    from shared.shell import Tx


@dataclass(frozen=True, slots=True)
class MoveClock:
    """Move the demo's clock on."""

    by: timedelta

    @property
    def streams(self) -> tuple[UUID, ...]:
        """A demo's clock is no fact about anybody."""
        return ()


async def move_clock(command: MoveClock, tx: Tx[GatewayStore]) -> int:
    """Keep the new offset; gives it in seconds. Raises ClockTooFarError."""
    offset = not_too_far(await tx.store.move_clock(command.by))
    return int(offset.total_seconds())


async def clock_offset(store: GatewayStore) -> timedelta:
    """Give how far the demo's clock has been moved, in whole seconds."""
    return await store.clock_offset()


@dataclass(frozen=True, slots=True)
class IssueToken:
    """Give a token to whoever runs the instance and so can read its data anyway. Only its hash is kept; real time."""

    token_hash: str
    by: Pass
    until: datetime
    now: datetime

    @property
    def streams(self) -> tuple[UUID, ...]:
        """No events."""
        return ()


async def issue_token(command: IssueToken, tx: Tx[GatewayStore]) -> None:
    """Keep it."""
    by = replace(command.by, until=command.until)
    session = begun(SessionKind.ISSUED, by, now=command.now, session_id=tx.new_id())
    await tx.store.save_session(command.token_hash, session, command.now)
