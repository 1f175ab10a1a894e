"""An alert's transactions: raised and ended as facts are heard, told rung by rung, acknowledged by a human."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from services.notify.alert import domain
from services.notify.alert.domain import Alert, How, Recipient, State, Who
from services.notify.alert.kinds import DRIFTING, asked_by, ended_by, ends
from services.notify.message.domain import Message, Text, hash_of_code
from services.notify.message.domain import State as MessageState
from shared.errors import NotFoundError
from shared.event import Code, Role
from shared.events.community import OrganisationGoesOn, OrganisationJoined, OrganisationStopped
from shared.events.pathway import DriftingEnded, LeadChanged, Left

if TYPE_CHECKING:
    from services.notify.store import NotifyStore
    from shared.event import Event, Recorded
    from shared.passes import Pass
    from shared.shell import Tx

COUNCIL = Code("council")
TEXT_FOR = {
    Who.ORGANISATION: Text.YOUR_ORGANISATION,
    Who.SUPPORTER: Text.WALK_BESIDE,
    Who.PERSON: Text.PERSON,
    Who.DUTY_LINE: Text.DUTY_LINE,
}


async def on_fact(event: Event, recorded: Recorded, tx: Tx[NotifyStore]) -> None:  # noqa: ARG001 - a consumer's shape
    """Raise, merge or end alerts for what a fact says. Whom to tell is found by the alert loop, outside."""
    may_end = ended_by(event)
    for alert in await tx.store.open_alerts(event.subject, may_end) if may_end else ():
        if not ends(event, alert.asked):
            continue
        await _over(alert, tx)
        if isinstance(event, DriftingEnded) and alert.asked.kind == DRIFTING:
            await _say_it_is_over(alert, tx)
    if isinstance(event, LeadChanged) and event.now is not None:
        await _open_to(event.now, event.subject, tx)
    asked = asked_by(event)
    if asked is None:
        return
    if asked.how is not How.TELLS:
        same = await tx.store.open_alerts(event.subject, (asked.kind,))
        if same:
            await tx.store.save_alert(domain.merge(same[0], asked))
            return
    alert, facts = domain.raise_it(tx.new_id(), event.subject, asked, tx.now)
    await tx.store.save_alert(alert)
    tx.emit(*facts)
    tx.leave_work()


async def _open_to(lead: UUID, person: UUID, tx: Tx[NotifyStore]) -> None:
    """Let who leads now see and answer what is open about the person."""
    for alert in await tx.store.every_open_alert(person):
        await tx.store.add_told(alert.id, [Recipient(Who.ORGANISATION, lead)], tx.now)


async def on_left(event: Left, recorded: Recorded, tx: Tx[NotifyStore]) -> None:  # noqa: ARG001
    """Leave me be: all that is open or waiting about the person stops, in this transaction (J4)."""
    for alert in await tx.store.every_open_alert(event.subject):
        await _over(alert, tx)
    await tx.store.cancel_messages_about(event.subject)


async def on_joined(event: OrganisationJoined, recorded: Recorded, tx: Tx[NotifyStore]) -> None:  # noqa: ARG001
    """Know the councils: nowhere to sleep reaches them (J13)."""
    if event.kind == COUNCIL:
        await tx.store.add_council(event.subject)


async def on_stopped(event: OrganisationStopped, recorded: Recorded, tx: Tx[NotifyStore]) -> None:  # noqa: ARG001
    """A council that stopped is told nothing."""
    await tx.store.set_council(event.subject, active=False)


async def on_goes_on(event: OrganisationGoesOn, recorded: Recorded, tx: Tx[NotifyStore]) -> None:  # noqa: ARG001
    """A council that was suspended is told again."""
    await tx.store.set_council(event.subject, active=True)


async def _over(alert: Alert, tx: Tx[NotifyStore]) -> None:
    await tx.store.save_alert(domain.over(alert, tx.now))
    await tx.store.cancel_messages_of(alert.id)


async def _say_it_is_over(alert: Alert, tx: Tx[NotifyStore]) -> None:
    """Say only that it ended, never by whom (J9)."""
    told = [each for each in await tx.store.told_by(alert.id) if each.who is not Who.DUTY_LINE]
    await tx.store.add_messages(message_to(each, alert, tx.new_id(), tx.now, text=Text.OVER) for each in told)
    tx.leave_work()


def message_to(
    to: Recipient, alert: Alert, message_id: UUID, now: datetime, *, text: Text | None = None, way: int = 0,
    after: datetime | None = None,
) -> Message:  # fmt: skip
    """Give a message to a recipient of an alert, for its present rung."""
    return Message(
        message_id, alert.id, alert.person, to.who.value, to.id, text or TEXT_FOR[to.who], int(alert.rung),
        alert.reference, MessageState.WAITING, way, 0, after or now, now,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """A rung was worked out: ``seen`` is the alert as it stood, ``alert`` as it stands now."""

    seen: Alert
    alert: Alert
    facts: tuple[Event, ...] = ()
    to: tuple[Recipient, ...] = ()
    messages: tuple[Message, ...] = ()

    @property
    def streams(self) -> tuple[UUID, ...]:
        """The person's."""
        return (self.seen.person,)


