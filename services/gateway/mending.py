"""What the gateway does after a restore (ADR 0019). It says no facts, so it ends every sign-in that may have ended.

Devices of groups and PINs stand as the backup had them: neither opens anything without the other, and a group without
its phone could not do its work (ADR 0022).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from services.gateway.store import GatewayStore
    from shared.event import Recorded
    from shared.ports import Ports
    from shared.shell import Tx


class GatewayMends:
    """Implements ``services.recover.Mends``."""

    async def restored(self, tx: Tx[GatewayStore]) -> None:
        """Sign everybody out and use every link up: who signed out is out, and no link opens twice; nobody who is
        away at a provider comes back.
        """
        await tx.store.end_all_sessions()
        await tx.store.end_links()
        await tx.store.end_ways()

    async def took_up(self, facts: Sequence[Recorded], tx: Tx[GatewayStore]) -> Collection[UUID]:  # noqa: ARG002
        """Mend nothing: there are none."""
        return ()


def mends(ports: Ports) -> Any:  # noqa: ARG001 - every service's takes them
    """Give the gateway's."""
    return GatewayMends()
