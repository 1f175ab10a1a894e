"""One FHIR R4 Patient (UK Core) read into the body of ``POST /v1/arrivals``, with a report of what was left out.

Nothing is guessed: what has no place here, or can't be right, is named in the report and not taken. Who stands in
``Patient.contact`` comes into the circle, but not onto the list of whom to ring: only the person says that (J9).
Sources: HL7 FHIR R4 4.0.1 Patient, and UK Core R4's extensions and code systems.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from services.intake.circle.domain import Tie
from services.intake.person.domain import a_phone, an_email, an_nhs_number
from services.intake.reach.domain import Way
from shared.errors import AlongsideError, InvalidError, Kind
from shared.strict_json import loads

NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
UK_CORE = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-"
HL7 = "http://hl7.org/fhir/StructureDefinition/"
LANGUAGES = "urn:ietf:bcp:47"
NOT_NAMED = "Name not given"
_WHOLE_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")
_SIGNED = {"bfi", "ase", "isg", "sgn"}
_METHODS = {
    "1": (Way.LETTER,),
    "2": (Way.IN_PERSON,),
    "3": (Way.CALL,),
    "4": (Way.EMAIL,),
    "6": (Way.THROUGH_SUPPORTER,),
    "8": (Way.EMAIL, Way.LETTER, Way.IN_PERSON),
}
"""UKCore-PreferredContactMethod; 5 (textphone) and 7 (sign language) are not ways of ours."""
_HOURS = {"MORN": (6, 12), "AFT": (12, 17), "EVE": (17, 21), "NIGHT": (21, 6)}
_FAMILY = {"N", "SPS", "HUSB", "WIFE", "DOMPART", "PRN", "MTH", "FTH", "SIB", "BRO", "SIS", "GRPRN", "FAMMEMB"}
_TIES = {"FRND": Tie.FRIEND, "CHILD": Tie.CHILD, "SON": Tie.CHILD, "DAU": Tie.CHILD, "CAREGIVER": Tie.CARER}
_NAMES = ("nickname", "usual", "official", None)
_NOT_OURS = {"resourceType", "id", "meta", "text", "language", "active", "implicitRules"}
_READ = {"name", "identifier", "telecom", "birthDate", "communication", "contact", "extension"}


class NotAPersonError(AlongsideError):
    """The file is JSON, but no FHIR R4 Patient."""

    code = "not-a-fhir-person"
    kind = Kind.INVALID
    says = "This is not one person in the shape of FHIR R4. The elements that are wrong are listed."


@dataclass(frozen=True, slots=True)
class Remark:
    """What was left out of a file: the element, and in plain words why. Its value is never repeated."""

    path: str
    says: str


@dataclass(frozen=True, slots=True)
class Imported:
    """``body`` is one for ``POST /v1/arrivals``; ``remarks`` say what of the file is not in it."""

    body: dict[str, Any]
    remarks: tuple[Remark, ...]


@dataclass
class _Reading:
    remarks: list[Remark] = field(default_factory=list)

    def leave(self, path: str, says: str) -> None:
        """Note that something was left out."""
        self.remarks.append(Remark(path, says))


def arrival_of(content: bytes) -> Imported:
    """Read one FHIR Patient. Raises MalformedError for bytes that are not clean JSON, NotAPersonError."""
    sent = loads(content, "application/json")
    if not isinstance(sent, dict) or sent.get("resourceType") != "Patient":
        raise NotAPersonError(fields=("resourceType",))
    resource = _checked(sent)
    reading = _Reading()
    read = {
        "called": _called(resource.get("name", []), reading),
        "nhs_number": _nhs_number(resource.get("identifier", []), reading),
        "birth_date": _birth_date(resource.get("birthDate"), reading),
        "reach": _reach(resource, reading),
        "circle": _circle(resource.get("contact", []), reading),
    }
    for element in resource:
        if element not in _READ | _NOT_OURS and not element.startswith("_"):
            reading.leave(element, "has no place here; if it matters, the person says it in their own words")
    return Imported({name: value for name, value in read.items() if value}, tuple(reading.remarks))


def _checked(sent: dict[str, Any]) -> dict[str, Any]:
    """Give what was sent as FHIR's own model reads it. It takes a second to load and so is loaded only here."""
    from fhir.resources.R4B.patient import Patient  # noqa: PLC0415
    from pydantic import ValidationError  # noqa: PLC0415

    try:
        read: dict[str, Any] = loads(Patient.model_validate(sent).model_dump_json().encode(), "application/json")
    except ValidationError as error:
        places = (".".join(str(step) for step in each["loc"]) for each in error.errors())
        raise NotAPersonError(fields=tuple(dict.fromkeys(places))[:20]) from None
    return read