async def tell(command: Told, tx: Tx[NotifyStore]) -> None:
    """Keep what a rung came to, unless the alert was answered, ended or told by another meanwhile."""
    now = await tx.store.alert(command.seen.id)
    if now.state is not State.OPEN or (now.rung, now.next_at) != (command.seen.rung, command.seen.next_at):
        return
    await tx.store.save_alert(replace(command.alert, repeats=now.repeats, asked=now.asked))
    if command.alert.state is State.OVER and not command.to:
        await tx.store.cancel_messages_of(now.id)
    await tx.store.add_told(now.id, command.to, tx.now)
    await tx.store.add_messages(command.messages)
    tx.leave_work()
    tx.emit(*command.facts)


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """A human is on it: a member of an organisation that was told, or the duty worker."""

    alert: UUID
    person: UUID
    by: Pass
    words: str | None

    @property
    def streams(self) -> tuple[UUID, ...]:
        """The person's."""
        return (self.person,)


@dataclass(frozen=True, slots=True)
class AcknowledgeByCode:
    """A supporter of the circle is on it: they have the code of a message."""

    hash: str
    person: UUID
    words: str | None

    @property
    def streams(self) -> tuple[UUID, ...]:
        """The person's."""
        return (self.person,)


async def acknowledge(command: Acknowledge, tx: Tx[NotifyStore]) -> UUID:
    """Keep the acknowledgement; nobody else is asked from now. Raises NotFoundError, AlreadyAnsweredError."""
    alert = await readable(tx.store, command.alert, command.by)
    by = command.by
    return await _answered(alert, (by.member, by.organisation, None), command.words, tx)


async def acknowledge_by_code(command: AcknowledgeByCode, tx: Tx[NotifyStore]) -> UUID:
    """Keep the acknowledgement of who holds the code. Raises NotFoundError, AlreadyAnsweredError."""
    found = await tx.store.code(command.hash)
    if found is None:
        raise NotFoundError
    alert, supporter = await tx.store.alert(found[0]), found[1]
    return await _answered(alert, (None, None, supporter), command.words, tx)


async def _answered(
    alert: Alert, who: tuple[UUID | None, UUID | None, UUID | None], words: str | None, tx: Tx[NotifyStore]
) -> UUID:
    answered, facts = domain.acknowledge(alert, tx.now)
    await tx.store.save_alert(answered)
    await tx.store.keep_answer(alert.id, *who, words)
    await tx.store.cancel_messages_of(alert.id)
    tx.emit(*facts)
    return alert.id


async def readable(store: NotifyStore, alert_id: UUID, by: Pass) -> Alert:
    """Give an alert to who was told of it; the duty worker may answer any. Raises NotFoundError."""
    alert = await store.alert(alert_id)
    if alert.asked.how is How.TELLS:
        raise NotFoundError
    told = await store.told_by(alert_id)
    if by.role is not Role.DUTY and Recipient(Who.ORGANISATION, by.organisation or alert_id) not in told:
        raise NotFoundError
    return alert


async def person_of_code(store: NotifyStore, code: str) -> tuple[str, UUID]:
    """Give the hash of a code and whom its alert is about. Raises NotFoundError."""
    found = await store.code(hash_of_code(code))
    if found is None:
        raise NotFoundError
    return hash_of_code(code), (await store.alert(found[0])).person


async def read_alerts(
    store: NotifyStore, by: Pass, state: State, after: UUID | None, most: int
) -> list[tuple[Alert, str | None]]:
    """Give a page of what reached the caller's organisation, each with what was said in answer."""
    found = await store.alerts_to(by.organisation, state, after, most, duty=by.role is Role.DUTY)
    return [(alert, await store.words_of(alert.id) if state is State.ACKNOWLEDGED else None) for alert in found]
