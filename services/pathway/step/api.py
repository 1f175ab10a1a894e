"""Routes of steps (J6, J13)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field
from starlette.responses import Response

from services.pathway.edge import desk
from services.pathway.sleeping import Sleeping
from services.pathway.step import domain, handlers
from services.pathway.store import PathwayStore
from shared.decisions import Act, Ask, Permit
from shared.event import Code, Part, Role
from shared.http import Body, Call, answer, calls
from shared.http import router as routes

router = routes("steps")
Stepping = Annotated[
    Call[PathwayStore],
    calls("pathway", Role.PERSON, Role.PEER_SUPPORTER, Role.PRACTITIONER, Role.DUTY, Role.SYSTEM),
]


class StepBody(Body):
    """To which intensity of the rulebook; and, leaving crisis or inpatient, where the person will sleep (J13)."""

    to: str = Field(max_length=48, pattern=r"^[a-z][a-z0-9-]*$")
    sleeping: Sleeping | None = None


@router.post("/v1/people/{person}/steps", status_code=201, summary="Step support up or down")
async def post_step(person: UUID, body: StepBody, call: Stepping) -> Response:
    """Step up or down in one reversible act: every link and everyone alongside stays, and so does the lead (J6).

    A step down from crisis or inpatient needs the person's own answer to "where will you sleep for the next seven
    nights?"; with nowhere safe, lead and council are told first, and the step waits for them (J13). Where they were
    before is told to whoever may see their journey (C4).
    """
    await call.permit(person, Part.NAME, Act.WRITE)
    at = desk(call)
    within = call.ports.community.rulebook().hold_acknowledged_within
    command = domain.Step(person, Code(body.to), body.sleeping, await at.place(person), within)
    was = await at.run(person, handlers.take_step, command, call.origin, str)
    seen = isinstance(await call.service.decisions.ask(Ask(call.by, person, Part.JOURNEY)), Permit)
    value = {"was": was if seen else None, "now": body.to}
    return answer(value, status=201, headers={"Location": f"/v1/people/{person}/lead"})
