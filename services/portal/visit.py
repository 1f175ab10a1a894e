"""One visit to one page: who came, in which language, what they typed, and the API as they may use it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from services.portal.form import Form, Problem, Shown, Typed, filled
from services.portal.safe import SESSION, Cookies, form_token
from services.portal.words import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.portal.asking import Api
    from services.portal.words import Tongue

NOBODY, ISSUED = "anyone", "issued"
ME = "/v1/sign-in/sessions/current"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whose session it is."""

    role: str = NOBODY
    person: str = ""
    member: str = ""
    organisation: str = ""
    kind: str = ""
    """How they signed in: ``link``, ``device``, ``openid``; ``issued`` for a token that the operator gave out."""

    @property
    def principal(self) -> str:
        """Give what forms are bound to."""
        return self.person or self.member or self.role


@dataclass(frozen=True, slots=True)
class View:
    """A page to draw. ``title`` is neutral: it stands in the browser's history."""

    template: str
    title: Message
    values: dict[str, Any] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True, slots=True)
class Go:
    """Go to another page of ours. ``said``: the code of a sentence to say there once (``sentences.SAID``)."""

    path: str
    said: str = ""


@dataclass(slots=True)
class Visit:
    """What a page is given."""

    path: str
    query: dict[str, str]
    named: dict[str, str]
    """What stands in the address: ids."""
    by: SignedIn
    api: Api
    tongue: Tongue
    cookies: Cookies
    demo: bool
    away: str
    """Where *leave this page* goes."""
    again: Shown | None = None
    """The form that came back with something to put right."""
    typed: Typed = field(default_factory=Typed)
    request_id: str | None = None

    @property
    def me(self) -> str:
        """Give the path of the person's own record."""
        return f"/v1/people/{self.by.person}"

    @property
    def token(self) -> str:
        """Give the token of the visitor's forms."""
        return form_token(self.cookies.browser(), self.by.principal)

    def form(self, form: Form, **values: str | Sequence[str] | None) -> Shown:
        """Give a form to draw: with what was typed where it came back, else with what is known."""
        if self.again is not None and self.again.form.action == form.action:
            return Shown(form, self.again.typed, self.again.problems, self.again.request_id)
        return filled(form, **values)

    async def send(self, method: str, path: str, body: Any = None, *, tag: str | None = None) -> Any:
        """Have the API do something for this form: pressed twice it is done once."""
        return await self.api.send(method, path, body, request_id=self.request_id, tag=tag)

    def signs_in(self, secret: str, seconds: int) -> None:
        """Keep a session in this browser."""
        self.cookies.put(SESSION, secret, seconds)

    async def signs_out(self) -> None:
        """End the session where it is kept, and forget it here."""
        self.cookies.put(SESSION, "", 0)
        await ended(self)


async def ended(visit: Visit) -> None:
    """End a session where it is kept. What an operator gave out is not ours to end."""
    if visit.api.token is not None and (await visit.api.read(ME)).get("kind") != ISSUED:
        await visit.api.send("DELETE", ME)


class WrongError(Exception):
    """A form can't be taken as it is; said beside its fields."""

    def __init__(self, *problems: Problem) -> None:
        """Keep what to say."""
        super().__init__("wrong")
        self.problems = problems
