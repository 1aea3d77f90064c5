"""Handlers for the exchange's status and schedule, and for the rate limit of an account."""

from __future__ import annotations

from typing import Final

from kalshi_paper.faults.rate_limit import BASIC, COSTS, DEFAULT_COST, UNLIMITED
from kalshi_paper.web.json_text import time_text
from kalshi_paper.web.openapi import Json
from kalshi_paper.web.request_context import RequestContext

_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CENTURY_MS: Final = 100 * 365 * 86_400_000


def get_status(request: RequestContext) -> Json:
    active = {"exchange_active": True, "trading_active": True, "intra_exchange_transfers_active": True}
    return {
        **active,
        "exchange_index_statuses": [{"exchange_index": 0, "description": "The one shard there is.", **active}],
    }


def get_schedule(request: RequestContext) -> Json:
    all_day = [{"open_time": "00:00", "close_time": "23:59"}]
    week = {"start_time": time_text(0), "end_time": time_text(_CENTURY_MS), **dict.fromkeys(_DAYS, all_day)}
    return {"schedule": {"standard_hours": [week], "maintenance_windows": []}}


def get_user_data_timestamp(request: RequestContext) -> Json:
    return {"as_of_time": time_text(request.service.state.clock.now_ms())}


def get_limits(request: RequestContext) -> Json:
    rates = request.faults.rate_limiter.rates(request.user.name)
    tier = "paper" if rates is None else "basic" if rates == BASIC else "custom"
    read, write = (rates or UNLIMITED).read, (rates or UNLIMITED).write
    return {
        "usage_tier": tier,
        "read": {"refill_rate": read[0], "bucket_capacity": read[1]},
        "write": {"refill_rate": write[0], "bucket_capacity": write[1]},
        "grants": [],
    }


def get_costs(request: RequestContext) -> Json:
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
