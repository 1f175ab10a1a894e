"""Where pathway or community can't be asked, a caller can't tell who said no from who does not exist (C4)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

from shared.decisions import Act, Ask, No, Why
from shared.errors import UnavailableError
from shared.event import Part, Role
from shared.ids import new_id
from tests.support.consent_place import ConsentPlace, consent_place

SAYS: dict[str, Callable[[ConsentPlace], Awaitable[Any]]] = {
    "said no to them": lambda at: at.choose({"organisation": str(at.group)}, Part.STORY, permit=False),
    "hides from them": lambda at: at.choose({"organisation": str(at.group)}, permit=False, hide=True),
    "speaks of a role": lambda at: at.choose({"role": "practitioner"}, Part.STORY),
    "let another": lambda at: at.yes(at.house, Part.STORY),
}


async def away(*_: Any, **__: Any) -> NoReturn:
    raise UnavailableError


@pytest.mark.parametrize("who", ["pathway.standing", "community.organisation"])
@pytest.mark.parametrize("part", [Part.NAME, Part.STORY])
@pytest.mark.parametrize("says", SAYS)
async def test_somebody_who_said_no_and_nobody_are_answered_alike_where_others_can_not_be_asked__c4(
    tmp_path: Path, says: str, part: Part, who: str
) -> None:
    async with consent_place(tmp_path) as at:
        await SAYS[says](at)
        port, method = who.split(".")
        setattr(getattr(at, port), method, away)
        decisions, by = at.place.system.kit.decisions, at.member(role=Role.PEER_SUPPORTER)
        known, unknown = [await decisions.ask(Ask(by, person, part)) for person in (at.r, new_id())]
        can = part is Part.STORY and who.startswith("pathway")
        assert isinstance(known, No)
        assert isinstance(unknown, No)
        assert (known.why is Why.CANNOT_ASK) == (unknown.why is Why.CANNOT_ASK) == (not can), (known, unknown)


async def test_whoever_may_see_by_a_choice_sees_while_others_can_not_be_asked(tmp_path: Path) -> None:
    async with consent_place(tmp_path) as at:
        await at.yes(at.group, Part.STORY)
        at.pathway.standing = away  # type: ignore[method-assign]
        at.community.organisation = away  # type: ignore[method-assign]
        assert await at.may(at.member(), Part.STORY)


async def test_of_a_deliverys_no_nobody_hears_so_it_asks_nobody(tmp_path: Path) -> None:
    async with consent_place(tmp_path) as at:
        await at.choose({"organisation": str(at.group)}, Part.STORY, permit=False)
        at.community.organisation = away  # type: ignore[method-assign]
        ask = Ask(at.member(role=Role.SYSTEM), at.r, Part.STORY, Act.DELIVERY)
        assert await at.place.system.kit.decisions.ask(ask) != No(Why.CANNOT_ASK)
