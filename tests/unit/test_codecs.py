"""Between JSON values and typed ones, kind by kind."""

from __future__ import annotations

import decimal
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import pytest
from attrs import define
from kalshi_trade_api.models import BookSide, Order, OrderStatus
from kalshi_trade_api.models import GetMarketCandlesticksPeriodInterval as Interval

from kalshi_core.errors import ArgumentError, DecodeError
from kalshi_core.models.base import Model
from kalshi_core.models.codecs import Codec, codec_for
from kalshi_core.models.layout import layout_of
from kalshi_core.models.schema_drift import Owner
from kalshi_core.types import DecimalPlaces

PRICE = Annotated[Decimal | int | str, DecimalPlaces(4)]
ID = UUID("12345678-1234-5678-1234-567812345678")
HUGE = 10**400
ENDLESS = 10**5000
"""More digits than Python writes out."""


def codec(kind: Any) -> Codec:
    """Return the codec of an annotation."""
    return codec_for(kind, Owner("kalshi_trade_api", "Model", "field"), layout_of)


@define(eq=False, getstate_setstate=False, kw_only=True, repr=False)
class Cat(Model):
    """An object."""

    meow: bool


@define(eq=False, getstate_setstate=False, kw_only=True, repr=False)
class Dog(Model):
    """An object that is told from the other by what it has to have."""

    bark: int


def sent(kind: Any, value: Any) -> Any:
    """Return what a user's value becomes on the wire."""
    return codec(kind).encode(codec(kind).accept(value))


