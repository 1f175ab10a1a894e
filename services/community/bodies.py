"""What the bodies of community's routes are made of."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.http import Body

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


class Changes(Body):
    """The base of a PATCH body: what is left out stays; null is taken only where it clears something."""

    clears: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="before")
    @classmethod
    def _no_null(cls, given: Any) -> Any:
        if isinstance(given, dict) and any(v is None and k not in cls.clears for k, v in given.items()):
            raise ValueError("null")
        return given

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("nothing")
        return self

    def given(self) -> dict[str, Any]:
        """Give what was sent, and nothing else."""
        return self.model_dump(exclude_unset=True)


class Paging(BaseModel):
    """The query of every list; an unknown parameter is an error."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    cursor: Annotated[str | None, Field(max_length=1_000)] = None
    limit: Annotated[int, Field(ge=1, le=100)] = 25


class NoQuery(BaseModel):
    """The query of a route that takes none."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
