"""Agreeing, not agreeing, and "that is not what I agreed": one function is one transaction (P3, P4)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from services.pathway.agreement import domain
from services.pathway.agreement.domain import SIGNED_IN, Agreed, AnswerPlan, Around, UndoAgreement, WitnessError
from services.pathway.holding import domain as holds
from services.pathway.plan.domain import State
from services.pathway.plan.handlers import REVIEW, put_in_force
from services.pathway.plan.headings import PlanKind
from services.pathway.wayout.handlers import welcome_back
from shared.errors import NotFoundError

if TYPE_CHECKING:
    from uuid import UUID

    from services.pathway.plan.domain import Plan
    from services.pathway.store import PathwayStore
    from shared.decisions import Permit
    from shared.shell import Tx


async def answer_plan(command: AnswerPlan, tx: Tx[PathwayStore]) -> UUID:
    """Take in the person's answer to one exact version; gives the answer's id.

    Raises WitnessError for every witness who can't be one, InForceAlreadyError, and NotFoundError.
    """
    plan = await tx.store.plan(command.plan, command.revision)
    if plan is not None and plan.person != command.person:
        plan = None
    if command.agreed:
        await _check(tx, command, plan)
    if plan is None:
        raise NotFoundError
    in_force = await tx.store.in_force(plan.person, plan.kind)
    fact = domain.agree(plan, command, in_force) if command.agreed else domain.not_agree(plan, command, in_force)
    state = State.AGREED if command.agreed else State.NOT_AGREED
    answer = replace(
        _answer(tx, plan, state, command.words),
        witness=command.witness.member if command.witness else None,
        how=domain.how_of(command),
        would_agree_to=command.would_agree_to,
    )
    after = await _stand(tx, plan, answer)
    if command.agreed:
        await put_in_force(tx, after)
    tx.emit(fact)
    return answer.id


async def undo_agreement(command: UndoAgreement, tx: Tx[PathwayStore]) -> None:
    """Undo an agreement and all that rests on it, from now (P3).

    The one agreed before it is in force again; without one, none is. Raises NothingAgreedError.
    """
    plan, stood = await _to_undo(command, tx)
    await _check(tx, command, plan)
    if plan is None:
        raise NotFoundError
    tx.emit(*domain.undo(plan))
    await _stand(tx, plan, _answer(tx, plan, State.UNDONE, command.words))
    if stood:
        await _fall_back(tx, plan.person, plan.kind, plan.id)
        await _what_rests_on_it(command, plan.kind, tx)


async def choose_witness(command: domain.ChooseWitness, tx: Tx[PathwayStore]) -> None:
    """Keep whom the person chose (P3)."""
    await tx.store.choose_witness(command.person, command.member, command.organisation, tx.now)


async def unchoose_witness(command: domain.ChooseWitness, tx: Tx[PathwayStore]) -> None:
    """Take the choice of a witness back; an agreement that they witnessed stays the person's. Raises NotFoundError."""
    if not await tx.store.unchoose_witness(command.person, command.member):
        raise NotFoundError


async def list_witnesses(store: PathwayStore, permit: Permit) -> list[dict[str, UUID]]:
    """Give whom the person chose."""
    chosen = await store.chosen_witnesses(permit.person)
    return [{"member": member, "organisation": organisation} for member, organisation in chosen.items()]


async def _to_undo(command: UndoAgreement, tx: Tx[PathwayStore]) -> tuple[Plan | None, bool]:
    """Give the version that is meant, and whether it is the one in force."""
    plan = await tx.store.plan(command.plan, command.revision)
    if plan is None or plan.person != command.person:
        return None, False
    in_force = await tx.store.in_force(plan.person, plan.kind)
    here = in_force if in_force and in_force.plan == plan.id else None
    if command.revision is None and here and here.revision != plan.version.revision:
        plan = await tx.store.plan(plan.id, here.revision)
    return plan, bool(here and plan and here.revision == plan.version.revision)


async def _check(tx: Tx[PathwayStore], command: AnswerPlan | UndoAgreement, plan: Plan | None) -> None:
    """Let the person through, or somebody who may witness for them. Raises WitnessError, always the same."""
    if tx.by.is_person(command.person):
        return
    if plan is None or command.witness is None:
        raise WitnessError
    holding = await tx.store.get_holding(plan.person)
    around = Around(
        permitted=command.permitted,
        chosen_members=frozenset(await tx.store.chosen_witnesses(plan.person)),
        chosen_organisations=command.chosen_organisations,
        relieved=frozenset(each for each in (holding.lead, holding.chosen, holding.last_lead) if each),
    )
    domain.check_witness(tx.by, plan.person, command.witness, plan.version, around)


async def _stand(tx: Tx[PathwayStore], plan: Plan, answer: Agreed) -> Plan:
    agreed_at = tx.now if answer.answer is State.AGREED else None
    after = replace(plan, tag=tx.new_id(), version=replace(plan.version, state=answer.answer))
    await tx.store.add_answer(answer)
    await tx.store.stand(after, answer.answer, agreed_at)
    await tx.store.move_plan(after)
    return after


async def _fall_back(tx: Tx[PathwayStore], person: UUID, kind: PlanKind, undone: UUID) -> None:
    last = await tx.store.last_agreed(person, kind)
    if last is None or last.id != undone:
        tx.forget(REVIEW, person, undone)
    if last is None:
        await tx.store.drop_in_force(person, kind)
    else:
        await put_in_force(tx, last)


async def _what_rests_on_it(command: UndoAgreement, kind: PlanKind, tx: Tx[PathwayStore]) -> None:
    """Managing independently rests on a safety plan in force (J4): without it the person is held again."""
    holding = await tx.store.get_holding(command.person)
    if kind is PlanKind.SAFETY and holding.state is holds.State.INDEPENDENT:
        await welcome_back(tx, command.person, None, command.place, command.within)


def _answer(tx: Tx[PathwayStore], plan: Plan, answer: State, words: str | None) -> Agreed:
    by = tx.by
    return Agreed(
        tx.new_id(), plan.person, plan.id, plan.version.revision, answer, tx.now,
        by.role, by.member, by.organisation, None, SIGNED_IN, words, None,
    )  # fmt: skip