def _called(names: list[dict[str, Any]], reading: _Reading) -> str:
    for use in _NAMES:
        for name in names:
            if use is None or name.get("use") == use:
                said = next(filter(None, name.get("given", [])), None) or name.get("text") or name.get("family")
                if said:
                    return str(said)[:500]
    reading.leave("name", "none was given; ask what the person would like to be called")
    return NOT_NAMED


def _nhs_number(identifiers: list[dict[str, Any]], reading: _Reading) -> str | None:
    taken = None
    for identifier in identifiers:
        if identifier.get("system") != NHS_NUMBER or taken:
            reading.leave("identifier", "only one NHS number is kept, and no number of another body")
            continue
        try:
            taken = an_nhs_number(identifier.get("value", "")).value
        except InvalidError:
            reading.leave("identifier", "the NHS number's check digit is wrong, so it was not taken")
    return taken


def _birth_date(birth_date: str | None, reading: _Reading) -> str | None:
    if birth_date is not None and not _WHOLE_DATE.match(birth_date):
        reading.leave("birthDate", "only a whole date is kept")
        return None
    return birth_date


def _reach(resource: dict[str, Any], reading: _Reading) -> dict[str, Any]:
    reach: dict[str, Any] = _numbers(resource.get("telecom", []), reading)
    for extension in resource.get("extension", []):
        kind = str(extension.get("url", "")).removeprefix(UK_CORE)
        if kind == "ContactPreference":
            reach |= _preference(extension.get("extension", []), reading)
        else:
            reading.leave(f"extension {kind.rsplit('/', 1)[-1]}", "has no place here")
    return reach | _languages(resource.get("communication", []), reading)


def _numbers(telecom: list[dict[str, Any]], reading: _Reading) -> dict[str, Any]:
    """Give one phone and one e-mail address: a mobile before another phone, the first of each rank."""
    reach: dict[str, Any] = {}
    order = sorted(telecom, key=lambda t: (t.get("use") != "mobile", t.get("rank", 99)))
    for each in order:
        kind = {"phone": "phone", "sms": "phone", "email": "email"}.get(each.get("system", ""))
        if kind is None or each.get("use") == "old" or kind in reach:
            reading.leave("telecom", "only one phone and one e-mail address in use are kept")
            continue
        try:
            read = a_phone if kind == "phone" else an_email
            reach[kind] = read(each.get("value", "")).value
        except InvalidError:
            reading.leave("telecom", f"the {kind} can't be right, so it was not taken")
    return reach


def _preference(parts: list[dict[str, Any]], reading: _Reading) -> dict[str, Any]:
    said: dict[str, Any] = {}
    methods: tuple[Way, ...] = ()
    hours: list[tuple[int, int]] = []
    for part in parts:
        kind = part.get("url")
        coding = (part.get("valueCodeableConcept", {}).get("coding") or [{}])[0]
        if kind == "PreferredContactMethod" and coding.get("code") in _METHODS:
            methods = _METHODS[coding["code"]]
        elif kind == "PreferredWrittenCommunicationFormat" and coding.get("display"):
            said["adjustments"] = f"Written things: {coding['display']}"
        elif kind == "PreferredContactTimes":
            hours = _times(part.get("valueTiming", {}).get("repeat", {}), reading)
        else:
            reading.leave(f"contact preference {kind}", "we have no such way")
    if methods:
        each_hours = hours or [(0, 24)]
        said["ways"] = [
            {"how": way.value, "from_hour": first, "to_hour": last} for way in methods for first, last in each_hours
        ]
    elif hours:
        reading.leave("contact preference PreferredContactTimes", "times are kept with a way, and none was given")
    return said


