"""What a plan is: lines and who wrote them, versions, money (P1, P2, P3, P7, P8)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pathway.plan import domain
from services.pathway.plan.domain import DraftPlan, NewLine, Plan, RevisePlan, State, Written
from services.pathway.plan.headings import CARE_AND_SUPPORT, HEADINGS, LADDER, SAFETY, PlanKind
from services.pathway.plan.page import page_of
from shared.errors import InvalidError, StaleError
from shared.event import Role
from shared.ids import new_id
from shared.passes import Pass

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
PERSON = new_id()
ME = Pass(Role.PERSON, PERSON, person=PERSON)
WORKER = Pass(Role.PRACTITIONER, new_id(), member=new_id(), organisation=new_id())


def a_line(written: Written | None = None, words: str = "mine", keeps: UUID | None = None) -> NewLine:
    return NewLine("warning-signs", words, written, keeps)


def a_draft(*lines: NewLine, co_produced: bool = False, kind: PlanKind = PlanKind.SAFETY) -> DraftPlan:
    return DraftPlan(PERSON, kind, lines, co_produced, None, None)


def drafted(by: Pass, *lines: NewLine, co_produced: bool = False) -> Plan:
    return domain.draft(a_draft(*lines, co_produced=co_produced), by, NOW, new_id(), new_id)[0]


def revised(plan: Plan, by: Pass, *lines: NewLine) -> Plan:
    return domain.revise(plan, RevisePlan(plan.id, plan.tag, a_draft(*lines)), by, NOW, new_id)[0]


def test_the_ladder_has_six_rungs_then_what_stands_beside_it__p1() -> None:
    assert LADDER == (
        "warning-signs", "by-myself", "people-and-places", "ask-for-help", "services", "safer-around-me",
    )  # fmt: skip
    beside = {"worth-living", "helps", "does-not-help", "if-i-go-quiet", "where-i-keep-this", "who-has-it"}
    assert {heading.code for heading in SAFETY} == {*LADDER, *beside}
    assert all(heading.says for heading in (*SAFETY, *CARE_AND_SUPPORT))


@given(st.lists(st.sampled_from([Written.SUPPORTED, Written.RECORDED, None]), max_size=6))
def test_co_produced_needs_at_least_one_line_of_the_persons__p2(written: list[Written | None]) -> None:
    lines = [a_line(each) for each in written]
    if Written.SUPPORTED in written:
        assert drafted(WORKER, *lines, co_produced=True).version.co_produced
        return
    with pytest.raises(domain.NothingOfTheirsError):
        drafted(WORKER, *lines, co_produced=True)
    assert not drafted(WORKER, *lines).version.co_produced


def test_what_the_person_writes_is_theirs_and_nobody_else_can_claim_it__p2() -> None:
    (line,) = drafted(ME, a_line()).version.lines
    assert (line.written, line.member, line.organisation) == (Written.SELF, None, None)
    (line,) = drafted(WORKER, a_line()).version.lines
    assert (line.written, line.member, line.organisation) == (Written.RECORDED, WORKER.member, WORKER.organisation)
    for by, written in ((WORKER, Written.SELF), (ME, Written.RECORDED), (ME, Written.SUPPORTED)):
        with pytest.raises(InvalidError):
            drafted(by, a_line(written))
    another = Pass(Role.PERSON, new_id(), person=new_id())
    plan = drafted(another, a_line())
    assert (plan.version.lines[0].written, plan.version.lines[0].member) == (Written.RECORDED, another.person)
    assert (plan.version.drafted_by.member, drafted(ME).version.drafted_by.member) == (another.person, None)


def test_a_line_that_is_kept_keeps_its_writer_and_changed_words_do_not__p2() -> None:
    plan = drafted(ME, a_line(words="mine"))
    (line,) = plan.version.lines
    assert revised(plan, WORKER, a_line(words="mine", keeps=line.id)).version.lines == (line,)
    (changed,) = revised(plan, WORKER, a_line(words="theirs", keeps=line.id)).version.lines
    assert (changed.written, changed.id != line.id) == (Written.RECORDED, True)
    for keeps in ([new_id()], [line.id, line.id]):
        with pytest.raises(InvalidError):
            revised(plan, WORKER, *(a_line(keeps=each) for each in keeps))


def test_taking_out_the_persons_lines_takes_co_produced_with_them__p2() -> None:
    plan = drafted(ME, a_line(), co_produced=True)
    command = RevisePlan(plan.id, plan.tag, a_draft(a_line(words="theirs"), co_produced=True))
    with pytest.raises(domain.NothingOfTheirsError):
        domain.revise(plan, command, WORKER, NOW, new_id)


def test_every_change_is_a_new_version_from_the_present_one__p3() -> None:
    plan = drafted(ME, a_line())
    after = revised(plan, ME, a_line(words="other"))
    assert (after.latest, after.version.revision, after.version.state) == (2, 2, State.DRAFT)
    assert after.tag != plan.tag
    with pytest.raises(StaleError):
        domain.revise(after, RevisePlan(plan.id, plan.tag, a_draft()), ME, NOW, new_id)


def test_a_heading_belongs_to_its_kind_of_plan__p1() -> None:
    for kind, codes in ((PlanKind.SAFETY, CARE_AND_SUPPORT), (PlanKind.CARE_AND_SUPPORT, SAFETY)):
        with pytest.raises(InvalidError):
            domain.draft(a_draft(NewLine(codes[0].code, "x"), kind=kind), ME, NOW, new_id(), new_id)


def test_not_taking_part_and_co_produced_are_not_said_together__p2() -> None:
    command = replace(a_draft(a_line(), co_produced=True), did_not_want_to="I do not want to.")
    with pytest.raises(InvalidError):
        domain.draft(command, ME, NOW, new_id(), new_id)
    kept = domain.draft(replace(command, co_produced=False), ME, NOW, new_id(), new_id)[0]
    assert kept.version.did_not_want_to == "I do not want to."


def test_a_review_is_in_the_future__p1() -> None:
    with pytest.raises(InvalidError):
        domain.draft(replace(a_draft(), review_on=NOW), ME, NOW, new_id(), new_id)
    later = NOW + timedelta(days=1)
    assert domain.draft(replace(a_draft(), review_on=later), ME, NOW, new_id(), new_id)[0].version.review_on == later


def test_a_line_set_aside_stays_so_in_versions_that_keep_it__p3() -> None:
    plan = drafted(ME, a_line())
    (line,) = plan.version.lines
    marked, facts = domain.mark_not_now(plan, line.id, new_id)
    assert len(facts) == 1
    assert domain.mark_not_now(marked, line.id, new_id) == (marked, ())
    again = revised(marked, ME, a_line(keeps=line.id))
    assert page_of(again, None, in_force=False)["lines"][0]["not_now"] is True
    anew = revised(marked, ME, a_line())
    assert page_of(anew, None, in_force=False)["lines"][0]["not_now"] is False


def test_money_stays_when_the_plan_is_rewritten__p8() -> None:
    first = a_draft(NewLine("goals", "To swim."), kind=PlanKind.CARE_AND_SUPPORT)
    plan = domain.draft(first, ME, NOW, new_id(), new_id)[0]
    command = domain.AddBudgetLine(PERSON, plan.id, 100, domain.BudgetKind.OTHER, "shoes")
    with_money, line, facts = domain.add_budget_line(plan, command, WORKER, NOW, new_id)
    assert (with_money.version.revision, len(facts), line.organisation) == (2, 2, WORKER.organisation)
    draft = a_draft(NewLine("goals", "To swim far."), kind=PlanKind.CARE_AND_SUPPORT)
    after = domain.revise(with_money, RevisePlan(plan.id, with_money.tag, draft), ME, NOW, new_id)[0]
    assert after.version.budget == (line,)


def test_no_page_of_a_plan_grades_anybody__p7() -> None:
    def keys(value: object) -> Iterable[str]:
        if isinstance(value, dict):
            for key, inner in value.items():
                yield key
                yield from keys(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from keys(inner)

    page = page_of(drafted(ME, a_line()), None, in_force=False)
    assert not {"risk", "level", "score", "severity", "priority"} & set(keys(page))
    assert not {"risk", "level", "score"} & {code for kind in HEADINGS.values() for code in kind}
