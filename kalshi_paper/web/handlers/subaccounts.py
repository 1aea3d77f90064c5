"""Handlers for subaccounts: open them, read their balances, transfer money between them."""

from __future__ import annotations

from typing import Final

from kalshi_paper.engine.amounts import CENT_MICROS, money_text
from kalshi_paper.engine.errors import RequestRejected, invalid_parameter
from kalshi_paper.service.commands.accounts import AddSubaccount, Transfer
from kalshi_paper.web.openapi import Json
from kalshi_paper.web.request_context import RequestContext

_MAX_SUBACCOUNTS: Final = 63


def create_subaccount(request: RequestContext) -> Json:
    number = len(request.user.accounts)
    if number > _MAX_SUBACCOUNTS:
        raise RequestRejected(400, "too_many_subaccounts", "too many subaccounts")
    request.service.execute(AddSubaccount(user=request.user.name, number=number))
    return {"subaccount_number": number}


def get_balances(request: RequestContext) -> Json:
    portfolio = request.engine.portfolio
    return {
        "subaccount_balances": [
            {
                "subaccount_number": number,
                "exchange_index": 0,
                "balance": money_text(portfolio.balance(account_id)),
                "updated_ts": portfolio.updated_ms(account_id) // 1000,
            }
            for number, account_id in request.user.accounts.items()
        ]
    }


def transfer(request: RequestContext) -> Json:
    body = request.body
    if body["amount_cents"] <= 0:
        raise invalid_parameter("amount_cents must be above zero")
    command = Transfer(
        source=request.user.account_id(body["from_subaccount"]),
        target=request.user.account_id(body["to_subaccount"]),
        amount_micros=body["amount_cents"] * CENT_MICROS,
    )
    request.service.execute(command)
    return {}


HANDLERS: Final = {
    "CreateSubaccount": create_subaccount,
    "GetSubaccountBalances": get_balances,
    "ApplySubaccountTransfer": transfer,
}
