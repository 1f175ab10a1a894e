"""JSON from outside is read strictly, and what is wrong with it is never repeated."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import AlongsideError, MalformedError, UnsupportedError
from shared.strict_json import MOST_EXACT, MOST_NESTED, loads

JSON = "application/json"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"a": 1, "a": 1}',
        b'{"x": {"a": 1, "b": 2, "a": 3}}',
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": 9007199254740993}',
        b'{"a": ' + b"9" * 5_000 + b"}",
        rb'{"a": "\ud800"}',
        rb'{"\udfff": 1}',
        rb'{"a": "x\u0000y"}',
        b'{"a": "\x00"}',
        b'{"a": "\xff"}',
        b"\xef\xbb\xbf{}",
        b'{"a": 1} {"b": 2}',
        b"[" * 100_000,
        b'{"a":' * (MOST_NESTED + 1) + b"1" + b"}" * (MOST_NESTED + 1),
    ],
)
def test_what_is_not_clean_json_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedError) as caught:
        loads(body, JSON)
    assert caught.value.__cause__ is None


def test_clean_json_is_read_as_it_is() -> None:
    assert loads(rb'{"a": "\\u0000 \u00e9 \ud83d\ude00", "b": [1.5, null]}', "application/json; charset=utf-8") == {
        "a": "\\u0000 é 😀",
        "b": [1.5, None],
    }
    assert loads(str(MOST_EXACT).encode(), JSON) == MOST_EXACT


@pytest.mark.parametrize("kind", ["", "text/plain", "application/xml", "application/jsonx", "multipart/form-data"])
def test_another_content_type_is_unsupported(kind: str) -> None:
    with pytest.raises(UnsupportedError):
        loads(b"{}", kind)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_an_error_of_the_catalogue(body: bytes) -> None:
    try:
        loads(body, JSON)
    except AlongsideError:
        return


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MOST_EXACT, MOST_EXACT)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc"), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_whatever_json_can_say_is_read_back(value: object) -> None:
    sent = json.dumps(value)
    if "\\u0000" not in sent:
        assert loads(sent.encode(), JSON) == value
