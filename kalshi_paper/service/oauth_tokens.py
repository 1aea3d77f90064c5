"""OAuth access tokens, which users grant to partners: they stand in for a signature where the document says so."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from kalshi_paper.web.error_responses import unauthorised

_AUTHORIZATION: Final = b"authorization"
_SCHEME: Final = b"bearer "


class Grants:
    """All tokens there are; of each only a digest is kept."""

    def __init__(self) -> None:
        self._users: dict[str, str] = {}

    def add(self, digest: str, user: str) -> None:
        """Take a token in, by its digest."""
        self._users[digest] = user

    def claimed(self, headers: Mapping[bytes, bytes]) -> str | None:
        """Return the user whose token a request carries; None without one, or with an unknown one."""
        token = _token(headers)
        return None if token is None else self._users.get(digest_of(token))

    def check(self, headers: Mapping[bytes, bytes]) -> str | None:
        """
        Return the user whose token a request carries; None for a request that carries none.

        Raises:
            FailureError: 401; nobody granted it.
        """
        user = self.claimed(headers)
        if user is None and _token(headers) is not None:
            raise unauthorised("authentication_error", "authentication_error", "NOT_FOUND")
        return user


def digest_of(token: bytes) -> str:
    """Return what is kept of a token."""
    return sha256(token).hexdigest()


def _token(headers: Mapping[bytes, bytes]) -> bytes | None:
    sent = headers.get(_AUTHORIZATION)
    if sent is None or sent[: len(_SCHEME)].lower() != _SCHEME:
        return None
    return sent[len(_SCHEME) :].strip()
