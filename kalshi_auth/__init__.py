"""
Sign requests to Kalshi's APIs.

    from kalshi_auth import DEMO, signed_client, signer_from_env
    from kalshi_trade_api.api.portfolio import get_balance

    with signed_client(signer_from_env(), base_url=DEMO) as client:
        print(get_balance.sync(client=client).balance)
"""

from __future__ import annotations

from kalshi_auth.client import DEMO, PRODUCTION, public_client, signed_client
from kalshi_auth.errors import CredentialsError, OriginError
from kalshi_auth.flow import SignedFlow
from kalshi_auth.keys import signer_from_env, signer_from_file, signer_from_pem
from kalshi_auth.signing import AsyncSigner, Ed25519Signer, RsaPssSigner, Signer, signing_headers, signing_message
from kalshi_core.errors import BudgetError, NotSentError
from kalshi_core.rate_limit.limiter import RateLimit
from kalshi_core.retry.deadline import deadline
from kalshi_core.retry.errors import OrderExistsError, WriteFateUnknownError, WriteNotSentError
from kalshi_core.retry.policy import RetryPolicy

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
