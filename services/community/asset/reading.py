"""Reads a directory's file: Trafford's columns or our own fuller ones; every doubt with its line.

Columns: ``name`` (needed), ``description``, ``address``, ``postcode``, ``telephone``, ``website``; and of our
own ``id``, ``email``, ``kind``, ``category``, ``needs``, ``for_whom``, ``languages`` (codes with ``;`` between),
``intensity``, ``when``, ``how_to_come``, ``places_free``. UTF-8, UTF-16 or Windows-1252; comma, semicolon or tab.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from services.community.asset.domain import (
    Asset,
    Doubt,
    NotATableError,
    Remark,
    category_of,
    for_whom_of,
    key_of,
    kind_of,
    needs_of,
    when_of,
)
from services.community.formats import Email, Language, Postcode, Telephone, Website
from services.community.kinds import Category, OrganisationKind
from services.community.offer.domain import ForWhom, NeedKind
from services.community.organisation.domain import Reach
from shared.event import Code

if TYPE_CHECKING:
    from collections.abc import Iterator

E = TypeVar("E", bound=StrEnum)
MOST_LINES = 20_000
MOST_NAME, MOST_WORDS, MOST_LINE = 200, 2_000, 500
LONGEST: Final = {"name": MOST_NAME, "description": MOST_WORDS}
OTHER_NAMES: Final = {"phone": "telephone", "url": "website", "post_code": "postcode", "web": "website"}
COLUMNS: Final = frozenset(
    {"name", "description", "address", "postcode", "telephone", "website", "id", "email", "kind"}
    | {"category", "needs", "for_whom", "languages", "intensity", "when", "how_to_come", "places_free"}
)
CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")
GARBLED: Final = re.compile(r"[ÂÃâ][^\x00-\x7f]")
CHECKS: Final[dict[str, tuple[TypeAdapter[str], Doubt]]] = {
    "postcode": (TypeAdapter(Postcode), Doubt.POSTCODE),
    "telephone": (TypeAdapter(Telephone), Doubt.TELEPHONE),
    "email": (TypeAdapter(Email), Doubt.EMAIL),
    "website": (TypeAdapter(Website), Doubt.WEBSITE),
}
LANGUAGE: Final[TypeAdapter[str]] = TypeAdapter(Language)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says: the assets that can be listed, what was not understood, and how many lines there were."""

    assets: tuple[Asset, ...]
    remarks: tuple[Remark, ...]
    lines: int


def read_assets(raw: bytes) -> Reading:
    """Read a file. Raises NotATableError when it is no table; every doubt about a line is a remark."""
    text, old_letters = _decode(raw)
    rows = _rows(text)
    _, heading = next(rows, (1, []))
    columns = [_column(each) for each in heading]
    known = [column for column in columns if column in COLUMNS]
    if "name" not in known or len(set(known)) != len(known):
        raise NotATableError(facts={"line": 1})
    table = _Table(columns)
    if old_letters:
        table.doubt(1, "(file)", Doubt.LETTERS)
    for column in columns:
        if column not in COLUMNS:
            table.doubt(1, "(unknown column)", Doubt.COLUMN)
    count = 0
    for line, cells in rows:
        count += 1
        if count > MOST_LINES:
            raise NotATableError(facts={"line": line})
        table.take(line, cells)
    return Reading(tuple(table.assets), tuple(table.remarks), count)


