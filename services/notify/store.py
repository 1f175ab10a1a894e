"""Notify's store: that of its nouns, on one connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.notify.alert.store import AlertStore
from services.notify.delivery.log import LogStore
from services.notify.delivery.store import DeliveryStore
from services.notify.message.store import MessageStore
from services.notify.subscription.store import WishStore

if TYPE_CHECKING:
    from shared.db import Connection


class NotifyStore(WishStore, DeliveryStore, LogStore, AlertStore, MessageStore):
    """Subscriptions, deliveries, alerts and messages."""

    def __init__(self, connection: Connection) -> None:
        """Use an open connection."""
        self.connection = connection
