"""The whole of the faults: `make faults`. A batch of rounds is a fresh place; what is done is kept and not repeated.

Numbers come from the environment, as `make` hands them on: KILLS of each of six, CUTS, HOLDS, DISKS, WIPES, RESTORES of
each of five databases; BATCH rounds a place; AGO, how many seconds a restored database goes back; MINUTES at most;
STATE is the file that remembers. The last line says the totals.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from shared.clock import monotonic
from tests.support.cluster import needed
from tests.support.cluster_nemesis import KILLED
from tests.support.cluster_restore import RESTORED
from tests.support.cluster_run import RESTORE, a_batch

EMBEDDED = "embedded"
FOUND = ("lost", "doubled", "out_of_order", "without_a_lead", "disclosed", "parked", "late")
OUT = Console(highlight=False, soft_wrap=True)


def number(name: str, otherwise: int) -> int:
    return int(os.environ.get(name, otherwise))


def wanted() -> Counter[str]:
    """Say how many rounds of each kind there are to be."""
    rounds = {"partition": number("CUTS", 40), "hold": number("HOLDS", 40)}
    rounds |= {"disk": number("DISKS", 10) if os.geteuid() == 0 else 0, "wipe": number("WIPES", 5)}
    rounds |= {f"restore {service}": number("RESTORES", 1) for service in RESTORED}
    return Counter({f"kill {what}": number("KILLS", 100) for what in KILLED} | rounds)


def begun(path: Path) -> dict[str, Any]:
    """Read what is done already."""
    if path.exists():
        told: dict[str, Any] = json.loads(path.read_text())
        return told
    return {"embedded": None, "batches": []}


def keep(path: Path, state: dict[str, Any]) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(state, indent=1))
    fresh.replace(path)


def rounds_done(state: dict[str, Any]) -> Counter[str]:
    done: Counter[str] = Counter()
    for batch in state["batches"]:
        done.update(batch["rounds"])
    return done


def embedded() -> bool:
    """Kill one process with everything in it, as often; its own tests judge it."""
    command = [sys.executable, "-m", "pytest", "-q", "tests/faults", "--kills", str(number("KILLS", 100))]
    return subprocess.run([*command, "--ignore", "tests/faults/test_apart.py"], check=False).returncode == 0


def one(left: Counter[str]) -> dict[str, Any]:
    """Run a batch of what is left; gives it as the state keeps it."""
    seed = random.SystemRandom().randrange(2**32)
    backs = [name for name in left.elements() if name.startswith(RESTORE)]
    plan = [name for name in left.elements() if name not in backs]
    random.Random(seed).shuffle(plan)  # noqa: S311 - which harm comes when, nothing secret
    plan = plan[: number("BATCH", 120)] + backs[:1]
    began = monotonic()
    batch = a_batch(
        plan,
        seed=seed,
        ago=number("AGO", 600),
        told=lambda what: OUT.print(f"  {monotonic() - began:6.1f} s  {what}"),
    )
    verdict = {name: getattr(batch.verdict, name) for name in (*FOUND, "converged")}
    seconds = round(monotonic() - began, 1)
    return {"seed": seed, "seconds": seconds, "rounds": batch.rounds, "operations": batch.operations, **verdict}


def total(state: dict[str, Any]) -> tuple[str, bool]:
    """Give the last line, and whether nothing was found."""
    batches = state["batches"]
    rounds, operations = rounds_done(state), Counter[str]()
    for batch in batches:
        operations.update(batch["operations"])
    counts = {name: sum(len(batch[name]) for batch in batches) for name in FOUND}
    unknown = sum(n for kind, n in operations.items() if kind.endswith(" unknown"))
    longest = max((batch["converged"] for batch in batches), default=0.0)
    said = f"faults: {rounds.total()} rounds, {operations.total()} operations ({unknown} unknown): "
    said += f"{counts['lost']} lost, {counts['doubled']} done twice, {counts['out_of_order']} out of order, "
    said += f"{counts['without_a_lead']} without a lead, {counts['disclosed']} disclosed, "
    said += f"{counts['parked']} with lanes parked, {counts['late']} late; converged within {longest:.0f} s"
    return said, not any(counts.values())


def table(state: dict[str, Any], goal: Counter[str]) -> None:
    done = rounds_done(state)
    for kind, many in goal.items():
        OUT.print(f"  {kind:18} {done[kind]:4} of {many}")
    for batch in state["batches"]:
        for name in FOUND:
            for what in batch[name][:5]:
                OUT.print(f"  seed {batch['seed']}: {name}: {what}")


def main() -> int:
    try:
        needed()
    except (pytest.skip.Exception, pytest.fail.Exception) as missing:
        OUT.print(str(missing))
        return 2
    if os.geteuid() != 0:
        OUT.print("not root: a full disk can't be tried here")
    path = Path(os.environ.get("STATE", ".faults.json"))
    state, goal, ends = begun(path), wanted(), monotonic() + 60 * number("MINUTES", 110)
    if state["embedded"] is None:
        state["embedded"] = embedded()
        keep(path, state)
    while (left := goal - rounds_done(state)) and monotonic() < ends:
        OUT.print(f"{left.total()} rounds are left")
        state["batches"].append(one(left))
        keep(path, state)
    table(state, goal)
    said, clean = total(state)
    whole = not goal - rounds_done(state)
    if not whole:
        OUT.print(f"not finished in the time that there was: run it again and it goes on ({path})")
    if not state["embedded"]:
        OUT.print("the embedded part failed: see above")
    print(said, flush=True)  # noqa: T201 - the contract's last line, never wrapped
    return 0 if clean and whole and state["embedded"] else 1


if __name__ == "__main__":
    sys.exit(main())
