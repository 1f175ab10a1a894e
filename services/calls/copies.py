"""What a process keeps a copy of because it is asked at every turn: the rulebook, that the place is ready, a demo's
clock. And whose token a request brings, where gateway is elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from services.calls.afar import Afar
    from shared.clock import MovableClock
    from shared.passes import Pass
    from shared.ports import GatewayPort, Ports, Rulebook

LOOK_EVERY_SECONDS = 5.0
"""As often as community itself looks for a newly signed rulebook."""
CLOCK_EVERY_SECONDS = 0.25


class CommunityAfar:
    """Community in another process. The rulebook is a copy: asked for at the start and every 5 s from then on.

    While community can't be asked, the last known one stays in force here: it is what the leaders' group signed, every
    decision names the version it was made under, and community itself takes a new one up within 5 s only (M6).
    """

    def __init__(self, afar: Afar) -> None:
        """Know no rulebook yet."""
        self._afar: Any = afar
        self._known: Rulebook | None = None
        self._ready = False

    def __getattr__(self, name: str) -> Any:
        """Ask everything else there."""
        return getattr(self._afar, name)

    def rulebook(self) -> Rulebook:
        """Give the one in force. Raises UnavailableError before the first came: this process is not ready then."""
        if self._known is None:
            raise UnavailableError
        return self._known

    def knows(self) -> bool:
        """Say whether there is a rulebook to go by."""
        return self._known is not None

    async def must_be_ready(self) -> None:
        """Raise NotReadyError while the place is not set up. What was set up stays so: a yes is remembered (J2a)."""
        if not self._ready:
            await self._afar.must_be_ready()
            self._ready = True

    async def look(self) -> bool:
        """Fetch the rulebook in force; never in a hurry for more."""
        self._known = await self._afar.rulebook()
        return False


class ClockAfar:
    """Keeps a demo's clock where gateway's is; it only ever goes on."""

    def __init__(self, clock: MovableClock, gateway: GatewayPort) -> None:
        """Ask ``gateway``."""
        self.clock = clock
        self.gateway = gateway

    async def look(self) -> bool:
        """Move on to where it is."""
        offset = await self.gateway.clock_offset()
        self.clock.move(max(offset - self.clock.offset, type(offset)()))
        return False


def identify(ports: Ports) -> Callable[[str], Awaitable[Pass | None]]:
    """Give what the edge asks: gateway knows the token, community whether its member still belongs."""

    async def whose(token: str) -> Pass | None:
        found = await ports.gateway.known(token)
        if found is None or found.member is None or found.organisation is None:
            return found
        return found if await ports.community.is_member(found.member, found.organisation) else None

    return whose
