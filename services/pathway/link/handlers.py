"""Links: one function is one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.pathway.ask.answering import asks_answered
from services.pathway.contact.domain import LogContact, Outcome
from services.pathway.contact.handlers import log_contact
from services.pathway.holding import domain as holds
from services.pathway.holding.errors import TooManyHeldError
from services.pathway.holding.handlers import held, keep
from services.pathway.link import domain
from services.pathway.link.domain import Instead, Link, OpenLink
from services.pathway.link.errors import LinkStateError, LinkStateReason, NotTheirsToSayError
from services.pathway.working_days import after_working_days
from shared.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta
    from uuid import UUID

    from services.pathway.holding.domain import Change, Holding, Place
    from services.pathway.link.commands import Meet, NotHappened, SayNotRight, Settle, Welcome
    from services.pathway.store import PathwayStore
    from shared.decisions import Permit
    from shared.due import DueItem
    from shared.event import Recorded
    from shared.events.intake import NeedNamed
    from shared.ports import Rulebook
    from shared.shell import Tx

ANSWER = "link-answer"


async def open_link(command: OpenLink, tx: Tx[PathwayStore]) -> UUID:
    """Open a link; the timer counts silence as an answer (J3, J5). Raises LinkStateError for one that is open."""
    link, said = domain.link(command, tx.new_id(), tx.by.member or tx.by.person, tx.now)
    if not await tx.store.add_link(link):
        raise LinkStateError(reasons=(LinkStateReason.LINKED_ALREADY,))
    tx.emit(said)
    tx.remind(ANSWER, link.answer_by, link.person, link.id)
    return link.id


async def welcome(command: Welcome, tx: Tx[PathwayStore]) -> None:
    """Welcome the person; it answers an open asking of theirs (J3, J12).

    Raises TooManyHeldError when the one who is to lead them holds as many people as the rulebook allows (J2b).
    """
    link = await _of(tx, command.person, command.link)
    others = await tx.store.links_of(link.person) if link.by_silence else ()
    if link.leads and await tx.store.held_by(command.named) >= command.most:
        raise TooManyHeldError(facts={"most": command.most})
    after, facts = domain.welcome(link, command.named, command.deputy, command.first_date, others=others, now=tx.now)
    await _answered(tx, after)
    tx.emit(*facts)
    await asks_answered(tx, link.person, link.id)


async def meet(command: Meet, tx: Tx[PathwayStore]) -> None:
    """Take in that they met: where the link leads, its organisation leads from now, else it walks alongside (J3).

    Meeting an offer of a higher intensity is the step up (J6); a step down is always an act of its own (J13).
    """
    link = await _of(tx, command.person, command.link)
    after, facts = domain.meet(link, command.worker, command.how, tx.now)
    who = (link.organisation, command.worker, tx.by.role)
    made = LogContact(link.person, Outcome.MADE, command.how, *who, within=command.within)
    await log_contact(made, tx)
    tx.emit(*facts)
    await _met(tx, after, command.place, command.within)


async def say_not_right(command: SayNotRight, tx: Tx[PathwayStore]) -> None:
    """Take in "not right" with what could be; a second one for the same need is a bounce (J5)."""
    others = await tx.store.links_of(command.person)
    link = next((each for each in others if each.id == command.link), None)
    if link is None:
        raise NotFoundError
    instead = Instead(command.alternative, await tx.store.need_kind(link.person, link.need))
    after, facts = domain.not_right(
        link, command.reason, instead, together_by=command.together_by, others=others, now=tx.now
    )
    await _answered(tx, after)
    rest = [each for each in others if each.id != link.id]
    tx.emit(*facts)
    limits = (command.bounce_count, command.bounce_window, command.conversation_by)
    tx.emit(*domain.bounce(after, rest, *limits, tx.now))
    if after.alternative is not None:
        await asks_answered(tx, link.person, link.id)


async def silence(rules: Callable[[], Rulebook], item: DueItem, tx: Tx[PathwayStore]) -> None:
    """Count silence past the rulebook's time as not right (J5)."""
    others = await tx.store.links_of(item.subject)
    link = next((each for each in others if each.id == item.ref), None)
    if link is None:
        return
    by = after_working_days(tx.now, rules().conversation_working_days)
    after, facts = domain.silent(link, by, tx.now)
    if not facts:
        return
    await tx.store.save_link(after)
    rest = [each for each in others if each.id != link.id]
    tx.emit(*facts)
    tx.emit(*domain.bounce(after, rest, rules().bounce_count, rules().bounce_window, by, tx.now))


