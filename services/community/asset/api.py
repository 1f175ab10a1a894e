"""``POST /v1/place/assets``: a directory's file, read and listed by the steward (M2)."""

from __future__ import annotations

from base64 import b64decode
from typing import Annotated, Any

from fastapi import Response
from pydantic import StringConstraints

from services.community.asset import handlers
from services.community.asset.handlers import ImportReport
from services.community.asset.reading import read_assets
from services.community.organisation.api import StewardCall
from shared.errors import InvalidError
from shared.http import Body, answer
from shared.http import router as new_router

router = new_router("assets")
MOST_TEXT = 500_000


class AssetsBody(Body):
    """A directory's file as it is, in base64: about 370 kB at most; the CLI takes longer ones."""

    csv_base64: Annotated[str, StringConstraints(min_length=1, max_length=MOST_TEXT)]


def view(report: ImportReport) -> dict[str, Any]:
    """Show what became of a file: no line's own words, only where they stand and what was not understood."""
    return {
        "lines": report.lines,
        "new": report.new,
        "changed": report.changed,
        "same": report.same,
        "left_out": report.left_out,
        "remarks": [
            {
                "line": remark.line,
                "column": remark.column,
                "code": remark.doubt.value,
                "says": remark.doubt.says,
                "left_out": remark.left_out,
            }
            for remark in report.remarks
        ],
    }


@router.post("/v1/place/assets")
async def post_assets(body: AssetsBody, call: StewardCall) -> Response:
    """List a directory's organisations with an offer each (M2). The same file again changes nothing."""
    try:
        raw = b64decode(body.csv_base64, validate=True)
    except ValueError:  # binascii's own error, and a letter that base64 has not
        raise InvalidError(fields=("csv_base64",)) from None
    rulebook = call.ports.community.rulebook()
    report = await handlers.import_assets(call.service.shell, read_assets(raw), rulebook, call.origin)
    return answer(view(report))
