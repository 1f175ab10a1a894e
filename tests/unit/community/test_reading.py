"""A directory's file: what is taken, what is left out, and that every doubt has its line (M2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.community.asset.domain import Doubt, NotATableError
from services.community.asset.reading import Reading, read_assets
from services.community.kinds import Category, OrganisationKind
from services.community.offer.domain import ForWhom, NeedKind

HEAD = "name,description,address,postcode,telephone,website\n"
GOOD = 'Tea and Talk,Drop-in group for women. Meets on Mondays 2-4pm.,"1 High Street, Sale",m33 4bp,0161 496 0000,https://tea.example\n'


def doubts(reading: Reading) -> list[tuple[int, str, Doubt]]:
    return [(remark.line, remark.column, remark.doubt) for remark in reading.remarks]


def test_a_line_says_who_they_are_and_what_is_plain_from_their_words__m2() -> None:
    (asset,) = read_assets((HEAD + GOOD).encode()).assets
    assert asset.name == "Tea and Talk"
    assert asset.reach.postcode == "M33 4BP"
    assert asset.category is Category.GROUPS
    assert asset.kind is OrganisationKind.COMMUNITY_GROUP
    assert asset.needs == (NeedKind.SOCIAL,)
    assert asset.for_whom == (ForWhom.WOMEN,)
    assert asset.when == "Meets on Mondays 2-4pm."
    assert asset.places_free is None


def test_women_and_men_named_together_is_everybody__m3() -> None:
    text = HEAD + "Sessions,Art group for men and women,,,0161 496 0000,\n"
    (asset,) = read_assets(text.encode()).assets
    assert asset.for_whom == ()


def test_what_is_not_plain_is_left_empty_and_said__m2() -> None:
    reading = read_assets((HEAD + "Quiet House,We are here.,,M33 4BP,,\n").encode())
    assert reading.assets[0].category is None
    assert reading.assets[0].needs == ()
    assert doubts(reading) == [(2, "category", Doubt.CATEGORY), (2, "needs", Doubt.NEEDS)]


@pytest.mark.parametrize(
    ("line", "column", "doubt"),
    [
        (",no name,,,0161 496 0000,", "name", Doubt.NO_NAME),
        ("   ,no name,,,0161 496 0000,", "name", Doubt.NO_NAME),
        ("N" * 201 + ",group,,,,", "name", Doubt.TOO_LONG),
        ("A," + "d" * 2001 + ",,,,", "description", Doubt.TOO_LONG),
        ("A,group," + "a" * 501 + ",,,", "address", Doubt.TOO_LONG),
        ("A\x07,group,,,,", "name", Doubt.CONTROL),
        ("A\x00,group,,,,", "name", Doubt.CONTROL),
        ("A,group,,,", "(line)", Doubt.WIDTH),
        ("A,group,,,,,more", "(line)", Doubt.WIDTH),
    ],
)
def test_a_line_that_can_not_be_listed_is_left_out_with_its_number_and_the_others_are_taken(
    line: str, column: str, doubt: Doubt
) -> None:
    reading = read_assets((HEAD + GOOD + line + "\n" + GOOD.replace("Tea", "Cake")).encode())
    assert [asset.name for asset in reading.assets] == ["Tea and Talk", "Cake and Talk"]
    assert doubts(reading) == [(3, column, doubt)]
    assert reading.remarks[0].left_out


@pytest.mark.parametrize(
    ("line", "column", "doubt"),
    [
        ("A,drop-in group,,WA154 1HF,0161 496 0000,", "postcode", Doubt.POSTCODE),
        ("A,drop-in group,,,ask at the desk,", "telephone", Doubt.TELEPHONE),
        ("A,drop-in group,,,,www.tea.example", "website", Doubt.WEBSITE),
        ("A,drop-in group,,,,javascript:alert(1)", "website", Doubt.WEBSITE),
    ],
)
def test_a_field_that_is_not_understood_is_left_empty_and_the_line_is_taken(
    line: str, column: str, doubt: Doubt
) -> None:
    reading = read_assets((HEAD + line + "\n").encode())
    assert getattr(reading.assets[0].reach, column) is None
    assert (2, column, doubt) in doubts(reading)
    assert not any(remark.left_out for remark in reading.remarks)


def test_older_letters_are_read_and_said() -> None:
    reading = read_assets((HEAD + GOOD.replace("Tea", "Mum’s Tea")).encode("cp1252"))
    assert reading.assets[0].name == "Mum’s Tea and Talk"
    assert (1, "(file)", Doubt.LETTERS) in doubts(reading)


def test_letters_that_an_export_garbled_are_mended_and_said() -> None:
    garbled = "Mum’s Tea".encode().decode("cp1252")
    reading = read_assets((HEAD + GOOD.replace("Tea", garbled)).encode())
    assert reading.assets[0].name == "Mum’s Tea and Talk"
    assert (2, "name", Doubt.MENDED) in doubts(reading)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_usual_encodings_are_read_without_a_word(encoding: str) -> None:
    reading = read_assets((HEAD + GOOD.replace("Tea", "Çay")).encode(encoding))
    assert reading.assets[0].name == "Çay and Talk"
    assert reading.remarks == ()


@pytest.mark.parametrize("mark", [";", "\t"])
def test_semicolons_and_tabs_part_columns_too(mark: str) -> None:
    text = f"name{mark}description\nTea{mark}A group, for all\n"
    assert read_assets(text.encode()).assets[0].does == "A group, for all"


def test_lines_are_numbered_as_an_editor_numbers_them() -> None:
    text = HEAD + '"Tea","A group\nover two lines",,,0161 496 0000,\n\nB,,,WRONG,,\n'
    reading = read_assets(text.encode())
    assert reading.assets[0].does == "A group over two lines"
    assert (5, "postcode", Doubt.POSTCODE) in doubts(reading)


def test_the_same_name_and_address_is_one_and_another_address_is_another() -> None:
    here = GOOD
    again = GOOD.replace("Drop-in", "Different words: drop-in").replace("Tea and Talk", "TEA  AND TALK")
    there = GOOD.replace("1 High Street", "9 Low Street")
    reading = read_assets((HEAD + here + again + there).encode())
    assert len(reading.assets) == 2
    assert doubts(reading) == [(3, "name", Doubt.TWICE), (4, "name", Doubt.SAME_NAME)]


def test_a_key_stands_when_the_postcode_is_mended() -> None:
    (before,) = read_assets((HEAD + GOOD.replace("m33 4bp", "WA154 1HF")).encode()).assets
    (after,) = read_assets((HEAD + GOOD).encode()).assets
    assert before.key == after.key


def test_our_own_fuller_columns_say_more__m3() -> None:
    text = (
        "id,name,description,kind,category,needs,for_whom,languages,intensity,when,how_to_come,places_free,telephone\n"
        "7,Nour,We listen,peer-group,organisations-vcse,social; practical,women;refugees,ar;en,crisis,"
        "Every night,Just come,3,0161 496 0000\n"
    )
    reading = read_assets(text.encode())
    (asset,) = reading.assets
    assert reading.remarks == ()
    assert asset.kind is OrganisationKind.PEER_GROUP
    assert asset.needs == (NeedKind.SOCIAL, NeedKind.PRACTICAL)
    assert asset.for_whom == (ForWhom.WOMEN, ForWhom.REFUGEES)
    assert asset.languages == ("ar", "en")
    assert asset.intensity == "crisis"
    assert asset.places_free == 3
    other = read_assets(text.replace("Nour", "Nour and friends").encode()).assets[0]
    assert other.key == asset.key


def test_codes_and_columns_that_we_do_not_know_are_said() -> None:
    text = "name,needs,places_free,star sign\nTea group,social;spiritual,lots,Leo\n"
    reading = read_assets(text.encode())
    assert reading.assets[0].needs == (NeedKind.SOCIAL,)
    assert {(1, "(unknown column)", Doubt.COLUMN), (2, "needs", Doubt.CODE), (2, "places_free", Doubt.CODE)} <= set(
        doubts(reading)
    )


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"title,description\nTea,group\n",
        b"name,name\nTea,Tea\n",
        b'name,description\n"Tea,group\n',
        b"name\n\x81\x8d\n",
        b"\x89PNG\r\n\x1a\n\x00\x00",
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_table_is_turned_away_whole(raw: bytes) -> None:
    with pytest.raises(NotATableError):
        read_assets(raw)


@given(st.binary(max_size=400) | st.text(max_size=300).map(lambda text: (HEAD + text).encode("utf-8", "ignore")))
def test_whatever_the_bytes_are_a_file_is_read_or_turned_away(raw: bytes) -> None:
    try:
        reading = read_assets(raw)
    except NotATableError:
        return
    assert len(reading.assets) <= reading.lines
    assert all(asset.name and len(asset.name) <= 200 for asset in reading.assets)
