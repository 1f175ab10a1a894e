"""The project says what people asked to be called and what they asked for; the other words stay out.

Left out: files whose name holds fhir, mhsds, hsds, bars or oauth (a standard owns the words there), names
that others own, code font in docs/partners.md, people's own words (files named own_words.*, and the strings
of tests, which hold them beside bad input), and the allow-list below.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.support import tree
from tests.support.words import Said, has, said_in, said_in_python

# What we say: what we never say.
NEVER = {
    "person": ("patient", "patients", "client", "clients", "case", "cases", "service user", "service users"),
    "arrival, door": ("referral", "referrals", "front door team", "intake assessment"),
    "link, linked offer": ("refer", "refers", "referred", "referring", "signpost and close"),
    "not right for this person": (
        *("reject", "rejects", "rejected", "rejecting", "rejection"),
        *("decline", "declines", "declined", "declining", "does not meet threshold"),
    ),
    "step up, step down; an alert is passed up": (
        *("escalate", "escalates", "escalated", "escalating", "escalation"),
        *("transfer", "transfers", "transferred", "transferring"),
    ),
    "managing independently": ("discharge", "discharges", "discharged", "discharging", "closed", "inactive"),
    "welcome back, return": ("re-referral", "re-referrals", "readmission", "readmissions", "readmitted"),
    "lead holder, alongside": ("case owner", "responsible clinician"),
    "contact made, tried, turned down": ("dna", "non-compliant", "noncompliant", "failed to attend"),
    "agreed, not agreed": ("non-concordant", "nonconcordant"),
    "expert by experience": ("service-user rep",),
    "what matters most, needs": ("problem list", "presenting complaint"),
    "distress, what happened": ("risk score", "risk scores", "risk level", "risk levels"),
}
# Barred as data only (names, event types, routes, keys): in a sentence they may mean something else.
NEVER_AS_DATA = {
    "agreed, not agreed, in their words": ("refused",),
    "supporter: peer supporter, practitioner, carer, family, friend": ("user", "users", "staff"),
}

# What a standard owns or what means something else: (the words that hold it, why).
ALLOWED_PHRASES = (
    ("client_credentials", "OAuth 2 grant type, RFC 6749"),
    ("client_assertion", "OAuth 2 parameter, RFC 7523; client_assertion_type too"),
    ("client_id", "OAuth 2 parameter, RFC 6749"),
    ("invalid_client", "OAuth 2 error, RFC 6749"),
    ("transfer-encoding", "HTTP header, RFC 9112"),
    ("user-agent", "HTTP header, RFC 9110"),
    ("is_closed", "asyncpg's word for a connection that has gone"),
    ("python-client", "GOV.UK Notify's package, notifications-python-client"),
    ("prometheus-client", "a package's name"),
    ("allowPrivilegeEscalation", "a setting of Kubernetes"),
    ("safety case", "the clinical safety case report of DCB0129"),
    ("no risk score", "says that there is none"),
    ("lower case", "letters, not people"),
    ("upper case", "letters, not people"),
)
ALLOWED_FILES = {
    "tests/architecture/test_words.py": "holds the words that it looks for",
    "tests/architecture/test_no_risk_score.py": "names what it looks for",
    "LICENSE": "its authors' own text",
    "uv.lock": "names of other people's packages",
}
STANDARDS = re.compile(r"fhir|mhsds|hsds|bars|oauth", re.IGNORECASE)
OWN_WORDS = re.compile(r"(^|/)own_words\.\w+$")
HTTP_CLIENT = re.compile(r"client", re.IGNORECASE)
"""HTTP's word for who sends a request (RFC 9110): tests are full of them."""
CODE_FONT = re.compile(r"`[^`]*`")


def wrong(said: Said) -> Iterator[str]:
    """What the sentence, name or code should not say, each with what we say instead."""
    text = said.text
    for phrase, _ in ALLOWED_PHRASES:
        text = re.sub(re.sub(r"[-_ ]", "[-_ ]", phrase), " ", text, flags=re.IGNORECASE)
    tables = (NEVER,) if said.kind == "prose" else (NEVER, NEVER_AS_DATA)
    for table in tables:
        for say, never in table.items():
            yield from (f"line {said.line}: {word!r} (say: {say})" for word in never if has(text, word))


def read(path: Path) -> Iterable[Said]:
    """What is ours in a file: not the strings of tests, nor code font in docs/partners.md."""
    name = tree.name(path)
    if name in ALLOWED_FILES or STANDARDS.search(path.name) or OWN_WORDS.search(name):
        return ()
    if name.startswith("tests/"):
        if path.suffix != ".py":
            return ()
        return (s for s in said_in_python(path.read_text(), with_strings=False) if not HTTP_CLIENT.search(s.text))
    if name == "docs/partners.md":
        return (Said(s.kind, CODE_FONT.sub(" ", s.text), s.line) for s in said_in(path))
    return said_in(path)


def test_the_project_says_the_words_that_people_asked_for() -> None:
    found = [f"{tree.name(path)}: {each}" for path in tree.files() for said in read(path) for each in wrong(said)]
    assert not found, "\n".join(sorted(set(found)))


@pytest.mark.parametrize("word", [word for never in NEVER.values() for word in never])
def test_every_barred_word_is_found_in_a_name_a_string_a_comment_and_a_page(word: str, tmp_path: Path) -> None:
    snake = re.sub(r"[^a-z]", "_", word)
    camel = snake.title().replace("_", "")
    for source in (
        f"def {snake}_of(): ...",
        f"class {camel}Store: ...",
        f"class C:\n    {snake}: int",
        f"import x as {snake}",
        f"def f({snake}): ...",
        f"ROUTE = '/v1/{snake}/id'",
        f"TYPE = 'intake.{snake.replace('_', '-')}-told'",
        f"says = 'Ring the {word} again.'",
        f"# ring the {word.upper()} again",
    ):
        assert [each for said in said_in_python(source) for each in wrong(said)], source
    page = tmp_path / "page.md"
    page.write_text(f"# Doors\n\nAny {word} comes back.\n")
    assert [each for said in said_in(page) for each in wrong(said)]


@pytest.mark.parametrize("word", [word for never in NEVER_AS_DATA.values() for word in never])
def test_some_words_are_barred_as_data_only(word: str) -> None:
    assert [each for said in said_in_python(f"{word}_id = 1") for each in wrong(said)]
    assert [each for said in said_in_python(f"TYPE = 'pathway.{word}-told'") for each in wrong(said)]
    assert not [each for said in said_in_python(f"says = 'A {word} said so.'") for each in wrong(said)]


def test_what_a_standard_or_a_library_owns_is_not_ours_to_rename() -> None:
    for source in (
        "from httpx2 import AsyncClient\nAsyncClient().patient",
        "GRANT = 'client_credentials'",
        "HEADER = 'User-Agent'",
        "match x:\n    case 1: ...",
    ):
        assert not [each for said in said_in_python(source) for each in wrong(said)], source


def test_every_exemption_is_needed_or_a_standard_s() -> None:
    assert all(reason for _, reason in ALLOWED_PHRASES)
    assert all((tree.REPOSITORY / name).exists() for name in ALLOWED_FILES)