async def did_not_happen(command: NotHappened, tx: Tx[PathwayStore]) -> None:
    """Take the person's word: the former lead leads again until it is settled (J3)."""
    link = await _of(tx, command.person, command.link)
    await _must_speak_for(tx, command.person, command.chosen_organisations)
    after, facts = domain.did_not_happen(link, tx.now)
    tx.emit(*facts)
    await tx.store.save_link(after)
    holding, place = await held(tx, link.person, command.place)
    if link.leads or holding.lead == link.organisation:
        change = holds.not_met_after_all(holding, link.organisation, place, tx.now, link.met_at)
        await keep(tx, holding, change, command.within)


async def settle(command: Settle, tx: Tx[PathwayStore]) -> None:
    """Settle in the person's words whether they have met (J3); never by the organisation that said so."""
    link = await _of(tx, command.person, command.link)
    await _must_speak_for(tx, command.person, command.chosen_organisations)
    if tx.by.organisation == link.organisation:
        raise NotTheirsToSayError
    after, facts = domain.settle(link, met=command.met, now=tx.now)
    tx.emit(*facts)
    if command.met:
        await _met(tx, after, command.place, command.within)
    else:
        await tx.store.save_link(after)


async def on_need_named(event: NeedNamed, recorded: Recorded, tx: Tx[PathwayStore]) -> None:
    """Keep of which kind a need is: an alternative has to take it (J5)."""
    await tx.store.keep_need(event.need, recorded.subject, event.kind.value)


async def list_links(store: PathwayStore, permit: Permit, before: datetime, before_id: UUID, most: int) -> list[Link]:
    """Give the person's links, the newest first."""
    return await store.list_links(permit, before, before_id, most)


async def parties_of_link(store: PathwayStore, link: UUID) -> tuple[UUID, UUID] | None:
    """Say whom a link is about and who answers it, to ask consent; it discloses nothing."""
    return await store.parties_of_link(link)


async def _of(tx: Tx[PathwayStore], person: UUID, link_id: UUID) -> Link:
    link = await tx.store.link(link_id)
    if link is None or link.person != person:
        raise NotFoundError
    return link


async def _met(tx: Tx[PathwayStore], link: Link, place: Place, within: timedelta) -> None:
    was, place = await held(tx, link.person, place)
    change = _meeting(was, link, place, tx)
    await keep(tx, was, change, within)
    await tx.store.save_link(link)


def _meeting(holding: Holding, link: Link, place: Place, tx: Tx[PathwayStore]) -> Change:
    """Give what a meeting changes of a hold: the lead or who walks alongside, then the step up."""
    if link.leads:
        change = holds.met(holding, link.organisation, link.named, link.deputy, tx.now, place)
    else:
        change = holds.join_alongside(holding, link.organisation)
    order = place.intensities.index
    higher = order(link.intensity) > order(holding.intensity)
    return holds.then(change, lambda h: holds.stepped(h, link.intensity, tx.now, place) if higher else (h, ()))


async def _answered(tx: Tx[PathwayStore], link: Link) -> None:
    await tx.store.save_link(link)
    tx.forget(ANSWER, link.person, link.id)


async def _must_speak_for(tx: Tx[PathwayStore], person: UUID, chosen: frozenset[UUID]) -> None:
    """Let the person say so, or a supporter of their choosing. Raises NotTheirsToSayError."""
    if tx.by.is_person(person) or tx.by.organisation in chosen:
        return
    if tx.by.member not in await tx.store.chosen_witnesses(person):
        raise NotTheirsToSayError
