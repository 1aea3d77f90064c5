"""Batches, order groups, money, positions, clock and subaccounts over HTTP."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from kalshi_trade_api import AuthenticatedClient
from kalshi_trade_api.api.market import (
    get_market,
)
from kalshi_trade_api.api.order_groups import (
    create_order_group,
    get_order_group,
    get_order_groups,
    reset_order_group,
    trigger_order_group,
    update_order_group_limit,
)
from kalshi_trade_api.api.orders import (
    batch_cancel_orders_v2,
    batch_create_orders_v2,
    cancel_all_orders,
    cancel_order_v2,
    get_order,
    get_orders,
)
from kalshi_trade_api.api.portfolio import (
    apply_subaccount_transfer,
    create_subaccount,
    get_balance,
    get_portfolio_resting_order_total_value,
    get_positions,
    get_settlements,
    get_subaccount_balances,
)
from kalshi_trade_api.models import (
    ApplySubaccountTransferRequest,
    BatchCancelOrdersV2Request,
    BatchCreateOrdersV2Request,
    CreateOrderGroupRequest,
    UpdateOrderGroupLimitRequest,
)

from kalshi_core.errors import ApiError, BadRequestError
from kalshi_paper import PaperExchange
from tests.paper.clients import EMPTY, order_of, place, send


def _refused(kind: type[ApiError], code: str, act: Any) -> ApiError:
    with pytest.raises(kind) as refused:
        act()
    assert refused.value.has_code(code)
    return refused.value


def test_batch_items_succeed_and_fail_on_their_own(client: AuthenticatedClient) -> None:
    """A batch answers 201 with an entry per order, refused ones with their error."""
    orders = [order_of(), order_of(price="0.4005", client_order_id="bad")]
    made = batch_create_orders_v2.sync(client=client, body=BatchCreateOrdersV2Request(orders=orders)).orders
    assert made[0].order_id
    assert made[1].error
    assert (made[1].error.code, made[1].client_order_id) == ("invalid_price", "bad")
    body = BatchCancelOrdersV2Request.from_dict({"orders": [{"order_id": made[0].order_id}, {"order_id": "unknown"}]})
    gone = batch_cancel_orders_v2.sync(client=client, body=body).orders
    assert [row.reduced_by for row in gone] == [Decimal(10), Decimal(0)]
    assert gone[1].error
    assert gone[1].error.code == "not_found"


def test_cancel_all_empties_the_book(client: AuthenticatedClient, bob: AuthenticatedClient) -> None:
    """Cancelling all takes one's own orders off, and nobody else's."""
    place(client), place(client, price="0.20"), place(bob, price="0.30")
    cancel_all_orders.sync(client=client)
    assert get_orders.sync(client=client, status="resting").orders == []
    assert len(get_orders.sync(client=bob, status="resting").orders) == 1


def test_order_group_triggers_and_resets(client: AuthenticatedClient) -> None:
    """A triggered group cancels its orders and takes none until it is reset."""
    group_id = create_order_group.sync(client=client, body=CreateOrderGroupRequest(contracts_limit=5)).order_group_id
    update_order_group_limit.sync(
        client=client, order_group_id=group_id, body=UpdateOrderGroupLimitRequest(contracts_limit=50)
    )
    mine = place(client, order_group_id=group_id)
    found = get_order_group.sync(client=client, order_group_id=group_id)
    assert (found.orders, found.contracts_limit_fp) == ([mine.order_id], Decimal(50))
    trigger_order_group.sync(client=client, order_group_id=group_id)
    assert get_order.sync(client=client, order_id=mine.order_id).order.status == "canceled"
    _refused(BadRequestError, "invalid_order", lambda: place(client, order_group_id=group_id))
    reset_order_group.sync(client=client, order_group_id=group_id)
    place(client, order_group_id=group_id)
    groups = get_order_groups.sync(client=client).order_groups
    assert groups
    assert [each.id for each in groups] == [group_id]


def test_money_moves_as_orders_fill_and_markets_settle(
    exchange: PaperExchange, client: AuthenticatedClient, bob: AuthenticatedClient
) -> None:
    """Resting orders lock money, fills turn it into positions, settlement pays them, to the cent."""
    place(client, price="0.40", count="10")
    assert get_balance.sync(client=client).balance == 999_600
    assert get_portfolio_resting_order_total_value.sync(client=client).total_resting_order_value == 400
    place(bob, side="ask", price="0.40", count="10")
    position = get_positions.sync(client=client).market_positions[0]
    assert (position.position_fp, position.market_exposure_dollars) == (Decimal(10), Decimal(4))
    exchange.clock.settle(EMPTY, "yes")
    assert get_balance.sync(client=client).balance == 1_000_600
    settlement = get_settlements.sync(client=client, ticker=EMPTY).settlements[0]
    assert (settlement.market_result, settlement.revenue, settlement.value) == ("yes", 1000, 100)
    assert get_positions.sync(client=client).market_positions == []


def test_settled_positions_are_listed_when_asked_for(
    exchange: PaperExchange, client: AuthenticatedClient, bob: AuthenticatedClient
) -> None:
    """A settled position is among `settled` and `all`, closed and with its profit, and no longer among `unsettled`."""
    for ticker in (EMPTY, "KXGAME-FINAL-AWAY"):
        place(client, ticker=ticker, price="0.40", count="10")
        place(bob, ticker=ticker, side="ask", price="0.40", count="10")
    exchange.clock.settle(EMPTY, "yes")

    def tickers(**asked: Any) -> list[str]:
        return [row.ticker for row in get_positions.sync(client=client, **asked).market_positions]

    assert tickers() == tickers(settlement_status="unsettled") == ["KXGAME-FINAL-AWAY"]
    assert tickers(settlement_status="settled") == tickers(settlement_status="all", ticker=EMPTY) == [EMPTY]
    assert tickers(settlement_status="all") == [EMPTY, "KXGAME-FINAL-AWAY"]
    assert tickers(settlement_status="all", count_filter="position") == ["KXGAME-FINAL-AWAY"]
    first = get_positions.sync(client=client, settlement_status="all", limit=1)
    assert tickers(settlement_status="all", limit=1, cursor=first.cursor) == ["KXGAME-FINAL-AWAY"]
    found = get_positions.sync(client=client, settlement_status="settled")
    (market,), (event,) = found.market_positions, found.event_positions
    assert [market.position_fp, market.market_exposure_dollars, market.realized_pnl_dollars] == [0, 0, 6]
    assert [event.total_cost_dollars, event.event_exposure_dollars, event.realized_pnl_dollars] == [4, 0, 6]
    (both,) = get_positions.sync(client=client, settlement_status="all").event_positions
    assert [both.total_cost_dollars, both.event_exposure_dollars, both.realized_pnl_dollars] == [8, 4, 6]
    assert get_balance.sync(client=client).balance_dollars == 10_000 - both.event_exposure_dollars + Decimal(6)


def test_rows_of_another_shard_are_none(
    exchange: PaperExchange, client: AuthenticatedClient, bob: AuthenticatedClient
) -> None:
    """Lists narrowed to the exchange's one shard are whole, those of any other empty."""
    place(client), place(bob, side="ask")
    for path, name in [("orders", "orders"), ("fills", "fills"), ("positions", "market_positions")]:
        found = [
            len(send(exchange, "GET", f"/portfolio/{path}", params={"exchange_index": shard}).json()[name])
            for shard in (0, 1)
        ]
        assert found == [1, 0]


