"""What an error of the catalogue means, as facts and as a plain page; written from the catalogue alone."""

from __future__ import annotations

import re
from html import escape
from inspect import getdoc
from typing import TYPE_CHECKING, Any

from shared.app import STATUS_BY_KIND
from shared.errors import REASONS

if TYPE_CHECKING:
    from shared.errors import AlongsideError

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE = """<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{code}: Alongside</title>
<link rel="stylesheet" href="/docs/assets/front.css">
</head>
<body>
<h1>{title}</h1>
<dl>
<dt>Code</dt><dd><code>{code}</code> (HTTP {status})</dd>
<dt>What it means</dt><dd>{means}</dd>
<dt>Who must act</dt><dd>{who_must_act}</dd>
</dl>
<p><a href="/docs">The API</a></p>
</body>
</html>
"""


def problem_facts(error: type[AlongsideError]) -> dict[str, Any]:
    """Give what the catalogue says of one error: code, HTTP status, sentence, meaning, who must act."""
    meaning = re.sub(r"``", "", " ".join((getdoc(error) or error.says).split()))
    return {
        "type": f"/problems/{error.code}",
        "code": error.code,
        "status": STATUS_BY_KIND[error.kind].value,
        "title": error.says,
        "means": meaning,
        "who_must_act": error.who.value,
    }


def problem_page(facts: dict[str, Any]) -> str:
    """Give the same as a page without script."""
    return _PAGE.format(**{name: escape(str(value)) for name, value in facts.items()})


def reasons() -> dict[str, str]:
    """Give every reason that may stand beside an error: its code and its sentence."""
    return {reason.value: reason.says for reason in REASONS.values()}
