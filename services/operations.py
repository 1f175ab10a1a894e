"""What a steward may have a running process do: let parked lanes go on, put a journal back to be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.errors import InvalidError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.cursor import Consumer
    from shared.relay import Relay


class Operations:
    """Of one process."""

    def __init__(self, consumers: dict[str, Consumer[Any]], relays: dict[str, Relay]) -> None:
        """Keep what turns."""
        self.consumers = consumers
        self.relays = relays

    async def go_on(self, names: Iterable[str] = ()) -> dict[str, int]:
        """Try every parked lane again; gives how many lanes go on, by service. Raises InvalidError."""
        return {name: await consumer.replay() for name, consumer in self._these(self.consumers, names)}

    async def send_again(self, names: Iterable[str] = ()) -> list[str]:
        """Put whole journals back to be sent, for a bus that lost its data; whoever heard them skips them."""
        found = self._these(self.relays, names)
        for _, relay in found:
            await relay.replay()
        return [name for name, _ in found]

    def _these(self, among: dict[str, Any], names: Iterable[str]) -> list[tuple[str, Any]]:
        wanted = list(names) or list(among)
        if any(name not in among for name in wanted):
            raise InvalidError(fields=("services",))
        return [(name, among[name]) for name in wanted]
