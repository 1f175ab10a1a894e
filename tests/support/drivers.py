"""What stands in for a connection of asyncpg's where only its life is looked at."""

from dataclasses import dataclass


@dataclass(eq=False)
class Driver:
    """One connection."""

    gone: bool = False

    def is_closed(self) -> bool:
        return self.gone

    def terminate(self) -> None:
        self.gone = True
