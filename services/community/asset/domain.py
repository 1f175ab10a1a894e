"""One line of a directory, what is plain from it, and what is not (M2, M3).

The rules look for whole words and claim no more than those say. What they can't tell is left empty and reported.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from services.community.kinds import Category, OrganisationKind
from services.community.offer.domain import ForWhom, NeedKind
from shared.errors import AlongsideError, Kind, Reason

if TYPE_CHECKING:
    from uuid import UUID

    from services.community.organisation.domain import Reach
    from shared.event import Code
    from shared.ports import Rulebook


class Doubt(Reason):
    """What was not understood in a line; those of ``LEFT_OUT`` keep the whole line out."""

    NO_NAME = "no-name", "The line has no name, so it was left out."
    TOO_LONG = "too-long", "This is longer than a directory's line can be, so the line was left out."
    WIDTH = "wrong-width", "The line has more or fewer fields than the heading, so it was left out."
    CONTROL = "not-text", "There are control characters here, so the line was left out."
    TWICE = "twice", "The same name and address stood on a line before, so this one was left out."
    JOINED = "already-joined", "An organisation of this name has joined, and speaks for itself."
    SAME_NAME = "same-name", "Another line has the same name at another address; both were taken."
    LETTERS = "letters", "These letters were written in an older way; they were read as Windows-1252."
    MENDED = "mended", "Letters here were garbled by an earlier export; they were mended."
    COLUMN = "unknown-column", "We don't know this column; it was not read."
    POSTCODE = "postcode", "This is not a British postcode; the line was taken without it."
    TELEPHONE = "telephone", "This is not a telephone number; the line was taken without it."
    EMAIL = "email", "This is not an e-mail address; the line was taken without it."
    WEBSITE = "website", "This is not a web address; the line was taken without it."
    NO_WAY = "no-way-to-reach", "The line says nothing of how to reach them."
    DESCRIPTION = "no-description", "The line does not say what they do."
    CATEGORY = "category", "We could not tell which of the nine kinds of asset this is."
    NEEDS = "needs", "We could not tell which needs this takes."
    CODE = "unknown-code", "This is not a code that we know; the line was taken without it."


LEFT_OUT = frozenset({Doubt.NO_NAME, Doubt.TOO_LONG, Doubt.WIDTH, Doubt.CONTROL, Doubt.TWICE, Doubt.JOINED})


class NotATableError(AlongsideError):
    """The file can't be read as a table; nothing of it was taken. ``facts`` may hold the line."""

    code = "not-a-table"
    kind = Kind.INVALID
    says = "This is not a table with a heading that we can read. It needs a column called name. Nothing was taken."


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that was not understood: the line of the file (the heading is line 1), our column, and why."""

    line: int
    column: str
    doubt: Doubt

    @property
    def left_out(self) -> bool:
        """Say whether the whole line was left out."""
        return self.doubt in LEFT_OUT


@dataclass(frozen=True, slots=True)
class Asset:
    """A line of a directory that was understood well enough to be listed."""

    line: int
    key: str
    name: str
    does: str
    kind: OrganisationKind
    category: Category | None
    reach: Reach
    needs: tuple[NeedKind, ...]
    for_whom: tuple[ForWhom, ...]
    languages: tuple[str, ...]
    intensity: Code | None
    when: str
    how_to_come: str
    places_free: int | None


def key_of(name: str, address: str, postcode: str, own_id: str) -> str:
    """Give the stable key of a line: its own id, else its name with its address (a postcode may be mended)."""
    said = f"id:{own_id}" if own_id else f"{_bare(name)}|{_bare(address) or _bare(postcode)}"
    return sha256(said.encode()).hexdigest()


def _bare(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


_CATEGORY_IN_NAME: tuple[tuple[Category, str], ...] = (
    (Category.STATUTORY, r"nhs|council|police|hospital|jobcentre"),
    (Category.PRIMARY_CARE_NETWORKS, r"primary care network|pcn"),
    (Category.SOCIAL_PRESCRIBING, r"social prescribing|link workers?"),
    (Category.LOCAL_ECONOMY, r"ltd|limited|plc"),
    (Category.VCSE, r"cic|charity|foundation|trust|age uk|salvation army"),
    (Category.GROUPS, r"groups?|networks?|forum|associations?|clubs?"),
    (Category.HUBS_BUILDINGS_SPACES, r"library|hub|community centre|wellbeing centre"),
)
_CATEGORY_IN_WORDS: tuple[tuple[Category, str], ...] = (
    (Category.SOCIAL_PRESCRIBING, r"social prescribing"),
    (Category.VCSE, r"charity|charitable|voluntary|non-profit|not-for-profit|user-led|grass-roots|church"),
    (Category.GROUPS, r"drop[- ]in group|support network|meet[- ]?up"),
)
_STATUTORY_SITES = (".nhs.uk", ".gov.uk", ".police.uk")
_KIND: Mapping[Category, OrganisationKind] = {
    Category.VCSE: OrganisationKind.CHARITY,
    Category.GROUPS: OrganisationKind.COMMUNITY_GROUP,
    Category.LOCAL_ECONOMY: OrganisationKind.BUSINESS,
    Category.PRIMARY_CARE_NETWORKS: OrganisationKind.PRIMARY_CARE_NETWORK,
}
_NEEDS: tuple[tuple[NeedKind, str], ...] = (
    (NeedKind.CLINICAL, r"counsell\w+|therap\w+|psycholog\w+"),
    (
        NeedKind.PRACTICAL,
        r"advice|advis\w+|advoca\w+|housing|homeless\w*|practical|information|care and support|abuse",
    ),
    (NeedKind.SOCIAL, r"groups?|drop[- ]in|peers?|befriend\w+|activit\w+|arts?|crafts?|dance|music|meets?|cafe|ear"),
    (NeedKind.SOCIAL, r"isolat\w+|lonel\w+"),
    (NeedKind.FINANCIAL, r"debts?|money|benefits|welfare rights|financial"),
)
_FOR_WHOM: tuple[tuple[ForWhom, str], ...] = (
    (ForWhom.YOUNG_PEOPLE, r"young people|youth|children|teenagers?"),
    (ForWhom.OLDER_PEOPLE, r"older (?:people|adults)|over 50s?|later life|age uk"),
    (ForWhom.LGBTQI, r"lgbt\w*|lesbian|gay|bisexual|trans"),
    (ForWhom.BLACK_PEOPLE, r"african|caribbean"),
    (ForWhom.ASIAN_PEOPLE, r"(?:south )?asian|pakistani"),
    (ForWhom.REFUGEES, r"refugees?|asylum"),
    (ForWhom.CARERS, r"carers?"),
    (ForWhom.PARENTS, r"parents?|mothers|fathers"),
    (ForWhom.FAITH, r"christian|muslim|jewish|hindu|sikh"),
    (ForWhom.DISABLED_PEOPLE, r"disab\w+"),
    (ForWhom.NEURODIVERGENT_PEOPLE, r"autis\w+|adhd"),
    (ForWhom.VETERANS, r"veterans?"),
    (ForWhom.STUDENTS, r"students?"),
)
_DAYS = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"


def says(text: str, pattern: str) -> bool:
    """Say whether whole words of ``pattern`` stand in ``text``."""
    return re.search(rf"\b(?:{pattern})\b", text, re.IGNORECASE) is not None


def category_of(name: str, does: str, website: str) -> Category | None:
    """Say which of the nine kinds of asset this plainly is, or None."""
    host = re.sub(r"^https?://([^/:?#]*).*$", r"\1", website.lower())
    if any(host.endswith(site) for site in _STATUTORY_SITES):
        return Category.STATUTORY
    for category, pattern in _CATEGORY_IN_NAME:
        if says(name, pattern):
            return category
    return next((category for category, pattern in _CATEGORY_IN_WORDS if says(does, pattern)), None)


def kind_of(category: Category | None) -> OrganisationKind:
    """Say what sort of organisation an asset is, as far as its category tells."""
    return OrganisationKind.OTHER if category is None else _KIND.get(category, OrganisationKind.OTHER)


def needs_of(text: str) -> tuple[NeedKind, ...]:
    """Say which needs a description names."""
    return tuple(dict.fromkeys(need for need, pattern in _NEEDS if says(text, pattern)))


def for_whom_of(text: str) -> tuple[ForWhom, ...]:
    """Say whom a description has in mind. Men and women named together is everybody."""
    women, men = says(text, r"wom[ae]n|girls"), says(text, r"men|boys")
    one = ((ForWhom.WOMEN,) if women else ()) + ((ForWhom.MEN,) if men else ())
    others = tuple(focus for focus, pattern in _FOR_WHOM if says(text, pattern))
    return (() if women and men else one) + others


def when_of(text: str) -> str:
    """Give the sentences that name a day of the week."""
    sentences = re.split(r"(?<=[.!?])\s+(?=[A-Z])", text)
    return " ".join(each for each in sentences if says(each, _DAYS))[:500]


@dataclass(frozen=True, slots=True)
class Listing:
    """An asset with the ids that it gets if it is new here."""

    asset: Asset
    organisation: UUID
    offer: UUID


@dataclass(frozen=True, slots=True)
class ListAssets:
    """List some lines of a directory."""

    listings: tuple[Listing, ...]
    rulebook: Rulebook

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about each of the organisations."""
        return tuple(listing.organisation for listing in self.listings)


@dataclass(frozen=True, slots=True)
class Taken:
    """How many lines were new, changed, the same as before, or of an organisation that speaks for itself."""

    new: int = 0
    changed: int = 0
    same: int = 0
    joined_lines: tuple[int, ...] = ()