def test_settlement_status_of_another_name_is_refused(exchange: PaperExchange) -> None:
    """Any other status of settlement gives 400."""
    refused = send(exchange, "GET", "/portfolio/positions", params={"settlement_status": "archived"})
    assert (refused.status_code, refused.json()) == (
        400,
        {"msg": "settlement_status is not one of unsettled, settled, all"},
    )


def test_clock_closes_markets_and_expires_orders(exchange: PaperExchange, client: AuthenticatedClient) -> None:
    """Time that is driven expires orders and closes markets; a driven clock breaks no signature."""
    expiry_s = exchange.clock.now_ms() // 1000 + 30
    mine = place(client, expiration_time=expiry_s)
    exchange.clock.advance(60)
    assert get_order.sync(client=client, order_id=mine.order_id).order.status == "canceled"
    exchange.clock.advance(8 * 86_400)
    assert get_market.sync(client=client, ticker=EMPTY).market.status == "closed"
    exchange.clock.open(EMPTY)
    assert place(client).remaining_count == Decimal(10)


def test_frozen_clock_stands_still(exchange: PaperExchange, client: AuthenticatedClient) -> None:
    """A frozen clock gives every order the same moment, and goes on from there."""
    exchange.clock.freeze()
    moments = {place(client, price="0.10").ts_ms for _ in range(3)}
    assert len(moments) == 1
    exchange.clock.run()
    assert exchange.clock.now_ms() - moments.pop() < 60_000


def test_subaccounts_have_their_own_money(client: AuthenticatedClient) -> None:
    """A subaccount trades with what was moved to it, and lists join all of them."""
    number = create_subaccount.sync(client=client).subaccount_number
    _refused(BadRequestError, "insufficient_balance", lambda: place(client, subaccount=number))
    transfer = ApplySubaccountTransferRequest.from_dict(
        {
            "client_transfer_id": "2f0c8b0e-55a5-4d5b-9d4b-6a5f4a1f2c11",
            "from_subaccount": 0,
            "to_subaccount": number,
            "amount_cents": 500,
        }
    )
    apply_subaccount_transfer.sync(client=client, body=transfer)
    mine = place(client, subaccount=number)
    balances = get_subaccount_balances.sync(client=client).subaccount_balances
    assert [row.balance for row in balances] == [Decimal(9995), Decimal(1)]
    assert get_orders.sync(client=client).orders[0].subaccount_number == number
    assert get_orders.sync(client=client, subaccount=0).orders == []
    cancel_order_v2.sync(client=client, order_id=mine.order_id, subaccount=number)
