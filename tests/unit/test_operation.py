"""From arguments to a request: only the given ones, in their place, checked and encoded."""

from __future__ import annotations

import inspect
import json
import warnings
from decimal import Decimal
from enum import Enum
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kalshi_trade_api.api.market import get_market_orderbooks, get_markets, get_trades
from kalshi_trade_api.api.orders import cancel_order_v2, create_order_v2, get_orders
from kalshi_trade_api.api.portfolio import get_balance
from kalshi_trade_api.models import CreateOrderV2Request, GetMarketsStatus

from kalshi_auth import public_client, signed_client
from kalshi_core.errors import ArgumentError, SigningRequiredError
from tests.unit.operations import modules, operations


def order(**changes: Any) -> CreateOrderV2Request:
    fields: dict[str, Any] = {
        "ticker": "KXHIGHNY-26NOV23-T55",
        "side": "bid",
        "count": 10,
        "price": "0.5600",
        "time_in_force": "good_till_canceled",
        "self_trade_prevention_type": "taker_at_cross",
    }
    return CreateOrderV2Request(**{**fields, **changes})


def test_every_operation_has_its_four_functions() -> None:
    """All 128 operations have sync, asyncio and their detailed forms, those that answer 204 too."""
    found = modules()
    assert len(found) == 128
    for module in found:
        for name in ("sync", "asyncio", "sync_detailed", "asyncio_detailed"):
            assert inspect.isfunction(getattr(module, name)), (module.__name__, name)


def test_only_what_was_passed_is_sent() -> None:
    """A request without arguments has no query and no body, whatever the document's defaults are."""
    outgoing = get_markets.OPERATION.request()
    assert (outgoing.query, outgoing.content, dict(outgoing.headers)) == ((), None, {})


def test_a_body_holds_only_what_was_passed() -> None:
    """No default of the document, such as exchange_index 0, gets into a body."""
    content = create_order_v2.OPERATION.request(body=order()).content
    assert content is not None
    assert set(json.loads(content)) == {
        "ticker", "side", "count", "price", "time_in_force", "self_trade_prevention_type"
    }  # fmt: skip


@pytest.mark.parametrize("status", ["open", GetMarketsStatus.OPEN])
def test_an_enum_is_taken_as_member_and_as_string(status: Any) -> None:
    """A parameter takes an enum's plain value as well as its member."""
    assert get_markets.OPERATION.request(status=status).query == (("status", "open"),)


def test_a_users_own_enum_of_strings_travels_as_its_value() -> None:
    """A member of a class of str and Enum is sent as the string it is, in path, query and body, not as its name."""

    class Own(str, Enum):  # noqa: UP042 - its str() is not a StrEnum's
        HOME = "KXGAME-HOME"

    class Few(int, Enum):
        TEN = 10

    assert get_orders.OPERATION.request(ticker=Own.HOME, limit=Few.TEN).query == (
        ("ticker", "KXGAME-HOME"),
        ("limit", "10"),
    )
    assert cancel_order_v2.OPERATION.request(order_id=Own.HOME).path.endswith("/KXGAME-HOME")
    content = create_order_v2.OPERATION.request(body=order(ticker=Own.HOME)).content
    assert content is not None
    assert json.loads(content)["ticker"] == "KXGAME-HOME"


def test_a_mistyped_enum_value_is_refused() -> None:
    """A string that the document does not know is refused with the known ones; a member made of it is not."""
    with pytest.raises(ArgumentError, match=r"GetMarkets, status: .*'opne'.*'unopened', 'open'"):
        get_markets.OPERATION.request(status="opne")
    assert get_markets.OPERATION.request(status=GetMarketsStatus("newer")).query == (("status", "newer"),)


@pytest.mark.parametrize(("value", "said"), [("5", "expected int"), (1.5, "expected int"), (True, "expected int")])
def test_an_argument_of_another_type_is_refused(value: Any, said: str) -> None:
    """A query argument has the document's type."""
    with pytest.raises(ArgumentError, match=f"GetMarkets, limit: {said}"):
        get_markets.OPERATION.request(limit=value)


def test_a_list_repeats_its_name() -> None:
    """An exploded array is sent as repeated names."""
    outgoing = get_market_orderbooks.OPERATION.request(tickers=["A", "B"])
    assert outgoing.query == (("tickers", "A"), ("tickers", "B"))


def test_a_string_is_not_a_list() -> None:
    """One ticker where a list is wanted is refused, not sent letter by letter."""
    with pytest.raises(ArgumentError, match="expected a list"):
        get_market_orderbooks.OPERATION.request(tickers="AB")


def test_booleans_are_written_in_lower_case() -> None:
    """True is sent as true."""
    assert get_trades.OPERATION.request(is_block_trade=True).query == (("is_block_trade", "true"),)


