"""What is kept for seven days goes after seven days, and nothing that somebody has still to hear."""

from datetime import timedelta

import pytest

from services.housekeeping import Housekeeping
from shared.clock import MovableClock
from shared.errors import OtherBodyError
from shared.ids import new_id
from tests.support.toy import Toy

WEEK = timedelta(days=7)


def keeper(toy: Toy) -> Housekeeping:
    shells = {"teller": toy.teller, "hearer": toy.hearer}
    return Housekeeping(toy.clock, toy.bus, shells)  # type: ignore[arg-type]


def move(toy: Toy, by: timedelta) -> None:
    assert isinstance(toy.clock, MovableClock)
    toy.clock.move(by)


async def test_a_reply_is_kept_for_seven_days(toy: Toy) -> None:
    subject, request, keeping = new_id(), new_id(), keeper(toy)
    await toy.tell(subject, 1, request=request)
    move(toy, WEEK - timedelta(hours=1))
    await keeping.step()
    with pytest.raises(OtherBodyError):
        await toy.tell(subject, 2, request=request)
    move(toy, timedelta(hours=2))
    await keeping.step()
    assert await toy.tell(subject, 2, request=request) == 2


async def test_a_record_goes_after_seven_days_when_every_group_has_heard_it(
    toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.cursor.KEPT_SECONDS", 0.0)  # the place on the bus is kept at once
    subject, keeping = new_id(), keeper(toy)
    await toy.tell(subject, 1)
    await toy.settle()
    await toy.tell(subject, 2)
    await toy.relay.step()
    move(toy, WEEK + timedelta(hours=1))
    await keeping.step()
    assert toy.rows("bus_record") == 1
    await toy.settle()
    move(toy, timedelta(minutes=1))
    await keeping.step()
    assert toy.rows("bus_record") == 0
    assert await toy.heard(subject) == [1, 2]
