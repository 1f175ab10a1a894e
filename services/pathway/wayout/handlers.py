"""Ways out and the way back: one function is one transaction (J4, J7)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from services.pathway.ask.domain import ANSWER_BY
from services.pathway.contact.handlers import stop_watching
from services.pathway.holding import coming
from services.pathway.holding.domain import Change, Holding, State
from services.pathway.holding.errors import NotTheLeadError
from services.pathway.holding.handlers import held, keep
from services.pathway.wayout import domain, quiet
from services.pathway.wayout.domain import (
    Independence,
    LetGoTurnedBackError,
    Move,
    NotSupportedError,
    WayOut,
)
from shared.db import EPOCH
from shared.errors import NotFoundError
from shared.shell import TurnedBack

if TYPE_CHECKING:
    from services.pathway.contact.domain import Watch
    from services.pathway.holding.domain import Place
    from services.pathway.store import PathwayStore
    from services.pathway.wayout.commands import (
        Arrive,
        BeginMove,
        HoldQuietly,
        LeaveBe,
        LetGo,
        MetThere,
        SayIndependence,
    )
    from shared.decisions import Permit
    from shared.due import DueItem
    from shared.shell import Tx

CHECK_IN = "check-in"


async def arrive_again(command: Arrive, tx: Tx[PathwayStore]) -> None:
    """Hold them within this transaction; somebody already held keeps the lead that they have (J7)."""
    await welcome_back(tx, command.person, command.chosen, command.place, command.within)


async def welcome_back(
    tx: Tx[PathwayStore], person: UUID, chosen: UUID | None, place: Place, within: timedelta
) -> Holding:
    """Hold somebody who is known, in the transaction of whatever brought them (J7)."""
    was, place = await held(tx, person, place)
    now = await keep(tx, was, coming.arrived_again(was, chosen, place, tx.now), within)
    if was.state is not now.state:
        await tx.store.come_back(person, tx.now, mind_changed=coming.mind_may_change(was, tx.now))
        tx.forget(CHECK_IN, person)
    return now


async def say_independence(command: SayIndependence, tx: Tx[PathwayStore]) -> None:
    """Keep what the person says; letting go is decided by it later (J4)."""
    holding = await tx.store.get_holding(command.person)
    chosen = False
    if command.witness is not None:
        by_name = await tx.store.chosen_witnesses(command.person)
        known = command.watchers.union(holding.alongside)
        chosen = command.witness in by_name or command.witness_of in known
    said = Independence(
        command.person, command.agreed, command.way_back, command.check_ins, command.check_in_by, command.how,
        command.witness, command.witness_of, chosen, tx.now,
    )  # fmt: skip
    await tx.store.say_independence(said)


async def let_go(command: LetGo, tx: Tx[PathwayStore]) -> TurnedBack | None:
    """Let somebody manage independently, or turn it back with every reason: the lead stays (J4)."""
    holding, watch = await tx.store.get_watched(command.person)
    if not holding.supported:
        raise NotSupportedError
    agreement = await tx.store.independence(command.person)
    plan = await tx.store.in_force(command.person)
    at_crisis = holding.intensity in command.crisis
    reasons = domain.why_not(holding, command.by, agreement, plan_in_force=plan is not None, at_crisis=at_crisis)
    if reasons or agreement is None:
        tx.emit(domain.turned_back(command.person, command.by, reasons))
        return TurnedBack(LetGoTurnedBackError(reasons=reasons))
    await _go(tx, holding, watch, domain.independent(holding, tx.now), command.within, plan=plan.plan if plan else None)
    if agreement.check_ins:
        tx.remind(CHECK_IN, tx.now + timedelta(days=agreement.check_ins), command.person)
    return None


async def leave_be(command: LeaveBe, tx: Tx[PathwayStore]) -> None:
    """Leave somebody be: nobody leads, every clock and message stops in this transaction (J4)."""
    holding, watch = await tx.store.get_watched(command.person)
    change = domain.left_be(holding, tx.now)
    if change[0] != holding:
        await _go(tx, holding, watch, change, command.within, words=command.words)
        tx.forget(CHECK_IN, command.person)
        tx.forget(ANSWER_BY, command.person)


async def hold_quietly(command: HoldQuietly, tx: Tx[PathwayStore]) -> State | TurnedBack:
    """Take in one of the two voices; with both, after the whole ladder, hold the person quietly (J4)."""
    holding, place = await held(tx, command.person, command.place)
    _, watch = await tx.store.get_watched(command.person)
    voice = quiet.Voice(command.person, command.member, command.organisation, command.expert, tx.now)
    since = await tx.store.last_contact(command.person) or EPOCH
    ladder = quiet.Ladder(
        await tx.store.tries_since(command.person, since),
        command.watchers,
        ask_open=bool(await tx.store.open_asks(command.person)),
        after_crisis=command.after_crisis,
    )
    reasons = quiet.why_not(holding, ladder, place, tx.now)
    if not quiet.may_speak(voice, holding):
        reasons = (domain.QuietReason.NOT_THE_LEAD, *reasons)
    if reasons:
        tx.emit(domain.turned_back(command.person, command.organisation, reasons))
        return TurnedBack(LetGoTurnedBackError(reasons=reasons))
    await tx.store.speak(voice)
    if not quiet.both_spoke(await tx.store.voices(command.person), holding, tx.now):
        return holding.state
    await _go(tx, holding, watch, domain.quietly_held(holding, tx.now), command.within)
    return State.QUIETLY_HELD


async def begin_move(command: BeginMove, tx: Tx[PathwayStore]) -> UUID:
    """Keep that somebody is moving away; the lead stays until the new place has met them (J4)."""
    holding = await tx.store.get_holding(command.person)
    if holding.lead is None:
        raise NotSupportedError
    if command.by is not None and command.by != holding.lead:
        raise NotTheLeadError
    move = Move(tx.new_id(), command.person, holding.lead, command.new_place, tx.now)
    await tx.store.begin_move(move)
    tx.emit(domain.begun(move))
    return move.id


async def met_there(command: MetThere, tx: Tx[PathwayStore]) -> State:
    """End the hold by the person's word that the new place has met them; the lead's word is kept beside it (J4).

    Gives where the person is then. Again changes nothing.
    """
    holding, watch = await tx.store.get_watched(command.person)
    move = await tx.store.move_of(command.person, command.move)
    if move is None:
        raise NotFoundError
    if move.met_at is not None:
        return holding.state
    if not holding.supported:
        raise NotSupportedError
    ends = domain.confirms(holding, command.by, command.chosen)
    if not ends and command.by != holding.lead:
        raise NotTheLeadError
    await tx.store.move_met(move.id, command.there or move.there, tx.now if ends else None)
    if ends:
        await _go(tx, holding, watch, domain.moved(holding, move.id, tx.now), command.within)
    return State.MOVED if ends else holding.state


async def check_in_came(item: DueItem, tx: Tx[PathwayStore]) -> None:
    """Say that a check-in is due, as often as the person said; the last lead owes it (J2, J4)."""
    holding = await tx.store.get_holding(item.subject)
    agreement = await tx.store.independence(item.subject)
    fact, after = domain.check_in(holding, agreement)
    if fact is not None and after is not None:
        tx.emit(fact)
        tx.remind(CHECK_IN, item.at + after, item.subject)


async def read_independence(store: PathwayStore, permit: Permit) -> Independence | None:
    """Read what the person said of managing independently."""
    return await store.read_independence(permit)


async def _go(
    tx: Tx[PathwayStore],
    was: Holding,
    watch: Watch,
    change: Change,
    within: timedelta,
    *,
    plan: UUID | None = None,
    words: str | None = None,
) -> None:
    now = await keep(tx, was, change, within)
    await stop_watching(tx, watch)
    owes = now.lead or now.last_lead
    if owes is not None:
        await tx.store.go(WayOut(tx.new_id(), now.person, now.state, owes, plan, words, tx.now))
