"""The shell: one transaction, one answer for one request id, refusals that are facts."""

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest

from shared.db import NestedError
from shared.errors import NotFoundError, OtherBodyError
from shared.event import GENESIS
from shared.ids import new_id
from shared.journal import NotLockedError
from shared.shell import Tx
from tests.support.toy import Tell, Told, Toy, ToyStore, UnluckyError, Why, an_origin, tell


async def test_a_command_leaves_its_effect_its_fact_and_its_number_together(toy: Toy) -> None:
    subject = new_id()

    assert await toy.tell(subject, 1) == 1
    assert await toy.tell(subject, 2) == 2

    first, second = toy.journal()
    assert (first.seq, second.seq) == (1, 2)
    assert (first.prev, second.prev) == (GENESIS, first.hash)
    assert first.tick < second.tick
    assert await toy.noted(subject) == [1, 2]
    assert toy.rows("teller_unsent") == 2


async def test_an_error_leaves_no_trace(toy: Toy) -> None:
    subject = new_id()
    with pytest.raises(NotFoundError):
        await toy.tell(subject, -1, request=new_id())
    assert toy.rows("teller_note") == toy.rows("teller_journal") == toy.rows("teller_reply") == 0


async def test_a_fault_in_journalling_undoes_the_effect(toy: Toy) -> None:
    stranger = new_id()

    async def on_another(command: Tell, tx: Tx[ToyStore]) -> None:
        await tx.store.note(command.subject, 1)
        tx.emit(Told(subject=stranger, number=1))

    with pytest.raises(NotLockedError):
        await toy.teller.run(on_another, Tell(new_id()), an_origin(), gives=type(None))
    assert toy.rows("teller_note") == 0


async def test_a_stream_found_only_inside_can_be_taken_in(toy: Toy) -> None:
    one, other = new_id(), new_id()
    await toy.tell(other, 1)

    async def on_both(command: Tell, tx: Tx[ToyStore]) -> None:
        await tx.widen(other)
        tx.emit(Told(subject=command.subject, number=1), Told(subject=other, number=2))

    await toy.teller.run(on_both, Tell(one), an_origin(), gives=type(None))
    assert [(e.subject, e.seq) for e in toy.journal()] == [(other, 1), (one, 1), (other, 2)]


async def test_the_same_request_gets_the_same_answer_and_has_its_effect_once(toy: Toy) -> None:
    subject, request = new_id(), new_id()
    assert await toy.tell(subject, 5, request=request) == 5
    assert await toy.tell(subject, 5, request=request) == 5
    assert len(toy.journal()) == 1


async def test_a_thousand_of_one_request_at_once_are_one(toy: Toy) -> None:
    subject, request = new_id(), new_id()
    answers = await asyncio.gather(*(toy.tell(subject, 5, request=request) for _ in range(1_000)))
    assert set(answers) == {5}
    assert len(toy.journal()) == 1


async def test_a_request_id_with_another_body_is_turned_away(toy: Toy) -> None:
    subject, request = new_id(), new_id()
    await toy.tell(subject, 5, request=request)
    with pytest.raises(OtherBodyError):
        await toy.tell(subject, 6, request=request)
    assert await toy.noted(subject) == [5]


async def test_another_caller_may_use_the_same_request_id(toy: Toy) -> None:
    subject, request = new_id(), new_id()
    await toy.tell(subject, 5, request=request)
    mine = an_origin(request, body="other")
    theirs = replace(mine, by=replace(mine.by, principal=new_id()))
    assert await toy.teller.run(tell, Tell(subject, 6), theirs, gives=int) == 6


async def test_what_is_turned_back_is_a_fact_and_the_same_refusal_for_the_same_request(toy: Toy) -> None:
    subject, request = new_id(), new_id()
    said = []
    for _ in range(2):
        with pytest.raises(UnluckyError) as caught:
            await toy.tell(subject, 13, request=request)
        said.append((caught.value.code, caught.value.reasons, caught.value.facts))
    assert said[0] == said[1] == ("toy-unlucky", (Why.UNLUCKY,), {"number": 13})
    assert [event.type for event in toy.journal()] == ["teller.told"]
    assert toy.rows("teller_note") == 0


async def test_two_hundred_commands_at_once_are_numbered_without_a_gap(toy: Toy) -> None:
    subject = new_id()
    await asyncio.gather(*(toy.tell(subject, n) for n in range(20, 220)))
    events = toy.journal()
    assert [event.seq for event in events] == list(range(1, 201))
    assert all(b.prev == a.hash and b.tick > a.tick for a, b in pairwise(events))


async def test_a_transaction_inside_a_transaction_is_a_fault_and_not_a_deadlock(toy: Toy) -> None:
    async def nested(command: Tell, tx: Tx[ToyStore]) -> None:
        await toy.tell(command.subject, 2)

    with pytest.raises(NestedError):
        await toy.teller.run(nested, Tell(new_id()), an_origin(), gives=type(None))
    assert await toy.tell(new_id(), 3) == 3


async def test_a_reminder_that_is_dropped_in_the_same_transaction_never_comes(toy: Toy) -> None:
    async def both(command: Tell, tx: Tx[ToyStore]) -> None:
        tx.remind("again", tx.now, command.subject)
        tx.forget("again", command.subject)

    await toy.teller.run(both, Tell(new_id()), an_origin(), gives=type(None))
    assert toy.rows("teller_due") == 0
