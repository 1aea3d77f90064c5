"""`PaperExchange`: a paper exchange that listens on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Final, Self

from kalshi_paper.account import PaperAccount, create_key, micros_from_dollars
from kalshi_paper.faults.injector import FaultInjector
from kalshi_paper.market_controls import MarketControls
from kalshi_paper.service.clock import ExchangeClock
from kalshi_paper.service.commands.accounts import AddUser
from kalshi_paper.service.journal import Journal
from kalshi_paper.service.scopes import DEFAULT_SCOPES
from kalshi_paper.service.seed_markets import list_seed_markets
from kalshi_paper.service.service import ExchangeService
from kalshi_paper.service.signer import KeyType, PaperSigner
from kalshi_paper.web.fake_data import FakeData
from kalshi_paper.web.openapi import packaged_document

try:
    from kalshi_paper.web.app import BASE_PATH, PaperApp, web_app
    from kalshi_paper.web.uvicorn_server import HOST, UvicornServer
except ModuleNotFoundError as _error:
    if _error.name in ("starlette", "uvicorn"):
        _error.msg += ": pip install 'kalshi-trade-api[paper]'"
    raise

DEFAULT_ACCOUNT: Final = "you"
"""Name of the account of `PaperExchange.signer`."""

_NS_PER_MS: Final = 1_000_000
_DEFAULT_BALANCE: Final = 10_000


def wall_ms() -> int:
    """Return the time of day, Unix milliseconds."""
    return time.time_ns() // _NS_PER_MS


class PaperExchange:
    """
    A local exchange that rejects the same requests as the real one.

        with PaperExchange() as exchange:
            client = signed_client(exchange.signer, base_url=exchange.base_url)

    It listens on the loopback interface once it is started or entered, for clients in any language.

    Args:
        port: Port to listen on; 0 for any free port.
        seed: Seed of ids, books, fake data and random faults; defaults to the state file's, or 0.
        latency_ms: Latency of every request, milliseconds.
        balance: Balance of a new account, dollars.
        key_type: Type of the accounts' keys.
        state: File that keeps the state across restarts; None keeps nothing.
        wall_ms: Returns the time of day, Unix milliseconds, which timestamps of signatures are compared with.
        seed_markets: Lists the markets of a new exchange.

    Raises:
        StateError: The state file cannot be used.

    Attributes:
        faults: Faults on demand.
        clock: The exchange's time, and the status of markets.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        seed: int | None = None,
        latency_ms: float = 0.0,
        balance: int | str | Decimal = _DEFAULT_BALANCE,
        key_type: KeyType = "ed25519",
        state: Path | str | None = None,
        wall_ms: Callable[[], int] = wall_ms,
        seed_markets: Callable[[ExchangeService, int], None] = list_seed_markets,
    ) -> None:
        journal = Journal(Path(state)) if state is not None else None
        seed = journal.seed(seed) if journal else seed or 0
        self._port, self._seed, self._balance = port, seed, balance
        self._key_type: KeyType = key_type
        self.faults = FaultInjector(seed, operations=packaged_document().operations)
        if latency_ms:
            self.faults.latency(latency_ms / 1000)
        self._service = ExchangeService(seed=seed, clock=ExchangeClock(wall_ms), journal=journal)
        self._service.start(lambda: seed_markets(self._service, seed))
        self.clock = MarketControls(self._service)
        self._accounts: dict[str, PaperAccount] = {}
        self._server: UvicornServer | None = None

    @property
    def weather(self) -> FaultInjector:
        """Return `faults`, by its former name."""
        return self.faults

    @property
    def base_url(self) -> str:
        """Return the base URL of the API."""
        return f"http://{HOST}:{self._started().port}{BASE_PATH}"

    @property
    def signer(self) -> PaperSigner:
        """Return the signer of the first account."""
        return self.account().signer

    def account(self, name: str = DEFAULT_ACCOUNT, *, key_type: KeyType | None = None) -> PaperAccount:
        """
        Return an account, which is opened on first use; it gets a new key each time an exchange is started.

        Raises:
            ValueError: The name contains '#'.
        """
        if "#" in name:
            raise ValueError("account name must not contain '#'")
        with self._service.lock:
            if name not in self._accounts:
                users = self._service.state.users
                if name not in users:
                    balance, user_id = micros_from_dollars(self._balance), self._service.state.ids()
                    self._service.execute(AddUser(name=name, user_id=user_id, balance_micros=balance))
                signer = create_key(self._service, name, key_type or self._key_type, DEFAULT_SCOPES)
                self._accounts[name] = PaperAccount(self._service, users[name], signer)
            return self._accounts[name]

    @property
    def tickers(self) -> list[str]:
        """Return the tickers of the active markets, in order of listing."""
        with self._service.lock:
            self._service.state.advance_time()
            markets = self._service.state.engine.market_data.markets()
            return [market.ticker for market in markets if market.status == "active"]

    def check(self) -> None:
        """
        Check the invariants: money is conserved, contracts are paired, collateral is exact.

        Raises:
            AssertionError: An invariant does not hold.
        """
        with self._service.lock:
            self._service.state.engine.check_invariants()

    def start(self) -> Self:
        """
        Start to listen; `with` does this too.

        Raises:
            OSError: The port is in use.
            RuntimeError: The exchange was stopped, and its state file closed; create a new exchange.
        """
        if self._service.closed:
            raise RuntimeError("the state file is closed: make a new exchange")
        if self._server is None:
            document, markets = packaged_document(), self._service.state.engine.market_data.markets()
            tickers = [market.ticker for market in markets] or ["NONE-NONE-NONE"]
            fake_data = FakeData(document, seed=self._seed, now_ms=self.clock.now_ms(), tickers=tickers)
            app = PaperApp(self._service, self.faults, document, fake_data)
            self._server = UvicornServer(web_app(app), self._port)
        return self

    def stop(self) -> None:
        """Stop listening and close the state file; calling it again does nothing."""
        if self._server is not None:
            self._server.stop()
            self._server = None
        self._service.close()

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def _started(self) -> UvicornServer:
        if self._server is None:
            raise RuntimeError("the paper exchange is not listening: call start(), or use it in a with statement")
        return self._server
