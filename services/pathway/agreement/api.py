"""Routes of agreement: agreed, not agreed, "that is not what I agreed", and whom the person chose as a witness.

A witness speaks for themself: the caller is the witness. A partner system names a member of its own organisation.
Whoever may not be one gets the same answer as somebody unknown, whatever the plan (P3).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from pydantic import Field
from starlette.responses import Response

from services.pathway.agreement import domain, handlers
from services.pathway.agreement.domain import Witness, WitnessError
from services.pathway.edge import desk, permit_of
from services.pathway.plan.handlers import person_of_plan
from services.pathway.store import PathwayStore
from shared.decisions import Act, Ask, No
from shared.errors import InvalidError, NotFoundError
from shared.event import Part, Role
from shared.http import Body, Call, Words, answer, calls, page
from shared.http import router as routes

router = routes("agreement")
Answering = Annotated[
    Call[PathwayStore],
    calls("pathway", Role.PERSON, Role.PEER_SUPPORTER, Role.CARER, Role.PRACTITIONER, Role.DUTY, Role.SYSTEM),
]
Own = Annotated[Call[PathwayStore], calls("pathway", Role.PERSON)]


class AnswerBody(Body):
    """The person's answer to exactly ``revision``.

    Not agreed is as good an answer: ``words`` are the person's, ``would_agree_to`` what they would agree to (P4).
    ``how`` is needed of a witness; ``witness`` only of a partner system.
    """

    revision: int = Field(ge=1, le=1_000_000, strict=True)
    agreed: bool = Field(strict=True)
    words: Words | None = None
    would_agree_to: Words | None = None
    witness: UUID | None = None
    how: domain.How | None = None


class UndoBody(Body):
    """Which agreement; the one in force when no ``revision`` is given."""

    revision: int | None = Field(default=None, ge=1, le=1_000_000, strict=True)
    words: Words | None = None
    witness: UUID | None = None


class WitnessBody(Body):
    """A member of an organisation, who may say for the person that they agreed."""

    member: UUID
    organisation: UUID


@router.post("/v1/plans/{plan}/agreement", status_code=201, summary="Answer a plan: agreed or not agreed")
async def post_agreement(plan: UUID, body: AnswerBody, call: Answering) -> Response:
    """Agree exactly this version, signed in or before a witness of one's choosing; or say "not agreed" (P3, P4)."""
    person = await call.read(lambda store: person_of_plan(store, plan))
    own = call.by.role is Role.PERSON
    if own and (person is None or not call.by.is_person(person)):
        raise NotFoundError
    if not own and body.agreed and body.how is None:
        raise InvalidError(fields=("how",))
    if not own and not body.agreed:
        person = (await permit_of(call, plan, person, Part.NAME, Act.WRITE)).person
    witness = await _witness(call, body.witness) if body.agreed and not own else None
    permitted = witness is not None and await _permitted(call, person or plan, witness)
    if person is None:
        raise WitnessError
    command = domain.AnswerPlan(
        person=person,
        plan=plan,
        revision=body.revision,
        agreed=body.agreed,
        words=body.words,
        would_agree_to=body.would_agree_to,
        witness=witness,
        how=body.how if witness else None,
        permitted=permitted,
        chosen_organisations=await _chosen(call, person) if witness else frozenset(),
    )
    made = await desk(call).run(person, handlers.answer_plan, command, call.origin, UUID)
    value = {"answer": made, "plan": plan, "revision": body.revision, "agreed": body.agreed, "in_force": body.agreed}
    return answer(value, status=201, headers={"Location": f"/v1/plans/{plan}?revision={body.revision}"})


@router.post("/v1/plans/{plan}/agreement/undoing", status_code=204, summary='Say: "that is not what I agreed"')
async def post_undoing(plan: UUID, body: UndoBody, call: Answering) -> Response:
    """Undo an agreement and all that rests on it, at once (P3): by the person, or a witness of their choosing."""
    person = await call.read(lambda store: person_of_plan(store, plan))
    own = call.by.role is Role.PERSON
    if own and (person is None or not call.by.is_person(person)):
        raise NotFoundError
    witness = None if own else await _witness(call, body.witness)
    permitted = witness is not None and await _permitted(call, person or plan, witness)
    if person is None:
        raise WitnessError
    at = desk(call)
    command = domain.UndoAgreement(
        person=person,
        plan=plan,
        revision=body.revision,
        words=body.words,
        witness=witness,
        permitted=permitted,
        chosen_organisations=await _chosen(call, person) if witness else frozenset(),
        place=await at.place(person),
        within=call.ports.community.rulebook().hold_acknowledged_within,
    )
    await at.run(person, handlers.undo_agreement, command, call.origin, type(None))
    return Response(status_code=204)


@router.post("/v1/people/{person}/witnesses", status_code=201, summary="Choose who may witness for me")
async def post_witness(person: UUID, body: WitnessBody, call: Own) -> Response:
    """Choose a supporter who may say that one agreed, and how they heard it (P3). Only the person chooses."""
    if not call.by.is_person(person):
        raise NotFoundError
    if not await call.ports.community.is_member(body.member, body.organisation):
        raise WitnessError
    command = domain.ChooseWitness(person, body.member, body.organisation)
    await call.run(handlers.choose_witness, command, type(None))
    value = {"member": body.member, "organisation": body.organisation}
    return answer(value, status=201, headers={"Location": f"/v1/people/{person}/witnesses/{body.member}"})


@router.get("/v1/people/{person}/witnesses", summary="See whom I chose to witness for me")
async def get_witnesses(person: UUID, call: Own) -> Response:
    """List whom one chose; nobody else sees it."""
    if not call.by.is_person(person):
        raise NotFoundError
    permit = await call.permit(person, Part.CIRCLE)
    return call.disclose(permit, page(await call.read(lambda store: handlers.list_witnesses(store, permit)), None))


@router.delete("/v1/people/{person}/witnesses/{member}", status_code=204, summary="Take the choice of a witness back")
async def delete_witness(person: UUID, member: UUID, call: Own) -> Response:
    """Take a choice back, from now."""
    if not call.by.is_person(person):
        raise NotFoundError
    await call.run(handlers.unchoose_witness, domain.ChooseWitness(person, member, member), type(None))
    return Response(status_code=204)


async def _witness(call: Call[PathwayStore], named: UUID | None) -> Witness:
    """Give the witness: the caller, or whom a partner system names of its own. Raises WitnessError."""
    by = call.by
    if by.member is not None and named in {None, by.member}:
        return Witness(by.member, by.organisation, by.role)
    of = by.organisation
    named_by_system = by.role is Role.SYSTEM and named is not None and of is not None
    if named is None or not named_by_system or not await call.ports.community.is_member(named, of):
        raise WitnessError
    return Witness(named, of, by.role)


async def _permitted(call: Call[PathwayStore], person: UUID, witness: Witness) -> bool:
    """Ask whether the witness may see the plan at all: a hidden contact may not.

    It is asked of a plan that is not there too: the same answer where consent can't be asked (C4).
    """
    by = replace(call.by, member=witness.member)
    return not isinstance(await call.service.decisions.sure(Ask(by, person, Part.PLAN, Act.WRITE)), No)


async def _chosen(call: Call[PathwayStore], person: UUID) -> frozenset[UUID]:
    """Give the organisations that the person said may be rung: supporters of their choosing."""
    chosen: frozenset[UUID] = (await call.ports.intake.watchers(person)).chosen
    return chosen
