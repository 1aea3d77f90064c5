"""Who trades on a paper exchange, as the code that started it sees them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from decimal import Decimal

from kalshi_paper.engine.amounts import DOLLAR_MICROS
from kalshi_paper.service.api_keys import SCOPES
from kalshi_paper.service.oauth_tokens import digest_of
from kalshi_paper.service.service import Desk, User
from kalshi_paper.service.signer import KeyType, PaperSigner, new_private_key
from kalshi_paper.web.handlers.api_keys import ALL


class PaperAccount:
    """
    Somebody who trades on a paper exchange.

    Attributes:
        name: What the exchange calls them; faults are narrowed by it.
        signer: Signs for them; has `key_id`, `sign(message)` and, for other clients, `pem()`.
    """

    def __init__(self, desk: Desk, user: User, signer: PaperSigner) -> None:
        self._desk = desk
        self.name = user.name
        self.signer = signer

    def key(self, key_type: KeyType = "ed25519", *, scopes: Sequence[str] = ALL) -> PaperSigner:
        """
        Make one more key.

        Args:
            key_type: Its kind.
            scopes: What it may do, such as `["read"]`.

        Raises:
            ValueError: No operation asks for such a scope, or there is no such kind.
        """
        if unknown := set(scopes) - SCOPES:
            raise ValueError(f"no operation asks for the scope {min(unknown)!r}; there are {', '.join(sorted(SCOPES))}")
        return new_key(self._desk, self.name, key_type, scopes)

    def token(self) -> str:
        """
        Grant an OAuth access token, as to a registered partner.

        Sent as a bearer token it stands in for the signature of the few operations whose `security` in the document
        names it, which read fills and positions; no other operation takes it.
        """
        token = secrets.token_urlsafe()
        self._desk.do("grant", user=self.name, digest=digest_of(token.encode("ascii")))
        return token

    def deposit(self, dollars: int | str | Decimal) -> None:
        """Pay money in, or out when below zero."""
        self._desk.do("deposit", account=self.name, amount_micros=micros(dollars))

    def __repr__(self) -> str:
        return f"PaperAccount({self.name!r}, key_id={self.signer.key_id!r})"


def new_key(desk: Desk, user: str, key_type: KeyType, scopes: Sequence[str]) -> PaperSigner:
    """Make a key for a user, and take it in."""
    with desk.lock:
        signer = PaperSigner(desk.ids(), new_private_key(key_type))
        public_pem = signer.public_pem()
        desk.do("key", key_id=signer.key_id, user=user, public_pem=public_pem, scopes=list(scopes), name="paper")
    return signer


def micros(dollars: int | str | Decimal) -> int:
    """Return money in millionths of a dollar; ValueError for anything finer."""
    exact = Decimal(dollars) * DOLLAR_MICROS
    if exact != int(exact):
        raise ValueError("money in steps of a millionth of a dollar")
    return int(exact)
