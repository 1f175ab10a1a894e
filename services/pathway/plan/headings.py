"""What a plan asks, in our own wording and the ladder's order: from what one can do alone to who can help (P1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PlanKind(StrEnum):
    """A safety plan (MHSDS plan type 12), or the care and support plan that stands beside it (P8)."""

    SAFETY = "safety"
    CARE_AND_SUPPORT = "care-and-support"


@dataclass(frozen=True, slots=True)
class Heading:
    """One part of a plan: its code, and how it is put to the person."""

    code: str
    says: str


SAFETY = (
    Heading("warning-signs", "How I can tell that things are getting harder"),
    Heading("by-myself", "What I can do on my own to get through it"),
    Heading("people-and-places", "People and places that take my mind off it"),
    Heading("ask-for-help", "People I can tell and ask for help"),
    Heading("services", "Services I can contact, and how"),
    Heading("safer-around-me", "Making what is around me safer"),
    Heading("worth-living", "What makes life worth living"),
    Heading("helps", "What helps when I am in crisis"),
    Heading("does-not-help", "What does not help when I am in crisis"),
    Heading("if-i-go-quiet", "If I go quiet"),
    Heading("where-i-keep-this", "Where I keep this"),
    Heading("who-has-it", "Who has it"),
)
LADDER = tuple(heading.code for heading in SAFETY[:6])
"""The six rungs of a safety plan, in their order."""
CARE_AND_SUPPORT = (
    Heading("goals", "What I want to be different"),
    Heading("who-does-what", "Who does what, and by when"),
    Heading("care-act", "What the council owes me under the Care Act"),
    Heading("money", "Money"),
    Heading("housing", "Where I live"),
    Heading("work", "Work, if I wish"),
)
HEADINGS = {
    PlanKind.SAFETY: {heading.code: heading for heading in SAFETY},
    PlanKind.CARE_AND_SUPPORT: {heading.code: heading for heading in CARE_AND_SUPPORT},
}
