"""The rules of warning signs: a clock for everybody, what a plan promises, and what answers (P9)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.pathway.ask import domain
from services.pathway.ask.domain import Ask, AskForMore, AskKind, SaySigns, State
from services.pathway.holding.domain import Holding, Led, Place
from services.pathway.holding.domain import State as Held
from services.pathway.plan.domain import Drafter, Line, Plan, Version, Written
from services.pathway.plan.headings import SAFETY, PlanKind
from services.pathway.plan.page import page_of
from shared.event import Code, Role
from shared.ids import new_id
from tests.support.pathway_place import INTENSITIES, a_rulebook

FRIDAY_NIGHT = datetime(2026, 11, 27, 22, tzinfo=UTC)
PERSON, TEAM, PEER = (new_id() for _ in range(3))
PLACE = Place(TEAM, INTENSITIES, frozenset({TEAM}))
HELD = Holding(PERSON, Held.SUPPORTED, Led(TEAM, FRIDAY_NIGHT, None, None, FRIDAY_NIGHT, FRIDAY_NIGHT))
SAID = SaySigns(AskForMore(PERSON, None, False, TEAM, PEER, PLACE, a_rulebook()), None, sees_plan=True)
LINES = tuple(Line(new_id(), heading.code, heading.code, Written.SELF) for heading in SAFETY)
VERSION = Version(2, LINES, (), True, None, None, Drafter(Role.PERSON, None, None), FRIDAY_NIGHT)
PLAN = Plan(new_id(), PERSON, PlanKind.SAFETY, new_id(), 2, frozenset({LINES[2].id}), FRIDAY_NIGHT, VERSION)


def showing(**changed: object) -> Ask:
    ask, _ = domain.signs_showing(SAID, HELD, None, FRIDAY_NIGHT, new_id())
    return replace(ask, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize("intensity", INTENSITIES)
def test_the_clock_is_the_same_for_everybody_and_waits_for_no_working_day__p9(intensity: Code) -> None:
    ask, facts = domain.signs_showing(SAID, replace(HELD, intensity=intensity), None, FRIDAY_NIGHT, new_id())
    assert ask.answer_by == FRIDAY_NIGHT + timedelta(hours=4)
    assert [fact.type for fact in facts] == ["pathway.warning-signs-showing"]


@pytest.mark.parametrize(("line", "kept"), [(LINES[0].id, True), (LINES[1].id, False), (new_id(), False)])
def test_only_a_warning_sign_of_the_plan_in_force_is_kept_and_nothing_else_turned_away__p9(line, *, kept: bool) -> None:
    ask, _ = domain.signs_showing(replace(SAID, line=line), HELD, PLAN, FRIDAY_NIGHT, new_id())
    assert ask.line == (line if kept else None)
    without, _ = domain.signs_showing(replace(SAID, line=line), HELD, None, FRIDAY_NIGHT, new_id())
    assert without.line is None


def test_a_plan_promises_its_second_to_fifth_step_in_their_order__p1_p9() -> None:
    told = domain.promised(page_of(PLAN, None, in_force=True))
    headings = [line["heading"] for line in told["lines"]]
    assert headings == ["by-myself", "people-and-places", "ask-for-help", "services"]
    assert [line["not_now"] for line in told["lines"]] == [False, True, False, False], "what was set aside shows so"


def test_contact_made_since_answers_warning_signs_and_never_an_ask_for_more__p9_j12() -> None:
    signs = showing()
    assert domain.contact_answers(signs, FRIDAY_NIGHT)
    assert not domain.contact_answers(signs, FRIDAY_NIGHT - timedelta(minutes=1))
    assert not domain.contact_answers(replace(signs, kind=AskKind.MORE), FRIDAY_NIGHT)


def test_whoever_said_it_is_not_the_human_who_answers_it__p9() -> None:
    signs = showing()
    assert domain.acknowledgement_answers(signs, new_id(), FRIDAY_NIGHT)
    assert domain.acknowledgement_answers(signs, None, FRIDAY_NIGHT), (
        "somebody of the circle, by the code they were sent"
    )
    assert not domain.acknowledgement_answers(signs, PEER, FRIDAY_NIGHT)
    assert not domain.acknowledgement_answers(signs, new_id(), FRIDAY_NIGHT - timedelta(minutes=1))
    assert not domain.acknowledgement_answers(replace(signs, kind=AskKind.MORE), new_id(), FRIDAY_NIGHT)


def test_warning_signs_are_answered_once_and_unanswered_once_in_their_own_words__p9() -> None:
    late, facts = domain.time_came(showing(), FRIDAY_NIGHT)
    assert (late.state, [fact.type for fact in facts]) == (State.UNANSWERED, ["pathway.warning-signs-unanswered"])
    assert domain.time_came(late, FRIDAY_NIGHT) == (late, ())
    done, facts = domain.answered(late, None, FRIDAY_NIGHT)
    assert (done.state, [fact.type for fact in facts]) == (State.ANSWERED, ["pathway.warning-signs-answered"])
    assert domain.answered(done, None, FRIDAY_NIGHT) == (done, ())
