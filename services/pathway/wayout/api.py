"""Routes of ways out: letting go, leave me be, quietly held (J4)."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field
from starlette.responses import Response

from services.pathway.edge import desk
from services.pathway.holding.domain import State
from services.pathway.holding.errors import NotAMemberError
from services.pathway.store import PathwayStore
from services.pathway.wayout import handlers
from services.pathway.wayout.commands import HoldQuietly, LeaveBe, LetGo, SayIndependence
from services.pathway.wayout.domain import How, Independence
from shared.decisions import Act
from shared.errors import InvalidError, NotFoundError
from shared.event import Part, Role
from shared.http import Body, Call, Words, answer, calls
from shared.http import router as routes

router = routes("ways out")
SUPPORTERS = (Role.PEER_SUPPORTER, Role.PRACTITIONER, Role.DUTY, Role.SYSTEM)
WITNESSES = (Role.PEER_SUPPORTER, Role.PRACTITIONER, Role.DUTY)
Supporting = Annotated[Call[PathwayStore], calls("pathway", *SUPPORTERS)]
Saying = Annotated[Call[PathwayStore], calls("pathway", Role.PERSON, *WITNESSES)]
Reading = Annotated[Call[PathwayStore], calls("pathway", Role.PERSON, *SUPPORTERS)]
Themself = Annotated[Call[PathwayStore], calls("pathway", Role.PERSON)]
Speaking = Annotated[Call[PathwayStore], calls("pathway", *WITNESSES)]
NEVER = "never"


class LetGoBody(Body):
    """Whom the lead wants to let go. There is one way only: into managing independently."""

    person: UUID


class IndependenceBody(Body):
    """What the person says: whether they agree, their way back in writing, and how often somebody checks in.

    ``check_ins``: every so many days, or *never*. ``check_in_by``: the organisation they want it from.
    ``how`` is said by a witness only: how they heard it.
    """

    agreed: bool = Field(strict=True)
    way_back: Words | None = None
    check_ins: Annotated[int, Field(ge=1, le=366, strict=True)] | Literal["never"] | None = None
    check_in_by: UUID | None = None
    how: How | None = None


class LeaveBeBody(Body):
    """In their own words, or in none. Nothing else is asked."""

    words: Words | None = None


class QuietlyBody(Body):
    """Nothing: who speaks is who is signed in."""


@router.post("/v1/let-go", summary="Let somebody manage independently")
async def post_let_go(body: LetGoBody, call: Supporting) -> Response:
    """Let go, only into managing independently: agreed by the person, a plan in force, a way back, check-ins (J4).

    Anything else is turned back with the reasons (409), and the lead stays.
    """
    await call.permit(body.person, Part.NAME, Act.WRITE)
    if call.by.organisation is None:
        raise NotFoundError
    rules = call.ports.community.rulebook()
    crisis = frozenset(each for each in rules.intensities if rules.at_crisis(each))
    command = LetGo(body.person, call.by.organisation, _within(call), crisis)
    await desk(call).run(body.person, handlers.let_go, command, call.origin, type(None))
    return answer({"person": body.person, "state": State.INDEPENDENT})


@router.put("/v1/people/{person}/independence", summary="I want to manage independently")
async def put_independence(person: UUID, body: IndependenceBody, call: Saying) -> Response:
    """Say whether and how the person wants to manage independently: themself, or a witness for them (J4)."""
    await call.permit(person, Part.NAME, Act.WRITE)
    themself = call.by.is_person(person)
    if not themself and (body.how in {None, How.SIGNED_IN} or call.by.member is None):
        raise InvalidError(fields=("how",))
    if body.check_in_by is not None:
        await call.ports.community.organisation(body.check_in_by)
    watchers = await call.ports.intake.watchers(person)
    command = SayIndependence(
        person,
        body.agreed,
        body.way_back,
        0 if isinstance(body.check_ins, str) else body.check_ins,
        body.check_in_by,
        How.SIGNED_IN if themself else body.how or How.IN_PERSON,
        None if themself else call.by.member,
        None if themself else call.by.organisation,
        watchers.chosen,
    )
    await desk(call).run(person, handlers.say_independence, command, call.origin, type(None))
    return answer({"person": person, "agreed": body.agreed})


@router.get("/v1/people/{person}/independence", summary="What the person said of managing independently")
async def get_independence(person: UUID, call: Reading) -> Response:
    """Give what the person last said: agreed or not, the way back, the check-ins (J4)."""
    permit = await call.permit(person, Part.JOURNEY)
    said = await call.read(lambda store: handlers.read_independence(store, permit))
    if said is None:
        raise NotFoundError
    return call.disclose(permit, _shown(said))


@router.post("/v1/people/{person}/leave-me-be", summary="Leave me be")
async def post_leave_me_be(person: UUID, body: LeaveBeBody, call: Themself) -> Response:
    """Be left be: the person's own single act. No plan is asked for; messages stop with it (J4)."""
    await call.permit(person, Part.NAME, Act.WRITE)
    if not call.by.is_person(person):
        raise NotFoundError
    command = LeaveBe(person, body.words, _within(call))
    await desk(call).run(person, handlers.leave_be, command, call.origin, type(None))
    return answer({"person": person, "state": State.LEFT_BE})


@router.post("/v1/people/{person}/quietly-held", summary="Hold somebody quietly")
async def post_quietly_held(person: UUID, body: QuietlyBody, call: Speaking) -> Response:  # noqa: ARG001 - empty
    """Say, as one of the two, that somebody who stopped answering is to be held quietly (J4).

    The two are somebody of the lead and an expert by experience of another organisation, each signed in; before
    them stands the whole ladder of tries. Until both have spoken the answer is 202.
    """
    await call.permit(person, Part.NAME, Act.WRITE)
    organisation, member = call.by.organisation, call.by.member
    if organisation is None or member is None:
        raise NotFoundError
    if not await call.ports.community.is_member(member, organisation):
        raise NotAMemberError
    expert = call.by.role is Role.PEER_SUPPORTER
    watchers = frozenset((await call.ports.intake.watchers(person)).organisations)
    place = await desk(call).place(person, organisation)
    not_within = call.ports.community.rulebook().not_quiet_within
    command = HoldQuietly(person, member, organisation, expert, watchers, place, _within(call), not_within)
    state = await desk(call).run(person, handlers.hold_quietly, command, call.origin, State)
    value = {"person": person, "state": state}
    return answer(value, status=200 if state is State.QUIETLY_HELD else 202)


def _within(call: Call[PathwayStore]) -> Any:
    return call.ports.community.rulebook().hold_acknowledged_within


def _shown(said: Independence) -> dict[str, Any]:
    return {
        "person": said.person,
        "agreed": said.agreed,
        "way_back": said.way_back,
        "check_ins": NEVER if said.check_ins == 0 else said.check_ins,
        "check_in_by": said.check_in_by,
        "how": said.how,
        "witness": said.witness,
        "said_at": said.said_at,
    }
