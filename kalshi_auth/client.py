"""Clients for the exchange's environments: the one module where signing meets the clients of the core."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any, Final

import httpx

from kalshi_auth.errors import OriginError
from kalshi_auth.flow import SignedFlow
from kalshi_auth.signing import Signer
from kalshi_core.client import DEFAULT_TIMEOUT, AuthenticatedClient, Client
from kalshi_core.rate_limit.limiter import RateLimit
from kalshi_core.retry.policy import RetryPolicy
from kalshi_core.retry.sender import RetryingSender
from kalshi_core.retry.server_clock import ServerClock

PRODUCTION: Final = "https://external-api.kalshi.com/trade-api/v2"
"""Real money."""

DEMO: Final = "https://external-api.demo.kalshi.co/trade-api/v2"
"""The exchange's test environment; it has its own keys."""

_RETRY: Final = RetryPolicy()
_URL: Final = "'https://host/path'"


def signed_client(
    signer: Signer,
    *,
    base_url: str,
    timeout: httpx.Timeout | float = DEFAULT_TIMEOUT,
    headers: Mapping[str, str] | None = None,
    httpx_args: Mapping[str, Any] | None = None,
    retry: RetryPolicy | None = _RETRY,
    rate_limit: RateLimit | None = None,
) -> AuthenticatedClient:
    """
    Build a client that signs the requests that must be signed.

    Args:
        signer: Signs, such as `signer_from_env()`.
        base_url: `DEMO`, `PRODUCTION`, or another URL with the API's base path. There is no default:
            real money moves only where PRODUCTION is written.
        timeout: Seconds, or an `httpx.Timeout`; by default 10, and 5 to connect.
        headers: More headers for every request.
        httpx_args: More arguments for httpx's clients: `transport`, `verify`, `proxy`, `limits`, `http2`,
            `event_hooks`.
        retry: When to repeat requests; None for never.
        rate_limit: Delays requests to keep to the exchange's rate limit; None for no limit.

    Raises:
        CredentialsError: `signer` has no `sign` method.
        OriginError: The base URL is not safe to send credentials to.
        TypeError: `retry` or `rate_limit` is of another type, or `httpx_args` has an argument that the client sets.
        ValueError: A timeout is not a number of seconds above zero.
    """
    url, clock = _checked(base_url), ServerClock()
    return AuthenticatedClient(
        url,
        auth=SignedFlow(signer, url, clock=clock.now_ns),
        sender=RetryingSender(policy=retry, clock=clock, rate_limit=rate_limit),
        timeout=timeout,
        headers=dict(headers or {}),
        httpx_args=dict(httpx_args or {}),
    )


def public_client(
    *,
    base_url: str = PRODUCTION,
    timeout: httpx.Timeout | float = DEFAULT_TIMEOUT,
    headers: Mapping[str, str] | None = None,
    httpx_args: Mapping[str, Any] | None = None,
    retry: RetryPolicy | None = _RETRY,
    rate_limit: RateLimit | None = None,
) -> Client:
    """
    Build a client for public operations; it needs no key.

    Args:
        base_url: `PRODUCTION`, `DEMO`, or another URL with the API's base path.
        timeout, headers, httpx_args, retry, rate_limit: As for `signed_client`.

    Raises:
        OriginError: The base URL is not usable.
        TypeError: `retry` or `rate_limit` is of another type, or `httpx_args` has an argument that the client sets.
        ValueError: A timeout is not a number of seconds above zero.
    """
    return Client(
        _checked(base_url),
        sender=RetryingSender(policy=retry, clock=ServerClock(), rate_limit=rate_limit),
        timeout=timeout,
        headers=dict(headers or {}),
        httpx_args=dict(httpx_args or {}),
    )


def _checked(base_url: str) -> str:
    """Return a base URL without its final slash; OriginError for one that would expose credentials."""
    if not isinstance(base_url, str):
        raise OriginError(f"found a base URL of type {type(base_url).__name__}; expected {_URL}")
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL:
        # httpx's message may contain part of a password.
        raise OriginError(f"found a base URL that cannot be parsed; expected {_URL}") from None
    if url.userinfo or url.query or url.fragment or "?" in base_url or "#" in base_url:
        raise OriginError(f"found a base URL with credentials, a query or a fragment; expected {_URL}")
    if not url.host or url.scheme not in ("https", "http"):
        raise OriginError(f"found a base URL without https:// or without a host; expected {_URL}")
    if url.scheme == "http" and not _is_loopback(url.host):
        raise OriginError(f"found http:// to {url.host}, which is not encrypted; expected {_URL}")
    return base_url.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
