"""The rules of ways out and of asks: every reason that turns letting go back (J4, J12, E1)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.pathway.ask import domain as asks
from services.pathway.ask.domain import Ask
from services.pathway.contact.domain import Contact, Outcome
from services.pathway.holding.domain import Holding, Led, Place, State
from services.pathway.wayout import domain, quiet
from services.pathway.wayout.domain import How, Independence, LetGoReason, QuietReason
from shared.event import Code, Role
from shared.events.pathway import ContactHow
from shared.ids import new_id

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
INTENSITIES = tuple(map(Code, ("managing-independently", "community", "enhanced", "crisis", "inpatient")))
PERSON, BACKSTOP, TEAM, GROUP = (new_id() for _ in range(4))
PLACE = Place(BACKSTOP, INTENSITIES, frozenset({BACKSTOP, TEAM}))
HELD = Holding(PERSON, State.SUPPORTED, Led(TEAM, NOW, None, None, NOW, NOW))
AGREED = Independence(PERSON, True, "Text us.", 14, None, How.SIGNED_IN, None, None, False, NOW)
WITNESSED = replace(AGREED, how=How.PHONE, witness=new_id(), witness_of=GROUP, witness_chosen=True)


def why(agreement: Independence | None = AGREED, by=TEAM, *, plan: bool = True) -> set[LetGoReason]:
    return set(domain.why_not(HELD, by, agreement, plan_in_force=plan, at_crisis=False))


def test_letting_go_is_possible_only_with_all_four__j4() -> None:
    assert why() == set()
    assert why(WITNESSED) == set()
    assert why(None) == {LetGoReason.NOT_AGREED, LetGoReason.NO_WAY_BACK, LetGoReason.NO_CHECK_INS}
    assert why(replace(AGREED, agreed=False)) == {LetGoReason.NOT_AGREED}
    assert why(replace(AGREED, way_back=None)) == {LetGoReason.NO_WAY_BACK}
    assert why(replace(AGREED, check_ins=None)) == {LetGoReason.NO_CHECK_INS}
    assert why(replace(AGREED, check_ins=0)) == set(), "the person may say: never"
    assert why(plan=False) == {LetGoReason.NO_PLAN_IN_FORCE}
    assert why(by=GROUP) == {LetGoReason.NOT_THE_LEAD}


def test_whoever_lets_go_witnesses_nothing__j4() -> None:
    assert why(replace(WITNESSED, witness_of=TEAM)) == {LetGoReason.WITNESS_LETS_GO}
    assert why(replace(WITNESSED, witness_chosen=False)) == {LetGoReason.WITNESS_NOT_CHOSEN}


@pytest.mark.parametrize("rule", [domain.independent, domain.left_be])
def test_a_way_out_is_said_before_nobody_leads__j2_j4(rule) -> None:
    after, facts = rule(HELD, NOW)
    assert (after.lead, after.last_lead, after.chosen) == (None, TEAM, None)
    assert [fact.type for fact in facts][1] == "pathway.lead-changed"
    assert rule is domain.independent or rule(after, NOW) == (after, ())


def tried(days_ago: int, how=ContactHow.PHONE, by=TEAM, role=Role.PRACTITIONER) -> Contact:
    then = NOW - timedelta(days=days_ago)
    return Contact(new_id(), PERSON, Outcome.TRIED, how, by, None, role, None, False, then, then)


LADDER = (tried(29), tried(21), tried(14, ContactHow.LETTER), tried(7), tried(1, by=GROUP, role=Role.PEER_SUPPORTER))


def missing(*tries: Contact, holding: Holding = HELD, ask_open: bool = False) -> set[QuietReason]:
    return set(quiet.why_not(holding, quiet.Ladder(tries, frozenset(), ask_open), PLACE, NOW))


def test_each_rung_of_the_ladder_is_needed__j4() -> None:
    assert missing(*LADDER) == set()
    assert missing(*LADDER[:1], *LADDER[2:]) == {QuietReason.TOO_FEW_TRIES}
    assert missing(*(replace(each, how=ContactHow.PHONE) for each in LADDER)) == {QuietReason.ONE_CHANNEL}
    assert missing(*LADDER[:4], tried(1)) == {QuietReason.NO_SUPPORTER_ASKED}
    assert missing(*LADDER[:4], tried(1, ContactHow.THROUGH_SUPPORTER)) == set()
    assert missing(tried(27), *LADDER[1:]) == {QuietReason.TOO_SOON}
    assert missing(*LADDER, ask_open=True) == {QuietReason.ASK_OPEN}


def test_nobody_is_held_quietly_in_or_within_four_weeks_of_crisis__j4() -> None:
    for holding in (
        replace(HELD, intensity=Code("crisis")),
        replace(HELD, intensity=Code("inpatient")),
        replace(HELD, crisis_until=NOW - timedelta(days=27)),
    ):
        assert missing(*LADDER, holding=holding) == {QuietReason.LATELY_IN_CRISIS}
    assert missing(*LADDER, holding=replace(HELD, crisis_until=NOW - timedelta(days=28))) == set()


def test_two_speak_the_lead_and_an_expert_of_another_organisation_within_a_fortnight__j4() -> None:
    lead = quiet.Voice(PERSON, new_id(), TEAM, expert=False, at=NOW)
    expert = quiet.Voice(PERSON, new_id(), GROUP, expert=True, at=NOW)
    own_expert = replace(expert, organisation=TEAM)
    stale = replace(expert, at=NOW - timedelta(days=15))
    assert quiet.both_spoke([lead, expert], HELD, NOW)
    for voices in ([lead], [expert], [lead, own_expert], [lead, stale], [lead, replace(expert, expert=False)]):
        assert not quiet.both_spoke(voices, HELD, NOW)


def test_an_ask_is_answered_once_and_unanswered_once__j12() -> None:
    ask = Ask(new_id(), PERSON, None, True, None, None, TEAM, NOW, NOW)
    late, facts = asks.time_came(ask, NOW)
    assert [fact.type for fact in facts] == ["pathway.ask-unanswered"]
    assert asks.time_came(late, NOW) == (late, ())
    done, facts = asks.answered(late, None, NOW)
    assert [fact.type for fact in facts] == ["pathway.ask-answered"]
    assert asks.answered(done, None, NOW) == (done, ())
    assert asks.time_came(replace(ask, answered_at=NOW), NOW)[1] == ()


@pytest.mark.parametrize(("count", "shown"), [(0, "*"), (4, "*"), (5, "5"), (7, "5"), (8, "10"), (12, "10")])
def test_a_published_count_under_five_is_a_star_and_the_rest_goes_to_the_nearest_five__e1(count, shown) -> None:
    assert asks.figure(count, count).asked == shown
