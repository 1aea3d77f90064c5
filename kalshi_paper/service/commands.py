"""Everything that changes something, by name, with plain JSON as arguments: what a journal can hold and repeat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from kalshi_paper.engine.fees import FeeSchedule
from kalshi_paper.engine.markets import Market, PriceRange
from kalshi_paper.engine.orders import NewOrder
from kalshi_paper.service.api_keys import Key, public_key_from_pem
from kalshi_paper.service.catalogue import EventCard, MarketCard, SeriesCard

if TYPE_CHECKING:
    from kalshi_paper.service.service import Desk

Json = dict[str, Any]


def _user(desk: Desk, at_ms: int, *, name: str, user_id: str, balance_micros: int) -> None:
    from kalshi_paper.service.service import User

    desk.exchange.add_account(name, balance_micros, user_id=user_id)
    desk.users[name] = User(name, user_id, {0: name})


def _subaccount(desk: Desk, at_ms: int, *, user: str, number: int) -> None:
    owner = desk.users[user]
    desk.exchange.add_account(f"{user}#{number}", 0, user_id=owner.user_id)
    owner.accounts[number] = f"{user}#{number}"


def _key(desk: Desk, at_ms: int, *, key_id: str, user: str, public_pem: str, scopes: Sequence[str], name: str) -> None:
    desk.keyring.add(Key(key_id, user, public_key_from_pem(public_pem), frozenset(scopes), name))


def _drop_key(desk: Desk, at_ms: int, *, user: str, key_id: str) -> None:
    desk.keyring.drop(user, key_id)


def _grant(desk: Desk, at_ms: int, *, user: str, digest: str) -> None:
    desk.grants.add(digest, user)


def _series(desk: Desk, at_ms: int, **card: Any) -> None:
    desk.catalogue.series[card["ticker"]] = SeriesCard(**card)


def _event(desk: Desk, at_ms: int, **card: Any) -> None:
    desk.catalogue.events[card["event_ticker"]] = EventCard(**card)


def _market(
    desk: Desk,
    at_ms: int,
    *,
    event_ticker: str,
    open_ms: int,
    close_ms: int,
    price_ranges: Sequence[Sequence[int]],
    **card: Any,
) -> Market:
    series = desk.catalogue.series[desk.catalogue.events[event_ticker].series_ticker]
    printed = MarketCard(**card, created_ms=at_ms)
    market = Market(
        ticker=printed.ticker,
        event_ticker=event_ticker,
        series_ticker=series.ticker,
        price_ranges=tuple(PriceRange(*each) for each in price_ranges),
        fees=FeeSchedule(fee_type=series.fee_type, multiplier=series.fee_multiplier),  # type: ignore[arg-type]
        open_ms=open_ms,
        close_ms=close_ms,
    )
    added = desk.exchange.add_market(market, at_ms)
    desk.catalogue.markets[printed.ticker] = printed
    return added


def _drive(desk: Desk, at_ms: int, *, offset_ms: int, frozen_ms: int | None) -> None:
    desk.clock.set(offset_ms, frozen_ms)
    desk.tick()


def _create_order(desk: Desk, at_ms: int, *, account: str, new: NewOrder | Json) -> Any:
    # A journal gives back what it wrote down of an order: its fields.
    return desk.exchange.create_order(account, NewOrder(**new) if isinstance(new, dict) else new, at_ms)


def _amend_order(desk: Desk, at_ms: int, *, account: str, order_id: str, **change: Any) -> Any:
    return desk.exchange.amend_order(account, order_id, at_ms, **change)


def _decrease_order(desk: Desk, at_ms: int, *, account: str, order_id: str, **change: Any) -> Any:
    return desk.exchange.decrease_order(account, order_id, at_ms, **change)


def _cancel_order(desk: Desk, at_ms: int, *, account: str, order_id: str) -> Any:
    return desk.exchange.cancel_order(account, order_id, at_ms)


def _settle(desk: Desk, at_ms: int, *, ticker: str, result: str, value: int | None) -> Any:
    return desk.exchange.settle(ticker, result, at_ms, value=value)  # type: ignore[arg-type]


def _transfer(desk: Desk, at_ms: int, *, source: str, target: str, amount_micros: int) -> None:
    desk.exchange.expire(at_ms)
    desk.exchange.transfer(source, target, amount_micros)


def _deposit(desk: Desk, at_ms: int, *, account: str, amount_micros: int) -> None:
    desk.exchange.expire(at_ms)
    desk.exchange.deposit(account, amount_micros)


def _create_group(desk: Desk, at_ms: int, *, account: str, contracts_limit: int) -> Any:
    return desk.exchange.create_order_group(account, contracts_limit, at_ms)


def _limit_group(desk: Desk, at_ms: int, *, account: str, order_group_id: str, contracts_limit: int) -> None:
    desk.exchange.limit_order_group(account, order_group_id, contracts_limit, at_ms)


ACTIONS: Final[dict[str, Callable[..., Any]]] = {
    "user": _user,
    "subaccount": _subaccount,
    "key": _key,
    "drop_key": _drop_key,
    "grant": _grant,
    "series": _series,
    "event": _event,
    "market": _market,
    "drive": _drive,
    "open": lambda desk, at_ms, *, ticker: desk.exchange.open(ticker, at_ms),
    "pause": lambda desk, at_ms, *, ticker: desk.exchange.pause(ticker, at_ms),
    "close": lambda desk, at_ms, *, ticker: desk.exchange.close(ticker, at_ms),
    "settle": _settle,
    "deposit": _deposit,
    "transfer": _transfer,
    "create_order": _create_order,
    "amend_order": _amend_order,
    "decrease_order": _decrease_order,
    "cancel_order": _cancel_order,
    "cancel_all": lambda desk, at_ms, *, account: desk.exchange.cancel_all(account, at_ms),
    "create_group": _create_group,
    "limit_group": _limit_group,
    "reset_group": lambda desk, at_ms, *, account, order_group_id: desk.exchange.reset_order_group(
        account, order_group_id, at_ms
    ),
    "trigger_group": lambda desk, at_ms, *, account, order_group_id: desk.exchange.trigger_order_group(
        account, order_group_id, at_ms
    ),
    "delete_group": lambda desk, at_ms, *, account, order_group_id: desk.exchange.delete_order_group(
        account, order_group_id, at_ms
    ),
}
"""What there is to do; each takes the desk, the moment and its own arguments."""
