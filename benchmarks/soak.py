"""
Mixed load under random faults: `python -m benchmarks.soak --seconds 600 [--process]`.

Threads and tasks share two clients against a server that misbehaves at random and whose clock jumps. In the end
memory and sockets have to be where they were, and every order has to be accounted for. Prints one line.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import itertools
import logging
import os
import random
import sys
import threading
import time
from collections import Counter, deque
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from kalshi_trade_api.api.orders import cancel_order_v2, create_order_v2
from kalshi_trade_api.api.portfolio import get_balance
from kalshi_trade_api.models import CreateOrderV2Request

from kalshi_auth import (
    NotSentError,
    OrderExistsError,
    RateLimit,
    RetryPolicy,
    RsaPssSigner,
    WriteFateUnknownError,
    deadline,
    signed_client,
)
from kalshi_auth.process import signing_process
from kalshi_core.client import AuthenticatedClient
from kalshi_core.errors import ConflictError, ResponseDecodeError, ServerError, TradeApiError
from tests.weather import connection_faults as faults
from tests.weather import faultserver as fs

_ACTS: Final = (
    faults.drop_before,
    faults.drop_during_head,
    faults.drop_during,
    faults.drop_after,
    faults.half_open,
    faults.slow_loris,
    faults.slow_head,
    faults.reset,
    faults.reset_during,
    faults.length_long,
    faults.length_short,
    faults.garbage,
    faults.bad_gzip,
    faults.status(502, b"<html>"),
    faults.status(503, Retry_After="nan"),
    faults.status(504),
    faults.status(307, Location="http://127.0.0.1:1/"),
)
_STORM: Final = faults.status(429, b'{"error":"too many requests"}')
_SKEWS: Final = (0, 0, 5, -5, 30, -30, 300, -300, 86_400)
_CHANCE: Final = random.SystemRandom()
_THREADS: Final = 4
_TASKS: Final = 8
_IDS_KEPT = 10_000
_ALLOWED_MB: Final = 12
# Both ends of every connection are ours, and a half-open one keeps the server's end for a while.
_ALLOWED_SOCKETS: Final = 3 * (_THREADS + _TASKS) + 8


@dataclass
class Exchange(fs.FaultServer):
    """A fault server that draws its faults, and counts how often each order was placed."""

    requests: int = 0
    forged: int = 0
    orders: int = 0
    times: Counter[str] = field(default_factory=Counter)

    def next_fault(self) -> fs.Fault:
        self.requests += 1
        self.forged += not self.seen[-1].valid
        self.seen.clear()
        drawn = _CHANCE.random()
        if drawn < 0.05:
            return fs.Fault(_STORM, executes=False)
        if drawn < 0.3:
            return fs.Fault(_CHANCE.choice(_ACTS), executes=_CHANCE.random() < 0.5)
        return fs.Fault()

    def _place(self, order: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        status, row = super()._place(order)
        if status == 201:
            self.times[order["ticker"]] += 1
            self.orders += 1
        self.placed.clear()
        return status, row


@dataclass
class Ledger:
    """Compare the results that callers saw with the orders that the exchange has."""

    exchange: Exchange
    calls: int = 0
    known: int = 0
    unknown: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    _recorded: deque[str] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def enter(self, ticker: str | None, own: str | None, seen: Any) -> None:
        """Compare one call's outcome with the exchange's books."""
        with self._lock:
            self.calls += 1
            self.outcomes[type(seen).__name__] += 1
            foreseen = isinstance(seen, TradeApiError | httpx.HTTPError | NotSentError | OrderExistsError)
            if isinstance(seen, BaseException) and not foreseen:
                self.wrong.append(f"unforeseen {seen!r}")
                return
            if ticker is None:
                return
            times = self.exchange.times[ticker]
            if isinstance(seen, WriteFateUnknownError | ServerError | ResponseDecodeError):
                self.unknown.add(ticker)
                fits = times <= 1
            else:
                placed = not isinstance(seen, Exception) or isinstance(seen, OrderExistsError)
                fits = times == placed
                self.known += times
                self.exchange.times.pop(ticker, None)
            if not fits or isinstance(seen, ConflictError):
                self.wrong.append(f"{ticker} (id {own}) placed {times} times, reported as {seen!r}")
            if own is not None and ticker not in self.unknown:
                # An attempt that was given up may still arrive: an id is forgotten late, to keep memory flat.
                self._recorded.append(own)
                if len(self._recorded) > _IDS_KEPT:
                    self.exchange.taken.discard(self._recorded.popleft())

    def count_lost(self) -> int:
        """Return how many placed orders no caller knows of."""
        in_doubt = sum(times for ticker, times in self.exchange.times.items() if ticker in self.unknown)
        late = [ticker for ticker, times in self.exchange.times.items() if times and ticker not in self.unknown]
        if late:
            self.wrong.append(f"placed after their callers got another result: {late}")
        twice = [ticker for ticker, times in self.exchange.times.items() if times > 1]
        if twice:
            self.wrong.append(f"placed twice: {twice}")
        return self.exchange.orders - self.known - in_doubt


class Load:
    """Callers that mix all operations until they are stopped."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._numbers = itertools.count()
        self.stop = threading.Event()

    def _next(self) -> tuple[Any, dict[str, Any], str | None, str | None]:
        drawn = _CHANCE.random()
        if drawn < 0.4:
            return get_balance, {}, None, None
        if drawn < 0.5:
            return cancel_order_v2, {"order_id": "order-1"}, None, None
        number = next(self._numbers)
        ticker, own = f"SOAK-{number}", f"own-{number}" if drawn < 0.8 else None
        return create_order_v2, {"body": _order(ticker, own)}, ticker, own

    def in_thread(self, client: AuthenticatedClient) -> None:
        while not self.stop.is_set():
            operation, arguments, ticker, own = self._next()
            seen: Any
            try:
                with deadline(_CHANCE.choice((0.5, 5.0))):
                    seen = operation.sync(client=client, **arguments)
            except Exception as error:
                seen = error
            self._ledger.enter(ticker, own, seen)

    async def in_task(self, client: AuthenticatedClient) -> None:
        while not self.stop.is_set():
            operation, arguments, ticker, own = self._next()
            seen: Any
            try:
                with deadline(_CHANCE.choice((0.5, 5.0))):
                    seen = await operation.asyncio(client=client, **arguments)
            except Exception as error:
                seen = error
            self._ledger.enter(ticker, own, seen)

    async def in_loop(self, signer: RsaPssSigner, process: bool, options: dict[str, Any]) -> None:
        async with (
            signing_process(signer) if process else nullcontext(signer) as one,
            signed_client(one, **options) as client,
            asyncio.TaskGroup() as tasks,
        ):
            for _ in range(_TASKS):
                tasks.create_task(self.in_task(client))


