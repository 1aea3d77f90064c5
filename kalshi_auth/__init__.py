"""
Sign requests to Kalshi's Trade API.

    from kalshi_auth import DEMO, signed_client, signer_from_env
    from kalshi_trade_api.api.portfolio import get_balance

    with signed_client(signer_from_env(), base_url=DEMO) as client:
        print(get_balance.sync(client=client).balance)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kalshi_auth.client import DEMO, PRODUCTION, public_client, signed_client
from kalshi_auth.errors import (
    BudgetError,
    CredentialsError,
    NotSentError,
    OrderExistsError,
    OriginError,
    WriteFateUnknownError,
    WriteNotSentError,
)
from kalshi_auth.flow import SignedFlow
from kalshi_auth.keys import signer_from_env, signer_from_file, signer_from_pem
from kalshi_auth.message import signing_message
from kalshi_auth.policy import RetryPolicy
from kalshi_auth.retry import deadline
from kalshi_auth.signing import AsyncSigner, Ed25519Signer, RsaPssSigner, Signer, signing_headers

if TYPE_CHECKING:
    from kalshi_auth.pacing import RateLimit

__all__ = [
    "DEMO",
    "PRODUCTION",
    "AsyncSigner",
    "BudgetError",
    "CredentialsError",
    "Ed25519Signer",
    "NotSentError",
    "OrderExistsError",
    "OriginError",
    "RateLimit",
    "RetryPolicy",
    "RsaPssSigner",
    "SignedFlow",
    "Signer",
    "WriteFateUnknownError",
    "WriteNotSentError",
    "deadline",
    "public_client",
    "signed_client",
    "signer_from_env",
    "signer_from_file",
    "signer_from_pem",
    "signing_headers",
    "signing_message",
]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Load what most clients have no use for when it is first asked for."""
        if name != "RateLimit":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from kalshi_auth.pacing import RateLimit

        globals()[name] = RateLimit
        return RateLimit
