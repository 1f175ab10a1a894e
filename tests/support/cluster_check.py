"""Judges a place from outside after it was harmed: what callers were answered, receivers got and databases hold.

It shares no code with the services: journals are read as JSON and hashed here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from hashlib import sha256
from math import inf
from typing import TYPE_CHECKING, Any

from services.demo.setting import CENTRE, PEERS
from tests.support.cluster_look import Fact, by_subject, journals, rows, until_converged
from tests.support.cluster_restore import Restored

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.support.cluster import Cluster
    from tests.support.cluster_load import Load, Noting, Operation

GENESIS = "0" * 64
NOTHING = Restored()
CONVERGES_SECONDS = 60.0
AFTER_SECONDS = 0.1
"""How late the last byte of a delivery may come after a withdrawal's answer (research, reliability P20)."""
TOLD = {"intake.story-told", "pathway.contact-made"}
"""Facts that the group, whom everybody of the load lets in, must hear of."""


@dataclass
class Verdict:
    """What was found, by kind; each is a sentence. ``converged`` in seconds."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    without_a_lead: list[str] = field(default_factory=list)
    disclosed: list[str] = field(default_factory=list)
    parked: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    converged: float = 0.0

    def found(self) -> dict[str, list[str]]:
        """Give what is not as promised."""
        return {name: value for name, value in vars(self).items() if isinstance(value, list) and value}


@dataclass
class Kept:
    """What was found in the databases. ``effects`` are numbered, by kind; each number should be there once."""

    facts: dict[str, list[Fact]]
    effects: dict[str, Counter[int]]
    deliveries: list[dict[str, Any]]
    timeline: Counter[str]
    leads: dict[str, str | None]


async def judged(
    cluster: Cluster, load: Load, restored: Restored = NOTHING, *, seconds: float = CONVERGES_SECONDS
) -> Verdict:
    """Wait until nothing is on its way, ``seconds`` at most, then judge."""
    verdict = Verdict()
    verdict.converged, left = await until_converged(cluster, seconds)
    if left.parked:
        verdict.parked.append(str(left.parked[:10]))
    if left.anything or verdict.converged > seconds + 5:
        verdict.late.append(f"{verdict.converged:.0f} s: {left}")
    kept = await read(cluster)
    judge(verdict, load.done, kept, _receivers(load), restored)
    return verdict


def _receivers(load: Load) -> dict[str, Noting]:
    found: dict[str, Any] = load.world.receivers
    return found


def judge(
    verdict: Verdict,
    done: list[Operation],
    kept: Kept,
    receivers: dict[str, Noting],
    restored: Restored = NOTHING,
) -> None:
    """Add everything that is not as promised. ``restored`` says which words of whom a database may have forgotten."""
    verdict.lost += [*_answered_and_gone(done, kept, restored), *_untold(done, kept, receivers[PEERS], restored)]
    verdict.doubled += [*_twice(done, kept, restored)]
    verdict.out_of_order += [*_chains(kept), *_orders(kept, receivers, restored)]
    verdict.without_a_lead += [*_leads(done, kept)]
    verdict.disclosed += [*disclosed(done, receivers[CENTRE])]


async def read(cluster: Cluster) -> Kept:
    """Read the databases."""
    facts = await journals(cluster)
    effects: dict[str, Counter[int]] = {}
    for kind, service, sql in (
        ("arrive", "intake", "SELECT called FROM intake_person WHERE called LIKE 'N%'"),
        ("story", "intake", "SELECT words FROM intake_passage WHERE words LIKE 'story %'"),
        ("contact", "pathway", "SELECT note FROM pathway_contact WHERE note LIKE 'contact %'"),
        ("choice", "consent", "SELECT words FROM consent_choice WHERE words LIKE 'choice %'"),
    ):
        effects[kind] = Counter(int(row[0].lstrip("N").rpartition(" ")[2]) for row in await rows(cluster, service, sql))
    sql = "SELECT d.*, s.url FROM notify_delivery d JOIN notify_subscription s ON s.id = d.subscription"
    deliveries = [dict(row) for row in await rows(cluster, "notify", sql)]
    timeline = Counter(str(row[0]) for row in await rows(cluster, "pathway", "SELECT event FROM pathway_timeline"))
    held = await rows(cluster, "pathway", "SELECT person, lead FROM pathway_holding")
    leads = {str(person): str(lead) if lead else None for person, lead in held}
    return Kept(facts, effects, deliveries, timeline, leads)


KINDS = {"arrive": "arrive", "story": "story", "contact": "contact", "let in": "choice", "let see": "choice"}


def _answered_and_gone(done: Iterable[Operation], kept: Kept, restored: Restored) -> Iterator[str]:
    for each in done:
        kind = KINDS.get(each.kind)
        if kind and each.outcome == "ok" and not kept.effects[kind][each.number] and not restored.forgot(each):
            yield f"{each.kind} {each.number} was answered and is not there"


def _twice(done: Iterable[Operation], kept: Kept, restored: Restored) -> Iterator[str]:
    allowed: dict[str, set[int]] = defaultdict(set)
    for each in done:
        if each.kind in KINDS and each.outcome != "failed":
            allowed[KINDS[each.kind]].add(each.number)
    for kind, numbers in kept.effects.items():
        yield from (f"{kind} {number} is there {often} times" for number, often in numbers.items() if often > 1)
        yield from (f"{kind} {number} is there and nobody did it" for number in numbers.keys() - allowed[kind])
    for kind, type_, service in (
        ("story", "intake.story-told", "intake"),
        ("contact", "pathway.contact-made", "pathway"),
    ):
        told = sum(fact.type == type_ for fact in kept.facts[service])
        there = len(kept.effects[kind])
        forgotten = sum(each.kind == kind and restored.forgot(each) for each in done)
        if not there <= told <= there + forgotten:
            yield f"{there} of {kind}, and {told} facts of it"
        late = [fact.id for fact in kept.facts[service] if fact.type == type_ and kept.timeline[fact.id] != 1]
        if late:
            yield f"{len(late)} {type_} are not in the timeline once"
    often = Counter((row["subscription"], row["event"]) for row in kept.deliveries)
    yield from (f"a fact is delivered {n} times to one subscription: {key}" for key, n in often.items() if n > 1)


def _untold(done: Iterable[Operation], kept: Kept, group: Noting, restored: Restored) -> Iterator[str]:
    """Everybody of the load let the group in before anything was told: it must have heard of all since.

    A yes that consent forgot opens nothing: the safe side.
    """
    said_yes = [each for each in done if each.kind == "let in" and each.outcome == "ok"]
    let_in = {each.person for each in said_yes if not restored.forgot(each)}
    told = {str(row["event"]): str(row["id"]) for row in kept.deliveries if _of(row, PEERS) and row["id"]}
    arrived = {arrival[0] for arrival in group.arrivals}
    for facts in kept.facts.values():
        for fact in facts:
            if fact.type in TOLD and fact.subject in let_in and told.get(fact.id) not in arrived:
                yield f"{fact.type} {fact.seq} of a person was never delivered to the group"


def _chains(kept: Kept) -> Iterator[str]:
    for service, facts in kept.facts.items():
        for _, stream in by_subject(facts):
            if [fact.seq for fact in stream] != list(range(1, len(stream) + 1)):
                yield f"{service} has a stream that is not dense"
            hashes = [GENESIS, *(sha256(fact.raw).hexdigest() for fact in stream)]
            if any(fact.prev != before for fact, before in zip(stream, hashes, strict=False)):
                yield f"{service} has a broken chain"


def _orders(kept: Kept, receivers: dict[str, Noting], restored: Restored) -> Iterator[str]:
    """Order numbers are dense for a person, come in their order, and follow each service's own order of facts.

    After notify's database went back they leap: what a receiver has seen before comes under its id again, with a number
    that is higher than all that it has seen. What had begun when its process was killed, and may not be told any more,
    stands in the log as failed and keeps its number: nobody knows whether it left.
    """
    place = {fact.id: (service, fact.seq) for service, facts in kept.facts.items() for fact in facts}
    event_of = {str(row["id"]): str(row["event"]) for row in kept.deliveries if row["id"]}
    leaps = restored.back if restored.service == "notify" else inf
    for key, receiver in receivers.items():
        failed: dict[str, set[int]] = defaultdict(set)
        for row in kept.deliveries:
            if _of(row, key) and row.get("state") == "failed" and row["order"]:
                failed[str(row["subject"])].add(row["order"])
        lanes: dict[str, tuple[dict[str, int], dict[str, int]]] = defaultdict(lambda: ({}, {}))
        for outside, subject, order, _, at in receiver.arrivals:
            first, then = lanes[subject]
            part = then if at > leaps and first.get(outside) != order else first
            if part.setdefault(outside, order) != order:
                yield f"{key}: one delivery came with two numbers"
        for subject, (first, then) in lanes.items():
            begins = min(then.values(), default=inf)
            if begins <= max(first.values(), default=0):
                yield f"{key}: a number was given a second time after a restore"
            yield from (f"{key}: {what}" for what in _lane(first, 1, failed[subject], place, event_of))
            yield from (f"{key}: {what}" for what in _lane(then, begins, failed[subject], place, event_of))


def _lane(
    numbered: dict[str, int],
    begins: float,
    failed: set[int],
    place: dict[str, tuple[str, int]],
    event_of: dict[str, str],
) -> Iterator[str]:
    orders = list(numbered.values())
    if orders != sorted(orders):
        yield "deliveries about a person came in another order than their numbers"
    missing = set(range(int(begins), max(orders) + 1)) - set(orders) - failed if orders else set()
    if missing or len(set(orders)) < len(orders) or any(each < begins for each in orders):
        yield f"numbers about a person are not dense: {sorted(missing)[:50]} of {len(orders)}"
    seqs: dict[str, list[int]] = defaultdict(list)
    for outside in sorted(numbered, key=numbered.__getitem__):
        if (found := place.get(event_of.get(outside, ""))) is not None:
            seqs[found[0]].append(found[1])
    yield from (f"facts of {service} came in another order" for service, n in seqs.items() if n != sorted(n))


def _leads(done: Iterable[Operation], kept: Kept) -> Iterator[str]:
    for _, stream in by_subject(kept.facts["pathway"]):
        lead = None
        for fact in stream:
            if fact.type != "pathway.lead-changed":
                continue
            if fact.data.get("was") != lead:
                yield f"a lead ends at {fact.seq} who did not lead"
            lead = fact.data.get("now")
            if lead is None and fact.data.get("why") != "way-out":
                yield f"nobody leads from {fact.seq} on"
    for each in done:
        person = each.told.get("person")
        if each.kind in {"arrive", "return"} and each.outcome == "ok" and person and not kept.leads.get(person):
            yield f"{each.kind} {each.number} was answered and nobody leads"


def _taken_back(done: Iterable[Operation]) -> dict[str, list[tuple[float, float]]]:
    """Give, for each person, the spans from a withdrawal's answer to the next choice's request."""
    spans: dict[str, list[tuple[float, float]]] = defaultdict(list)
    since: dict[str, float] = {}
    for each in sorted(done, key=lambda each: each.began):
        if each.kind == "let see" and each.person in since:
            spans[each.person].append((since.pop(each.person), each.began))
        elif each.kind == "withdraw" and each.outcome == "ok":
            since[each.person] = each.ended
    for person, began in since.items():
        spans[person].append((began, inf))
    return spans


def disclosed(done: list[Operation], centre: Noting) -> Iterator[str]:
    """Within such a span nothing may be read or delivered."""
    spans = _taken_back(done)
    for each in done:
        if each.kind == "read" and each.outcome == "ok":
            for since, until in spans[each.person]:
                if since < each.began and each.ended < until:
                    yield f"read {each.number} was answered {each.began - since:.3f} s after a withdrawal's answer"
    for _, subject, order, type_, at in centre.arrivals:
        for since, until in spans.get(subject, ()):
            if since + AFTER_SECONDS < at < until:
                yield f"{type_} (number {order}) arrived {at - since:.3f} s after a withdrawal's answer"


def _of(row: dict[str, Any], key: str) -> bool:
    return str(row["url"]).endswith(f"/{key}")
