"""Pages as servers send them, for property tests: mostly as documented, with rare deviations."""

from __future__ import annotations

import json
from typing import Any, Final

from hypothesis import strategies as st

from kalshi_core.models.codecs import Codec, ListCodec
from kalshi_core.models.layout import Layout, layout_of
from kalshi_core.models.scalars import DateTimeCodec, EnumCodec, FixedPointCodec, ScalarCodec


class Pairs(list[tuple[str, Any]]):
    """An object as its text has it: a name may occur twice."""


LEAVES = (
    st.none() | st.booleans() | st.integers(-3, 3) | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(["", "0.5600", "a\\\"°", "\ud800"])
)  # fmt: skip


FREE = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.lists(st.tuples(st.sampled_from("abc"), inner), max_size=3).map(Pairs)
    ),
    max_leaves=5,
)


DECIMALS = st.sampled_from(
    ["0.5600", "0.0000", "-1.5", "12", "1e5", " 1", "1_0", ".", "", "٠.٥", "NaN", "82341.55", 3, 0.5]
)


MOMENTS = st.sampled_from(["2026-11-23T00:00:00Z", "2026-11-23T00:00:00.123456789Z", "2026-11-23", "", "x"])


SCALARS: Final[dict[type, st.SearchStrategy[Any]]] = {
    str: st.text(max_size=5) | st.sampled_from(['"', "\\", "\x00\n", "", 'a","b":"c']),
    int: st.integers(-3, 2**70),
    float: st.floats(allow_nan=False, allow_infinity=False) | st.integers(-3, 2**70),
    bool: st.booleans(),
}


def values(codec: Codec, depth: int) -> st.SearchStrategy[Any]:
    """Return the values that a server sends for a codec, and a few others."""
    if isinstance(codec, ScalarCodec):
        return SCALARS[codec.kind]
    if isinstance(codec, FixedPointCodec):
        return DECIMALS
    if isinstance(codec, DateTimeCodec):
        return MOMENTS
    if isinstance(codec, EnumCodec):
        return st.sampled_from([*codec.known, "brand_new"])
    if isinstance(codec, ListCodec):
        return st.lists(values(codec.item, depth + 1) | st.none(), max_size=3)
    if isinstance(codec, Layout) and depth < 3:
        return objects(codec, depth)
    return FREE


def objects(layout: Layout, depth: int = 0) -> st.SearchStrategy[Any]:
    """Return objects of a model; some have other fields, another order, or a name twice."""

    @st.composite
    def drawn(draw: st.DrawFn) -> Pairs:
        wires = list(layout.by_wire)
        names = wires if draw(st.booleans()) else wires[: draw(st.integers(0, len(wires)))]
        pairs = Pairs((name, draw(values(layout.by_wire[name].codec, depth))) for name in names)
        for _ in range(draw(st.integers(0, 2)) if draw(st.booleans()) else 0):
            name = draw(st.sampled_from([*wires, "brand_new"]))
            value = draw(FREE | st.just(Pairs(pairs)) | st.just([Pairs(pairs)]))
            pairs.insert(draw(st.integers(0, len(pairs))), (name, value))
        return pairs

    return drawn()


@st.composite
def pages(draw: st.DrawFn, kind: Any) -> bytes:
    """Return the text of a page."""
    layout = layout_of(kind)
    pairs = Pairs()
    usual = {name: draw(objects(rows)) for name, rows in layout.lists.items()}
    for name, field in layout.by_wire.items():
        if name in usual:
            row = st.just(usual[name]) | objects(layout.lists[name]) | FREE
            pairs.append((name, [usual[name], usual[name], usual[name], *draw(st.lists(row, max_size=3))]))
        elif draw(st.integers(0, 3)):
            pairs.append((name, draw(st.none() | values(field.codec, 0))))
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        name = draw(st.sampled_from([*layout.by_wire, "brand_new", "error"]))
        value = draw(FREE | st.sampled_from([[each] for each in usual.values()] + list(usual.values())))
        pairs.insert(draw(st.integers(0, len(pairs))), (name, value))
    text = written(pairs, draw(st.sampled_from(["", "", " ", "\r\n\t"])), ascii_only=draw(st.booleans()))
    return draw(st.sampled_from(["", "", "\n"])).encode() + text.encode("utf-8", "surrogatepass")


def written(value: Any, blank: str, *, ascii_only: bool) -> str:
    """Write JSON, with a space wherever one is allowed."""
    if isinstance(value, Pairs):
        items = [
            f"{json.dumps(name)}{blank}:{blank}{written(each, blank, ascii_only=ascii_only)}" for name, each in value
        ]
        return f"{{{blank}{f'{blank},{blank}'.join(items)}{blank}}}"
    if isinstance(value, list):
        return (
            f"[{blank}{f'{blank},{blank}'.join(written(each, blank, ascii_only=ascii_only) for each in value)}{blank}]"
        )
    return json.dumps(value, ensure_ascii=ascii_only)
