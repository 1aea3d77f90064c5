"""Everything that the exchange keeps: the engine, the catalogue, users, keys, tokens, clock and ids."""

from __future__ import annotations

from kalshi_paper.engine.engine import MatchingEngine
from kalshi_paper.service.api_keys import ApiKeyStore
from kalshi_paper.service.catalogue import Catalogue
from kalshi_paper.service.clock import ExchangeClock
from kalshi_paper.service.ids import IdSequence
from kalshi_paper.service.oauth_tokens import OAuthTokenStore
from kalshi_paper.service.users import User


class ServiceState:
    """
    The state that commands change and requests read. It has no lock; `ExchangeService` has.

    Args:
        seed: Seed of the ids.
        clock: Clock of the exchange.

    Attributes:
        clock: Clock of the exchange.
        ids: Ids for users, keys, orders, trades and groups.
        engine: Matching engine.
        catalogue: Details of series, events and markets.
        api_keys: API keys.
        oauth_tokens: OAuth access tokens.
        users: Users by name.
    """

    def __init__(self, *, seed: int, clock: ExchangeClock) -> None:
        self.clock = clock
        self.ids = IdSequence(seed)
        self.engine = MatchingEngine(new_id=self.ids)
        self.catalogue = Catalogue()
        self.api_keys = ApiKeyStore()
        self.oauth_tokens = OAuthTokenStore()
        self.users: dict[str, User] = {}

    def advance_time(self) -> int:
        """Bring the engine up to the current time, and return it, Unix milliseconds."""
        now_ms = self.clock.now_ms()
        self.engine.advance_time(now_ms)
        return now_ms