@pytest.mark.parametrize("name", ["", " ", "\t\n", ".", ".."])
def test_a_path_argument_that_would_vanish_is_refused(name: str) -> None:
    """Cancelling "" would address the collection, where DELETE cancels every order."""
    with pytest.raises(ValueError, match="order_id"):
        cancel_order_v2.OPERATION.request(order_id=name)


def test_every_path_parameter_of_every_operation_is_guarded() -> None:
    """No operation lets an empty segment through."""
    guarded = 0
    for operation in operations():
        values = {each.name: "x" for each in operation.parameters if each.location == "path"}
        for name in values:
            with pytest.raises(ArgumentError, match=name):
                operation.request(**{**values, name: " "})
            guarded += 1
    assert guarded > 50


@given(st.text(min_size=1).filter(lambda text: text.strip() and text not in (".", "..")))
def test_any_other_path_argument_is_one_segment(name: str) -> None:
    """Whatever else is passed stays one percent-encoded segment, or is refused."""
    try:
        encoded = quote(name, safe="")
    except UnicodeEncodeError:
        with pytest.raises(ValueError, match="order_id"):
            cancel_order_v2.OPERATION.request(order_id=name)
        return
    path = cancel_order_v2.OPERATION.request(order_id=name).path
    assert path == f"/portfolio/events/orders/{encoded}"
    assert httpx.URL(f"https://host{path}").raw_path.decode() == path


@pytest.mark.parametrize("name", ["a/b", "../balance", "a?x=1", "a#b", "a;b", "a b", "ü", "%2F", "{order_id}", "..%2f"])
def test_the_wire_carries_the_segment_as_encoded(name: str) -> None:
    """httpx sends exactly the segment that the operation wrote, and that is what is signed."""
    seen: list[bytes] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.raw_path)
        return httpx.Response(404)

    client = signed_client(
        silent_signer(),
        base_url="http://127.0.0.1:1/trade-api/v2",
        httpx_args={"transport": httpx.MockTransport(handler)},
    )
    cancel_order_v2.sync_detailed(name, client=client)
    assert seen == [f"/trade-api/v2/portfolio/events/orders/{quote(name, safe='')}".encode()]


def silent_signer() -> Any:
    class Silent:
        key_id = "test"

        def sign(self, message: bytes) -> bytes:
            return b""

    return Silent()


def test_a_missing_required_argument_is_refused() -> None:
    """An operation without a required argument is refused with the name."""
    with pytest.raises(ArgumentError, match="CreateOrderV2: body is required"):
        create_order_v2.OPERATION.request()


def test_a_post_without_a_body_says_json() -> None:
    """The servers want the content type even where there is nothing of that type."""
    bodiless = [
        each
        for each in operations()
        if each.method == "POST" and not any(p.location == "body" for p in each.parameters)
    ]
    assert bodiless
    for operation in bodiless:
        values = {each.name: "x" for each in operation.parameters if each.location == "path"}
        assert operation.request(**values).headers["Content-Type"] == "application/json"


def test_decimals_are_written_plainly() -> None:
    """A count of 1E+2 is sent as 100, and trailing zeros stay."""
    content = create_order_v2.OPERATION.request(body=order(count=Decimal("1E+2"), price=Decimal("0.5600"))).content
    assert content is not None
    assert json.loads(content)["count"] == "100"
    assert json.loads(content)["price"] == "0.5600"


def test_a_public_client_can_not_call_a_signed_operation() -> None:
    """The refusal comes before anything is sent, and is a TypeError."""
    sent: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200)

    client: Any = public_client(httpx_args={"transport": httpx.MockTransport(handler)})
    with pytest.raises(SigningRequiredError, match="GetBalance must be signed: pass a signing client, not Client"):
        get_balance.sync(client=client)
    assert not sent


def test_calling_a_deprecated_operation_warns() -> None:
    """The warning points at the caller, and says what to use instead."""
    deprecated = [module for module in modules() if module.OPERATION.deprecated]
    assert deprecated
    client = signed_client(
        silent_signer(),
        base_url="http://127.0.0.1:1",
        httpx_args={"transport": httpx.MockTransport(lambda request: httpx.Response(404))},
    )
    for module in deprecated:
        values = {each.name: "x" for each in module.OPERATION.parameters if each.location == "path"}
        if any(each.required and each.location != "path" for each in module.OPERATION.parameters):
            continue
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            module.sync_detailed(client=client, **values)
        (warning,) = caught
        assert warning.category is DeprecationWarning
        assert warning.filename == __file__
        assert "Deprecated:" in (module.sync.__doc__ or "")


def test_operations_that_are_current_do_not_warn() -> None:
    """No warning for what is not deprecated."""
    client = signed_client(
        silent_signer(), base_url="http://127.0.0.1:1",
        httpx_args={"transport": httpx.MockTransport(lambda request: httpx.Response(404))},
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        get_orders.sync_detailed(client=client)
