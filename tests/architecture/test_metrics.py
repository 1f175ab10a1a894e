"""What the dashboard and the alarms look at is there; each alarm says what it means; each figure is described."""

import json
import re
from importlib import import_module
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY
from prometheus_client.metrics_core import Metric

from services import SERVICES
from tests.support import tree

ALARMS = tree.REPOSITORY / "deploy" / "prometheus" / "alarms.yml"
DASHBOARD = tree.REPOSITORY / "deploy" / "grafana" / "alongside.json"
METRICS = tree.REPOSITORY / "docs" / "metrics.md"
PROMETHEUS_OWN = {"up"}
FROM_PROMETHEUS = {"le", "job", "instance"}
NEVER_LABELS = {"person", "member", "organisation", "subject", "id", "name", "path", "url"}
SAMPLES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_count", "_sum")}
NAME = re.compile(r"\b(alongside_\w+|up)\b(?:\{([^}]*)\})?")
ROW = re.compile(r"^\| `(alongside_\w+)` \| ([\w, ]*)\|", re.MULTILINE)


def labels_of(metric: str) -> tuple[str, ...]:
    """Give the labels of one of our figures by the name that is asked for."""
    collectors = REGISTRY._names_to_collectors
    return tuple(getattr(collectors[metric], "_labelnames", ()))


def ours() -> dict[str, Metric]:
    """Give every figure of ours, whether it has been counted yet or not."""
    for name in SERVICES:
        import_module(f"services.{name}.app")
    import_module("services.figures")
    return {metric.name: metric for metric in REGISTRY.collect() if metric.name.startswith("alongside_")}


def asked_for() -> set[str]:
    return {metric.name + end for metric in ours().values() for end in SAMPLES[metric.type]}


def alarms() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(ALARMS.read_text())["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    return [panel for panel in json.loads(DASHBOARD.read_text())["panels"] if panel["type"] != "row"]


def expressions() -> list[str]:
    drawn = [target["expr"] for panel in panels() for target in panel["targets"]]
    return drawn + [alarm["expr"] for alarm in alarms()]


def unknown_in(expression: str) -> set[str]:
    """Give the figures, and the labels that they do not have, that an expression looks at."""
    known, wrong, labels = asked_for(), set(), set(FROM_PROMETHEUS)
    for name, matched in NAME.findall(expression):
        if name in PROMETHEUS_OWN:
            continue
        if name not in known:
            wrong.add(name)
            continue
        labels |= set(labels_of(name))
        wrong |= set(re.findall(r"(\w+)\s*[=!]", matched)) - labels
    grouped = {label for by in re.findall(r"by \(([^)]*)\)", expression) for label in re.findall(r"\w+", by)}
    return wrong | (grouped - labels)


@pytest.mark.parametrize("expression", expressions())
def test_what_is_looked_at_is_there(expression: str) -> None:
    assert NAME.search(expression)
    assert not unknown_in(expression)


def test_what_is_not_there_is_seen() -> None:
    assert unknown_in("max(alongside_oldest_unsend_seconds)") == {"alongside_oldest_unsend_seconds"}
    assert unknown_in("max by (person) (alongside_oldest_unsent_seconds)") == {"person"}
    assert unknown_in('rate(alongside_requests_total{path="x"}[5m])') == {"path"}


def anchors() -> set[str]:
    headings = re.findall(r"^#+ (.+)$", METRICS.read_text(), re.MULTILINE)
    return {f"docs/metrics.md#{re.sub(r'[^a-z0-9 -]', '', each.lower()).replace(' ', '-')}" for each in headings}


def test_every_alarm_names_the_heading_that_says_what_to_do_and_wakes_or_does_not() -> None:
    for alarm in alarms():
        assert alarm["annotations"]["runbook"] in anchors(), alarm["alert"]
        assert alarm["annotations"]["summary"].endswith("."), alarm["alert"]
        assert alarm["labels"]["severity"] in {"page", "look"}, alarm["alert"]
    names = [alarm["alert"] for alarm in alarms()]
    assert len(set(names)) == len(names)


def test_every_heading_of_an_alarm_has_its_alarm() -> None:
    said = METRICS.read_text().partition("## Alarms")[2]
    told = {alarm["annotations"]["runbook"] for alarm in alarms()}
    assert len(re.findall(r"^### ", said, re.MULTILINE)) == len(told)


def test_the_page_describes_every_figure_with_its_labels() -> None:
    described = {
        name: {each.strip() for each in labels.split(",")} - {""} for name, labels in ROW.findall(METRICS.read_text())
    }
    names = {metric.name + ("_total" if metric.type == "counter" else "") for metric in ours().values()}
    assert described == {name: set(labels_of(name)) for name in names}


def test_no_label_could_hold_a_person_or_an_organisation() -> None:
    assert not [name for name in asked_for() if NEVER_LABELS & set(labels_of(name))]


def test_every_figure_is_on_the_dashboard() -> None:
    drawn = " ".join(target["expr"] for panel in panels() for target in panel["targets"])
    assert not [name for name in ours() if name not in drawn]
