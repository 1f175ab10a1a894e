"""A port answers the same from another process as from this one: every method of every port, over real sockets."""

from __future__ import annotations

import inspect
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_type_hints
from uuid import UUID

import pytest

from services.calls.afar import Afar, FarJournals
from services.calls.inside import JournalHere
from services.calls.questions import PORTS, REPEATS, questions_of
from services.community.place.domain import NotReadyError
from services.consent.choice.domain import TooManyChoicesError
from services.operations import Operations, OperationsOf, Waiting
from shared.decisions import Act, Ask, Decisions, No, Why
from shared.errors import (
    REASONS,
    AlongsideError,
    FaultError,
    InvalidError,
    NotFoundError,
    UnavailableError,
)
from shared.event import Part, Role
from shared.ids import new_id
from shared.passes import Pass
from tests.support.place import a_pass, a_place
from tests.support.processes import Double, breaking, inside, nobody_there, ring, serving
from tests.support.samples import sample
from tests.support.toy import Toy
from tests.support.wait import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

METHODS = [(service, name) for service in PORTS for name in questions_of(service)]


def hints_of(service: str, name: str) -> tuple[dict[str, Any], Any]:
    (method,) = [vars(port)[name] for port in PORTS[service] if name in vars(port)]
    hints = get_type_hints(method)
    return hints, hints.pop("return")


@asynccontextmanager
async def apart(tmp_path: Path, double: Any, *more: str) -> AsyncIterator[Any]:
    """Give a stub of a service that is served on a socket; ``more`` are addresses asked before."""
    keys = ring(tmp_path / "keys")
    async with serving(inside(double, keys)) as address:
        stub = Afar(double.service, [*more, address], keys)
        try:
            yield stub
        finally:
            stub.close()


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize(("service", "name"), METHODS)
async def test_every_method_of_every_port_answers_the_same_from_afar(
    tmp_path: Path, service: str, name: str, *, full: bool
) -> None:
    hints, gives = hints_of(service, name)
    arguments = {key: sample(kind, full=full) for key, kind in hints.items()}
    double = Double(service, {name: sample(gives, full=full)})
    async with apart(tmp_path, double) as stub:
        answer = await getattr(stub, name)(**arguments)
    assert double.asked == [(name, arguments)]
    assert answer == double.gives[name]
    assert type(answer) is type(double.gives[name])


async def test_the_services_themselves_have_every_method_of_their_ports_by_the_same_names(tmp_path: Path) -> None:
    async with a_place(tmp_path) as place:
        wrong = []
        for service, name in METHODS:
            running = place.system.running[service]
            operations = OperationsOf(place.system.app.state.operations, service)
            owners = (running.port, JournalHere(running.shell), operations)
            found = next((getattr(each, name) for each in owners if hasattr(each, name)), None)
            if found is None or list(inspect.signature(found).parameters) != list(hints_of(service, name)[0]):
                wrong.append((service, name))
    assert len(METHODS) > 25
    assert not wrong


