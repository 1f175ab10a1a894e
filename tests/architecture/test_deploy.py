"""What runs a place is what the code says: owners, rights, probes, and nothing that it need not be able to do."""

from __future__ import annotations

import json
import re
from importlib import import_module
from typing import Any

import kubernetes_validate
import pytest
import yaml

from services import SERVICES
from services.calls.elsewhere import wired_over_nothing
from services.cli import demo
from services.cli.routes import expression, owners
from services.cli.server import GRACE_SECONDS
from services.notify.delivery.egress import TIMEOUT
from shared.bus import topic_of
from shared.bus_kafka import LIMIT_SECONDS
from tests.support import tree

DEPLOY = tree.REPOSITORY / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((tree.REPOSITORY / "docker-compose.yml").read_text())
CONTAINERS: dict[str, Any] = COMPOSE["services"]
MANIFESTS = [
    each
    for path in sorted((DEPLOY / "k8s").glob("*.yaml"))
    for each in yaml.safe_load_all(path.read_text())
]  # fmt: skip
PODS = {
    each["metadata"]["name"]: each["spec"] if each["kind"] == "Pod" else each["spec"]["template"]["spec"]
    for each in MANIFESTS
    if each["kind"] in {"Deployment", "Job", "Pod"}
}
DEPLOYMENTS = {each["metadata"]["name"] for each in MANIFESTS if each["kind"] == "Deployment"}
PINNED = re.compile(r"[a-z/]+:v?\d+\.\d+(\.\d+)?[a-z0-9.-]*")
ROOT = "secrets"  # gives each folder to whom it belongs, and reaches no network
SCHEMAS = "1.37"


def services_in(words: list[str]) -> tuple[str, ...]:
    """The services that a command line names, none where it runs none."""
    return tuple(words[words.index("--services") + 1].split(",")) if "--services" in words else ()


