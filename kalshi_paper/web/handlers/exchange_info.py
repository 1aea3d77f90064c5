"""The exchange itself, and what an account may do to it."""

from __future__ import annotations

from typing import Final

from kalshi_paper.faults.rate_limit import BASIC, COSTS, DEFAULT_COST, UNLIMITED
from kalshi_paper.web.account_json import time_text
from kalshi_paper.web.openapi import Json
from kalshi_paper.web.request_context import Call

_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CENTURY_MS: Final = 100 * 365 * 86_400_000


def get_status(call: Call) -> Json:
    working = {"exchange_active": True, "trading_active": True, "intra_exchange_transfers_active": True}
    return {
        **working,
        "exchange_index_statuses": [{"exchange_index": 0, "description": "The one shard there is.", **working}],
    }


def get_schedule(call: Call) -> Json:
    always = [{"open_time": "00:00", "close_time": "23:59"}]
    week = {"start_time": time_text(0), "end_time": time_text(_CENTURY_MS), **dict.fromkeys(_DAYS, always)}
    return {"schedule": {"standard_hours": [week], "maintenance_windows": []}}


def get_user_data_timestamp(call: Call) -> Json:
    return {"as_of_time": time_text(call.desk.clock.now_ms())}


def get_limits(call: Call) -> Json:
    rates = call.weather.tokens.rates(call.user.name)
    tier = "paper" if rates is None else "basic" if rates == BASIC else "custom"
    read, write = (rates or UNLIMITED).read, (rates or UNLIMITED).write
    return {
        "usage_tier": tier,
        "read": {"refill_rate": read[0], "bucket_capacity": read[1]},
        "write": {"refill_rate": write[0], "bucket_capacity": write[1]},
        "grants": [],
    }


def get_costs(call: Call) -> Json:
    return {
        "default_cost": DEFAULT_COST,
        "endpoint_costs": [
            {"method": method, "path": f"/trade-api/v2{path}", "cost": cost} for (method, path), cost in COSTS.items()
        ],
    }


HANDLERS: Final = {
    "GetExchangeStatus": get_status,
    "GetExchangeSchedule": get_schedule,
    "GetUserDataTimestamp": get_user_data_timestamp,
    "GetAccountApiLimits": get_limits,
    "GetAccountEndpointCosts": get_costs,
}
