"""Asks the process of this container for each path named; exit 1 unless every answer is 200. Needs no other program."""
# ruff: noqa: INP001 - copied into the image; nothing imports it

import sys
from http.client import HTTPConnection

PORT, SECONDS = 8000, 3


def answers(path: str) -> bool:
    """Say whether the process answers ``path`` with 200 within 3 seconds."""
    asking = HTTPConnection("127.0.0.1", PORT, timeout=SECONDS)
    try:
        asking.request("GET", path)
        return asking.getresponse().status == 200  # noqa: PLR2004 - HTTP's "it is well"
    except OSError:
        return False
    finally:
        asking.close()


if __name__ == "__main__":
    sys.exit(0 if all(answers(path) for path in sys.argv[1:]) else 1)