@pytest.mark.parametrize(
    ("kind", "value", "read"),
    [
        (str, "", ""),
        (int, 5, 5),
        (int, 5.0, 5),
        (int, HUGE, HUGE),
        (float, 5, 5.0),
        (float, 0.25, 0.25),
        (bool, False, False),
        (Decimal, 12, Decimal(12)),
        (Decimal, 0.56, Decimal("0.56")),
        (UUID, str(ID), ID),
        (date, "2026-11-23", date(2026, 11, 23)),
        (OrderStatus, "resting", OrderStatus.RESTING),
        (Interval, 60, Interval(60)),
        (list[int], [1, 2], [1, 2]),
        (list[int], [1, None], [1, None]),
        (list[int | None], [None], [None]),
        (dict[str, int], {"a": 1, "b": None}, {"a": 1, "b": None}),
        (int | str, "x", "x"),
        (Any, {"a": [None]}, {"a": [None]}),
    ],
)
def test_a_received_value_is_read(kind: Any, value: Any, read: Any) -> None:
    """Reading is kind where nothing is lost by it."""
    found = codec(kind).decode(value)
    assert found == read
    assert type(found) is type(read)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (str, 5), (str, []), (int, "5"), (int, 5.5), (int, True), (int, float("inf")), (int, float("nan")),
        (float, "5"), (float, True), (float, float("inf")), (float, float("nan")), (float, HUGE),
        (bool, 1), (bool, "true"),
        (Decimal, ""), (Decimal, "abc"), (Decimal, "NaN"), (Decimal, "Infinity"), (Decimal, "1e5"), (Decimal, " 1"),
        (Decimal, "1_0"), (Decimal, "١"), (Decimal, "-"), (Decimal, "."), (Decimal, "1.2.3"), (Decimal, "1\n"),
        (Decimal, True), (Decimal, float("nan")), (Decimal, float("-inf")), (Decimal, {}),
        (datetime, 1703123456), (datetime, "yesterday"), (UUID, "x"), (UUID, 5), (date, "2026"),
        (OrderStatus, 5), (OrderStatus, []), (Interval, "60"), (Interval, True), (Interval, 1.5),
        (list[int], {}), (list[int], "12"), (list[int], ["x"]), (dict[str, int], []), (dict[str, int], {"a": "x"}),
        (Order, []), (Order, "x"), (int | str, []),
    ],
)  # fmt: skip
def test_a_received_value_of_another_kind_raises_decode_error(kind: Any, value: Any) -> None:
    """What can't be the value that the document promises is refused, with a short message."""
    with pytest.raises(DecodeError) as caught:
        codec(kind).decode(value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("kind", [str, float, bool, datetime, UUID, OrderStatus, list[int], Order, Sequence[int]])
def test_an_integer_of_more_digits_than_python_writes_is_refused_like_any(kind: Any) -> None:
    """Neither error falls over writing the number into its message."""
    with pytest.raises(DecodeError, match=r"found int \.\.\."):
        codec(kind).decode(ENDLESS)
    with pytest.raises(ArgumentError):
        codec(kind).accept(ENDLESS)


def test_an_integer_of_any_length_is_a_decimal() -> None:
    """Where the document has a decimal string, an integer is read exactly."""
    assert codec(Decimal).decode(ENDLESS) == ENDLESS


def test_a_value_nested_beyond_pythons_depth_raises_decode_error() -> None:
    """Not even the message of the error falls over deep nesting."""
    value: Any = []
    for _ in range(200_000):
        value = [value]
    with pytest.raises(DecodeError, match="expected str, found list"):
        codec(str).decode(value)
    while value:
        # Python takes a deep list apart recursively.
        value = value.pop()


@pytest.mark.parametrize(
    "text", ["0.5600", "0.017500", "10.00", "0.00", "-0.05", "123456789012345678901234567890.123456", "7"]
)
def test_a_decimal_string_is_exact_both_ways(text: str) -> None:
    """Trailing zeros and every digit come back, whatever the caller's decimal context."""
    with decimal.localcontext() as context:
        context.prec = 3
        context.traps[decimal.InvalidOperation] = False
        read = codec(Decimal).decode(text)
        assert codec(Decimal).encode(read) == text


def test_a_decimal_string_is_checked_whatever_the_decimal_context() -> None:
    """A caller's context without traps does not turn nonsense into NaN."""
    with decimal.localcontext() as context:
        context.traps[decimal.InvalidOperation] = False
        with pytest.raises(DecodeError):
            codec(Decimal).decode("+-")
        with pytest.raises(ArgumentError):
            codec(PRICE).accept("+-")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("0.5600"), "0.5600"),
        (Decimal("0.56"), "0.56"),
        (Decimal("1E+2"), "100"),
        (Decimal("5E-3"), "0.005"),
        (Decimal("-0.05"), "-0.05"),
        (1, "1"),
        (0, "0"),
        ("0.5600", "0.5600"),
        ("10.00", "10.00"),
        ("7", "7"),
        ("0.560000", "0.5600"),
        (Decimal("0.56000"), "0.5600"),
        ("0.000000", "0.0000"),
        (Decimal("-0.000000"), "-0.0000"),
        (Decimal("0E-999999"), "0.0000"),
        (f"{HUGE}.100000", f"{HUGE}.1000"),
    ],
)
def test_a_fixed_point_number_is_sent_plain(value: Any, text: str) -> None:
    """Decimal, int and str go out as plain decimals, trailing zeros kept as far as they fit, never with an exponent."""
    assert sent(PRICE, value) == text


@pytest.mark.parametrize(
    "value",
    [
        0.56, 1.0, float("nan"), True, False, Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), "NaN", "inf",
        "1e2", "1E+2", "", " ", " 1", "1 ", "1_000", "1,5", "١", "0x1", "abc", "-",
        "0.56789", Decimal("0.56789"), Decimal("1E-999999"), "0.560001", "0.00001", b"1", [], {}, 1j,
    ],
)  # fmt: skip
def test_a_number_that_is_not_fixed_point_is_not_sent(value: Any) -> None:
    """Floats, booleans, NaN, infinities, exponents, blanks, underscores and too many decimals are refused."""
    with pytest.raises(ArgumentError):
        codec(PRICE).accept(value)


