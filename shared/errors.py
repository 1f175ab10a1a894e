"""One catalogue of errors: a code, a kind, plain English and who must act.

An error never carries what the caller sent, nor anything of a person. ``shared.http`` is the only place
that turns a kind into an HTTP status.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID


class Kind(StrEnum):
    """What sort of refusal it is; one HTTP status each (``shared.http.STATUS_BY_KIND``)."""

    MALFORMED = "malformed"
    INVALID = "invalid"
    UNKNOWN_CALLER = "unknown-caller"
    FORBIDDEN = "forbidden"
    MISSING = "missing"
    CONFLICT = "conflict"
    STALE = "stale"
    GONE = "gone"
    TOO_LARGE = "too-large"
    METHOD = "method"
    UNSUPPORTED = "unsupported"
    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"
    FAULT = "fault"


class WhoActs(StrEnum):
    """Who must do something before the same request can succeed."""

    CALLER = "you"
    PERSON = "the person"
    ANOTHER = "another organisation"
    STEWARD = "the steward of this place"
    NOBODY = "nobody: try again"


REASONS: dict[tuple[str, str], Reason] = {}


class Reason(StrEnum):
    """A reason beside an error: a code with its sentence. Subclass it with ``CODE = "code", "Sentence."``."""

    says: str
    name_in_full: str

    def __new__(cls, code: str, says: str) -> Self:
        """Keep the sentence beside the code."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.says = says
        member.name_in_full = f"{cls.__module__}.{cls.__qualname__}"
        REASONS[member.name_in_full, code] = member
        return member


class AlongsideError(Exception):
    """A refusal of the one catalogue. Subclasses set the four class values; instances may add reasons.

    ``reasons``: codes with their sentences. ``fields``: names of our own fields that were wrong, never
    their values. ``facts``: ids, numbers, instants and codes that help to put it right.
    """

    code: ClassVar[str] = ""
    kind: ClassVar[Kind]
    says: ClassVar[str]
    who: ClassVar[WhoActs] = WhoActs.CALLER

    def __init__(
        self,
        *,
        reasons: tuple[Reason, ...] = (),
        fields: tuple[str, ...] = (),
        facts: Mapping[str, UUID | int | bool | datetime | str] | None = None,
    ) -> None:
        """Say it in the class's own words; nothing that the caller sent goes in."""
        super().__init__(self.says)
        self.reasons = reasons
        self.fields = fields
        self.facts = dict(facts or {})

    @classmethod
    def again(cls, reasons: tuple[Reason, ...], fields: tuple[str, ...], facts: Mapping[str, Any]) -> Self:
        """Make one again from what was kept of it, whatever the class's own ``__init__`` asks for."""
        made = cls.__new__(cls)
        AlongsideError.__init__(made, reasons=reasons, fields=fields, facts=facts)
        return made

    def plain(self) -> dict[str, Any]:
        """Give what is kept of it, and what travels: codes, names of our fields, ids and numbers."""
        reasons = [[reason.name_in_full, reason.value] for reason in self.reasons]
        return {"code": self.code, "reasons": reasons, "fields": self.fields, "facts": self.facts}

    def __init_subclass__(cls) -> None:
        """Enter the class in the catalogue; two classes can't share a code."""
        super().__init_subclass__()
        if not cls.code:
            return
        if CATALOGUE.setdefault(cls.code, cls) is not cls:
            message = f"two errors share the code {cls.code}"
            raise TypeError(message)


CATALOGUE: dict[str, type[AlongsideError]] = {}


def from_plain(told: Mapping[str, Any]) -> AlongsideError:
    """Give the error that ``plain`` told of. Raises KeyError for a code that this process does not know."""
    reasons = tuple(REASONS[full, code] for full, code in told["reasons"] if (full, code) in REASONS)
    return CATALOGUE[told["code"]].again(reasons, tuple(told["fields"]), told["facts"])


class MalformedError(AlongsideError):
    """The bytes are not what the content type says."""

    code = "malformed"
    kind = Kind.MALFORMED
    says = "We could not read what was sent. Send one JSON object, with no key twice."


class InvalidError(AlongsideError):
    """A field is missing, unknown, too long or of the wrong kind."""

    code = "invalid"
    kind = Kind.INVALID
    says = "One or more fields are missing, unknown or not as described. Their names are listed."


class NotSignedInError(AlongsideError):
    """No token, or one that is unknown, used up or past its time."""

    code = "not-signed-in"
    kind = Kind.UNKNOWN_CALLER
    says = "Sign in first: send a bearer token that is still good."


class NotYoursError(AlongsideError):
    """The role of the caller may not use this route at all."""

    code = "not-yours"
    kind = Kind.FORBIDDEN
    says = "Your role may not do this."


class NotFoundError(AlongsideError):
    """No such thing, or none that the caller may know of: the two are never told apart (C4)."""

    code = "not-found"
    kind = Kind.MISSING
    says = "There is nothing here that you can see."


class OtherBodyError(AlongsideError):
    """A request id was used again with another body."""

    code = "request-id-used"
    kind = Kind.INVALID
    says = "This X-Request-ID was already used for a different request. Use a new one."


class StaleError(AlongsideError):
    """The version in ``If-Match`` is not the present one."""

    code = "stale"
    kind = Kind.STALE
    says = "This has changed since you read it. Read it again, then decide."


class TooLargeError(AlongsideError):
    """The body is over the limit."""

    code = "too-large"
    kind = Kind.TOO_LARGE
    says = "This is longer than we can take in one request."


class MethodError(AlongsideError):
    """The route exists and does not take this method."""

    code = "method"
    kind = Kind.METHOD
    says = "This address does not take that method. The header Allow names those it takes."


class UnsupportedError(AlongsideError):
    """The content type is not one that we take."""

    code = "unsupported"
    kind = Kind.UNSUPPORTED
    says = "Send JSON with the content type application/json."


class ThrottledError(AlongsideError):
    """Too many requests of one caller."""

    code = "too-many"
    kind = Kind.THROTTLED
    says = "Too many requests in a short time. Wait, then try again."
    who = WhoActs.NOBODY


class UnavailableError(AlongsideError):
    """A part that this needs can't answer now; nothing was done."""

    code = "unavailable"
    kind = Kind.UNAVAILABLE
    says = "We can't do this just now and nothing was changed. Try again shortly."
    who = WhoActs.NOBODY


class BusyError(UnavailableError):
    """Two that wrote at once were in each other's way, and this one was undone; whoever can begins again."""

    code = "busy"
    says = "Somebody else was writing here at the same time and nothing of yours was changed. Try again shortly."


class FaultError(AlongsideError):
    """Our own mistake; the log has the detail."""

    code = "fault"
    kind = Kind.FAULT
    says = "Something went wrong on our side. We have been told."
    who = WhoActs.STEWARD


class MissingPermitError(TypeError):
    """Something of a person was about to leave without a permit: a fault of ours."""


def fault(error: BaseException) -> dict[str, str]:
    """Give what a log may say of any error: its class and where it was raised, never what it says."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    at = f"{trace.tb_frame.f_globals.get('__name__', '')}:{trace.tb_lineno}" if trace else ""
    return {"error": type(error).__name__, "at": at}
