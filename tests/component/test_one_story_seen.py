"""One story, followed by its spans: from HTTP through journal, relay and bus to each consumer and to the webhook."""

import asyncio
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, StatusCode
from prometheus_client import REGISTRY
from sqlalchemy import select

from services.calls.elsewhere import wired_over_nothing
from services.tracing import GRACE_SECONDS, tracing
from shared.bus_log import RECORD, LogBus
from shared.clock import monotonic
from shared.db import Sql
from shared.decisions import WITHDRAWAL_WAIT_SECONDS
from shared.event import Part
from shared.ids import new_id
from shared.settings import Settings
from shared.tracing import TRACING, span, trace_of
from tests.support.notify_servers import Script, receiving, reply
from tests.support.place import person_pass
from tests.support.place_apart import place_apart
from tests.support.processes import nobody_there
from tests.support.seen import Spans, ids, spans_seen
from tests.support.whole_place import WholePlace, whole_place

TOLD = "intake.story-told"
TELLS = "POST /v1/people/{person}/stories"


async def tell(here: WholePlace, partner: Script) -> int:
    """Have R tell something; the group's own system hears of it. Gives the story's trace."""
    await here.yes(here.group.id, Part.STORY)
    async with here.place.client(here.system_of(here.group)) as system:
        await system.post("/v1/subscriptions", json={"url": partner.url(), "events": [TOLD]})
    await here.place.settle()
    body = {"passages": [{"heading": "what-happened", "words": "I lost the thread."}]}
    correlation = new_id()
    async with here.me as me:
        headers = {"X-Correlation-ID": str(correlation)}
        told = await me.post(f"/v1/people/{here.r}/stories", json=body, headers=headers)
    assert told.status_code == 201
    await here.place.settle()
    return trace_of(correlation)


async def test_one_trace_holds_a_story_from_the_request_to_the_webhook(tmp_path: Path) -> None:
    async with whole_place(tmp_path / "data") as here, receiving() as partner:
        with spans_seen() as spans:
            trace = await tell(here, partner)
        assert isinstance(here.place.system.bus, LogBus)
        async with here.place.system.bus.database.read() as connection:
            carried = [row["value"] for row in await connection.all(Sql(select(RECORD.c.value)))]
        journalled = {event.raw for name in here.place.system.running for event in await here.place.journal(name)}
    sent = ["relay intake.story-told", "journal intake.story-told", "intake tell_story", TELLS]
    assert spans.path(spans.one("pathway hears intake.story-told")) == ["pathway hears intake.story-told", *sent]
    webhook = spans.one("webhook intake.story-told")
    assert spans.path(webhook) == ["webhook intake.story-told", "notify hears intake.story-told", *sent]
    story = [each for each in spans.all if ids(each)[0] == trace]
    assert {ids(each)[0] for each in spans.all if "intake.story-told" in each.name} == {trace}
    assert len({ids(each) for each in story}) == len(story)
    kinds = {each.name.split(" ")[0]: each.kind for each in story}
    assert (kinds["POST"], kinds["relay"], kinds["webhook"]) == (SpanKind.SERVER, SpanKind.PRODUCER, SpanKind.CLIENT)
    assert {each.kind for each in story if " hears " in each.name} == {SpanKind.CONSUMER}
    assert (webhook.attributes or {})["status"] == 204
    assert carried
    assert set(carried) <= journalled  # the bus carries the journal's bytes, and nothing beside them


async def test_what_leaves_with_a_webhook_is_the_subscribers_own_trace__i1(tmp_path: Path) -> None:
    """Two subscribers who compare what they were sent can't see that it has one cause."""
    script = Script([reply(204), reply(500), reply(204)])
    async with whole_place(tmp_path / "data") as here, receiving(script) as partner:
        with spans_seen() as spans:
            trace = await tell(here, partner)
    heard = [each for each in partner.heard if each.json["type"] == TOLD]
    (webhook,) = spans.named("webhook intake.story-told")
    _, outside, parent, _ = heard[0].headers["traceparent"].split("-")
    assert outside == heard[0].headers["webhook-id"].replace("-", "")
    assert int(parent, 16) == ids(webhook)[1]
    assert [link.context.trace_id for link in webhook.links] == [int(outside, 16)]
    assert f"{trace:032x}" not in str(heard[0])
    assert (webhook.attributes or {})["why"] == "answer-was-not-2xx"


async def test_a_question_to_another_process_is_in_the_story_of_who_asks(tmp_path: Path) -> None:
    async with place_apart(tmp_path, Part.STORY) as apart:
        reader = await apart.care.reader(apart.whole.group.by)
        with spans_seen() as spans:
            status, _, _ = await reader.ask("GET", f"/v1/people/{apart.whole.r}/stories")
            assert status == 200
    read = spans.one("GET /v1/people/{person}/stories")
    asked = spans.named("ask consent.decide")
    answered = spans.named("answer consent.decide")
    assert {each.parent.span_id for each in asked if each.parent} == {ids(read)[1]}
    assert {each.parent.span_id for each in answered if each.parent} == {ids(each)[1] for each in asked}
    assert {ids(each)[0] for each in (*asked, *answered)} == {ids(read)[0]}
    assert spans.path(spans.named("answer gateway.known")[0])[-1] == read.name


