"""Ready-made clients for the exchange's environments."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

import httpx
from kalshi_trade_api.client import AuthenticatedClient, Client

from kalshi_auth.clock import ServerClock
from kalshi_auth.errors import OriginError
from kalshi_auth.flow import SignedFlow
from kalshi_auth.policy import RetryPolicy
from kalshi_auth.sending import Sending
from kalshi_auth.signing import Signer

if TYPE_CHECKING:
    from kalshi_auth.pacing import RateLimit

PRODUCTION: Final = "https://external-api.kalshi.com/trade-api/v2"
"""Real money."""

DEMO: Final = "https://external-api.demo.kalshi.co/trade-api/v2"
"""The exchange's test environment; it has keys of its own."""

_TIMEOUT: Final = httpx.Timeout(10.0, connect=5.0)
_RETRY: Final = RetryPolicy()
_URL: Final = "'https://host/path'"
_OURS: Final = frozenset({"auth", "base_url", "cookies", "follow_redirects", "headers", "timeout"})


def signed_client(
    signer: Signer,
    *,
    base_url: str,
    timeout: httpx.Timeout | float = _TIMEOUT,
    headers: Mapping[str, str] | None = None,
    httpx_args: Mapping[str, Any] | None = None,
    retry: RetryPolicy | None = _RETRY,
    rate_limit: RateLimit | None = None,
) -> AuthenticatedClient:
    """
    Build a client that signs what has to be signed, and nothing else.

    Args:
        signer: Who signs, such as `signer_from_env()`.
        base_url: `DEMO`, `PRODUCTION`, or another URL whose path the API lives under. There is no default:
            real money moves only where PRODUCTION is written.
        timeout: Seconds, or an `httpx.Timeout`; by default 10, and 5 to connect.
        headers: More headers for every request.
        httpx_args: More arguments for httpx's clients: `transport`, `verify`, `proxy`, `limits`, `http2`,
            `event_hooks`.
        retry: When to send again; None for never.
        rate_limit: Paces requests on this side; None for not at all.

    Raises:
        CredentialsError: The signer does not sign.
        OriginError: The base URL is not safe to send credentials to.
        TypeError: `retry` or `rate_limit` is something else.
        ValueError: A timeout is no number of seconds above zero.
    """
    url, clock = _checked(base_url), ServerClock()
    return AuthenticatedClient(
        url,
        auth=SignedFlow(signer, url, clock=clock.now_ns),
        sender=_sending(retry, rate_limit, clock),
        timeout=timeout,
        headers=dict(headers or {}),
        httpx_args=_allowed(httpx_args),
    )


def public_client(
    *,
    base_url: str = PRODUCTION,
    timeout: httpx.Timeout | float = _TIMEOUT,
    headers: Mapping[str, str] | None = None,
    httpx_args: Mapping[str, Any] | None = None,
    retry: RetryPolicy | None = _RETRY,
    rate_limit: RateLimit | None = None,
) -> Client:
    """
    Build a client for the public operations; it needs no key.

    Args:
        base_url: `PRODUCTION`, `DEMO`, or another URL whose path the API lives under.
        timeout: Seconds, or an `httpx.Timeout`; by default 10, and 5 to connect.
        headers: More headers for every request.
        httpx_args: More arguments for httpx's clients, as for `signed_client`.
        retry: When to send again; None for never.
        rate_limit: Paces requests on this side; None for not at all.

    Raises:
        OriginError: The base URL is not one.
        TypeError: `retry` or `rate_limit` is something else.
        ValueError: A timeout is no number of seconds above zero.
    """
    return Client(
        _checked(base_url),
        sender=_sending(retry, rate_limit, ServerClock()),
        timeout=timeout,
        headers=dict(headers or {}),
        httpx_args=_allowed(httpx_args),
    )


def _sending(retry: RetryPolicy | None, rate_limit: RateLimit | None, clock: ServerClock) -> Sending:
    if retry is not None and not isinstance(retry, RetryPolicy):
        raise TypeError(f"retry is a RetryPolicy, or None for never, not {retry!r}")
    # Told by what it does: importing its class would cost those who have none.
    if rate_limit is not None and (isinstance(rate_limit, type) or not callable(getattr(rate_limit, "acquire", None))):
        raise TypeError(f"rate_limit is a RateLimit, or None for not at all, not {rate_limit!r}")
    return Sending(policy=retry, clock=clock, rate_limit=rate_limit)


def _checked(base_url: str) -> str:
    """Return a base URL without a slash at its end; refuse one that would give secrets away."""
    if not isinstance(base_url, str):
        raise OriginError(f"found a base URL of type {type(base_url).__name__}; expected {_URL}")
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL:
        # httpx's reason may quote a piece of a password.
        raise OriginError(f"found a base URL that can't be read; expected {_URL}") from None
    if url.userinfo or url.query or url.fragment or "?" in base_url or "#" in base_url:
        raise OriginError(f"found a base URL with credentials, a query or a fragment; expected {_URL}")
    if not url.host or url.scheme not in ("https", "http"):
        raise OriginError(f"found a base URL without https:// or without a host; expected {_URL}")
    if url.scheme == "http" and not _is_loopback(url.host):
        raise OriginError(f"found http:// to {url.host}, which would be spoken to in the clear; expected {_URL}")
    return base_url.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _allowed(httpx_args: Mapping[str, Any] | None) -> dict[str, Any]:
    if taken := sorted(_OURS & set(httpx_args or ())):
        raise TypeError(f"httpx_args may not hold {', '.join(taken)}: the client sets them itself")
    return dict(httpx_args or {})
