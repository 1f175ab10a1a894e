"""`make bench`: measures, prints a table, writes bench.json. `--quick` for a look; nothing here is asserted."""

import argparse
import asyncio
import os
import tempfile
from pathlib import Path

from tests.bench import floor, inside, served
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
    shown(rows)
    kept(rows, OUT)


if __name__ == "__main__":
    main()
