"""Who looked: for the person alone, in plain words; and the ledger that it is read from."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from services.consent.tables import BATCH, LEDGER
from shared.decisions import Ask
from shared.errors import UnavailableError
from shared.event import Part, Role
from shared.ids import new_id
from shared.passes import Purpose, timer
from shared.ports import Act
from tests.support.consent_place import ConsentPlace, consent_place
from tests.support.place import ENGINE, a_pass, person_pass


@pytest.fixture
async def here(tmp_path: Path):
    async with consent_place(tmp_path) as made:
        yield made


async def looked(here: ConsentPlace) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await here.me.get(f"/v1/people/{here.r}/who-looked")).json()["items"]
    return found


async def test_the_person_sees_who_looked_at_what_when_and_why_in_plain_words__c6(here: ConsentPlace) -> None:
    choice = await here.yes(here.group, Part.PLAN, purposes=["support", "crisis"])
    assert await here.may(here.member(purpose=Purpose.CRISIS), Part.PLAN)
    (line,) = await looked(here)
    assert line["organisation"] == str(here.group)
    assert (line["role"], line["part"], line["act"]) == ("peer-supporter", "plan", "read")
    assert (line["why"], line["purpose"], line["choice"]) == ("choice", "crisis", str(choice))
    assert line["says"] == (
        "A peer supporter of Corner Table was let see your plan, in a crisis, because you said yes."
    )


async def test_newest_first_in_pages_and_nobody_elses__c6(here: ConsentPlace) -> None:
    await here.yes(here.group, Part.PLAN, Part.STORY, Part.CIRCLE)
    for part in (Part.PLAN, Part.STORY, Part.CIRCLE):
        assert await here.may(here.member(), part)
    path = f"/v1/people/{here.r}/who-looked?limit=2"
    first = (await here.me.get(path)).json()
    second = (await here.me.get(f"{path}&cursor={first['next']}")).json()
    assert [i["part"] for i in first["items"] + second["items"]] == ["circle", "story", "plan"]
    assert "next" not in second
    other = person_pass(new_id())
    theirs = await here.place.client(other).get(f"/v1/people/{other.person}/who-looked?cursor={first['next']}")
    assert theirs.json() == {"items": []}


async def test_ones_own_looking_and_what_was_denied_are_not_in_it__c6(here: ConsentPlace) -> None:
    assert await here.may(person_pass(here.r), Part.STORY)
    assert not await here.may(here.member(), Part.STORY)
    await here.place.settle()
    assert await looked(here) == []


async def test_nobody_but_the_person_sees_who_looked__c6(here: ConsentPlace) -> None:
    await here.yes(here.group, *Part)
    path = f"/v1/people/{here.r}/who-looked"
    assert (await here.place.client(person_pass(new_id())).get(path)).status_code == 404
    for role in (Role.PEER_SUPPORTER, Role.CARER, Role.PRACTITIONER, Role.DUTY, Role.STEWARD, Role.SYSTEM):
        by = a_pass(role, organisation=here.group, scopes=frozenset({"read"}))
        assert (await here.place.client(by).get(path)).status_code == 403


FULL = {
    "sqlite": (
        "CREATE TRIGGER full BEFORE INSERT ON consent_ledger BEGIN SELECT RAISE(ABORT, 'no space left'); END",
        "DROP TRIGGER full",
    ),
    "postgres": (
        "ALTER TABLE consent_ledger ADD CONSTRAINT no_space CHECK (false) NOT VALID",
        "ALTER TABLE consent_ledger DROP CONSTRAINT no_space",
    ),
}
"""What has the ledger taken for full on each engine, and what frees it."""


async def rows(here: ConsentPlace) -> list[tuple[bool, str]]:
    return [(row["permitted"], row["why"]) for row in await here.place.rows(LEDGER)]


async def test_a_permit_is_written_before_it_is_answered_and_a_no_soon_after__c3(here: ConsentPlace) -> None:
    await here.yes(here.group, Part.PLAN)
    assert await here.may(here.member(), Part.PLAN)
    assert await rows(here) == [(True, "choice")]
    assert not await here.may(here.member(), Part.STORY)
    assert not await here.may(timer("notify-timer"), Part.PLAN)
    await here.place.settle()
    assert await rows(here) == [(True, "choice"), (False, "no-choice"), (False, "role")]


async def test_the_ledger_can_not_be_changed_and_a_forged_line_is_found(here: ConsentPlace) -> None:
    await here.yes(here.group, Part.PLAN)
    for _ in range(4):
        assert await here.may(here.member(), Part.PLAN)
    port, by_hand = here.place.system.running["consent"].port, here.place.by_hand
    if ENGINE == "sqlite":  # on PostgreSQL the grants say so: tests/contract/test_migrations_postgres.py
        for change in ("UPDATE consent_ledger SET part = 'story'", "DELETE FROM consent_ledger_batch"):
            with pytest.raises(sqlite3.IntegrityError, match="insert-only"):
                by_hand(change)
        by_hand(*(f"DROP TRIGGER consent_ledger_{each}" for each in ("no_update", "no_delete", "batch_no_delete")))
    assert await port.broken_batches() == []
    by_hand("UPDATE consent_ledger SET part = 'story' WHERE batch = 2")
    assert await port.broken_batches() == [2]
    by_hand("UPDATE consent_ledger SET part = 'plan' WHERE batch = 2")
    by_hand("DELETE FROM consent_ledger WHERE batch = 3", "DELETE FROM consent_ledger_batch WHERE number = 3")
    assert await port.broken_batches() == [4]


async def test_if_the_ledger_can_not_be_written_the_answer_is_no__c3(here: ConsentPlace) -> None:
    await here.yes(here.group, Part.PLAN)
    full, free = FULL[ENGINE]
    here.place.by_hand(full)
    ask = Ask(here.member(), here.r, Part.PLAN, Act.READ)
    with pytest.raises(UnavailableError):
        await here.place.system.running["consent"].port.decide(ask)
    assert not await here.may(here.member(), Part.PLAN)
    here.place.by_hand(free)
    assert await here.may(here.member(), Part.PLAN)
    assert await rows(here) == [(True, "choice")]


async def test_many_askers_share_a_commit_and_each_has_a_line__c3(here: ConsentPlace) -> None:
    await here.yes(here.group, Part.PLAN)
    peer = here.member()
    assert all(await asyncio.gather(*(here.may(peer, Part.PLAN) for _ in range(300))))
    assert len(await rows(here)) == 300
    assert len(await here.place.rows(BATCH)) < 30
    assert await here.place.system.running["consent"].port.broken_batches() == []


async def test_a_decision_reads_at_most_twice_of_consents_own(here: ConsentPlace) -> None:
    await here.yes(here.group, Part.PLAN)
    await here.choose({"any_crisis_service": True}, Part.PLAN)
    said: list[str] = []
    here.place.watch(lambda prefix, text: said.append(text))
    assert await here.may(here.member(), Part.PLAN)
    assert len([text for text in said if text.startswith("SELECT") and "ledger" not in text]) == 2
    assert len(said) == 5
