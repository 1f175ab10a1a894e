"""Quietly held: the whole ladder of tries, and a conversation of two with an expert by experience (J4).

The numbers are safety floors: no rulebook may make the ladder shorter.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.pathway.contact.domain import Contact, Outcome
from services.pathway.holding.domain import Holding, Place, State
from services.pathway.wayout.domain import QuietReason
from shared.event import Role
from shared.events.pathway import ContactHow

TRIES = 5
CHANNELS = 2
FOUR_WEEKS = timedelta(weeks=4)
CONVERSATION_LASTS = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Voice:
    """One of the two who say that somebody is to be held quietly. ``expert``: by experience."""

    person: UUID
    member: UUID
    organisation: UUID
    expert: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Ladder:
    """What is known when the two speak. ``tries``: contacts tried since the person last answered, oldest first.

    ``after_crisis``: the rulebook's ``not_quiet_within``, never less than four weeks (M6).
    """

    tries: Sequence[Contact]
    supporters: Collection[UUID]
    ask_open: bool
    after_crisis: timedelta = FOUR_WEEKS


def why_not(holding: Holding, ladder: Ladder, place: Place, now: datetime) -> tuple[QuietReason, ...]:
    """Give every rung that is missing; none when the ladder was climbed whole."""
    tries = [each for each in ladder.tries if each.outcome is Outcome.TRIED]
    too_near = max(ladder.after_crisis, FOUR_WEEKS)
    crisis = holding.crisis_until is not None and now - holding.crisis_until < too_near
    wrong = (
        (QuietReason.NOT_SUPPORTED, holding.state is not State.SUPPORTED),
        (QuietReason.TOO_FEW_TRIES, len(tries) < TRIES),
        (QuietReason.ONE_CHANNEL, len({each.how for each in tries}) < CHANNELS),
        (QuietReason.NO_SUPPORTER_ASKED, not any(_asked(each, holding, ladder.supporters) for each in tries)),
        (QuietReason.TOO_SOON, not tries or now - tries[0].happened_at < FOUR_WEEKS),
        (QuietReason.LATELY_IN_CRISIS, crisis or place.at_crisis(holding.intensity)),
        (QuietReason.ASK_OPEN, ladder.ask_open),
    )
    return tuple(reason for reason, is_so in wrong if is_so)


def _asked(contact: Contact, holding: Holding, supporters: Collection[UUID]) -> bool:
    """Say whether a try was made by, or through, a supporter whom the person chose, or a peer."""
    theirs = contact.organisation in supporters or contact.organisation in holding.alongside
    by_peer = contact.role is Role.PEER_SUPPORTER and contact.organisation != holding.lead
    return contact.how is ContactHow.THROUGH_SUPPORTER or theirs or by_peer


def may_speak(voice: Voice, holding: Holding) -> bool:
    """Say whether somebody is one of the two: of the lead, or an expert by experience who is not of it."""
    return voice.organisation == holding.lead or voice.expert


def both_spoke(voices: Sequence[Voice], holding: Holding, now: datetime) -> bool:
    """Say whether the lead and an expert by experience of another organisation both said so lately."""
    fresh = [each for each in voices if now - each.at <= CONVERSATION_LASTS]
    lead = any(each.organisation == holding.lead for each in fresh)
    expert = any(each.expert and each.organisation != holding.lead for each in fresh)
    return lead and expert
