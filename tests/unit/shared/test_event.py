"""A fact holds ids, codes, instants and numbers; its bytes are what is hashed, and they read back as they were."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.event import GENESIS, REGISTRY, UPCASTERS, Actor, Code, Envelope, Event, Role, decode, encode, fact
from shared.ids import new_event_id, new_id
from tests.support.toy import Told


def an_envelope(**more: Any) -> Envelope:
    told: dict[str, Any] = {
        "seq": 1,
        "tick": 1,
        "prev": GENESIS,
        "cause": None,
        "rulebook": 1,
        "actor": Actor(Role.PERSON, new_id()),
    }
    now = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
    told |= {"id": new_event_id(), "time": now, "correlation": new_id()} | more
    return Envelope(**told)


@pytest.mark.parametrize("kind", [str, float, bytes, dict, list[str], tuple[str, ...], str | None, Any, object])
def test_a_field_that_could_hold_words_does_not_register(kind: Any) -> None:
    with pytest.raises(TypeError):
        fact("teller.slipped", says="x", part=None)(type("Slipped", (Event,), {"__annotations__": {"words": kind}}))
    assert ("teller.slipped", 1) not in REGISTRY


@pytest.mark.parametrize("name", ["told", "Teller.told", "teller.", "teller.told_twice", "teller.told.twice"])
def test_a_fact_is_called_by_its_service_and_what_happened(name: str) -> None:
    with pytest.raises(TypeError):
        fact(name, says="x", part=None)


def test_two_facts_can_not_share_a_name() -> None:
    with pytest.raises(TypeError):
        fact("teller.told", says="x", part=None)(type("Other", (Event,), {}))


@pytest.mark.parametrize("words", ["", "I feel", "Crisis", "a" * 49, "tel:0161", "é", "a\n"])
def test_a_code_is_no_sentence(words: str) -> None:
    with pytest.raises(ValueError, match="a code is"):
        Code(words)


@given(number=st.integers(-(2**53), 2**53), seq=st.integers(1, 2**40), subject=st.uuids(version=4))
def test_bytes_read_back_as_they_were_written(number: int, seq: int, subject: UUID) -> None:
    envelope = an_envelope(seq=seq, tick=seq)
    raw = encode(Told(subject=subject, number=number), envelope)
    recorded = decode(raw)
    assert recorded.event() == Told(subject=subject, number=number)
    assert (recorded.id, recorded.seq, recorded.time, recorded.actor) == (
        envelope.id, seq, envelope.time, envelope.actor,
    )  # fmt: skip
    assert encode(recorded.event(), envelope) == raw


class _Newer(Event):
    count: int


def test_an_old_version_is_read_through_its_upcaster() -> None:
    newer: Any = fact("teller.summed", says="x", part=None, version=2)(_Newer)
    UPCASTERS["teller.summed", 1] = lambda data: {"count": data["number"]}
    try:
        raw = encode(Told(subject=UUID(int=5), number=3), an_envelope()).replace(b"teller.told", b"teller.summed")
        recorded = decode(raw)
        assert recorded.known()
        assert recorded.event() == newer(subject=UUID(int=5), count=3)
    finally:
        del UPCASTERS["teller.summed", 1], REGISTRY["teller.summed", 2]


@pytest.mark.parametrize("seq", [0, -1, 2**63, 1.5, "1", True, None])
def test_a_number_that_is_no_place_in_a_stream_is_turned_away(seq: Any) -> None:
    raw = orjson.loads(encode(Told(subject=UUID(int=5), number=3), an_envelope())) | {"seq": seq}
    with pytest.raises(ValueError, match="not an event"):
        decode(orjson.dumps(raw))
