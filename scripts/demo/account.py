"""What the stand-in knows: three markets and one account with a few orders. Nothing ever trades."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from scripts.demo.refusal import bare, flat, nested

Json = dict[str, Any]
Query = Mapping[str, str]

_PAGE: Final = 4
"""Rows of a page at most; the exchange's is 100, this is small so that there is a second page."""

_MORNING: Final = "2026-11-23T12:00:00Z"
_EVENING: Final = "2026-11-24T04:59:00Z"
_NUMBER: Final = re.compile(r"[0-9]+(\.[0-9]+)?")
_NEEDED: Final = ("ticker", "side", "count", "price", "time_in_force", "self_trade_prevention_type")
_CHOICES: Final = {
    "side": ("bid", "ask"),
    "time_in_force": ("fill_or_kill", "good_till_canceled", "immediate_or_cancel"),
    "self_trade_prevention_type": ("taker_at_cross", "maker"),
}
_TICKS: Final = (("0.0000", "0.1000", "0.0010"), ("0.1000", "0.9000", "0.0100"), ("0.9000", "1.0000", "0.0010"))


class Account:
    """The answers, by method and path below the base URL; `public` ones need no signature."""

    def __init__(self) -> None:
        self.public: dict[tuple[str, str], Callable[[Query], Json]] = {
            ("GET", "/exchange/status"): lambda query: {"exchange_active": True, "trading_active": True},
            ("GET", "/markets"): self._list_markets,
        }
        self.signed: dict[tuple[str, str], Callable[[Query], Json]] = {
            ("GET", "/portfolio/balance"): self._show_balance,
            ("GET", "/portfolio/orders"): self._list_orders,
            ("GET", "/portfolio/orders/queue_positions"): self._list_queue_positions,
        }
        self._markets = [
            _market("KXHIGHNY-26NOV23-T55", ("0.4300", "336.00"), ("0.4500", "120.00")),
            _market("KXHIGHNY-26NOV23-B53.5", ("0.0610", "336.75"), ("0.0640", "58.00")),
            _market("KXFED-26DEC-T3.75", ("0.8700", "2210.00"), ("0.8800", "15.00")),
        ]
        self._orders = [
            _order(1, "KXHIGHNY-26NOV23-T55", "bid", "0.4300", "25.00"),
            _order(2, "KXHIGHNY-26NOV23-T55", "bid", "0.4200", "100.00"),
            _order(3, "KXHIGHNY-26NOV23-T55", "bid", "0.4400", "10.00", status="executed"),
            _order(4, "KXHIGHNY-26NOV23-T55", "ask", "0.4700", "40.00"),
            _order(5, "KXHIGHNY-26NOV23-B53.5", "bid", "0.0610", "250.50"),
            _order(6, "KXFED-26DEC-T3.75", "ask", "0.8800", "15.00"),
        ]
        self._ahead = dict(
            zip(
                (order["order_id"] for order in self._orders if order["status"] == "resting"),
                ("311.00", "1250.00", "12408.00", "86.25", "0.00"),
                strict=True,
            )
        )

    def create_order(self, content: bytes, *, now_ms: int) -> Json:
        """
        Place an order behind the account's own ones that go first; it rests if it may.

        Raises:
            RefusalError: The order is not one that the exchange would take.
        """
        asked = _read_order(content)
        market = next((each for each in self._markets if each["ticker"] == asked["ticker"]), None)
        if market is None:
            raise nested(404, "not_found", "market not found")
        if not _on_grid(asked["price"], market):
            raise nested(400, "invalid_price", f"{asked['price']} is not on the market's price grid")
        client_id = asked.get("client_order_id")
        if client_id and any(order["client_order_id"] == client_id for order in self._orders):
            raise nested(409, "order_already_exists")

        price, count = f"{Decimal(asked['price']):.4f}", f"{Decimal(asked['count']):.2f}"
        rests = asked["time_in_force"] == "good_till_canceled"
        number = len(self._orders) + 1
        order = _order(
            number, asked["ticker"], asked["side"], price, count,
            status="resting" if rests else "canceled", client_id=client_id,
            created=datetime.fromtimestamp(now_ms / 1000, UTC).isoformat().replace("+00:00", "Z"),
        )  # fmt: skip
        if rests:
            self._ahead[order["order_id"]] = self._behind(order)
        self._orders.append(order)
        return {
            "order_id": order["order_id"],
            **({"client_order_id": client_id} if client_id else {}),
            "fill_count": "0.00",
            "remaining_count": order["remaining_count_fp"],
            "ts_ms": now_ms,
        }

    def _behind(self, order: Json) -> str:
        """Count the contracts that go before a new order: by price, then by time."""
        better = Decimal.__ge__ if order["book_side"] == "bid" else Decimal.__le__
        queue = [
            Decimal(self._ahead[each["order_id"]]) + Decimal(each["remaining_count_fp"])
            for each in self._orders
            if each["order_id"] in self._ahead
            and (each["ticker"], each["book_side"]) == (order["ticker"], order["book_side"])
            and better(Decimal(each["yes_price_dollars"]), Decimal(order["yes_price_dollars"]))
        ]
        return f"{max(queue, default=Decimal()):.2f}"

    def _list_markets(self, query: Query) -> Json:
        return {"markets": _kept(self._markets, query, tickers=query.get("tickers")), "cursor": ""}

    def _show_balance(self, query: Query) -> Json:
        return {
            "balance": 125_042,
            "balance_dollars": "1250.4217",
            "portfolio_value": 48_310,
            "updated_ts": 1_795_435_200,
            "balance_breakdown": [{"exchange_index": 0, "balance": "1250.4217"}],
        }

    def _list_orders(self, query: Query) -> Json:
        rows = _kept(self._orders, query, tickers=query.get("ticker"))
        rows = [row for row in rows if query.get("status", row["status"]) == row["status"]]
        limit = query.get("limit", "100")
        if not limit.isdecimal() or not 1 <= int(limit) <= 1000:
            raise bare(400, "limit must be between 1 and 1000")
        # An unreadable cursor is answered from the start, as the exchange does.
        after = query.get("cursor", "").removeprefix("row-")
        start = int(after) if after.isdecimal() else 0
        end = start + min(int(limit), _PAGE)
        return {"orders": rows[start:end], "cursor": f"row-{end}" if end < len(rows) else ""}

    def _list_queue_positions(self, query: Query) -> Json:
        rows = _kept(self._orders, query, tickers=query.get("market_tickers"))
        return {
            "queue_positions": [
                {
                    "order_id": row["order_id"],
                    "market_ticker": row["ticker"],
                    "queue_position_fp": self._ahead[row["order_id"]],
                }
                for row in rows
                if row["order_id"] in self._ahead
            ]
        }


