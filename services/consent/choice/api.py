"""The person's page of choices: say yes, say no, take back; a supporter may write down a yes they were told."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime, Field, model_validator
from starlette.responses import Response

from services.consent.choice import handlers
from services.consent.choice.domain import (
    ALL_PARTS,
    ALL_PURPOSES,
    Choice,
    GiveChoice,
    GivenHow,
    WithdrawChoice,
)
from services.consent.choice.leading import Leading
from services.consent.choice.who import WhoBody, must_be_known, shown_who
from services.consent.ledger.api import left_before, now_of
from services.consent.store import ConsentStore
from shared import http
from shared.decisions import WITHDRAWAL_WAIT_SECONDS, Act
from shared.errors import AlongsideError, NotFoundError
from shared.event import Code, Part, Role
from shared.http import Body, Call, Words, answer, calls, page
from shared.passes import Purpose
from shared.telemetry import WITHDRAWAL

router = http.router("consent")
Theirs = Annotated[Call[ConsentStore], calls("consent", Role.PERSON)]
Told = Annotated[
    Call[ConsentStore],
    calls("consent", Role.PERSON, Role.PEER_SUPPORTER, Role.CARER, Role.PRACTITIONER, Role.DUTY),
]
CodeText = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,47}$")]
FAR = 2**31
IN_FORCE = "This is in force: from now on nothing that it covers leaves here."
STILL_LEADS = "Somebody else is still to lead instead: that is done as soon as it can be."
NO_TAKEN_BACK = "Your no is taken back. It opens nothing by itself: who may see something needs your yes."
GIVEN = "This is written down, in force, and yours to take back at any time."


class ChoiceBody(Body):
    """A choice (C1). ``what`` may be left out of a "no": then it is about everything; ``purposes`` likewise.

    ``hide``: please do not speak to this one (S6); only with ``permit`` false, of an organisation or a member.
    ``lawful_basis``: a partner's own ground for its record; it opens nothing. ``instead`` and ``blind`` as for a
    withdrawal, if a no takes all sight from whoever leads.
    """

    who: WhoBody
    what: Annotated[frozenset[Part], Field(min_length=1)] | None = None
    purposes: Annotated[frozenset[Purpose], Field(min_length=1)] | None = None
    until: AwareDatetime | None = None
    permit: bool
    hide: bool = False
    words: Words | None = None
    given_how: GivenHow = GivenHow.SIGNED_IN
    lawful_basis: CodeText | None = None
    instead: UUID | None = None
    blind: bool = False

    @model_validator(mode="after")
    def _sense(self) -> ChoiceBody:
        nameable = self.who.organisation or self.who.member
        if (self.permit and self.what is None) or (self.hide and (self.permit or not nameable)):
            message = "a yes names its parts; hiding is a no about an organisation or a member"
            raise ValueError(message)
        return self

    def command(self, person: UUID) -> GiveChoice:
        """Give it as a command. Hiding speaks of everything."""
        everything = self.hide or not self.permit
        parts = ALL_PARTS if self.hide or self.what is None else self.what
        default = ALL_PURPOSES if everything else frozenset({Purpose.SUPPORT})
        return GiveChoice(
            person=person,
            who=self.who.value(),
            parts=parts,
            purposes=default if self.hide or self.purposes is None else self.purposes,
            permit=self.permit,
            given_how=self.given_how,
            hide=self.hide,
            until=self.until,
            words=self.words,
            lawful_basis=None if self.lawful_basis is None else Code(self.lawful_basis),
            instead=self.instead,
            blind=self.blind,
        )


class WithdrawalBody(Body):
    """``instead``: who should lead if this takes all sight from whoever leads; else the backstop does (C2).
    ``blind``: they are to hold with an alias and a safe route only.
    """

    instead: UUID | None = None
    blind: bool = False


@router.post("/v1/people/{person}/choices", status_code=201)
async def post_choice(person: UUID, body: ChoiceBody, call: Told) -> Response:
    """Say who may have what, what for and until when; or say no. The latest choice about the same one wins (C1).

    A supporter may write down a yes that the person told them, in the person's words; for their own organisation
    it lasts 72 hours at most. A no takes effect before it is answered, as a withdrawal does.
    """
    theirs = call.by.is_person(person)
    if call.by.role is Role.PERSON:
        _only_theirs(call, person)
    await call.permit(person, Part.NAME, Act.WRITE)
    command = body.command(person)
    await must_be_known(call.ports, command.who, "who")
    if not command.permit and theirs:
        command = await _looked(call, command)
    done = await call.run(handlers.give_choice, command, UUID)
    headers = {"Location": f"/v1/choices/{done}"}
    if not theirs:
        return answer({"choice": done}, status=201, headers=headers)
    said = shown(await call.read(lambda s: handlers.read_choice(s, person, done)), now_of(call))
    if command.permit:
        return answer(said | {"says": GIVEN}, status=201, headers=headers)
    return answer(said | await _in_force(call, person, done), status=201, headers=headers)


@router.get("/v1/people/{person}/choices")
async def get_choices(
    person: UUID,
    call: Theirs,
    cursor: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Response:
    """List one's own choices, newest first, taken back and ended ones included. Nobody else may."""
    _only_theirs(call, person)
    before = FAR
    if cursor is not None:
        before = (await call.read(lambda s: handlers.read_choice(s, person, cursor))).number
    found = await call.read(lambda s: handlers.read_choices(s, person, before, limit + 1))
    after = str(found[limit - 1].id) if len(found) > limit else None
    return answer(page([shown(choice, now_of(call)) for choice in found[:limit]], after))