ERRORS = [
    NotFoundError(),
    NotReadyError(),
    UnavailableError(),
    InvalidError(fields=("who", "what.0")),
    TooManyChoicesError.again((), (), {"count": 3, "until": "2026-11-22"}),
    NotFoundError(reasons=tuple(REASONS.values())[:2]),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
async def test_an_error_raised_there_is_the_same_error_here(tmp_path: Path, error: AlongsideError) -> None:
    async with apart(tmp_path, Double("community", {"backstop": error})) as stub:
        with pytest.raises(type(error)) as caught:
            await stub.backstop()
    assert type(caught.value) is type(error)
    assert caught.value.plain() == {**error.plain(), "fields": tuple(error.fields)}


async def test_what_breaks_there_is_a_fault_here_and_says_nothing_of_what_broke(tmp_path: Path) -> None:
    async with apart(tmp_path, Double("intake", {"exists": RuntimeError("Mo Khan 943 476 5919")})) as stub:
        with pytest.raises(FaultError) as caught:
            await stub.exists(new_id())
    assert "Khan" not in str(caught.value)


async def test_a_question_that_is_too_long_is_not_read(tmp_path: Path) -> None:
    double = Double("notify")
    async with apart(tmp_path, double) as stub:
        with pytest.raises(AlongsideError) as caught:
            await stub.send_link("a" * 70_000, "t")
    assert (caught.value.code, double.asked) == ("too-large", [])


async def never() -> Any:
    await until(lambda: False, timeout=30)


def an_ask() -> Ask:
    return Ask(a_pass(organisation=new_id()), new_id(), Part.STORY)


async def test_a_decision_waits_300_ms_is_asked_once_and_is_then_no__c3(tmp_path: Path) -> None:
    slow, quick = Double("consent", {"decide": never}), Double("consent")
    async with apart(tmp_path, slow) as stub:
        said = await Decisions(stub).ask(an_ask())
        assert said == No(Why.CANNOT_ASK)
        assert len(slow.asked) == 1
    assert not quick.asked


async def test_a_decision_that_can_not_be_asked_is_no__c3(tmp_path: Path) -> None:
    stub: Any = Afar("consent", [nobody_there()], ring(tmp_path))
    assert await Decisions(stub).ask(an_ask()) == No(Why.CANNOT_ASK)


async def test_a_dead_replica_is_passed_by_and_then_asked_last(tmp_path: Path) -> None:
    double = Double("intake", {"exists": True})
    async with apart(tmp_path, double, nobody_there()) as stub:
        assert [await stub.exists(new_id()) for _ in range(4)] == [True] * 4
        assert len(double.asked) == 4
        assert stub.replicas[0].rests_until > 0


async def test_one_that_is_being_stopped_says_so_with_its_answer_and_is_asked_last(tmp_path: Path) -> None:
    stopping, well = Double("intake", {"exists": True}), Double("intake", {"exists": True})
    keys = ring(tmp_path / "keys")
    answers = inside(stopping, keys)

    async def last(scope: Any, receive: Any, send: Any) -> None:
        async def ending(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"connection", b"close"))
            await send(message)

        await answers(scope, receive, ending)

    async with serving(last) as one, serving(inside(well, keys)) as other:
        stub: Any = Afar("intake", [one, other], keys)
        assert [await stub.exists(new_id()) for _ in range(4)] == [True] * 4
        stub.close()
    assert (len(stopping.asked), len(well.asked)) == (1, 3)


async def test_one_that_hangs_is_asked_last_from_then_on(tmp_path: Path) -> None:
    hung, well = Double("consent", {"decide": never}), Double("consent", {"decide": sample_answer()})
    keys = ring(tmp_path)
    async with serving(inside(hung, keys)) as one, serving(inside(well, keys)) as other:
        stub: Any = Afar("consent", [one, other], keys)
        said = [await Decisions(stub).ask(an_ask()) for _ in range(6)]
        stub.close()
    assert sum(isinstance(each, No) for each in said) == 1
    assert (len(hung.asked), len(well.asked)) == (1, 5)


def sample_answer() -> Any:
    return sample(hints_of("consent", "decide")[1], full=True)


async def test_a_question_whose_connection_broke_is_asked_once_more_elsewhere(tmp_path: Path) -> None:
    double = Double("pathway", {"told": True})
    async with breaking() as broken, apart(tmp_path, double, broken) as stub:
        assert [await stub.told(new_id()) for _ in range(4)] == [True] * 4


async def test_nobody_to_ask_is_unavailable_and_not_a_fault(tmp_path: Path) -> None:
    async with breaking() as broken:
        stub: Any = Afar("pathway", [broken, nobody_there()], ring(tmp_path))
        with pytest.raises(UnavailableError):
            await stub.told(new_id())


async def test_connections_are_kept_and_one_that_the_owner_ended_is_not_asked_on(tmp_path: Path) -> None:
    double = Double("pathway", {"told": True})
    async with apart(tmp_path, double) as stub:
        for _ in range(3):
            await stub.told(new_id())
        (replica,) = stub.replicas
        (kept,) = replica._idle
        kept.transport.abort()
        await until(kept.gone)
        assert await stub.told(new_id())


def test_every_command_says_what_makes_doing_it_twice_harmless() -> None:
    """A question only looks: its answer says so by its type, or its first word does."""
    commands = {(service, name) for service, name in METHODS if hints_of(service, name)[1] is type(None)}
    assert commands - {("community", "must_be_ready")} == set(REPEATS)
    assert all(REPEATS.values())


