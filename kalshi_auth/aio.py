"""Deprecated alias of `kalshi_core.transport.aiohttp_transport`."""

from warnings import warn

from kalshi_core.transport.aiohttp_transport import AiohttpTransport

__all__ = ["AiohttpTransport"]

warn("kalshi_auth.aio is kalshi_core.transport.aiohttp_transport now", DeprecationWarning, stacklevel=2)
