"""Subaccounts: opening them, and moving money between them."""

from __future__ import annotations

from typing import Final

from kalshi_paper.engine.amounts import CENT_MICROS, money_text
from kalshi_paper.engine.errors import Refusal
from kalshi_paper.web.error_responses import bad_parameter
from kalshi_paper.web.openapi import Json
from kalshi_paper.web.request_context import Call

_MOST: Final = 63


def create(call: Call) -> Json:
    number = len(call.user.accounts)
    if number > _MOST:
        raise Refusal(400, "too_many_subaccounts", "too many subaccounts")
    call.desk.do("subaccount", user=call.user.name, number=number)
    return {"subaccount_number": number}


def get_balances(call: Call) -> Json:
    return {
        "subaccount_balances": [
            {
                "subaccount_number": number,
                "exchange_index": 0,
                "balance": money_text(call.exchange.balance(account)),
                "updated_ts": call.exchange.updated_ms(account) // 1000,
            }
            for number, account in call.user.accounts.items()
        ]
    }


def transfer(call: Call) -> Json:
    body = call.body
    if body["amount_cents"] <= 0:
        raise bad_parameter("amount_cents must be above zero")
    source, target = call.user.account(body["from_subaccount"]), call.user.account(body["to_subaccount"])
    call.desk.do("transfer", source=source, target=target, amount_micros=body["amount_cents"] * CENT_MICROS)
    return {}


HANDLERS: Final = {
    "CreateSubaccount": create,
    "GetSubaccountBalances": get_balances,
    "ApplySubaccountTransfer": transfer,
}
