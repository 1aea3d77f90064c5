"""
Time operations of the matching engine, by the number of resting orders.

    python -m benchmarks.matching [--most 1000000] [--repeats 2000]

`book` is the order book alone; `exchange` is the whole: checks, money, fees, fills, everything but HTTP. Orders rest on
a grid of whole cents, on both sides of an empty middle, a thousand accounts among them; sizes and prices are seeded.
The last column says how many times dearer the largest book is than the smallest.
"""

from __future__ import annotations

import argparse
import gc
import math
import random
import time
from collections.abc import Callable, Iterator
from itertools import count as counter

from kalshi_paper.engine.engine import MatchingEngine
from kalshi_paper.engine.markets import Market
from kalshi_paper.engine.order_book import OrderBook
from kalshi_paper.engine.orders import BookSide, NewOrder, QueueEntry

_ACCOUNTS = 1000
_RICH = 9 * 10**14


def resting(size: int, chance: random.Random) -> Iterator[tuple[BookSide, int, int]]:
    """Walk `size` orders, bids up to 40 cents and asks from 60 cents."""
    for number in range(size):
        yield (
            ("bid", chance.randrange(1, 41) * 100, chance.randrange(1, 10_000))
            if number % 2
            else ("ask", chance.randrange(60, 100) * 100, chance.randrange(1, 10_000))
        )


def timed(repeats: int, act: Callable[[int], object], undo: Callable[[int], object] = lambda _: None) -> float:
    """Return the median nanoseconds of an action, each time undone outside the clock."""
    taken = []
    for number in range(repeats):
        start = time.perf_counter_ns()
        act(number)
        taken.append(time.perf_counter_ns() - start)
        undo(number)
    return sorted(taken)[repeats // 2]


def book_costs(size: int, repeats: int) -> dict[str, float]:
    """Time the book alone."""
    chance, book = random.Random(size), OrderBook(100)  # noqa: S311
    places = [book.add(str(number), *order) for number, order in enumerate(resting(size, chance))]
    known = [chance.choice(places) for _ in range(repeats)]
    prices = [chance.randrange(1, 41) * 100 for _ in range(repeats)]
    added: list[QueueEntry] = []

    def add(number: int) -> None:
        added.append(book.add(f"new {number}", "bid", prices[number], 100))

    add(0)
    return {
        "book: add": timed(repeats, add, lambda _: book.remove(added.pop())),
        "book: remove": timed(repeats, lambda _: book.remove(added.pop()), add),
        "book: best": timed(repeats, lambda n: book.best("bid")),
        "book: place in queue": timed(repeats, lambda n: book.contracts_ahead(known[n])),
    }


def exchange_costs(size: int, repeats: int) -> dict[str, float]:
    """Time the exchange."""
    chance, ids = random.Random(size), counter()  # noqa: S311
    exchange = MatchingEngine(new_id=lambda: f"id {next(ids)}")
    for number in range(_ACCOUNTS + 1):
        exchange.add_account(str(number), _RICH)
    exchange.lifecycle.add(
        Market(ticker="M", event_ticker="E", series_ticker="S", open_ms=0, close_ms=10**13), now_ms=0
    )
    known: list[tuple[str, str]] = []

    def place(account: str, side: BookSide, price: int, count: int) -> str:
        new = NewOrder(
            ticker="M",
            side=side,
            price=price,
            count=count,
            time_in_force="good_till_canceled",
            self_trade_prevention_type="taker_at_cross",
        )
        return exchange.orders.create(account, new, 1).order.order_id

    for number, (side, price, count) in enumerate(resting(size, chance)):
        account = str(number % _ACCOUNTS)
        known.append((account, place(account, side, price, count)))
    asked = [chance.choice(known) for _ in range(repeats)]
    prices = [chance.randrange(1, 41) * 100 for _ in range(repeats)]
    taker, made = str(_ACCOUNTS), dict[int, str]()

    def create(number: int) -> None:
        made[number] = place(taker, "bid", prices[number], 100)

    def cancel(number: int) -> None:
        exchange.orders.cancel(taker, made.pop(number), 1)

    def decrease(number: int) -> None:
        exchange.orders.decrease(taker, made[0], 1, reduce_by=1)

    def amend(number: int) -> None:
        exchange.orders.amend(taker, made[0], 1, ticker="M", side="bid", price=prices[number], count=10_000_000)

    costs = {"create (rests)": timed(repeats, create, cancel)}
    for number in range(repeats):
        create(number)
    costs["cancel"] = timed(repeats, cancel)
    made[0] = place(taker, "bid", 2000, 10_000_000)
    costs["decrease"] = timed(repeats, decrease)
    costs["amend (other price)"] = timed(repeats, amend)
    costs["place in queue"] = timed(repeats, lambda n: exchange.portfolio.queue_position(*asked[n]))
    costs["create (one fill)"] = timed(repeats, lambda n: place(taker, "bid", 9900, 1))
    return costs


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Cost of matching by resting orders.")
    parser.add_argument("--most", type=int, default=1_000_000, help="resting orders at most")
    parser.add_argument("--repeats", type=int, default=2000, help="operations to take the median of")
    arguments = parser.parse_args()
    sizes = [10**power for power in range(1, 10) if 10**power <= arguments.most]
    columns: list[dict[str, float]] = []
    print(f"{'microseconds, median':<24}" + "".join(f"{size:>12,}" for size in sizes) + f"{'growth':>8}")
    for size in sizes:
        columns.append(book_costs(size, arguments.repeats) | exchange_costs(size, arguments.repeats))
        gc.collect()
    for name in columns[0]:
        costs = "".join(f"{column[name] / 1000:>12.2f}" for column in columns)
        print(f"{name:<24}{costs}{columns[-1][name] / columns[0][name]:>8.1f}")
    print(f"{'logarithm of the size':<24}" + "".join(f"{math.log10(size):>12.2f}" for size in sizes), end="")
    print(f"{math.log(sizes[-1]) / math.log(sizes[0]):>8.1f}")


if __name__ == "__main__":
    main()
