"""A paper exchange that listens on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Final, Self

from kalshi_paper.account import PaperAccount, micros, new_key
from kalshi_paper.faults.injector import Weather
from kalshi_paper.market_controls import Clock, Clockwork
from kalshi_paper.service.journal import Journal
from kalshi_paper.service.seed_markets import open_universe
from kalshi_paper.service.service import Desk
from kalshi_paper.service.signer import KeyType, PaperSigner
from kalshi_paper.web.fake_data import Answers
from kalshi_paper.web.handlers.api_keys import ALL
from kalshi_paper.web.openapi import packaged

try:
    from kalshi_paper.web.app import BASE_PATH, PaperApp, web_app
    from kalshi_paper.web.uvicorn_server import HOST, Serving
except ModuleNotFoundError as _error:
    if _error.name in ("starlette", "uvicorn"):
        _error.msg += ": pip install 'kalshi-trade-api[paper]'"
    raise

DEFAULT: Final = "you"
"""The account that is there from the start."""

_NS_PER_MS: Final = 1_000_000
_FIRST_DOLLARS: Final = 10_000


def wall_ms() -> int:
    """Return the time of day, Unix milliseconds."""
    return time.time_ns() // _NS_PER_MS


class PaperExchange:
    """
    A local exchange that says no like the real one.

        with PaperExchange() as exchange:
            client = signed_client(exchange.signer, base_url=exchange.base_url)

    It listens on the loopback interface from the moment it is made, or entered; any client in any language may
    speak to it.

    Args:
        port: Where it listens; 0 for any free port.
        seed: Where ids, books, made-up data and chance come from; 0, or the state file's, unless given.
        latency_ms: Milliseconds that every request waits.
        balance: Dollars that an account starts with.
        key_type: Kind of key that accounts get.
        state: File that keeps everything over a restart; None for nothing kept.
        wall_ms: The time of day, Unix milliseconds: signatures are held against it.
        universe: Lists what there is to trade, on a fresh exchange.

    Attributes:
        weather: Faults on demand.
        clock: The exchange's own time, and the life of markets.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        seed: int | None = None,
        latency_ms: float = 0.0,
        balance: int | str | Decimal = _FIRST_DOLLARS,
        key_type: KeyType = "ed25519",
        state: Path | str | None = None,
        wall_ms: Callable[[], int] = wall_ms,
        universe: Callable[[Desk, int], None] = open_universe,
    ) -> None:
        journal = Journal(Path(state)) if state is not None else None
        seed = journal.seed(seed) if journal else seed or 0
        self._port, self._seed, self._balance = port, seed, balance
        self._key_type: KeyType = key_type
        self.weather = Weather(seed, known=packaged().operations)
        if latency_ms:
            self.weather.latency(latency_ms / 1000)
        self._desk = Desk(seed=seed, clock=Clock(wall_ms), journal=journal)
        self._desk.begin(lambda: universe(self._desk, seed))
        self.clock = Clockwork(self._desk)
        self._accounts: dict[str, PaperAccount] = {}
        self._serving: Serving | None = None

    @property
    def base_url(self) -> str:
        """Return where the API lives."""
        return f"http://{HOST}:{self._started().port}{BASE_PATH}"

    @property
    def signer(self) -> PaperSigner:
        """Return who signs for the first account."""
        return self.account().signer

    def account(self, name: str = DEFAULT, *, key_type: KeyType | None = None) -> PaperAccount:
        """Return an account, opened when first asked for; its key is new for each exchange that is started."""
        if "#" in name:
            raise ValueError("a name without #")
        with self._desk.lock:
            if name not in self._accounts:
                if name not in self._desk.users:
                    paid_in = micros(self._balance)
                    self._desk.do("user", name=name, user_id=self._desk.ids(), balance_micros=paid_in)
                signer = new_key(self._desk, name, key_type or self._key_type, ALL)
                self._accounts[name] = PaperAccount(self._desk, self._desk.users[name], signer)
            return self._accounts[name]

    @property
    def tickers(self) -> list[str]:
        """Return the markets that can be traded now, in the order of listing."""
        with self._desk.lock:
            self._desk.tick()
            return [market.ticker for market in self._desk.exchange.markets() if market.status == "active"]

    def check(self) -> None:
        """
        Hold the books against every invariant: money conserved, pairs covered.

        Raises:
            AssertionError: They don't hold.
        """
        with self._desk.lock:
            self._desk.exchange.check()

    def start(self) -> Self:
        """
        Listen; entering does it, too.

        Raises:
            OSError: The port is taken.
            RuntimeError: It was stopped, and its state file closed: only a new exchange goes on with that.
        """
        if self._desk.closed:
            raise RuntimeError("the state file is closed: make a new exchange of it")
        if self._serving is None:
            document = packaged()
            tickers = [market.ticker for market in self._desk.exchange.markets()] or ["NONE-NONE-NONE"]
            answers = Answers(document, seed=self._seed, now_ms=self.clock.now_ms(), tickers=tickers)
            self._serving = Serving(web_app(PaperApp(self._desk, self.weather, document, answers)), self._port)
        return self

    def stop(self) -> None:
        """Listen no more, and close the state file; twice is fine."""
        if self._serving is not None:
            self._serving.stop()
            self._serving = None
        self._desk.close()

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def _started(self) -> Serving:
        if self._serving is None:
            raise RuntimeError("the paper exchange does not listen yet: enter it, or call start()")
        return self._serving
