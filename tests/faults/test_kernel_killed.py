"""The kernel's process is killed with -9 at random moments: nothing answered is lost, nothing is done twice."""

import random
from pathlib import Path

from tests.support.crash import Doomed, broken, some_seconds
from tests.support.toy import Toy


async def test_killed_at_random_moments_nothing_is_lost_doubled_or_out_of_order(tmp_path: Path, kills: int) -> None:
    seed = random.SystemRandom().randrange(2**32)
    dice = random.Random(seed)  # noqa: S311 - a seed repeats a failure
    doomed = Doomed(tmp_path, set())
    for _ in range(kills):
        doomed.live(some_seconds(dice))
    toy = Toy(tmp_path)
    await toy.settle()
    assert not broken(toy, doomed.answered), f"seed {seed}"
    assert len(doomed.answered) > kills
    toy.close()


async def test_what_is_looked_for_is_found(tmp_path: Path) -> None:
    toy = Toy(tmp_path)
    doomed = Doomed(tmp_path, {1, 2})
    assert broken(toy, doomed.answered) == ["answered and lost: [1, 2]"]
    toy.close()
