"""What the bodies of community's routes are made of."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.http import Body


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