async def test_decisions_and_withdrawals_are_timed_once_each_where_consent_is_elsewhere(tmp_path: Path) -> None:
    def figure(name: str) -> float:
        return REGISTRY.get_sample_value(f"alongside_{name}") or 0.0

    async with place_apart(tmp_path, Part.STORY) as apart:
        reader = await apart.care.reader(apart.whole.group.by)
        r = await apart.consent.reader(person_pass(apart.whole.r))
        decisions = figure("decision_seconds_count")
        with spans_seen() as spans:
            status, _, _ = await reader.ask("GET", f"/v1/people/{apart.whole.r}/stories")
            assert status == 200
        assert figure("decision_seconds_count") - decisions == len(spans.named("answer consent.decide")) > 0
        count, seconds = figure("withdrawal_seconds_count"), figure("withdrawal_seconds_sum")
        status, _, _ = await r.ask("POST", f"/v1/choices/{apart.choice}/withdrawal", b"{}")
        assert status == 200
    assert figure("withdrawal_seconds_count") - count == 1
    assert figure("withdrawal_seconds_sum") - seconds >= WITHDRAWAL_WAIT_SECONDS


async def test_spans_go_to_a_collector_in_the_words_of_opentelemetry() -> None:
    async with receiving(Script([reply(200)])) as collector:
        settings = Settings(traces_url=collector.url("/v1/traces"), traces_part=1.0)
        with ExitStack() as process:
            process.enter_context(tracing(settings, ["intake"]))
            with span("intake tell_story", story=new_id(), type=TOLD):
                pass
            await asyncio.to_thread(process.close)
    (sent,) = collector.heard
    assert (sent.path, sent.headers["content-type"]) == ("/v1/traces", "application/x-protobuf")
    assert all(each in sent.body for each in (b"alongside-intake", b"intake tell_story", TOLD.encode()))
    assert TRACING.start is None


def test_a_collector_that_is_away_holds_nobody_up_at_the_end() -> None:
    began = monotonic()
    with tracing(Settings(traces_url=f"{nobody_there()}/v1/traces", traces_part=1.0), ["intake"]):
        for _ in range(5_000):
            with span("intake tell_story", story=new_id()):
                pass
    assert monotonic() - began < GRACE_SECONDS + 5


async def test_every_process_follows_the_same_part_of_all_stories() -> None:
    stories = [new_id() for _ in range(2_000)]

    def followed(part: float) -> set[int]:
        with spans_seen(part) as spans:
            for story in stories:
                with span("hears", story=story):
                    pass
        return {ids(each)[0] for each in spans.all}

    tenth = followed(0.1)
    assert 100 < len(tenth) < 320
    assert tenth == followed(0.1) < followed(0.5)
    assert not followed(0.0)


def test_nothing_is_made_where_nobody_follows() -> None:
    assert TRACING.start is None
    with span("command", story=new_id()) as made:
        assert not made.is_recording()


def test_the_frameworks_own_spans_figures_and_logs_are_off_whatever_the_environment_says() -> None:
    """They tell whole paths, with their ids, and what an exception says."""
    with wired_over_nothing() as system:
        told = system.app._telemetry
    assert not any(told[each] for each in ("tracing", "metrics", "logs", "auto_configure"))


def failing(error: BaseException) -> ReadableSpan:
    with spans_seen() as spans, pytest.raises(type(error)), span("command", story=new_id()):
        raise error
    return spans.one("command")


def test_an_error_is_told_by_its_class_and_never_by_what_it_says() -> None:
    found = failing(ValueError("Rowan said so"))
    assert found.attributes == {"error": "ValueError"}
    assert (found.status.status_code, found.status.description, found.events) == (StatusCode.ERROR, None, ())


def test_a_key_that_a_log_line_may_not_have_is_left_out_of_a_span_too() -> None:
    with spans_seen() as spans, span("of 943 476 5919", story=new_id(), person="Rowan", type="r.k@example.org"):
        pass
    said = Spans.said(spans)
    assert "[blotted out]" in said
    assert not any(each in said for each in ("Rowan", "943 476 5919", "example.org"))


def test_a_process_that_follows_nothing_loads_nothing_for_it() -> None:
    """A start is measured: the SDK and its exporter would be a tenth of it."""
    told = "import sys, services.cli.server, services.instance; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout.split()
    assert "shared.tracing" in loaded
    assert not [each for each in loaded if each.startswith(("opentelemetry.sdk", "opentelemetry.exporter", "google."))]
