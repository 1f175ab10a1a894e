"""What commands of sign-in share: they tell nobody anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class Silent:
    """A command that tells nobody anything: sign-in has no events. ``now`` is real time."""

    now: datetime

    @property
    def streams(self) -> tuple[UUID, ...]:
        """No events."""
        return ()
