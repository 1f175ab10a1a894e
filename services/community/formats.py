"""How names, addresses and numbers are written; read alike from the API and from a directory's file."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

_ONE_LINE = r"^[^\x00-\x1f\x7f]*$"
_POSTCODE = r"^(?i:[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2})$"


def _spaced(postcode: str) -> str:
    plain = postcode.replace(" ", "").upper()
    return f"{plain[:-3]} {plain[-3:]}"


Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_ONE_LINE, strip_whitespace=True)]
Email = Annotated[
    str,
    StringConstraints(max_length=254, pattern=r"^[^@\s\x00-\x1f\x7f]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$"),
    AfterValidator(str.lower),
]
Telephone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 ()-]{4,24}$")]
Website = Annotated[str, StringConstraints(max_length=500, pattern=r"^https?://[^\s\x00-\x1f\x7f]+$")]
Postcode = Annotated[str, StringConstraints(pattern=_POSTCODE), AfterValidator(_spaced)]
Hour = Annotated[int, Field(ge=0, le=24, strict=True)]
Language = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35), AfterValidator(str.lower)
]
