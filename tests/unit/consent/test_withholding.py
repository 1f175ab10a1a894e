"""What a withholding is: one passage from one, at most so many, made again from its fact after a restore (S4)."""

import pytest

from services.consent.choice.domain import Who, WhoKind
from services.consent.withholding.domain import (
    MOST,
    TooManyWithheldError,
    Withhold,
    Withholding,
    again,
    give_back,
    withheld,
    withhold,
)
from shared.clock import real_now
from shared.event import Role
from shared.ids import new_id

AT, R = real_now(), new_id()
CARERS = Who(WhoKind.ROLE, role=Role.CARER)


def a_withholding(who: Who = CARERS) -> Withholding:
    return Withholding(new_id(), R, 1, new_id(), who, AT)


def test_there_is_an_end_to_how_many_and_giving_back_makes_room__s4() -> None:
    before = [a_withholding() for _ in range(MOST)]
    command = Withhold(R, new_id(), CARERS)
    with pytest.raises(TooManyWithheldError):
        withhold(command, before, new_id=new_id(), number=1, now=AT)
    assert withhold(command, before[1:], new_id=new_id(), number=1, now=AT).in_force
    same = Withhold(R, before[0].passage, CARERS)
    assert withhold(same, before, new_id=new_id(), number=1, now=AT) is before[0]


@pytest.mark.parametrize(
    "who", [CARERS, Who(WhoKind.ORGANISATION, new_id()), Who(WhoKind.MEMBER, new_id())], ids=lambda who: who.kind
)
def test_its_fact_is_enough_to_withhold_from_the_same_again__s4(who: Who) -> None:
    one = a_withholding(who)
    assert again(withheld(one), 1, AT) == one


def test_giving_back_twice_is_giving_back_once__s4() -> None:
    gone = give_back(a_withholding(), AT)
    assert not gone.in_force
    assert give_back(gone, AT) is gone
