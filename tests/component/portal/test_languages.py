"""The person's and everybody's pages in every language: nothing is left in English, nothing is lost on the way."""

from __future__ import annotations

import re
from datetime import datetime
from html.parser import HTMLParser
from itertools import product
from string import Formatter
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from jinja2 import nodes

from services.consent.ledger import domain as ledger
from services.pathway.agreement.domain import NothingAgreedError
from services.pathway.link.errors import LinkStateReason
from services.portal import looking
from services.portal.asking import TurnedDownError
from services.portal.drawing import Drawing
from services.portal.sentences import of_problem
from services.portal.words import ENGLISH, LANGUAGES, Tongue
from shared.event import Part, Role
from shared.passes import Purpose
from shared.ports import Act, Why
from tests.support import catalogues

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.browser import Browser, Page

OTHERS = sorted(LANGUAGES.keys() - {ENGLISH})
SAME_IN_ENGLISH = {
    ("cy", "{did}, {purpose}, {because}."): "only names and marks, and Welsh has the same marks",
    ("cy", "{did}, {purpose}."): "only names and marks, and Welsh has the same marks",
    ("cy", "{day}, {time}"): "only names and marks, and Welsh has the same marks",
}
THEIR_OWN = frozenset({"Alongside", "English", "Cymraeg", "NHS", "Samaritans"})
"""Names that Arabic writes as they are written here."""
AGAIN = "run `python -m tests.support.catalogues`, and translate what is empty"
LONDON = ZoneInfo("Europe/London")
NOON = datetime(2026, 3, 3, 12, tzinfo=LONDON)


@pytest.fixture(scope="module")
def said() -> dict[str, set[str]]:
    """Every sentence with the files that say it: read once, for it asks every route what it answers."""
    return catalogues.sentences()


def faults(language: str, english: set[str], known: dict[str, str]) -> Iterator[str]:
    """Give what is wrong with a catalogue."""
    yield from (f"not in the catalogue: {each}" for each in english - known.keys())
    yield from (f"said nowhere any more: {each}" for each in known.keys() - english)
    for each, translation in known.items():
        if not translation.strip():
            yield f"not translated: {each}"
        elif names(each) != names(translation):
            yield f"other names in braces: {each}"
        elif each == translation and (language, each) not in SAME_IN_ENGLISH:
            yield f"still English: {each}"


