"""What an organisation is told of those it stands to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Reached:
    """When anybody last spoke with a person, and since when nobody has who should; None: never, or not drifting."""

    last_contact_at: datetime | None
    drifting_since: datetime | None
