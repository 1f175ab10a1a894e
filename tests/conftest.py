"""Options and markers of the whole suite."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support import kafka as engine
from tests.support import kafka_sockets

KINDS = ("unit", "component", "contract", "integration", "e2e", "leaks", "faults", "architecture")

settings.register_profile("suite", deadline=None, print_blob=True)
settings.load_profile("suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=10, help="how often tests/faults kills the system (10)")
    parser.addoption("--fuzz", type=int, default=3, help="how many requests are made up for each route (3)")


def pytest_configure(config: pytest.Config) -> None:
    kafka_sockets.named()
    for kind in KINDS:
        config.addinivalue_line("markers", f"{kind}: everything under tests/{kind}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        kind = item.path.relative_to(here).parts[0]
        if kind in KINDS:
            item.add_marker(kind)


@pytest.fixture(scope="session")
def fuzz(pytestconfig: pytest.Config) -> int:
    """How many requests are made up for each route, good and bad."""
    return int(pytestconfig.getoption("--fuzz"))


@pytest.fixture(scope="session")
def kills(pytestconfig: pytest.Config) -> int:
    """How many random points of the journey the fault tests kill the system at."""
    return int(pytestconfig.getoption("--kills"))


@pytest.fixture(scope="session")
def kafka() -> Iterator[engine.Kafka]:
    """A real Kafka; skips loudly where none can be had."""
    with engine.kafka() as found:
        yield found
