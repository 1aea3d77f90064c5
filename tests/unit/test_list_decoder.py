"""Pages whose rows are decoded while they are parsed: only the speed differs from the plain decoder."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import attrs
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kalshi_trade_api import Client, models
from kalshi_trade_api.api.market import get_trades

from kalshi_core.errors import ApiError, DecodeError, MissingFieldError, ResponseDecodeError
from kalshi_core.models import json_text, list_decoder, schema_drift
from kalshi_core.models.base import Model, OpenModel
from kalshi_core.models.codecs import DecodedRows
from kalshi_core.models.layout import Layout, layout_of
from kalshi_core.models.scalars import DateTimeCodec, EnumCodec
from tests.unit.page_strategies import pages

KINDS: Final[list[Any]] = [
    models.GetMarketsResponse,
    models.GetTradesResponse,
    models.GetOrdersResponse,
    models.GetEventsResponse,
    models.GetPositionsResponse,
    models.GetEventResponse,
    models.GetMilestonesResponse,
    models.GetMarketCandlesticksResponse,
    models.BatchCreateOrdersV2Response,
]
WIDE: Final = 1 << 19
READERS: Final = {"json": list_decoder.parse_page_standard}
if json_text.MSGSPEC_DECODER:
    from kalshi_core.models import msgspec_decoder

    READERS["msgspec"] = msgspec_decoder.parse_page


def told(value: Any) -> Any:
    """Return all that a value is: types, digits, what is missing, what is unknown, the order of names that are data."""
    if isinstance(value, Model):
        known: Any = attrs.fields(type(value))  # type: ignore[arg-type]
        found = []
        for field in known:
            try:
                found.append((field.name, told(getattr(value, field.name))))
            except MissingFieldError:
                found.append((field.name, "missing"))
        unknown = [(key, told(each)) for key, each in value.additional_properties.items()]
        return type(value).__name__, found, unknown if isinstance(value, OpenModel) else sorted(unknown)
    if isinstance(value, dict):
        return "dict", [(key, told(each)) for key, each in value.items()]
    if isinstance(value, list):
        return "list", [told(each) for each in value]
    return type(value).__name__, repr(value), getattr(value, "extra_digits", None)


@contextmanager
def logged() -> Iterator[list[str]]:
    """Keep what is logged of drift, as if nothing had been logged before."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("kalshi_trade_api.drift")
    schema_drift.forget()
    logger.addHandler(handler)
    try:
        yield lines
    finally:
        logger.removeHandler(handler)
        schema_drift.forget()


def outcome(layout: Layout, page: Callable[[], Any], *, again: bool = False) -> Any:
    """Return what comes of a page, the first time or the second: all it holds or the error, and what is logged."""
    with logged() as lines:
        try:
            if again:
                layout.decode(page())
        except DecodeError:
            pass
        try:
            found = told(layout.decode(page()))
        except DecodeError as error:
            found = error.place, error.problem
        return found, sorted(lines)  # of unknown keys, a struct does not tell in what order they came


def differs(kind: Any, content: bytes, reader: str) -> bool:
    """Tell whether a page is another one when its rows are made as they are read; say so if it is read at all."""
    layout = layout_of(kind)
    read = READERS[reader]

    def page() -> Any:
        found = read(content, layout)
        return json_text.parse(content) if found is None else found

    for each in layout.lists.values():
        each._decoders.clear()
    for _ in range(2):
        # The order of drift, and which of two errors comes first, is another one before an object's keys are known.
        outcome(layout, page)
    return any(
        outcome(layout, page, again=again) != outcome(layout, lambda: json_text.parse(content), again=again)
        for again in (False, True)
    )


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=30)
def test_a_page_is_what_it_is_when_read_plainly(kind: Any, reader: str, data: st.DataObject) -> None:
    """Values, types, errors with their places, and what is logged are the same, whatever a server sends."""
    assert not differs(kind, data.draw(pages(kind)), reader)


