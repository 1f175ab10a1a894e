"""How a body says whom a choice or a withholding is about."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import model_validator

from services.consent.choice.domain import Who, WhoKind
from shared.errors import InvalidError, NotFoundError
from shared.event import Role
from shared.http import Body

WorkRole = Literal[Role.PEER_SUPPORTER, Role.CARER, Role.PRACTITIONER, Role.DUTY, Role.SYSTEM]


class NamedBody(Body):
    """Somebody: exactly one of the three."""

    organisation: UUID | None = None
    role: WorkRole | None = None
    member: UUID | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> NamedBody:
        if len(self.model_dump(exclude_none=True)) != 1:
            message = "name exactly one"
            raise ValueError(message)
        return self

    def value(self) -> Who:
        """Give it as a value."""
        if self.role is not None:
            return Who(WhoKind.ROLE, role=self.role)
        if self.organisation is not None:
            return Who(WhoKind.ORGANISATION, self.organisation)
        return Who(WhoKind.MEMBER, self.member)


class WhoBody(NamedBody):
    """Whom a choice is about: exactly one of the five."""

    offer: UUID | None = None
    any_crisis_service: Literal[True] | None = None

    def value(self) -> Who:
        """Give it as a value."""
        if self.any_crisis_service:
            return Who(WhoKind.ANY_CRISIS_SERVICE)
        return Who(WhoKind.OFFER, self.offer) if self.offer is not None else super().value()


async def must_be_known(ports: Any, who: Who, field: str) -> None:
    """Raise InvalidError for an organisation or an offer that there is not: what is chosen must find whom it means."""
    try:
        if who.kind is WhoKind.ORGANISATION and who.id is not None:
            await ports.community.organisation(who.id)
        if who.kind is WhoKind.OFFER and who.id is not None:
            await ports.community.offer(who.id)
    except NotFoundError:
        raise InvalidError(fields=(f"{field}.{who.kind.value}",)) from None


def shown_who(who: Who) -> dict[str, Any]:
    """Give it as the person sees it."""
    return {who.kind.value.replace("-", "_"): who.id or who.role or True}
