"""Floors that nobody lowers, signature or not (M6)."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import OKPKey

from services.community.rulebook import signing
from services.community.rulebook.domain import (
    FLOORS,
    Document,
    Floor,
    RulebookBelowFloorError,
    RulebookUnreadableError,
    RulebookUnsignedError,
    below_floors,
    in_force,
)

DEFAULT = signing.default()
LOWERED = [
    ("drift.after_hours", 73, Floor.DRIFT),
    ("drift.rung_minutes", 61, Floor.DRIFT_RUNG),
    ("asks.at_crisis_hours", 5, Floor.ASKS),
    ("asks.otherwise_working_days", 3, Floor.ASKS),
    ("links.at_crisis_hours", 5, Floor.LINKS),
    ("links.otherwise_working_days", 3, Floor.LINKS),
    ("bounce.count", 3, Floor.BOUNCE),
    ("bounce.within_days", 89, Floor.BOUNCE),
    ("bounce.conversation_working_days", 4, Floor.CONVERSATION),
    ("holding.acknowledged_within_hours", 25, Floor.HOLDING),
    ("quiet.not_within_days", 27, Floor.QUIET),
    ("duty_line.tested_every_days", 8, Floor.DUTY_LINE),
]


def public_key(folder: Path) -> OKPKey:
    return OKPKey.import_key(json.loads((folder / signing.PUBLIC_KEY).read_text()))


def changed(path: str, value: object) -> Document:
    plain: dict[str, Any] = DEFAULT.document.model_dump()
    *way, last = path.split(".")
    inner = plain
    for step in way:
        inner = inner[step]
    inner[last] = value
    return Document.model_validate(plain)


def test_the_default_and_the_floors_themselves_may_come_into_force__m6() -> None:
    assert below_floors(DEFAULT.document) == ()
    assert below_floors(FLOORS) == ()


@pytest.mark.parametrize(("path", "value", "floor"), LOWERED)
def test_no_floor_can_be_lowered__m6(path: str, value: int, floor: Floor) -> None:
    document = changed(path, value)
    assert below_floors(document) == (floor,)
    with pytest.raises(RulebookBelowFloorError) as turned_down:
        in_force(document)
    assert turned_down.value.reasons == (floor,)


@pytest.mark.parametrize(
    "intensities",
    [
        ["community", "managing-independently", "enhanced", "crisis", "inpatient"],
        ["managing-independently", "community", "enhanced", "inpatient", "crisis"],
        ["managing-independently", "community", "crisis", "inpatient"],
        ["managing-independently", "community", "enhanced", "crisis", "inpatient", "crisis"],
        ["before-all", "managing-independently", "community", "enhanced", "crisis", "inpatient"],
        [],
    ],
)
def test_the_five_intensities_stand_in_their_order__j1(intensities: list[str]) -> None:
    assert below_floors(changed("intensities", intensities)) == (Floor.INTENSITIES,)


def test_a_place_may_add_an_intensity_of_its_own_between_them__j1() -> None:
    own = ["managing-independently", "community", "enhanced", "crisis-cafe", "crisis", "inpatient"]
    rulebook = in_force(changed("intensities", own))
    assert rulebook.at_crisis(rulebook.intensities[4])
    assert not rulebook.at_crisis(rulebook.intensities[3])


@given(st.dictionaries(st.sampled_from([path for path, _, _ in LOWERED]), st.integers(1, 500), max_size=6))
def test_whatever_is_in_force_is_at_the_floors_or_safer__m6(changes: dict[str, int]) -> None:
    document = DEFAULT.document
    for path, value in changes.items():
        part, name = path.split(".")
        inner = getattr(document, part).model_copy(update={name: value})
        document = document.model_copy(update={part: inner})
    try:
        rulebook = in_force(document)
    except RulebookBelowFloorError:
        return
    assert rulebook.drift_after.total_seconds() <= 72 * 3600
    assert rulebook.ask_answer_crisis.total_seconds() <= 4 * 3600
    assert rulebook.link_answer_other_working_days <= 2
    assert rulebook.bounce_count <= 2
    assert rulebook.bounce_window.days >= 90
    assert rulebook.conversation_working_days <= 3
    assert rulebook.not_quiet_within.days >= 28
    assert rulebook.duty_line_tested_every.days <= 7


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("version = 1", "version = '1'"),
        ("version = 1", "version = true"),
        ("version = 1", "version = 0"),
        ("after_hours = 72", "after_hours = 71.5"),
        ("after_hours = 72", "after_hours = -1"),
        ("after_hours = 72", ""),
        ("after_hours = 72", "after_hours = 72\nnever = true"),
        ('"crisis"', '"In crisis; ring me"'),
        ("[drift]", "[drift"),
    ],
)
def test_a_rulebook_that_is_not_as_described_is_not_read__m6(line: str, part: str) -> None:
    text = DEFAULT.text.decode().replace(line, part, 1)
    with pytest.raises(RulebookUnreadableError) as error:
        signing.read(text.encode())
    assert error.value.fields
    assert "never" not in error.value.fields


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"", b"version = 1", b"#" * 70_000, b"a.b = 1\na = 2"])
def test_bytes_that_are_no_rulebook_are_turned_away(raw: bytes) -> None:
    with pytest.raises(RulebookUnreadableError):
        signing.read(raw)


def test_the_leaders_group_signs_and_their_key_alone_is_good__m6(tmp_path: Path) -> None:
    private = signing.make_keys(tmp_path)
    signed = signing.sign_file(tmp_path, private)
    assert signed.signed_by == public_key(tmp_path).thumbprint()
    stranger = OKPKey.generate_key("Ed25519")
    (tmp_path / signing.PUBLIC_KEY).write_text(json.dumps(stranger.as_dict(private=False)))
    with pytest.raises(RulebookUnsignedError):
        signing.load(tmp_path)


def test_one_changed_byte_undoes_the_signature__m6(tmp_path: Path) -> None:
    signing.sign_file(tmp_path, signing.make_keys(tmp_path))
    path = tmp_path / signing.RULEBOOK
    path.write_bytes(path.read_bytes().replace(b"after_hours = 72", b"after_hours = 71"))
    with pytest.raises(RulebookUnsignedError):
        signing.load(tmp_path)


@pytest.mark.parametrize("gone", [signing.SIGNATURE, signing.PUBLIC_KEY])
def test_a_rulebook_without_a_signature_or_a_key_is_not_in_force__m6(tmp_path: Path, gone: str) -> None:
    signing.sign_file(tmp_path, signing.make_keys(tmp_path))
    (tmp_path / gone).unlink()
    with pytest.raises(RulebookUnsignedError):
        signing.load(tmp_path)


@pytest.mark.parametrize("signature", ["", "a..b", "....", "e30..", "\x00", "eyJhbGciOiJub25lIn0.."])
def test_a_signature_that_is_none_is_not_good__m6(tmp_path: Path, signature: str) -> None:
    signing.sign_file(tmp_path, signing.make_keys(tmp_path))
    (tmp_path / signing.SIGNATURE).write_text(signature)
    with pytest.raises(RulebookUnsignedError):
        signing.load(tmp_path)


def test_a_rulebook_below_a_floor_is_not_signed_nor_taken_up_when_it_is__m6(tmp_path: Path) -> None:
    private = signing.make_keys(tmp_path)
    signing.sign_file(tmp_path, private)
    low = (tmp_path / signing.RULEBOOK).read_bytes().replace(b"after_hours = 72", b"after_hours = 96")
    with pytest.raises(RulebookBelowFloorError):
        signing.sign(low, private.read_bytes())
    key = OKPKey.import_key(json.loads(private.read_text()))
    header, _, signature = jws.serialize_compact({"alg": "Ed25519"}, low, key, algorithms=["Ed25519"]).split(".")
    (tmp_path / signing.RULEBOOK).write_bytes(low)
    (tmp_path / signing.SIGNATURE).write_text(f"{header}..{signature}")
    with pytest.raises(RulebookBelowFloorError):
        signing.load(tmp_path)


@pytest.mark.parametrize("key", ["", "[]", "{}", '{"kty": "OKP"}', '{"kty": "oct", "k": "AAAA"}', "null"])
def test_a_key_that_is_none_is_not_good__m6(tmp_path: Path, key: str) -> None:
    signing.sign_file(tmp_path, signing.make_keys(tmp_path))
    (tmp_path / signing.PUBLIC_KEY).write_text(key)
    with pytest.raises(RulebookUnsignedError):
        signing.load(tmp_path)


def test_the_private_key_is_readable_by_its_owner_only_and_made_once(tmp_path: Path) -> None:
    private = signing.make_keys(tmp_path)
    before = private.read_bytes()
    assert private.stat().st_mode & 0o777 == 0o600
    assert b'"d"' not in (tmp_path / signing.PUBLIC_KEY).read_bytes()
    assert signing.make_keys(tmp_path).read_bytes() == before
