"""All commands by their name in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from kalshi_paper.service.commands.accounts import (
    AddApiKey,
    AddSubaccount,
    AddUser,
    Deposit,
    GrantOAuthToken,
    RemoveApiKey,
    Transfer,
)
from kalshi_paper.service.commands.base import Command
from kalshi_paper.service.commands.markets import (
    AddEvent,
    AddMarket,
    AddSeries,
    CloseMarket,
    OpenMarket,
    PauseMarket,
    SetClock,
    SettleMarket,
)
from kalshi_paper.service.commands.order_groups import (
    CreateOrderGroup,
    DeleteOrderGroup,
    ResetOrderGroup,
    SetOrderGroupLimit,
    TriggerOrderGroup,
)
from kalshi_paper.service.commands.orders import AmendOrder, CancelAllOrders, CancelOrder, CreateOrder, DecreaseOrder

COMMANDS: Final[Mapping[str, type[Command[Any]]]] = {
    command.journal_name: command
    for command in (
        AddUser,
        AddSubaccount,
        AddApiKey,
        RemoveApiKey,
        GrantOAuthToken,
        Deposit,
        Transfer,
        AddSeries,
        AddEvent,
        AddMarket,
        SetClock,
        OpenMarket,
        PauseMarket,
        CloseMarket,
        SettleMarket,
        CreateOrder,
        AmendOrder,
        DecreaseOrder,
        CancelOrder,
        CancelAllOrders,
        CreateOrderGroup,
        SetOrderGroupLimit,
        ResetOrderGroup,
        TriggerOrderGroup,
        DeleteOrderGroup,
    )
}
