"""``POST /v1/texts``: a text that came in. The answer is the same whoever sent it (J7).

What it said is for the person and for whoever leads: they hold the person, and may be all who do.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import Field
from starlette.responses import Response

from services.intake.arrival import handlers as arrivals
from services.intake.arrival.domain import ArriveKnown, ArriveNew, Came, Held
from services.intake.edge import Cursor, KnownCall, Limit, TextsCall
from services.intake.paging import after, cut
from services.intake.person.domain import Identifier, a_phone
from services.intake.reach.domain import Reach, SafeWay, Way
from services.intake.text import handlers
from services.intake.text.domain import CALLED, Whose, as_text_sender
from shared import http
from shared.errors import NotFoundError
from shared.event import Part
from shared.events.intake import Door
from shared.http import Body, Call, Line, Words, answer, page
from shared.ids import new_id

router = http.router("texts")


class TextBody(Body):
    """A text: the number that it came from, and its words. They are kept, and never scanned or scored (P10)."""

    sender: Line = Field(alias="from")
    words: Words


@router.post("/v1/texts", status_code=202)
async def post_text(body: TextBody, call: TextsCall) -> Response:
    """Take a text in. One match is held within the second; none or several is an arrival for a human."""
    backstop = await call.ports.community.backstop()
    phone = a_phone(body.sender, "from")
    sender = await call.read(lambda store: handlers.who_sent(store, phone))
    came = Came(Door.TEXT, words=body.words)
    if sender.person is not None:
        await _back(call, sender.person, came)
    else:
        await _begin(call, phone, came, backstop, several=sender.whose is Whose.SEVERAL)
    return answer({}, status=202)


async def _back(call: Call[Any], person: UUID, came: Came) -> None:
    await call.ports.pathway.arrive_again(person, None, call.origin)
    await call.run(arrivals.come_known, ArriveKnown(person, came), Held)


async def _begin(call: Call[Any], phone: Identifier, came: Came, backstop: UUID, *, several: bool) -> None:
    reach = Reach(phone=phone.value, ways=(SafeWay(Way.TEXT),))
    text_from = as_text_sender(phone) if several else None
    command = ArriveNew(new_id(), CALLED, backstop, came, reach=reach, text_from=text_from)
    await call.run(arrivals.come_new, command, Held)


@router.get("/v1/people/{person}/texts")
async def get_texts(person: UUID, call: KnownCall, limit: Limit = 20, cursor: Cursor = None) -> Response:
    """Read the texts that came in: the person, and the organisation that leads."""
    behind = after(cursor)
    permit = await call.permit(person, Part.CONTACT)
    if not call.by.is_person(person) and await call.ports.pathway.lead(person) != call.by.organisation:
        raise NotFoundError
    found = await call.read(lambda store: handlers.read_texts(store, permit, behind, limit + 1))
    items, onwards = cut(found, limit)
    told = [{"text": each.id, "at": each.at, "words": each.words} for each in items]
    return call.disclose(permit, page(told, onwards))
