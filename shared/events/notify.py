"""Facts of notify: subscriptions, deliveries that failed for good, alerts and their acknowledgement."""

from __future__ import annotations

from uuid import UUID

from shared.event import Code, Event, Part, fact


@fact("notify.subscription-confirmed", says="A subscription was confirmed.", part=None)
class SubscriptionConfirmed(Event):
    """The endpoint answered its test event; the subject is the subscription."""

    organisation: UUID


@fact("notify.subscription-paused", says="A subscription was paused.", part=None)
class SubscriptionPaused(Event):
    """By its owner, by a steward, or because everything failed for five days (``why``)."""

    organisation: UUID
    why: Code


@fact("notify.subscription-resumed", says="A subscription was resumed.", part=None)
class SubscriptionResumed(Event):
    """Deliveries go on where they stopped."""

    organisation: UUID


@fact("notify.subscription-ended", says="A subscription ended.", part=None)
class SubscriptionEnded(Event):
    """By its owner, or because the endpoint said that it is gone (410)."""

    organisation: UUID


@fact("notify.delivery-failed-for-good", says="A delivery failed for good.", part=None)
class DeliveryFailedForGood(Event):
    """Every try of the schedule failed; the subject is the subscription."""

    delivery: UUID


@fact("notify.alert-raised", says="Somebody was asked to look.", part=Part.JOURNEY)
class AlertRaised(Event):
    """An alert is open until a human acknowledges it (W1)."""

    alert: UUID
    kind: Code


@fact("notify.alert-acknowledged", says="Somebody answered: a human is on it.", part=Part.JOURNEY)
class AlertAcknowledged(Event):
    """A human acknowledged."""

    alert: UUID
    kind: Code


@fact("notify.alert-passed-up", says="Nobody had answered, so the next were asked.", part=Part.JOURNEY)
class AlertPassedUp(Event):
    """The alert went up a rung: the circle, then the place's duty line."""

    alert: UUID
    kind: Code
    rung: int