def _order(ticker: str, own: str | None) -> CreateOrderV2Request:
    more: dict[str, Any] = {"client_order_id": own} if own else {}
    return CreateOrderV2Request(
        ticker=ticker,
        side="bid",
        count=1,
        price="0.5000",
        time_in_force="good_till_canceled",
        self_trade_prevention_type="taker_at_cross",
        **more,
    )


def _resident_mb() -> float:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def run(seconds: float, process: bool) -> tuple[bool, str]:
    """
    Soak for so many seconds, tasks with a signing process or without.

    Returns:
        Whether all was well, and a line that says so.
    """
    key = generate_private_key(65537, 2048)
    options: dict[str, Any] = {
        "timeout": httpx.Timeout(2.0, read=0.15),
        "retry": RetryPolicy(attempts=4, total_s=1.5, first_wait_s=0.005, longest_wait_s=0.05),
        "rate_limit": RateLimit(read=(5000, 5000), write=(5000, 5000)),
    }
    before = _open_files()
    with Exchange(key.public_key()) as exchange:
        ledger = Ledger(exchange)
        load = Load(ledger)
        options["base_url"] = exchange.base_url
        signer = RsaPssSigner("soak", key)
        threaded = signed_client(signer, **options)
        workers = [threading.Thread(target=load.in_thread, args=(threaded,)) for _ in range(_THREADS)]
        workers.append(threading.Thread(target=lambda: asyncio.run(load.in_loop(signer, process, options))))
        for worker in workers:
            worker.start()
        end, warm = time.monotonic() + seconds, time.monotonic() + min(seconds / 4, 60)
        first_mb, most_files = 0.0, 0
        while time.monotonic() < end:
            time.sleep(min(1.0, seconds / 20))
            exchange.skew_s = _CHANCE.choice(_SKEWS)
            if not first_mb and time.monotonic() > warm:
                first_mb = _resident_mb()
            most_files = max(most_files, _open_files() - before)
        grown_mb = _resident_mb() - first_mb
        load.stop.set()
        for worker in workers:
            worker.join()
        threaded.close()
        time.sleep(0.2)
        lost = ledger.count_lost()
    left = _open_files() - before
    well = (
        not ledger.wrong
        and not exchange.forged
        and lost == 0
        and grown_mb < _ALLOWED_MB
        and left <= 0
        and most_files <= 2 * _ALLOWED_SOCKETS
    )
    reported = f"{ledger.known} confirmed, {len(ledger.unknown)} in doubt, {lost} lost"
    line = (
        f"{'ok' if well else 'FAILED'}: {seconds:.0f} s, {ledger.calls} calls, {exchange.requests} requests, "
        f"{exchange.orders} orders placed, {reported}; memory {grown_mb:+.1f} MB, "
        f"files {left:+d} (at most {most_files})"
    )
    return well, "; ".join([line, *ledger.wrong[:5]])


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.strip().partition("\n")[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=600.0)
    # One warning for every jump of the clock would drown the line that matters.
    logging.getLogger("kalshi_core.clock").setLevel(logging.ERROR)
    parser.add_argument("--process", action="store_true", help="requests of tasks are signed by a process")
    arguments = parser.parse_args()
    well, line = run(arguments.seconds, arguments.process)
    print(line)
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
