"""JSON text is read strictly, to the last digit, and the same with and without the fast reader."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalshi_core.models import json_text

BIG = 2**64
LEAVES = st.none() | st.booleans() | st.integers(-(BIG**2), BIG**2) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    LEAVES | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
ODD = [
    b"", b" ", b"{", b"[1,]", b"01", b"1.", b".5", b"-", b"NaN", b"-Infinity", b"[Infinity]", b"1 2", b'"\x01"',
    b'"\\x"', b'"\\ud800"', b'"\xff"', b"\xef\xbb\xbf1", b"1e400", b"-1e400", b"1e-400", b"-0", b"-0.0", b"1E5",
    b"18446744073709551616", b"-9223372036854775809", b"123456789012345678901234567890",
    b"0.1000000000000000055511151231257827", b'{"a":1,"a":2}', '"é𝄞"'.encode(), '"é𝄞"'.encode("utf-16"),
    b"[" * 100_000, b"<html></html>",
]  # fmt: skip


def plainly(content: bytes) -> Any:
    """Read as the standard library does, but for what JSON can't say."""

    def refuse(name: str) -> NoReturn:
        raise ValueError(name)

    return json.loads(content, parse_constant=refuse)


def said(read: Any, content: bytes) -> str:
    """Return what comes of a text: the value to the last digit, or the kind of error."""
    try:
        return repr(read(content))
    except (ValueError, RecursionError) as error:
        return type(error).__name__


@given(VALUES, st.booleans())
def test_what_was_written_is_read(value: Any, ascii_only: bool) -> None:
    """Integers of any size, floats, text of any script: the same value comes back."""
    content = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    assert repr(json_text.parse(content)) == repr(value)


@pytest.mark.parametrize("content", ODD, ids=lambda content: repr(content[:20]))
def test_odd_texts_are_judged_like_the_standard_library_does(content: bytes) -> None:
    """What is refused, and what an odd number or character means, does not depend on who reads."""
    assert said(json_text.parse, content) == said(plainly, content)


@given(VALUES, st.data())
def test_broken_texts_are_judged_alike(value: Any, data: st.DataObject) -> None:
    """A text with a piece cut out, or a byte changed, means the same or is refused by both."""
    content = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, len(content)))
    broken = content[:start] + data.draw(st.binary(max_size=2)) + content[end:]
    assert said(json_text.parse, broken) == said(plainly, broken)


@pytest.mark.parametrize(("content", "value"), [(b"{", None), (b"[" * 100_000, None), (b"[1]", [1])])
def test_what_may_be_anything_is_none_where_it_is_no_json(content: bytes, value: Any) -> None:
    """Reading loosely never raises."""
    assert json_text.parse_or_none(content) == value
