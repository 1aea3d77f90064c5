"""Errors of keys and origins; nothing was sent. The base class and all others are in `kalshi_core`."""

from __future__ import annotations

from kalshi_core.errors import NotSentError


class CredentialsError(NotSentError, ValueError):
    """A key id, private key or passphrase is missing or not usable."""


class OriginError(NotSentError, ValueError):
    """A request or a client would send credentials to another origin, or in the clear."""
