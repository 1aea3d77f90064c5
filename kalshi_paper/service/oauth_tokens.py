"""OAuth access tokens, which a user grants to a partner. Some operations accept one in place of a signature."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from kalshi_paper.engine.errors import unauthorized

_AUTHORIZATION: Final = b"authorization"
_SCHEME: Final = b"bearer "


class OAuthTokenStore:
    """Granted tokens; only their digests are stored."""

    def __init__(self) -> None:
        self._users: dict[str, str] = {}

    def add(self, digest: str, user: str) -> None:
        """Add a user's token by its digest."""
        self._users[digest] = user

    def claimed_user(self, headers: Mapping[bytes, bytes]) -> str | None:
        """Return the user of a request's token; None without a token, or with an unknown one."""
        token = _bearer_token(headers)
        return None if token is None else self._users.get(token_digest(token))

    def verify(self, headers: Mapping[bytes, bytes]) -> str | None:
        """
        Return the user of a request's token, or None for a request without a token.

        Raises:
            RequestRejected: 401: unknown token.
        """
        user = self.claimed_user(headers)
        if user is None and _bearer_token(headers) is not None:
            raise unauthorized("authentication_error", "authentication_error", "NOT_FOUND")
        return user


def token_digest(token: bytes) -> str:
    """Return the digest that is stored of a token."""
    return sha256(token).hexdigest()


def _bearer_token(headers: Mapping[bytes, bytes]) -> bytes | None:
    sent = headers.get(_AUTHORIZATION)
    if sent is None or sent[: len(_SCHEME)].lower() != _SCHEME:
        return None
    return sent[len(_SCHEME) :].strip()
