"""Much that would be told at once, as consent is asked about it (ADR 0005)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from shared.event import Part
from shared.passes import Pass


@dataclass(frozen=True, slots=True)
class News:
    """Something that would be told: of whom, which part, and what exactly."""

    person: UUID
    part: Part
    thing: UUID


@dataclass(frozen=True, slots=True)
class AskOfMany:
    """One question about much news on its way out: what of it ``by`` may surely not have."""

    by: Pass
    news: tuple[News, ...]
