"""Which facts of the bus go on from where a journal ends: exactly those that continue its chain."""

from services.recover import continued
from shared.clock import real_now
from shared.event import Actor, Envelope, Recorded, Role, decode, encode
from shared.events.pathway import DriftingEnded
from shared.ids import new_event_id, new_id
from shared.journal import Head

R = new_id()


def after(last: Recorded | None, *, seq: int = 0, tick: int = 0, prev: str = "") -> Recorded:
    head = Head(last.seq, last.tick, last.hash) if last else Head()
    envelope = Envelope(
        new_event_id(), seq or head.seq + 1, tick or head.tick + 1, prev or head.hash, real_now(), None, new_id(),
        Actor(Role.TIMER), 1,
    )  # fmt: skip
    return decode(encode(DriftingEnded(subject=R), envelope))


def a_chain(length: int) -> list[Recorded]:
    chain: list[Recorded] = []
    for _ in range(length):
        chain.append(after(chain[-1] if chain else None))
    return chain


def test_what_continues_is_given_in_order_however_it_comes_and_how_often() -> None:
    chain = a_chain(5)
    head = Head(chain[1].seq, chain[1].tick, chain[1].hash)
    assert continued(head, [chain[4], chain[2], chain[3], chain[2]]) == chain[2:]
    assert continued(Head(), chain) == chain


def test_behind_a_gap_nothing_is_taken() -> None:
    chain = a_chain(4)
    assert continued(Head(), [chain[0], chain[2], chain[3]]) == chain[:1]


def test_another_chain_is_not_taken() -> None:
    chain, other = a_chain(2), a_chain(2)
    head = Head(chain[0].seq, chain[0].tick, chain[0].hash)
    assert continued(head, [other[1]]) == []


def test_where_two_could_continue_neither_does() -> None:
    chain = a_chain(2)
    head = Head(chain[0].seq, chain[0].tick, chain[0].hash)
    assert continued(head, [chain[1], after(chain[0])]) == []


def test_a_tick_that_does_not_grow_is_not_taken() -> None:
    first = after(None, tick=5)
    assert continued(Head(1, 5, first.hash), [after(first, tick=5)]) == []
