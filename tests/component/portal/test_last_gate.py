"""The last gate of a page: what was permitted when it was read has to be permitted as it leaves (C2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from services.portal.asking import Api, Heard, Request, TurnedDownError
from shared.clock import monotonic
from shared.decisions import GATE_SECONDS, PERMIT_SECONDS
from shared.event import Part
from tests.support.browser import Browser
from tests.support.wait import slowly, until
from tests.support.whole_place import CANARY

if TYPE_CHECKING:
    from tests.support.whole_place import WholePlace

STORY, OFFERS = "/v1/people/x/stories", "/v1/offers"


class Answers:
    """An API that answers as it is told, and counts."""

    def __init__(self, *answers: Heard) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, request: Request) -> Heard:
        self.asked.append(request.path)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


async def ran_out(api: Api) -> None:
    """Wait until the permits behind all that was read are over."""
    await until(lambda: (api.left() or 0) <= 0, what="the permits are over")


async def test_what_is_fresh_is_not_read_again() -> None:
    speak = Answers(Heard(200, b"{}"))
    api = Api(speak, "t")
    await api.read(STORY)
    assert await api.still()
    assert speak.asked == [STORY]
    assert 0 < (api.left() or 0) <= PERMIT_SECONDS


async def test_what_ran_out_is_read_again_and_goes_if_it_is_the_same() -> None:
    speak = Answers(Heard(200, b'{"a":1}'))
    api = Api(speak, "t")
    await api.read(STORY)
    await ran_out(api)
    assert await api.still()
    assert speak.asked == [STORY, STORY]


@pytest.mark.parametrize("now", [Heard(404, b"{}"), Heard(200, b'{"a":2}'), Heard(503, b"{}")])
async def test_what_ran_out_and_is_not_the_same_does_not_go(now: Heard) -> None:
    speak = Answers(Heard(200, b'{"a":1}'), now)
    api = Api(speak, "t")
    await api.read(STORY)
    await ran_out(api)
    assert not await api.still()


async def test_what_is_of_nobody_may_be_shown_however_long_ago_it_was_read() -> None:
    speak = Answers(Heard(200, b"{}"))
    api = Api(speak, None)
    await api.read(OFFERS)
    assert api.left() is None
    assert await api.still()


@pytest.mark.parametrize("path", [
    "/v1/organisations/5f3443c5-c2a1-46c1-96a4-34efb8b93f02/alongside?limit=8",
    "/v1/organisations/5f3443c5-c2a1-46c1-96a4-34efb8b93f02/holding",
    "/v1/organisations/5f3443c5-c2a1-46c1-96a4-34efb8b93f02/links?state=linked",
    "/v1/alerts?state=open",
    "/v1/links/5f3443c5-c2a1-46c1-96a4-34efb8b93f02",
])  # fmt: skip
async def test_a_list_of_people_runs_out_as_what_is_of_one(path: str) -> None:
    api = Api(Answers(Heard(200, b"{}")), "t")
    await api.read(path)
    assert (api.left() or 0) > 0


async def test_an_api_that_outlasts_every_permit_ends_in_a_page_that_says_later() -> None:
    began = monotonic()

    async def slow(_: Request) -> Heard:
        await slowly(PERMIT_SECONDS * 1.1)  # stands for an owner that takes longer than a permit lives
        return Heard(200, b"{}")

    api = Api(slow, "t")
    await api.read(STORY)
    with pytest.raises(TurnedDownError) as turned:
        await api.still()
    assert turned.value.status == 503
    assert monotonic() - began < 3 * GATE_SECONDS


async def test_what_was_taken_back_while_a_page_was_drawn_is_not_on_it(here: WholePlace) -> None:
    """C2: the page of a supporter is read, the choice is withdrawn and answered, then the page leaves."""
    await here.yes(here.group.id, Part.NAME)
    choice = await here.yes(here.group.id, Part.STORY)
    sam = Browser(here.place, here.group.by)
    assert (await sam.open(f"/beside/{here.r}/story")).says(CANARY)
    route = here.place.system.app.router.routes[-1]
    speak, path = route.speak, f"/v1/people/{here.r}/stories"  # type: ignore[attr-defined]
    read = 0

    async def withdrawn_once_read(request: Request) -> Heard:
        nonlocal read
        heard: Heard = await speak(request)
        if request.path.startswith(path) and not read:
            read += 1
            await here.withdraw(choice)  # its answer waits out every permit
        return heard

    route.speak = withdrawn_once_read  # type: ignore[attr-defined]
    page = await sam.open(f"/beside/{here.r}/story")
    assert read == 1
    assert (page.status, CANARY in page.html) == (404, False)
