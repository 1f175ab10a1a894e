"""A place of real processes on Kafka and PostgreSQL, harmed a little of each: `make faults` harms it a lot."""

import os
import random

import pytest
from rich.console import Console

from tests.support.cluster import needed
from tests.support.cluster_nemesis import KILLED
from tests.support.cluster_restore import RESTORED
from tests.support.cluster_run import RESTORE, a_batch

pytestmark = pytest.mark.whole_place
PLAN = [*(f"kill {what}" for what in KILLED), "partition", "hold", *(["disk"] if os.geteuid() == 0 else [])]
AT_LAST = ["wipe", *(RESTORE + service for service in RESTORED)]
"""One of these: a database that goes back to before its broker lost its data is two nights in one."""


# A process that is killed leaves half-open connections of the load and of the cables; their loop is gone by then.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_killed_cut_held_filled_wiped_or_restored_nothing_is_lost_doubled_disclosed_or_left_without_a_lead(
    capsys: pytest.CaptureFixture[str],
) -> None:
    needed()
    seed = random.SystemRandom().randrange(2**32)
    plan = list(PLAN)
    dice = random.Random(seed)  # noqa: S311 - which harm comes first, nothing secret
    dice.shuffle(plan)
    plan.append(dice.choice(AT_LAST))
    batch = a_batch(plan, seed=seed, ago=0)
    assert not batch.verdict.found(), (seed, plan, batch.operations, batch.verdict.found())
    assert batch.rounds.total() == len(plan)
    answered = {kind.rpartition(" ")[0] for kind in batch.operations if kind.endswith(" ok")}
    assert answered >= {"arrive", "story", "contact", "return", "let in", "let see", "withdraw", "read"}
    with capsys.disabled():
        Console().print(f"\n{batch.rounds.total()} rounds, {batch.operations.total()} operations, seed {seed}: clean")