def processes(commands: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    """Process by name, replicas told together, with the services that run in it."""
    return {
        re.sub(r"-\d$", "", name): services_in(words) for name, words in commands.items() if services_in(words)
    }  # fmt: skip


IN_COMPOSE = processes({name: each.get("command", []) for name, each in CONTAINERS.items()})
IN_KUBERNETES = processes({name: PODS[name]["containers"][0].get("args", []) for name in PODS})


def lines_of(script: str, word: str) -> list[list[str]]:
    return [line.split() for line in (DEPLOY / script).read_text().splitlines() if re.match(rf"{word} [a-z]", line)]


@pytest.mark.parametrize("place", [IN_COMPOSE, IN_KUBERNETES], ids=["compose", "kubernetes"])
def test_every_service_runs_in_exactly_one_process(place: dict[str, tuple[str, ...]]) -> None:
    assert sorted(name for each in place.values() for name in each) == sorted(SERVICES)


def test_both_ways_to_run_a_place_have_the_same_processes() -> None:
    assert IN_COMPOSE == IN_KUBERNETES


def test_every_process_is_told_where_each_service_lives() -> None:
    lives = json.loads(CONTAINERS["front"]["environment"]["ALONGSIDE_SERVICES"])
    there = {name: [url.removeprefix("http://").removesuffix(":8000") for url in urls] for name, urls in lives.items()}
    assert there == {
        service: [name for name, each in CONTAINERS.items() if service in services_in(each.get("command", []))]
        for service in SERVICES
    }
    (config,) = [each["data"] for each in MANIFESTS if each["kind"] == "ConfigMap"]
    in_kubernetes = json.loads(config["ALONGSIDE_SERVICES"])
    assert in_kubernetes == {s: [f"http://{name}:8000"] for name, each in IN_KUBERNETES.items() for s in each}


def test_the_proxy_sends_each_path_to_the_process_of_its_owner() -> None:
    with wired_over_nothing(demo=True) as system:
        found = owners({name: running.routers for name, running in system.running.items()})
    wanted = [f"{expression(path)} {owner}" for path, owner in found]
    assert (DEPLOY / "proxy" / "owners.map").read_text().splitlines() == wanted, "alongside routes --map > owners.map"
    blocks = (DEPLOY / "proxy" / "haproxy.cfg").read_text().split("\nbackend ")[1:]
    sent = {block.split()[0]: re.findall(r'"\$\{([A-Z]+)\}:8000"', block) for block in blocks}
    assert sent == {service: [name.upper()] for name, each in IN_COMPOSE.items() for service in each}
    at_home = {name.upper(): name for name in IN_COMPOSE}
    assert CONTAINERS["proxy"]["environment"] == at_home
    env = {each["name"]: each["value"] for each in PODS["proxy"]["containers"][0]["env"]}
    assert env == {word: f"{name}-each.alongside.svc.cluster.local" for word, name in at_home.items()}


def test_a_topic_has_one_writer_and_those_who_hear_it_may_read_it() -> None:
    writers = {service: line[1] for line in lines_of("kafka/set-up.sh", "writes") for service in line[2:]}
    assert writers == {service: name for name, each in IN_COMPOSE.items() for service in each}
    hearing = {
        service: set(import_module(f"services.{service}.subscriptions").LISTENS_TO)
        for service in ("pathway", "consent", "notify")
    }
    may = {line[2]: set(line[3:]) for line in lines_of("kafka/set-up.sh", "hears")}
    assert may == hearing
    assert [(line[1], set(line[2:])) for line in lines_of("kafka/set-up.sh", "looks")] == [("desk", set(SERVICES))]
    assert topic_of("intake") == "alongside.intake"


def test_each_service_has_a_database_a_role_and_secrets_of_its_own() -> None:
    for script in ("postgres/roles.sh", "kafka/set-up.sh", "make-secrets"):
        told = re.search(r"^(?:for service in |services=\")([a-z ]+)", (DEPLOY / script).read_text(), re.MULTILINE)
        assert told is not None
        assert sorted(told[1].split()) == sorted(SERVICES), script
    mine = dict(re.findall(r"^    ([a-z]+)\) echo ([a-z ]+) ;;$", (DEPLOY / "make-secrets").read_text(), re.MULTILINE))
    assert {name: tuple(services.split()) for name, services in mine.items()} == IN_COMPOSE
    for service in SERVICES:
        role = f"alongside_{service}"
        line = rf"^hostssl {role} +{role},{role}_owner +all +scram-sha-256$"
        assert re.search(line, (DEPLOY / "postgres" / "pg_hba.conf").read_text(), re.MULTILINE)
    for name, each in CONTAINERS.items():
        folders = [volume.split(":")[0] for volume in each.get("volumes", []) if volume.split(":")[1] == "/secrets"]
        mine_alone = {"migrate": ["secrets-tables"], "desk": ["secrets-tables"], "topics": ["secrets-kafka"]}
        if name != ROOT:
            assert folders == mine_alone.get(name, [f"secrets-{re.sub(r'-[0-9]$', '', name)}"])


def test_every_image_is_pinned() -> None:
    images = [re.sub(r"\$\{[A-Z_]+:-(.*)\}", r"\1", each["image"]) for each in CONTAINERS.values()]
    images += [each["image"] for pod in PODS.values() for each in pod["containers"]]
    recipe = (DEPLOY / "Dockerfile").read_text()
    images += re.findall(r"^ARG PYTHON_IMAGE=(.+)$", recipe, re.MULTILINE)
    assert not [image for image in images if not PINNED.fullmatch(image)]
    assert set(re.findall(r"^FROM (\S+)", recipe, re.MULTILINE)) == {"${PYTHON_IMAGE}"}
    assert not PINNED.fullmatch("haproxy:latest")


def secret_literals(environment: dict[str, Any]) -> list[str]:
    """Variables that hold what should lie in a file: a path, nothing, or what the caller's own shell says is none."""
    return [
        name
        for name, value in environment.items()
        if (re.search("PASSWORD|TOKEN|SECRET|KEY|CERT", name) and not re.match(r"/|\$\{|$", str(value)))
        or re.search(r"://[^/@{]*:[^/@]*@", str(value))
    ]


def test_no_secret_is_written_into_a_file_of_the_repository() -> None:
    beside: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.demo.yml").read_text())["services"]
    told = [each.get("environment", {}) for each in CONTAINERS.values()]
    told += [
        {each["name"]: each.get("value", "") for each in pod["containers"][0].get("env", [])} for pod in PODS.values()
    ]
    told += [each["data"] for each in MANIFESTS if each["kind"] == "ConfigMap"]
    assert not [name for each in told for name in secret_literals(each)]
    assert "Secret" not in {each["kind"] for each in MANIFESTS}
    assert beside["notify"]["environment"]["ALONGSIDE_NOTIFY_KEY"] == demo.NOTIFY_KEY, "the demo's, of nobody's account"
    assert secret_literals({"KEY": "abc", "URL": "postgresql://me:word@there/x"}) == ["KEY", "URL"]
    assert not re.search(r"^(ENV|ARG).*(PASSWORD|TOKEN|SECRET)", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_can_do_no_more_than_it_must(name: str) -> None:
    each = CONTAINERS[name]
    assert each["read_only"] is True
    assert each["cap_drop"] == ["ALL"]
    assert each["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "cpus", "pids_limit"} <= each.keys()
    assert "build" not in each
    assert "privileged" not in each
    if name == ROOT:
        assert each["network_mode"] == "none"
    else:
        assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", each["user"])
        assert "cap_add" not in each


@pytest.mark.parametrize("name", PODS)
def test_a_pod_can_do_no_more_than_it_must(name: str) -> None:
    pod = PODS[name]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 0
    for each in pod["containers"]:
        context = each["securityContext"]
        assert context["readOnlyRootFilesystem"] is True
        assert context["allowPrivilegeEscalation"] is False
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert each["resources"]["limits"].keys() >= {"cpu", "memory"}
        assert {m["mountPath"]: m.get("readOnly") for m in each["volumeMounts"]}["/secrets"] is True


def test_the_same_is_asked_of_a_process_wherever_it_runs() -> None:
    asked = {"/_live", "/_ready"}
    recipe = re.search(r"HEALTHCHECK.*?CMD (\[.*?\])", (DEPLOY / "Dockerfile").read_text(), re.DOTALL)
    assert recipe is not None
    assert {word for word in json.loads(recipe[1]) if word.startswith("/_")} == asked
    for name, each in CONTAINERS.items():
        if services_in(each.get("command", [])):
            assert {word for word in each["healthcheck"]["test"] if word.startswith("/_")} == asked, name
            assert each["restart"] == "unless-stopped"
    for name in IN_KUBERNETES:
        (each,) = PODS[name]["containers"]
        assert each["livenessProbe"]["httpGet"]["path"] == "/_live"
        assert each["startupProbe"]["httpGet"]["path"] == "/_live"
        assert each["readinessProbe"]["httpGet"]["path"] == "/_ready"
    assert "option httpchk GET /_ready" in (DEPLOY / "proxy" / "haproxy.cfg").read_text()


def test_a_process_has_the_time_to_end_in_order() -> None:
    longest = 2 * max(LIMIT_SECONDS, TIMEOUT, GRACE_SECONDS)
    assert all(PODS[name]["terminationGracePeriodSeconds"] > longest for name in IN_KUBERNETES)
    for each in CONTAINERS.values():
        if services_in(each.get("command", [])):
            assert int(each["stop_grace_period"].removesuffix("s")) > longest
    assert "hard-stop-after 30s" in (DEPLOY / "proxy" / "haproxy.cfg").read_text()


def test_the_proxy_reaches_no_database_and_only_notify_reaches_out() -> None:
    on = {name: set(each.get("networks", [])) for name, each in CONTAINERS.items()}
    assert on["proxy"] == {"edge", "inside"}
    assert {name for name, networks in on.items() if "out" in networks} == {"notify"}
    assert {name for name, each in COMPOSE["networks"].items() if each.get("internal")} == {"inside", "rows", "events"}
    assert [name for name, each in CONTAINERS.items() if each.get("ports")] == ["proxy"]
    policies = {each["metadata"]["name"]: each["spec"] for each in MANIFESTS if each["kind"] == "NetworkPolicy"}
    assert policies["nobody"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    (only,) = policies["proxy"]["egress"]
    assert only["to"] == [{"podSelector": {"matchLabels": {"part": "process"}}}]
    assert policies["out"]["podSelector"] == {"matchLabels": {"app": "notify"}}


def test_something_is_left_when_a_machine_is_taken_away() -> None:
    kept = {e["metadata"]["name"]: e["spec"] for e in MANIFESTS if e["kind"] == "PodDisruptionBudget"}
    assert kept.keys() == DEPLOYMENTS
    for each in MANIFESTS:
        if each["kind"] == "Deployment":
            name = each["metadata"]["name"]
            assert each["spec"]["replicas"] > kept[name]["maxUnavailable"] == 1
            assert kept[name]["selector"] == each["spec"]["selector"]
            assert each["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


@pytest.mark.parametrize("each", MANIFESTS, ids=lambda each: f"{each['kind']}-{each['metadata']['name']}")
def test_kubernetes_own_schema_takes_each_manifest(each: dict[str, Any]) -> None:
    kubernetes_validate.validate(each, SCHEMAS, strict=True)


def test_a_manifest_with_a_misspelt_part_is_found() -> None:
    planted = json.loads(json.dumps(next(each for each in MANIFESTS if each["kind"] == "Deployment")))
    planted["spec"]["template"]["spec"]["containers"][0]["readinesProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(planted, SCHEMAS, strict=True)


def test_what_is_applied_at_once_is_there() -> None:
    told: dict[str, Any] = yaml.safe_load((DEPLOY / "kustomization.yaml").read_text())
    files = told["resources"] + told["configMapGenerator"][0]["files"]
    assert not [name for name in files if not (DEPLOY / name).is_file()]
    left_out = {path.name for path in (DEPLOY / "k8s").glob("*.yaml")} - {name.rpartition("/")[2] for name in files}
    assert left_out == {"migrate.yaml", "desk.yaml"}


def test_the_runbook_says_of_each_alarm_what_to_do_first() -> None:
    page = (tree.REPOSITORY / "docs" / "runbook.md").read_text()
    rules: dict[str, Any] = yaml.safe_load((DEPLOY / "prometheus" / "alarms.yml").read_text())
    alarms = [rule["alert"] for group in rules["groups"] for rule in group["rules"]]
    assert len(alarms) > 10
    assert not [alarm for alarm in alarms if f"| `{alarm}`" not in page]
