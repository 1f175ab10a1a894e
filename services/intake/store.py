"""Intake's store: those of its nouns, on one connection."""

from __future__ import annotations

from services.intake.arrival.store import ArrivalStore
from services.intake.circle.store import CircleStore
from services.intake.need.store import NeedStore
from services.intake.person.store import PersonStore
from services.intake.reach.store import ReachStore
from services.intake.story.store import StoryStore


class IntakeStore(PersonStore, ReachStore, ArrivalStore, StoryStore, NeedStore, CircleStore):
    """Everything that intake keeps."""
