"""Who may witness, what is agreed, what is undone (P3, P4)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.pathway.agreement import domain
from services.pathway.agreement.domain import AnswerPlan, Around, How, InForce, Witness, WitnessError
from services.pathway.plan.domain import Drafter, Line, Plan, State, Version, Written
from services.pathway.plan.headings import PlanKind
from shared.errors import InvalidError
from shared.event import Role
from shared.ids import new_id
from shared.passes import Pass

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
PERSON, DRAFTER, WRITER, FRIEND = new_id(), new_id(), new_id(), new_id()
CENTRE, GROUP, LEAD, SYSTEM_OF, OTHER = (new_id() for _ in range(5))
LINES = (
    Line(new_id(), "warning-signs", "mine", Written.SELF),
    Line(new_id(), "services", "theirs", Written.RECORDED, WRITER, CENTRE),
    Line(new_id(), "helps", "sent", Written.RECORDED, None, SYSTEM_OF),
)
VERSION = Version(1, LINES, (), True, None, None, Drafter(Role.PRACTITIONER, DRAFTER, CENTRE), NOW)
PLAN = Plan(new_id(), PERSON, PlanKind.SAFETY, new_id(), 1, frozenset(), NOW, VERSION)
AROUND = Around(
    permitted=True,
    chosen_members=frozenset({FRIEND, DRAFTER, WRITER}),
    chosen_organisations=frozenset({GROUP, LEAD, SYSTEM_OF}),
    relieved=frozenset({LEAD}),
)
PEER = Role.PEER_SUPPORTER
MATRIX = [
    ("chosen by name", Witness(FRIEND, OTHER, PEER), AROUND, True),
    ("of a chosen group", Witness(new_id(), GROUP, PEER), AROUND, True),
    ("a practitioner of a chosen group", Witness(new_id(), GROUP, Role.PRACTITIONER), AROUND, True),
    ("named by the group's system", Witness(new_id(), GROUP, Role.SYSTEM), AROUND, True),
    ("not chosen", Witness(new_id(), OTHER, PEER), AROUND, False),
    ("of no organisation", Witness(new_id(), None, PEER), AROUND, False),
    ("a colleague of the drafter, not chosen", Witness(new_id(), CENTRE, Role.PRACTITIONER), AROUND, False),
    ("the drafter", Witness(DRAFTER, CENTRE, Role.PRACTITIONER), AROUND, False),
    ("the drafter, now elsewhere", Witness(DRAFTER, GROUP, PEER), AROUND, False),
    ("who wrote a line", Witness(WRITER, GROUP, PEER), AROUND, False),
    ("of the organisation whose system wrote a line", Witness(new_id(), SYSTEM_OF, PEER), AROUND, False),
    ("of an organisation that it relieves", Witness(new_id(), LEAD, PEER), AROUND, False),
    ("chosen by name, of one that it relieves", Witness(FRIEND, LEAD, PEER), AROUND, False),
    ("a carer", Witness(FRIEND, GROUP, Role.CARER), AROUND, False),
    ("another person", Witness(FRIEND, GROUP, Role.PERSON), AROUND, False),
    ("a steward", Witness(FRIEND, GROUP, Role.STEWARD), AROUND, False),
    ("hidden", Witness(FRIEND, GROUP, PEER), replace(AROUND, permitted=False), False),
]


@pytest.mark.parametrize(("who", "witness", "around", "may"), MATRIX, ids=[row[0] for row in MATRIX])
def test_who_may_witness__p3(who: str, witness: Witness, around: Around, *, may: bool) -> None:
    assert domain.may_witness(witness, VERSION, around) is may
    by = Pass(witness.role, new_id(), member=witness.member, organisation=witness.organisation)
    if may:
        domain.check_witness(by, PERSON, witness, VERSION, around)
        return
    with pytest.raises(WitnessError) as told:
        domain.check_witness(by, PERSON, witness, VERSION, around)
    assert (told.value.reasons, told.value.fields, told.value.facts) == ((), (), {})


def test_the_person_needs_no_witness__p3() -> None:
    by = Pass(Role.PERSON, PERSON, person=PERSON)
    domain.check_witness(by, PERSON, None, VERSION, replace(AROUND, permitted=False))
    with pytest.raises(WitnessError):
        domain.check_witness(replace(by, person=new_id()), PERSON, None, VERSION, AROUND)


def an_answer(*, agreed: bool, words: str | None = None, witness: Witness | None = None) -> AnswerPlan:
    how = How.PHONE if witness else None
    return AnswerPlan(PERSON, PLAN.id, 1, agreed, words, None, witness, how, True, frozenset())


def test_an_agreement_says_by_whom_and_how__p3() -> None:
    fact = domain.agree(PLAN, an_answer(agreed=True), None)
    assert (fact.revision, fact.witness, fact.how) == (1, None, "signed-in")
    fact = domain.agree(PLAN, an_answer(agreed=True, witness=Witness(FRIEND, GROUP, PEER)), None)
    assert (fact.witness, fact.how) == (FRIEND, "phone")


def test_what_is_in_force_is_not_agreed_again_nor_not_agreed__p3() -> None:
    here = InForce(PERSON, PlanKind.SAFETY, PLAN.id, 1)
    for answer in (domain.agree, domain.not_agree):
        with pytest.raises(domain.InForceAlreadyError):
            answer(PLAN, an_answer(agreed=True, words="no"), here)
        answer(PLAN, an_answer(agreed=True, words="no"), replace(here, revision=2))


def test_not_agreed_is_in_the_persons_words__p4() -> None:
    for words in (None, ""):
        with pytest.raises(InvalidError):
            domain.not_agree(PLAN, an_answer(agreed=False, words=words), None)
    assert domain.not_agree(PLAN, an_answer(agreed=False, words="Nobody asked."), None).revision == 1


@pytest.mark.parametrize("state", State)
def test_only_an_agreement_can_be_undone__p3(state: State) -> None:
    plan = replace(PLAN, version=replace(VERSION, state=state))
    if state is State.AGREED:
        assert [fact.type for fact in domain.undo(plan)] == ["pathway.agreement-undone"]
        return
    with pytest.raises(domain.NothingAgreedError):
        domain.undo(plan)
