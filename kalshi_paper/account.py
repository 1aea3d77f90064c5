"""`PaperAccount`: an account of a paper exchange, for the code that started the exchange."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from decimal import Decimal

from kalshi_paper.engine.amounts import DOLLAR_MICROS, Micros
from kalshi_paper.service.commands.accounts import AddApiKey, Deposit, GrantOAuthToken
from kalshi_paper.service.oauth_tokens import token_digest
from kalshi_paper.service.scopes import DEFAULT_SCOPES, SCOPES
from kalshi_paper.service.service import ExchangeService
from kalshi_paper.service.signer import KeyType, PaperSigner, new_private_key
from kalshi_paper.service.users import User


class PaperAccount:
    """
    An account of a paper exchange.

    Attributes:
        name: Account name; faults can be limited to it.
        signer: Signer of the account; has `key_id`, `sign(message)` and, for other clients, `pem()`.
    """

    def __init__(self, service: ExchangeService, user: User, signer: PaperSigner) -> None:
        self._service = service
        self.name = user.name
        self.signer = signer

    def key(self, key_type: KeyType = "ed25519", *, scopes: Sequence[str] = DEFAULT_SCOPES) -> PaperSigner:
        """
        Create another API key.

        Args:
            key_type: Type of the key.
            scopes: Scopes of the key, such as `["read"]`.

        Raises:
            ValueError: Unknown scope or key type.
        """
        if unknown := set(scopes) - SCOPES:
            raise ValueError(f"unknown scope {min(unknown)!r}; there are {', '.join(sorted(SCOPES))}")
        return create_key(self._service, self.name, key_type, scopes)

    def token(self) -> str:
        """
        Grant an OAuth access token, as a user does for a registered partner.

        Sent as a bearer token, it replaces the signature of the few operations whose `security` in the document lists
        it, which read fills and positions. No other operation accepts it.
        """
        token = secrets.token_urlsafe()
        self._service.execute(GrantOAuthToken(user=self.name, digest=token_digest(token.encode("ascii"))))
        return token

    def deposit(self, dollars: int | str | Decimal) -> None:
        """
        Add money to the account, or withdraw it when the amount is negative.

        Raises:
            RequestRejected: 400 `insufficient_balance`: the withdrawal exceeds the free money.
            ValueError: The amount is not a multiple of $0.000001.
        """
        self._service.execute(Deposit(account=self.name, amount_micros=micros_from_dollars(dollars)))

    def __repr__(self) -> str:
        return f"PaperAccount({self.name!r}, key_id={self.signer.key_id!r})"


def create_key(service: ExchangeService, user: str, key_type: KeyType, scopes: Sequence[str]) -> PaperSigner:
    """Create an API key for a user, and return its signer."""
    with service.lock:
        signer = PaperSigner(service.state.ids(), new_private_key(key_type))
        command = AddApiKey(
            key_id=signer.key_id, user=user, public_pem=signer.public_pem(), scopes=list(scopes), name="paper"
        )
        service.execute(command)
    return signer


def micros_from_dollars(dollars: int | str | Decimal) -> Micros:
    """Convert dollars to millionths of a dollar; ValueError for a finer amount."""
    exact = Decimal(dollars) * DOLLAR_MICROS
    if exact != int(exact):
        raise ValueError("amount must be a multiple of $0.000001")
    return int(exact)