def _decode(raw: bytes) -> tuple[str, bool]:
    """Give the text, and whether it had to be read as Windows-1252."""
    try:
        if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return raw.decode("utf-16"), False
        return raw.decode("utf-8-sig"), False
    except UnicodeDecodeError:
        pass
    try:
        return raw.decode("cp1252"), True
    except UnicodeDecodeError:
        raise NotATableError from None


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Give each record with the line that it begins on; empty lines are passed over."""
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error:
        raise NotATableError(facts={"line": begins}) from None


def _column(heading: str) -> str:
    plain = re.sub(r"[\s_-]+", "_", heading.strip().lower())
    return OTHER_NAMES.get(plain, plain)


@dataclass
class _Table:
    """Reads line after line, and remembers which names and keys it has met."""

    columns: list[str]
    assets: list[Asset] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    def doubt(self, line: int, column: str, doubt: Doubt) -> None:
        """Remember that something was not understood."""
        self.remarks.append(Remark(line, column, doubt))

    def take(self, line: int, cells: list[str]) -> None:
        """Take a line, or leave it out and say why."""
        if len(cells) != len(self.columns):
            self.doubt(line, "(line)", Doubt.WIDTH)
            return
        said = self._cells(line, cells)
        keeps_out = next(iter(_why_not(said)), None)
        if keeps_out is not None:
            self.doubt(line, *keeps_out)
            return
        key = key_of(said["name"], said["address"], said["postcode"], said["id"])
        if key in self.keys:
            self.doubt(line, "name", Doubt.TWICE)
            return
        if said["name"].casefold() in self.names:
            self.doubt(line, "name", Doubt.SAME_NAME)
        self.keys.add(key)
        self.names.add(said["name"].casefold())
        self.assets.append(self._asset(line, key, said))

    def _cells(self, line: int, cells: list[str]) -> dict[str, str]:
        said = dict.fromkeys(COLUMNS, "")
        for column, cell in zip(self.columns, cells, strict=True):
            if column in COLUMNS:
                mended = _mend(cell)
                if mended != cell:
                    self.doubt(line, column, Doubt.MENDED)
                said[column] = " ".join(mended.split())
        return said

    def _asset(self, line: int, key: str, said: dict[str, str]) -> Asset:
        reach = self._reach(line, said)
        words = f"{said['name']}. {said['description']}"
        category = self._one(line, "category", said, Category) or category_of(
            said["name"], said["description"], said["website"]
        )
        needs = self._many(line, "needs", said, NeedKind) or needs_of(words)
        blanks = (
            ("description", Doubt.DESCRIPTION, not said["description"]),
            ("category", Doubt.CATEGORY, category is None),
            ("needs", Doubt.NEEDS, not needs),
        )
        for column, why, is_blank in blanks:
            if is_blank:
                self.doubt(line, column, why)
        return Asset(
            line=line,
            key=key,
            name=said["name"],
            does=said["description"],
            kind=self._one(line, "kind", said, OrganisationKind) or kind_of(category),
            category=category,
            reach=reach,
            needs=needs,
            for_whom=self._many(line, "for_whom", said, ForWhom) or for_whom_of(words),
            languages=self._languages(line, said),
            intensity=self._intensity(line, said),
            when=said["when"] or when_of(said["description"]),
            how_to_come=said["how_to_come"],
            places_free=self._places(line, said),
        )

    def _reach(self, line: int, said: dict[str, str]) -> Reach:
        good: dict[str, str | None] = {"address": said["address"] or None}
        for column, (check, why) in CHECKS.items():
            good[column] = None
            try:
                good[column] = check.validate_python(said[column]) if said[column] else None
            except ValidationError:
                self.doubt(line, column, why)
        if not any(good.values()):
            self.doubt(line, "telephone", Doubt.NO_WAY)
        return Reach(**good)

    def _one(self, line: int, column: str, said: dict[str, str], codes: type[E]) -> E | None:
        return next(iter(self._many(line, column, said, codes)), None)

    def _many(self, line: int, column: str, said: dict[str, str], codes: type[E]) -> tuple[E, ...]:
        found: dict[E, None] = {}
        for each in _split(said[column]):
            try:
                found[codes(each.lower())] = None
            except ValueError:
                self.doubt(line, column, Doubt.CODE)
        return tuple(found)

    def _languages(self, line: int, said: dict[str, str]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for each in _split(said["languages"]):
            try:
                found[LANGUAGE.validate_python(each)] = None
            except ValidationError:
                self.doubt(line, "languages", Doubt.CODE)
        return tuple(found)

    def _intensity(self, line: int, said: dict[str, str]) -> Code | None:
        try:
            return Code(said["intensity"].lower()) if said["intensity"] else None
        except ValueError:
            self.doubt(line, "intensity", Doubt.CODE)
            return None

    def _places(self, line: int, said: dict[str, str]) -> int | None:
        text = said["places_free"]
        if not text:
            return None
        if re.fullmatch(r"[0-9]{1,4}", text) is None:
            self.doubt(line, "places_free", Doubt.CODE)
            return None
        return int(text)


def _split(cell: str) -> list[str]:
    return [each.strip() for each in cell.split(";") if each.strip()]


def _why_not(said: dict[str, str]) -> Iterator[tuple[str, Doubt]]:
    """Give what keeps a line out, most telling first."""
    if not said["name"]:
        yield "name", Doubt.NO_NAME
    for column in sorted(said):
        if CONTROL.search(said[column]):
            yield column, Doubt.CONTROL
        if len(said[column]) > LONGEST.get(column, MOST_LINE):
            yield column, Doubt.TOO_LONG


def _mend(cell: str) -> str:
    """Undo an export that read UTF-8 as Windows-1252 (``â€™`` for ``’``), where it can be undone whole."""
    if not GARBLED.search(cell):
        return cell
    try:
        return cell.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return cell