RANGE: Final = {"start": "0.0000", "end": "1.0000", "step": "0.0100"}
TRADE: Final = {"trade_id": "1", "ticker": "A", "count_fp": "1.00", "yes_price_dollars": "0.5600"}
MARKET: Final = {"ticker": "A", "yes_bid_dollars": "0.5600", "price_ranges": [RANGE], "status": "active"}
ODD: Final[list[tuple[Any, str]]] = [
    (models.GetMarketsResponse, '{"markets":[%s,%s,%s],"cursor":""}'),
    (models.GetMarketsResponse, '{"cursor":"a","markets":[%s , %s\n,%s]}\n'),
    (models.GetMarketsResponse, '{"markets":[%s,%s,null,%s]}'),
    (models.GetMarketsResponse, '{"markets":[%s,%s,5,%s]}'),
    (models.GetMarketsResponse, '{"markets":[%s,%s,{"ticker":1},%s]}'),
    (models.GetMarketsResponse, '{"markets":[%s,%s,[%s]]}'),
    (models.GetMarketsResponse, '{"markets":[%s,%s],"markets":[%s]}'),
    (models.GetMarketsResponse, '{"markets":[%s,%s,%s],"markets":5}'),
    (models.GetMarketsResponse, '{"markets":[%s],"newer":[%s,%s]}'),
    (models.GetMarketsResponse, '{"newer":[[%s],%s],"markets":{"a":%s}}'),
    (models.GetMarketsResponse, '{"markets":[%s,{"ticker":"A","newer":%s,"custom_strike":{"a":%s}}]}'),
    (models.GetMarketsResponse, '{"markets":[{"ticker":"A","markets":[%s]},{"ticker":"A","markets":[%s]},%s]}'),
    (models.GetMarketsResponse, '{"m\\u0061rkets":[%s,%s,{"ticker":"A","volume_fp":"12345678901234567890123.5"},%s]}'),
    (models.GetMarketsResponse, '{"cursor":[%s],"markets":[%s],"cursor":"%s"}'.replace('"%s"', "%s")),
    (models.GetMarketsResponse, '{"markets":[%s,%s,%s],"cursor":123456789012345678901234567890}'),
    (models.GetMarketsResponse, '{"markets":[],"newer":{"markets":[%s,%s,%s]}}'),
    (models.GetEventsResponse, '{"events":[{"markets":[%s,%s]}],"milestones":[%s]}'),
    (models.GetEventResponse, '{"event":%s,"markets":[%s,%s]}'),
]
BROKEN: Final = [
    "", "[]", "{}", "5", "{", '{"markets"', '{"markets":', '{"markets":[', '{"markets":[]', '{"markets":[]}}', "{,}",
    '{"markets":[ ]}', '{"markets":[,]}', '{"markets":[1,]}', '{"markets":[],}', '{"markets":[] "cursor":""}',
    '{"markets":[1 2]}', '{5:[]}', '{[]:[]}', '{"markets"[]}', '{"markets":[NaN]}', '{"markets":[]} x', '{"a":1;"b":2}',
    '{"markets":[]]', '{"markets":[{"a":1}}', '\ufeff{"markets":[{}]}', '{"markets":[{}],"cursor":"\\ud800"}',
    '{"markets":[{"ticker":"\x01"}]}', '{"markets":' + "[" * 100_000, '{"cursor":' + "[" * 100_000,
]  # fmt: skip


def test_rows_of_one_page_are_decoded_by_their_own_keys() -> None:
    """A row with the same number of keys in another order, or with another key, is not decoded by its neighbour's."""
    newer = {**{key: value for key, value in TRADE.items() if key != "ticker"}, "no_price_dollars": "0.4400"}
    rows = [TRADE, dict(reversed(TRADE.items())), newer] * 3
    content = json.dumps({"trades": rows, "cursor": ""}).encode()
    layout = layout_of(models.GetTradesResponse)
    decoded = 0
    for _ in range(3):  # drift is logged once, and decoders are compiled when keys come for the second time
        found = list_decoder.parse_page_standard(content, layout)
        assert found is not None
        decoded = found["trades"].decoded
        assert [each.to_dict() for each in layout.decode(found).trades] == rows
    assert decoded == len(rows)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(("kind", "form"), ODD)
def test_a_row_is_a_matter_of_place(kind: Any, form: str, reader: str) -> None:
    """An object that looks like a row is one only where the document has rows; the last of two lists counts."""
    for row in (MARKET, {**MARKET, "newer": 1}, {**MARKET, "status": None}, {**MARKET, "price_ranges": [{"end": 1}]}):
        text = json.dumps(row)
        assert not differs(kind, (form % (text, text, text)).encode(), reader)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("text", BROKEN, ids=lambda text: text[:24])