async def test_a_stream_is_read_from_its_owner_a_page_at_a_time(tmp_path: Path) -> None:
    toy = Toy(tmp_path)
    subject = UUID(int=9)
    for number in range(1, 8):
        await toy.tell(subject, number)
    here = await toy.span("teller", subject, 2, 7)
    keys = ring(tmp_path / "keys")
    paged = Paged(toy)
    async with serving(inside(paged, keys)) as address:
        stub = Afar("intake", [address], keys)
        journals = FarJournals(None, {"intake": stub})
        assert await journals.span("intake", subject, 2, 7) == here
        assert await journals.span("intake", subject, 6, 2_000) == here[4:]
        stub.close()
    toy.close()
    assert len(here) == 6


class Paged:
    """The toy's journal as intake's."""

    service = "intake"

    def __init__(self, toy: Toy) -> None:
        self.toy = toy

    async def span(self, subject: UUID, first: int, last: int) -> tuple[bytes, ...]:
        return tuple(await self.toy.span("teller", subject, first, last))


async def test_a_pass_of_gateway_goes_on_as_gateway_signed_it(tmp_path: Path) -> None:
    """Intake may sign no supporter's pass itself; what gateway told it, it may carry."""
    folder = tmp_path / "keys"
    gateway, intake, pathway = (ring(folder, [name]) for name in ("gateway", "intake", "pathway"))
    signed_in, double = Pass(Role.PEER_SUPPORTER, new_id(), member=new_id()), Double("pathway")
    known = Double("gateway", {"known": signed_in})
    async with serving(inside(known, gateway)) as front, serving(inside(double, pathway)) as care:
        whose: Any = Afar("gateway", [front], intake)
        there: Any = Afar("pathway", [care], intake)
        carried = await whose.known("a token")
        origin = sample(hints_of("pathway", "arrive_again")[0]["origin"], full=False)
        await there.arrive_again(new_id(), None, type(origin)(carried, new_id()))
        with pytest.raises(UnavailableError):
            await there.arrive_again(new_id(), None, type(origin)(signed_in, new_id()))
        whose.close()
        there.close()
    assert [asked["origin"].by for _, asked in double.asked] == [signed_in]
    assert [bool(asked["origin"].by.signed) for _, asked in double.asked] == [True], "and can be carried on"


async def test_a_decision_for_a_pass_that_is_carried_on_fits_into_its_kilobyte(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    gateway, care, consent = (ring(folder, [name]) for name in ("gateway", "pathway", "consent"))
    by = sample(Pass, full=True)
    asked = Ask(replace(by, signed=gateway.signed(by)), new_id(), Part.CONTACT, Act.DELIVERY, new_id())
    double = Double("consent", {"decide": sample_answer()})
    async with serving(inside(double, consent)) as address:
        stub: Any = Afar("consent", [address], care)
        assert await stub.decide(asked) == sample_answer()
        stub.close()
    assert len(questions_of("consent")["decide"].write({"ask": asked})) < 700


async def test_what_a_steward_asks_reaches_every_replica_of_every_service(tmp_path: Path) -> None:
    keys = ring(tmp_path)
    waits = Waiting(1, 60, 0, 0)
    one, other = (
        Double("consent", {"go_on": 2, "send_again": True, "waiting": waits}),
        Double("consent", {"go_on": None, "send_again": False, "waiting": waits}),
    )
    deaf = Double("gateway", {"go_on": None, "send_again": True, "waiting": UnavailableError()})
    async with serving(inside(one, keys)) as a, serving(inside(other, keys)) as b, serving(inside(deaf, keys)) as c:
        afar = {"consent": Afar("consent", [a, b], keys), "gateway": Afar("gateway", [c], keys)}
        operations = Operations({}, {}, afar)
        assert await operations.go_on() == {"consent": 2}
        assert await operations.send_again(["consent"]) == ["consent"]
        with pytest.raises(InvalidError):
            await operations.go_on(["nobody"])
        assert await operations.waiting() == {"consent": waits, "gateway": None}
        for each in afar.values():
            each.close()
    asked = [[name for name, _ in double.asked] for double in (one, other, deaf)]
    assert [[name for name in each if name != "waiting"] for each in asked] == [
        ["go_on", "send_again"], ["go_on", "send_again"], ["go_on"],
    ]  # fmt: skip
    assert sum("waiting" in each for each in asked[:2]) == 1, "what waits is the same in every replica: one is asked"
