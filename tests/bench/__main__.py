"""`make bench`: measures, prints a table for each system, writes bench.json. `--quick` for a look; nothing is asserted.

About ten minutes. Where no broker or no PostgreSQL can be had, it says so and measures the embedded system alone.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from pathlib import Path

import pytest

from tests.bench import apart, floor, inside, kafka, served
from tests.bench.table import Row, kept, shown

OUT = Path("bench.json")


def main() -> None:
    given = argparse.ArgumentParser(prog="bench")
    given.add_argument("--quick", action="store_true", help="a tenth of the requests")
    quick = given.parse_args().quick
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="alongside-bench-") as folder:
        # A process starts from the bytecode that the one before it left, whatever this machine's own habit is.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(Path(folder) / "bytecode")
        asyncio.run(floor.measure(rows, quick=quick))
        asyncio.run(served.everything(Path(folder) / "served", rows, quick=quick))
        asyncio.run(inside.everything(Path(folder) / "inside", rows, quick=quick))
        try:
            apart.everything(rows, quick=quick)
            asyncio.run(kafka.everything(rows, quick=quick))
        except pytest.skip.Exception as missing:
            sys.stderr.write(f"Not measured: {missing}\n")
    shown(rows)
    kept(rows, OUT)


if __name__ == "__main__":
    main()