def test_a_broken_text_is_left_to_the_plain_way(text: str, reader: str) -> None:
    """What is no page, or no JSON at all, comes to nothing or to what it is; nothing is logged."""
    content = text.encode("utf-8")
    layout = layout_of(models.GetMarketsResponse)
    with logged() as lines:
        page = READERS[reader](content, layout)
    assert not lines
    if page is not None:
        assert not differs(models.GetMarketsResponse, content, reader)


@pytest.mark.parametrize("reader", READERS)
@given(data=st.data())
def test_a_text_with_a_piece_cut_out_means_the_same(reader: str, data: st.DataObject) -> None:
    """What the standard library refuses is not read here; what it takes is the same."""
    content = data.draw(pages(models.GetTradesResponse))
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 30)))
    broken = content[:start] + data.draw(st.binary(max_size=2)) + content[end:]
    try:
        json_text.parse(broken)
    except (ValueError, RecursionError):
        assert READERS[reader](broken, layout_of(models.GetTradesResponse)) is None
    else:
        assert not differs(models.GetTradesResponse, broken, reader)


def full_trade() -> dict[str, Any]:
    """Return a trade as the document promises it, so that nothing is logged of it."""
    fields = layout_of(models.Trade).fields
    enums = {field.wire: next(iter(field.codec.known)) for field in fields if isinstance(field.codec, EnumCodec)}
    times = {field.wire: "2026-11-23T00:00:00Z" for field in fields if isinstance(field.codec, DateTimeCodec)}
    return {**TRADE, **enums, **times, "no_price_dollars": "0.4400", "is_block_trade": False}


def test_rows_are_made_while_the_page_is_read() -> None:
    """All rows that raise no question are models before the page is decoded, whatever they are mixed with."""
    layout, trade = layout_of(models.GetTradesResponse), full_trade()
    wrong = {**trade, "trade_id": None, "ticker": 1}
    content = json.dumps({"trades": [trade, trade, wrong, trade], "cursor": ""}).encode()
    with logged() as lines:
        page = list_decoder.parse_page_standard(content, layout)
    assert not lines
    assert page is not None
    found = page["trades"]
    assert type(found) is DecodedRows
    assert [type(item) for item in found.items] == [models.Trade, models.Trade, dict, models.Trade]


def test_rows_are_told_by_a_key_of_their_own() -> None:
    """No key will do that the page, another list's rows or anything within has; without one, a page is read plainly."""
    marks = {kind: list_decoder.marks_of(layout_of(kind)) for kind in KINDS}
    assert {kind: sorted(found) for kind, found in marks.items()} == {
        models.GetMarketsResponse: ["ticker"],
        models.GetTradesResponse: ["trade_id"],
        models.GetOrdersResponse: ["order_id"],
        models.GetEventsResponse: ["id", "series_ticker"],
        models.GetPositionsResponse: ["event_ticker", "ticker"],
        models.GetEventResponse: [],
        models.GetMilestonesResponse: ["id"],
        models.GetMarketCandlesticksResponse: ["end_period_ts"],
        models.BatchCreateOrdersV2Response: ["order_id"],
    }


def answer(body: bytes) -> Any:
    """Return what becomes of a body."""
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=body))
    with Client("https://host/trade-api/v2", httpx_args={"transport": transport}) as client:
        return get_trades.sync_detailed(client=client)


def test_a_wrong_value_in_a_long_page_is_placed() -> None:
    """The error names the row and the field, and what was found there."""
    rows = [full_trade() for _ in range(3000)]
    rows[1570]["count_fp"] = ["1"]
    body = json.dumps({"trades": rows, "cursor": ""}).encode()
    assert len(body) >= WIDE
    error = answer(body).error
    assert isinstance(error, ResponseDecodeError)
    assert (error.place, error.problem) == ("trades[1570].count_fp", "expected a decimal string, found list ['1']")


def test_a_long_page_beside_an_error_is_an_error() -> None:
    """A page is no page when it lacks what is promised and speaks of an error."""
    error = answer(json.dumps({"trades": [full_trade()] * 3000, "error": "out of order"}).encode()).error
    assert isinstance(error, ApiError)
    assert error.message == "out of order"


@pytest.mark.parametrize("count", [1, 200, 3000])
def test_a_page_of_any_length_is_a_page(count: int) -> None:
    """Rows come in a plain list, and are written again as they came."""
    body = {"trades": [full_trade()] * count, "cursor": "x"}
    page = answer(json.dumps(body).encode()).value()
    assert type(page.trades) is list
    assert page.to_dict() == body