def _kept(rows: list[Json], query: Query, *, tickers: str | None) -> list[Json]:
    """Keep the rows of some markets, and of some events, both separated by commas."""
    events = query.get("event_ticker")
    if tickers:
        rows = [row for row in rows if row["ticker"] in tickers.split(",")]
    if events:
        rows = [row for row in rows if row["ticker"].rpartition("-")[0] in events.split(",")]
    return rows


def _read_order(content: bytes) -> Json:
    try:
        asked = json.loads(content)
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        raise flat(400, "bad_request", "the body is not a JSON object")
    if missing := [name for name in _NEEDED if not asked.get(name)]:
        raise bare(400, f"missing parameters: {', '.join(missing)}")
    if numbers := [name for name in _NEEDED if not isinstance(asked[name], str)]:
        raise flat(400, "bad_request", f"expected a string: {', '.join(numbers)}")
    if wrong := [name for name, choices in _CHOICES.items() if asked[name] not in choices]:
        raise bare(400, f"unknown value: {', '.join(wrong)}")
    count = _number(asked["count"])
    if count is None or count <= 0 or count != round(count, 2):
        raise nested(400, "invalid_order", "count must be positive, in steps of 0.01")
    return asked


def _on_grid(text: str, market: Json) -> bool:
    price = _number(text)
    if price is None or not 0 < price < 1:
        return False
    bands = [{name: Decimal(value) for name, value in band.items()} for band in market["price_ranges"]]
    return any(band["start"] <= price <= band["end"] and (price - band["start"]) % band["step"] == 0 for band in bands)


def _number(text: str) -> Decimal | None:
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _order(
    number: int,
    ticker: str,
    side: str,
    price: str,
    count: str,
    *,
    status: str = "resting",
    client_id: str | None = None,
    created: str = _MORNING,
) -> Json:
    filled = count if status == "executed" else "0.00"
    return {
        "order_id": str(UUID(int=number)),
        "user_id": str(UUID(int=0)),
        "client_order_id": client_id or "",
        "ticker": ticker,
        "outcome_side": "yes" if side == "bid" else "no",
        "book_side": side,
        "type": "limit",
        "status": status,
        "yes_price_dollars": price,
        "no_price_dollars": f"{1 - Decimal(price):.4f}",
        "fill_count_fp": filled,
        "remaining_count_fp": count if status == "resting" else "0.00",
        "initial_count_fp": count,
        "taker_fill_cost_dollars": "0.000000",
        "maker_fill_cost_dollars": f"{Decimal(filled) * Decimal(price):.6f}",
        "taker_fees_dollars": "0.000000",
        "maker_fees_dollars": "0.000000",
        "created_time": created,
        "last_update_time": created,
    }


def _market(ticker: str, best_bid: tuple[str, str], best_ask: tuple[str, str]) -> Json:
    (bid, bid_size), (ask, ask_size) = best_bid, best_ask
    return {
        "ticker": ticker,
        "event_ticker": ticker.rpartition("-")[0],
        "market_type": "binary",
        "yes_sub_title": "Yes",
        "no_sub_title": "No",
        **dict.fromkeys(("created_time", "updated_time", "open_time"), _MORNING),
        **dict.fromkeys(("close_time", "latest_expiration_time"), _EVENING),
        "settlement_timer_seconds": 3600,
        "status": "active",
        "notional_value_dollars": "1.0000",
        "yes_bid_dollars": bid,
        "yes_ask_dollars": ask,
        "no_bid_dollars": f"{1 - Decimal(ask):.4f}",
        "no_ask_dollars": f"{1 - Decimal(bid):.4f}",
        "yes_bid_size_fp": bid_size,
        "yes_ask_size_fp": ask_size,
        **dict.fromkeys(("last_price_dollars", "previous_price_dollars", "previous_yes_bid_dollars"), bid),
        "previous_yes_ask_dollars": ask,
        "volume_fp": "48210.00",
        "volume_24h_fp": "9120.50",
        "open_interest_fp": "17300.00",
        "result": "",
        "can_close_early": True,
        "expiration_value": "",
        "rules_primary": "A market of the stand-in.",
        "rules_secondary": "",
        "price_level_structure": "tapered_deci_cent",
        "price_ranges": [{"start": start, "end": end, "step": step} for start, end, step in _TICKS],
        "settlement_bounds_type": "default",
    }