def _times(repeat: dict[str, Any], reading: _Reading) -> list[tuple[int, int]]:
    for name in ("dayOfWeek", "timeOfDay"):
        if name in repeat:
            reading.leave(f"contact preference {name}", "hours of the day are kept, not days; tell the person")
    known = [_HOURS[when] for when in repeat.get("when", []) if when in _HOURS]
    if len(known) < len(repeat.get("when", [])):
        reading.leave("contact preference when", "not a time of day that we know")
    return known


def _languages(communication: list[dict[str, Any]], reading: _Reading) -> dict[str, Any]:
    """Give the language to write in, and in words how the person communicates, sign languages included."""
    said: dict[str, Any] = {}
    words: list[str] = []
    for each in sorted(communication, key=lambda c: not c.get("preferred", False)):
        codings = each["language"].get("coding", [])
        shown = [str(c["display"]) for c in codings if c.get("display")] or [each["language"].get("text", "")]
        words.append(", ".join(filter(None, [*shown, *_how_well(each)])))
        for coding in codings:
            code = str(coding.get("code", ""))
            if coding.get("system") == LANGUAGES and _LANGUAGE.match(code) and code not in _SIGNED:
                said.setdefault("language", code)
        if _needs_interpreter(each):
            said.setdefault("interpreter", (shown[0] or "yes")[:500])
    if any(words):
        said["communication"] = "; ".join(filter(None, words))[:500]
    elif communication:
        reading.leave("communication", "the language was not named")
    return said


def _how_well(communication: dict[str, Any]) -> list[str]:
    parts = [
        inner
        for outer in communication.get("extension", [])
        if outer.get("url") == f"{HL7}patient-proficiency"
        for inner in outer.get("extension", [])
    ]
    return [str(p["valueCoding"]["display"]) for p in parts if p.get("valueCoding", {}).get("display")]


def _needs_interpreter(communication: dict[str, Any]) -> bool:
    return any(
        str(each.get("url", "")).endswith("interpreterRequired") and each.get("valueBoolean") is True
        for each in communication.get("extension", [])
    )


def _circle(contacts: list[dict[str, Any]], reading: _Reading) -> list[dict[str, Any]]:
    return [entry for contact in sorted(contacts, key=_rank) if (entry := _entry(contact, reading))]


def _rank(contact: dict[str, Any]) -> int:
    ranks = [e.get("valuePositiveInt") for e in contact.get("extension", []) if e["url"] == f"{UK_CORE}ContactRank"]
    return int(ranks[0] or 99) if ranks else 99


def _entry(contact: dict[str, Any], reading: _Reading) -> dict[str, Any] | None:
    name = contact.get("name", {})
    called = name.get("text") or " ".join(filter(None, [*name.get("given", []), name.get("family")]))
    if not called:
        reading.leave("contact", "has no name")
        return None
    for element in ("address", "gender", "organization", "period"):
        if element in contact:
            reading.leave(f"contact {element}", "has no place here")
    entry: dict[str, Any] = {"called": called[:500], "kind": _tie(contact).value}
    ways = _numbers(contact.get("telecom", []), reading)
    return entry | ({"ways": ways} if ways else {})


def _tie(contact: dict[str, Any]) -> Tie:
    codes = {c.get("code") for r in contact.get("relationship", []) for c in r.get("coding", [])}
    known = [tie for code, tie in _TIES.items() if code in codes]
    return known[0] if known else Tie.FAMILY if codes & _FAMILY else Tie.OTHER