@router.get("/v1/choices/{choice}")
async def get_choice(choice: UUID, call: Theirs) -> Response:
    """Give one of one's own choices."""
    person = _me(call)
    return answer(shown(await call.read(lambda s: handlers.read_choice(s, person, choice)), now_of(call)))


@router.post("/v1/choices/{choice}/withdrawal")
async def post_withdrawal(choice: UUID, body: WithdrawalBody, call: Theirs) -> Response:
    """Take a choice back. It is in force when this answers: nothing that it covered leaves afterwards (C2).

    The answer lists what left before, which other choices still speak of the same parts, and who leads now: if it
    was the sight of whoever leads, the backstop or ``instead`` leads.
    """
    person = _me(call)
    was = await call.read(lambda s: handlers.read_choice(s, person, choice))
    looked_at = await leading(call).look(person, was.who) if was.permit else None
    command = WithdrawChoice(person, choice, body.instead, body.blind, looked_at)
    with WITHDRAWAL.time():
        done = await call.run(handlers.withdraw_choice, command, UUID)
        effect = await _in_force(call, person, done) if was.permit else {"says": NO_TAKEN_BACK}
    return answer(shown(await call.read(lambda s: handlers.read_choice(s, person, choice)), now_of(call)) | effect)


async def _looked(call: Call[ConsentStore], command: GiveChoice) -> GiveChoice:
    return replace(command, looked_at=await leading(call).look(command.person, command.who))


async def _in_force(call: Call[ConsentStore], person: UUID, done: UUID) -> dict[str, Any]:
    """Let another lead if need be, wait until every permit from before has run out, then say what left (C2)."""
    says = IN_FORCE
    try:
        await leading(call).let_another_lead(person, done, call.origin)
    except AlongsideError:
        says = f"{IN_FORCE} {STILL_LEADS}"
    await asyncio.sleep(WITHDRAWAL_WAIT_SECONDS)
    choice = await call.read(lambda s: handlers.read_choice(s, person, done))
    others = await call.read(lambda s: handlers.still_open(s, choice, now_of(call)))
    return {
        "in_force": True,
        "left_before": await left_before(call, choice),
        "still_open": others,
        "leads_now": await call.ports.pathway.lead(person),
        "says": says,
    }


def leading(call: Call[ConsentStore]) -> Leading:
    """Give what lets another lead."""
    return Leading(call.service.shell, call.ports)


def _me(call: Call[ConsentStore]) -> UUID:
    if call.by.person is None:
        raise NotFoundError
    return call.by.person


def _only_theirs(call: Call[ConsentStore], person: UUID) -> None:
    if not call.by.is_person(person):
        raise NotFoundError


def shown(choice: Choice, now: datetime) -> dict[str, Any]:
    """Give a choice as the person sees it."""
    return {
        "choice": choice.id,
        "who": shown_who(choice.who),
        "what": sorted(choice.parts),
        "purposes": sorted(choice.purposes),
        "permit": choice.permit,
        "hide": choice.hide,
        "until": choice.until,
        "words": choice.words,
        "given_how": choice.given_how,
        "given_at": choice.given_at,
        "given_to": {"organisation": choice.given_to_organisation, "member": choice.given_to_member},
        "lawful_basis": choice.lawful_basis,
        "state": choice.state(now),
        "withdrawn_at": choice.withdrawn_at,
    }
