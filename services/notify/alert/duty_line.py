"""The duty line itself: the backstop is told when it is to be tested, and when it fails (W1). It names no person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.notify.alert.domain import Who
from services.notify.message.domain import Message, State, Text

if TYPE_CHECKING:
    from uuid import UUID

    from services.notify.store import NotifyStore
    from shared.event import Recorded
    from shared.events.community import DutyLineFailing, DutyLineTestDue
    from shared.shell import Tx


async def on_test_due(event: DutyLineTestDue, recorded: Recorded, tx: Tx[NotifyStore]) -> None:  # noqa: ARG001
    """Ask the backstop to try a route that no human has answered for a week, or less by the rulebook (W1)."""
    await _tell(event.backstop, event.route, Text.DUTY_LINE_TEST, tx)


async def on_failing(event: DutyLineFailing, recorded: Recorded, tx: Tx[NotifyStore]) -> None:  # noqa: ARG001
    """Alarm the backstop: nobody answered a route in two tests running (W1)."""
    await _tell(event.backstop, event.route, Text.DUTY_LINE_FAILING, tx)


async def _tell(backstop: UUID | None, route: UUID, text: Text, tx: Tx[NotifyStore]) -> None:
    if backstop is None:
        return
    reference = route.hex[:8].upper()
    message = Message(
        tx.new_id(), None, None, Who.ORGANISATION.value, backstop, text, 0, reference, State.WAITING, 0, 0,
        tx.now, tx.now,
    )  # fmt: skip
    await tx.store.add_messages([message])
    tx.leave_work()