@pytest.mark.parametrize(
    ("kind", "value", "wire"),
    [
        (str, "x", "x"),
        (int, HUGE, HUGE),
        (float, 1, 1),
        (float, 0.5, 0.5),
        (bool, False, False),
        (UUID | str, ID, str(ID)),
        (UUID | str, str(ID), str(ID)),
        (date, date(2026, 11, 23), "2026-11-23"),
        (BookSide | str, BookSide.BID, "bid"),
        (BookSide | str, "bid", "bid"),
        (BookSide | str, BookSide("newer"), "newer"),
        (BookSide | str, BookSide("New-Er"), "New-Er"),
        (Interval | int, 60, 60),
        (Sequence[int], (1, 2), [1, 2]),
        (Sequence[int], iter([1, 2]), [1, 2]),
        (Sequence[BookSide | str], ["bid"], ["bid"]),
        (Sequence[int | None], [None], [None]),
        (dict[str, int], {"a": 1, "b": None}, {"a": 1, "b": None}),
        (datetime, datetime(2026, 11, 23, tzinfo=UTC), "2026-11-23T00:00:00Z"),
        (datetime, datetime(2026, 11, 23, tzinfo=timezone(timedelta(hours=-5))), "2026-11-23T00:00:00-05:00"),
        (int | str, "x", "x"),
    ],
)
def test_a_users_value_is_sent(kind: Any, value: Any, wire: Any) -> None:
    """What the document allows is written as JSON."""
    assert sent(kind, value) == wire


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (str, 5), (int, "5"), (int, 5.0), (int, True), (float, "5"), (float, True), (float, float("nan")),
        (float, float("inf")), (float, HUGE), (bool, 1), (str, None), (int, None),
        (UUID | str, "no uuid"), (UUID, 5), (date, "x"), (date, datetime(2026, 11, 23, tzinfo=UTC)),
        (BookSide | str, "bidd"), (BookSide | str, "BID"), (BookSide | str, 5), (BookSide | str, True),
        (Interval | int, 7), (Interval | int, True), (Interval | int, "60"),
        (Sequence[int], "12"), (Sequence[int], b"12"), (Sequence[int], {}), (Sequence[int], 5), (Sequence[int], [None]),
        (Sequence[int], ["x"]), (dict[str, int], []), (dict[str, int], {"a": "x"}),
        (datetime, "2026-11-23T00:00:00Z"), (datetime, datetime(2026, 11, 23)), (datetime, date(2026, 11, 23)),
        (Order, {}), (int | str, []),
    ],
)  # fmt: skip
def test_a_users_value_of_another_kind_is_refused(kind: Any, value: Any) -> None:
    """What the document does not allow raises ArgumentError, which is a ValueError."""
    with pytest.raises(ArgumentError) as caught:
        codec(kind).accept(value)
    assert isinstance(caught.value, ValueError)


def test_a_typo_is_answered_with_what_is_allowed() -> None:
    """The message names the values of the document and how to pass a newer one."""
    with pytest.raises(
        ArgumentError, match=r"'bidd' is none of 'bid', 'ask'; for a newer value pass BookSide\('bidd'\)"
    ):
        codec(BookSide | str).accept("bidd")


@pytest.mark.parametrize(
    ("kind", "value"), [(BookSide, ["bid", "ask"]), (BookSide, 1), (BookSide, None), (Interval, "60"), (Interval, True)]
)
def test_what_can_never_be_a_value_is_not_advised(kind: Any, value: Any) -> None:
    """A list of values, or a number where texts are, is no newer value: the enum itself would refuse it."""
    with pytest.raises(ArgumentError, match="is none of") as caught:
        codec(kind).accept(value)
    assert "newer" not in str(caught.value)


def test_an_error_says_where_it_is() -> None:
    """The place leads from the outside in."""
    with pytest.raises(DecodeError) as caught:
        codec(list[dict[str, list[int]]]).decode([{}, {"a": [1, "x"]}])
    assert caught.value.place == "[1].a[1]"


def test_a_mapping_that_is_no_dict_is_taken() -> None:
    """Users may pass any mapping."""

    class Reading(Mapping[str, int]):
        def __getitem__(self, key: str) -> int:
            return {"a": 1}[key]

        def __iter__(self) -> Any:
            return iter(["a"])

        def __len__(self) -> int:
            return 1

    assert sent(dict[str, int], Reading()) == {"a": 1}


@pytest.mark.parametrize(("body", "kind"), [({"meow": True}, Cat), ({"bark": 1}, Dog), ({"bark": 1, "new": 2}, Dog)])
@pytest.mark.parametrize("union", [Cat | Dog, Dog | Cat])
def test_an_object_goes_to_the_model_whose_fields_it_has(union: Any, body: dict[str, Any], kind: type[Model]) -> None:
    """Whichever stands first in the union, for either would tolerate it."""
    found = codec(union).decode(body)
    assert type(found) is kind
    assert codec(union).encode(found) == body
