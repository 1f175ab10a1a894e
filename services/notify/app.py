"""Wires notify into a process."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from services.notify.alert.api import routes as alerts
from services.notify.alert.ladder import Ladder
from services.notify.delivery.api import routes as deliveries
from services.notify.delivery.egress import Egress
from services.notify.delivery.worker import DeliveryWorker
from services.notify.figures import take
from services.notify.message.channels import Channels
from services.notify.message.sender import Sender
from services.notify.port import Notify
from services.notify.store import NotifyStore
from services.notify.subscription.api import routes as subscriptions
from services.notify.subscriptions import LISTENS_TO, SUBSCRIPTIONS
from services.notify.tables import KERNEL, METADATA
from shared.loops import Loop, Wake
from shared.service import Kit, Running
from shared.shell import Shell

if TYPE_CHECKING:
    from shared.db import Database

IDLE_SECONDS = 0.5
"""How often the loops look for what has become due; a commit of this process wakes them at once."""


def build(database: Database, kit: Kit) -> Running[NotifyStore]:
    """Give notify, wired. Only a demo instance may send to itself."""
    wakes: list[Wake] = []

    def wake() -> None:
        for each in wakes:
            each()

    shell = Shell(
        database, KERNEL, NotifyStore, kit.clock,
        rulebook=lambda: kit.ports.community.rulebook().version, wake=wake,
    )  # fmt: skip
    channels = Channels(kit.settings)
    egress = Egress(loopback=kit.settings.demo, besides=kit.settings.demo_host)
    worker = DeliveryWorker(shell, kit.ports, kit.decisions, egress, kit.settings.base_url)
    ladder = Ladder(shell, kit.ports, kit.decisions, channels.usable, kit.settings.time_zone)
    sender = Sender(shell, kit.ports, kit.decisions, channels, kit.settings)
    wakes.extend((worker.wake, ladder.wake, sender.wake))
    return Running(
        "notify",
        METADATA,
        shell,
        routers=[subscriptions, deliveries, alerts],
        listens_to=LISTENS_TO,
        subscriptions=SUBSCRIPTIONS,
        loops=[
            Loop("notify-delivery", worker.step, worker.wake.wait, IDLE_SECONDS, close=worker.close),
            Loop("notify-alerts", ladder.step, ladder.wake.wait, IDLE_SECONDS, close=ladder.close),
            Loop("notify-messages", sender.step, sender.wake.wait, IDLE_SECONDS, close=sender.close),
        ],
        upkeep=[Loop("notify-links", sender.send_links, sender.link_wake.wait, IDLE_SECONDS, close=channels.close)],
        figures=[partial(take, shell)],
        port=Notify(sender),
    )