def names(sentence: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_that_the_person_and_everybody_can_meet_is_translated(
    language: str, said: dict[str, set[str]]
) -> None:
    assert list(faults(language, set(said), catalogues.translated(language))) == [], AGAIN


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_stands_as_the_command_would_write_it(language: str, said: dict[str, set[str]]) -> None:
    stands = catalogues.path_of(language).read_text()
    assert stands == catalogues.text(language, said, catalogues.translated(language)), AGAIN


def test_faults_of_a_catalogue_are_found() -> None:
    """Planted: one sentence is missing, one is gone, one is empty, one lost its day and one stayed English."""
    english = {"New", "Empty", "Since {day}.", "Same", "Good"}
    planted = {"Gone": "Mynd", "Empty": "", "Since {day}.": "Ers hynny.", "Same": "Same", "Good": "Da"}
    assert sorted(faults("cy", english, planted)) == [
        "not in the catalogue: New", "not translated: Empty", "other names in braces: Since {day}.",
        "said nowhere any more: Gone", "still English: Same",
    ]  # fmt: skip


def test_sentences_are_found_wherever_they_are_written(said: dict[str, set[str]]) -> None:
    """One of a form, a template, what was done, the timeline, an error, a reason, and one with a name in it."""
    wanted = {
        "I need someone now", "Hello", "We have kept your words.", "The person agreed the plan.",
        "This version is not agreed, so there is nothing to undo.", "Nobody has said that they met.", "By {when}",
    }  # fmt: skip
    assert wanted <= said.keys()
    assert "Which need is it not right for?" not in said, "pages of work are English for now"


@pytest.mark.parametrize("name", catalogues.templates())
def test_a_template_says_nothing_that_can_not_be_translated(name: str) -> None:
    assert bare((catalogues.PORTAL / "templates" / name).read_text()) == []


def test_a_word_that_can_not_be_translated_is_found() -> None:
    assert bare('<p id="x" title="{{ x }}">{{ _("Said") }} by <b title="Who">me</b></p>') == ["Who", "by", "me"]


def bare(source: str) -> list[str]:
    """Give the words that stand in a template outside of what is looked up."""
    data = Drawing().environment.parse(source).find_all(nodes.TemplateData)
    written = "".join(each.data for each in data).replace("<!doctype html>", "")
    heard = re.findall(r'\b(?:aria-label|title|placeholder|alt)="([^"]+)"', written)
    text = re.sub(r"<[^<>]*>", "\n", re.sub(r'[\w-]+="[^"]*"', "", written))
    return heard + [each.strip() for each in text.split("\n") if re.search(r"[^\W\d_]", each)]


def test_who_looked_says_in_english_what_the_api_says() -> None:
    """C6: for every role, part, act, purpose and reason."""
    english = Tongue(ENGLISH, LONDON)
    for role, part, act, purpose, why in product(Role, Part, Act, Purpose, (*looking.REASONS, Why.SELF)):
        for organisation, name in ((None, None), ("The House", None), ("The {0} House", "Jo")):
            look = {"role": role, "part": part, "act": act, "purpose": purpose, "why": Why(why),
                    "organisation_name": organisation, "first_name": name}  # fmt: skip
            entry = ledger.Entry(
                UUID(int=1), NOON, UUID(int=2), True, Why(why), None, part, act, purpose, None, role, None, None
            )  # fmt: skip
            assert re.sub("[\u2068\u2069]", "", looking.says(english, look)) == ledger.says(entry, organisation, name)


def test_days_are_said_in_each_language() -> None:
    at = "2026-03-03T14:05:00+00:00"
    assert [Tongue(each, LONDON).when(at) for each in ("en", "cy", "ar")] == [
        "Tuesday 3 March 2026, 14:05", "Dydd Mawrth 3 Mawrth 2026, 14:05", "الثلاثاء 3 مارس 2026، الساعة 14:05",
    ]  # fmt: skip
    assert [Tongue(each, LONDON).direction for each in ("en", "cy", "ar")] == ["ltr", "ltr", "rtl"]


@pytest.mark.parametrize("language", OTHERS)
async def test_a_page_in_another_language_holds_no_english(
    language: str, r: Browser, nobody: Browser, said: dict[str, set[str]]
) -> None:
    for browser, paths in ((r, ("/me", "/me/plan", "/me/looked", "/me/timeline")), (nobody, ("/now", "/arrive", "/"))):
        for path in paths:
            page = await browser.open(f"{path}?lang={language}")
            assert page.status == 200
            assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in page.html
            assert english_on(page, said) == [], path


async def test_what_is_wrong_and_what_was_done_are_said_in_the_same_language(r: Browser, nobody: Browser) -> None:
    """Of a form, of the API, and of the page that comes after."""
    await nobody.open("/arrive?lang=cy")
    page = await nobody.press("Anfon hwn", called=" ")
    assert page.says("Mae rhywbeth i'w gywiro", "Dywedwch beth hoffech chi gael eich galw")
    await r.open("/me/more?lang=ar")
    assert (await r.press("أحتاج إلى المزيد")).says("لقد سمعناك", "من يعتني بك:")
    tongue = Tongue("cy", LONDON)
    stuck = {"title": NothingAgreedError.says, "reasons": [{"says": LinkStateReason.NOT_MET.says}]}
    said = [tongue.say(each) for each in of_problem(TurnedDownError(409, stuck))]
    assert said == [
        "Nid oes neb wedi cytuno i'r fersiwn hon, felly does dim i'w ddadwneud.",
        "Nid oes neb wedi dweud eu bod wedi cwrdd.",
    ]


async def test_an_arabic_page_holds_no_word_in_latin_letters_but_names(r: Browser, nobody: Browser) -> None:
    """What was never marked for translation is in no catalogue; it would be found by its letters."""
    for browser, paths in ((r, ("/me", "/me/lead", "/me/looked", "/me/story/tell")), (nobody, ("/now", "/sign-in"))):
        for path in paths:
            page = await browser.open(f"{path}?lang=ar")
            words = {word for text in texts(page) for word in re.findall(r"[A-Za-z]{2,}", text)}
            assert words - THEIR_OWN == set(), path


def english_on(page: Page, said: dict[str, set[str]]) -> list[str]:
    return [each for each in texts(page) if each in said]


def texts(page: Page) -> list[str]:
    """Give each piece of text of a page, names of people and organisations left out, and what is read aloud."""
    reader = _Texts()
    reader.feed(page.html)
    return [text for text in reader.texts if text]


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.names = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names += tag == "bdi"
        self.texts += [value or "" for name, value in attrs if name in {"aria-label", "title", "placeholder"}]

    def handle_endtag(self, tag: str) -> None:
        self.names -= tag == "bdi"

    def handle_data(self, data: str) -> None:
        if not self.names:
            self.texts.append(" ".join(re.sub("\u2068.*?\u2069", "", data).split()))
