"""Scopes of API keys: which scope allows which operation."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Final

DEFAULT_SCOPES: Final = ("read", "write")
"""Scopes of a key that is created without any."""

_BY_TAG: Final = {
    "orders": "write::trade",
    "order-groups": "write::trade",
    "fcm": "write::fcm_risk",
}
"""Narrow scope of the write operations of a tag."""
_BY_OPERATION: Final = {
    "GetBalance": "read::portfolio_balance",
    "GetBlockTradeProposals": "read::block_trade_accept",
    "AcceptBlockTradeProposal": "write::block_trade_accept",
    "ApplySubaccountTransfer": "write::transfer",
    "IntraExchangeInstanceTransfer": "write::transfer",
}
"""Narrow scope of single operations."""
SCOPES: Final = frozenset({*DEFAULT_SCOPES, *_BY_TAG.values(), *_BY_OPERATION.values()})
"""All scopes that at least one operation accepts."""


def missing_scope(granted: AbstractSet[str], operation_id: str, tag: str, *, read_only: bool) -> str | None:
    """
    Return the scope that a key lacks for an operation, or None if it may call it.

    `read` allows every GET and `write` everything else; some operations accept a narrower scope too.

    Args:
        granted: Scopes of the key.
        operation_id: operationId in the document.
        tag: Tag of the operation in the document.
        read_only: Whether the operation is a GET.
    """
    broad = "read" if read_only else "write"
    if broad in granted:
        return None
    narrow = _BY_OPERATION.get(operation_id) or (None if read_only else _BY_TAG.get(tag))
    return None if narrow in granted else narrow or broad
