"""A toy of two services for tests of the kernel."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.toy import Toy


@pytest.fixture
def toy(tmp_path: Path) -> Iterator[Toy]:
    """Two services on a fresh file."""
    made = Toy(tmp_path)
    yield made
    made.close()
