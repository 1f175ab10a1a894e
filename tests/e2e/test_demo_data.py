"""`make run`: a demo filled with journey 1, a sign-in for each role, and a request that works as pasted."""

import shlex
import subprocess
from pathlib import Path

from tests.support.command_line import served

ROLES = ["person", "peer-supporter", "practitioner", "duty", "carer", "steward", "partner-system"]


def test_somebody_of_each_role_may_sign_in_and_what_is_printed_works_as_pasted(tmp_path: Path) -> None:
    data = tmp_path / "demo"
    with served(data, "--demo-data") as running:
        people = running.greeting["sign_ins"]
        assert [who["role"] for who in people] == ROLES
        for who in people:
            pasted = subprocess.run(
                [*shlex.split(who["try"]), "-s", "-o", "/dev/null", "-w", "%{http_code}"],
                capture_output=True, text=True, check=True, timeout=30,
            )  # fmt: skip
            assert (who["role"], pasted.stdout) == (who["role"], "200")
        assert running.stop()[0] == 0
    with served(data) as again:
        assert [who["role"] for who in again.greeting["sign_ins"]] == ROLES, "a demo stays one after a restart"
