"""The order book by itself: priority, places in the queue, levels."""

from __future__ import annotations

import random

import pytest

from kalshi_paper.engine.fenwick_tree import FenwickTree
from kalshi_paper.engine.order_book import OrderBook
from kalshi_paper.engine.orders import BookSide, QueueEntry


class NamedBook(OrderBook):
    """An order book whose entries are found by order id."""

    def __init__(self, tick: int = 1) -> None:
        super().__init__(tick)
        self.entries: dict[str, QueueEntry] = {}

    def put(self, order_id: str, side: BookSide, price: int, count: int) -> None:
        self.entries[order_id] = self.add(order_id, side, price, count)

    def take(self, order_id: str) -> None:
        self.remove(self.entries.pop(order_id))

    def before(self, order_id: str) -> int:
        return self.contracts_ahead(self.entries[order_id])


@pytest.fixture
def book() -> NamedBook:
    return NamedBook(tick=100)


def ids(book: OrderBook, side: BookSide) -> list[str]:
    return [entry.order_id for entry in book.queue(side)]


def test_bids_queue_from_the_highest_price_down(book: NamedBook) -> None:
    """The first bid in line is the one that pays most."""
    for order_id, price in (("low", 4000), ("high", 4200), ("middle", 4100)):
        book.put(order_id, "bid", price, 100)
    assert ids(book, "bid") == ["high", "middle", "low"]
    assert book.best("bid") == 4200


def test_asks_queue_from_the_lowest_price_up(book: NamedBook) -> None:
    """The first ask in line is the one that takes least."""
    for order_id, price in (("high", 6000), ("low", 5800), ("middle", 5900)):
        book.put(order_id, "ask", price, 100)
    assert ids(book, "ask") == ["low", "middle", "high"]
    assert book.best("ask") == 5800


def test_at_one_price_the_earlier_order_is_first(book: NamedBook) -> None:
    """Time decides where prices are equal."""
    for order_id in ("first", "second", "third"):
        book.put(order_id, "ask", 5000, 100)
    assert ids(book, "ask") == ["first", "second", "third"]


def test_contracts_ahead_are_those_of_better_prices_and_of_earlier_orders(book: NamedBook) -> None:
    """A place in the queue counts contracts, not orders, and does not count the order's own."""
    for order_id, price, count in (("a", 4000, 150), ("b", 4100, 70), ("c", 4000, 30), ("d", 4000, 1), ("e", 3900, 1)):
        book.put(order_id, "bid", price, count)
    assert [book.before(order_id) for order_id in "bacde"] == [0, 70, 220, 250, 251]


def test_sides_do_not_see_each_other(book: NamedBook) -> None:
    """An ask is not ahead of any bid."""
    book.put("ask", "ask", 5000, 100)
    book.put("bid", "bid", 4900, 100)
    assert book.before("bid") == book.before("ask") == 0


def test_a_reduced_order_keeps_its_place(book: NamedBook) -> None:
    """Taking contracts off an order moves those behind it up, and itself nowhere."""
    for order_id in ("first", "second", "third"):
        book.put(order_id, "bid", 5000, 100)
    book.reduce(book.entries["second"], 60)
    assert ids(book, "bid") == ["first", "second", "third"]
    assert [book.before(order_id) for order_id in ("first", "second", "third")] == [0, 100, 140]


def test_an_order_reduced_to_nothing_is_gone(book: NamedBook) -> None:
    """Its level goes with it."""
    book.put("only", "bid", 5000, 100)
    book.reduce(book.entries["only"], 100)
    assert len(book) == 0
    assert book.best("bid") is None
    assert list(book.levels("bid")) == []


def test_levels_sum_their_orders_best_first(book: NamedBook) -> None:
    """A level holds the contracts of all orders at its price."""
    for order_id, price, count in (("a", 5200, 10), ("b", 5100, 20), ("c", 5200, 5), ("d", 9900, 1)):
        book.put(order_id, "ask", price, count)
    assert list(book.levels("ask")) == [(5100, 20), (5200, 15), (9900, 1)]


@pytest.mark.parametrize("price", [1, 5000, 9999])
@pytest.mark.parametrize("side", ["bid", "ask"])
def test_the_finest_grid_has_room_for_every_price(side: BookSide, price: int) -> None:
    """With a tick of a ten-thousandth of a dollar the first and the last price work as any other."""
    book = NamedBook()
    book.put("only", side, price, 1)
    assert book.best(side) == price


def test_places_outlive_any_number_of_cancellations(book: NamedBook) -> None:
    """Gaps left by removed orders never show, neither before nor after they are closed."""
    chance = random.Random(7)
    line: list[tuple[str, int]] = []
    for number in range(3000):
        if line and chance.random() < 0.48:
            book.take(line.pop(chance.randrange(len(line)))[0])
        else:
            line.append((str(number), chance.randrange(1, 500)))
            book.put(line[-1][0], "ask", 5000, line[-1][1])
        if number % 100 == 0:
            assert ids(book, "ask") == [order_id for order_id, _ in line]
            assert [book.before(order_id) for order_id, _ in line] == [
                sum(count for _, count in line[:place]) for place in range(len(line))
            ]


def test_removed_orders_do_not_pile_up(book: NamedBook) -> None:
    """A level through which a million contracts passed is no longer than what rests in it."""
    book.put("stays", "ask", 5000, 1)
    for number in range(10_000):
        book.put(str(number), "ask", 5000, 100)
        book.take(str(number))
    level = book._asks.levels[5000]
    assert len(level.entries) < 200


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 8, 9, 100])
def test_a_fenwick_tree_sums_and_finds_as_a_list_does(size: int) -> None:
    """Sums before an index, and the first index past a sum, are those of the plain list."""
    chance = random.Random(size)
    plain = [chance.choice([0, 0, 1, 5]) for _ in range(size)]
    tree = FenwickTree()
    assert [tree.append(value) for value in plain] == list(range(size))
    for index in range(size):
        tree.add(index, 2 - plain[index] % 2)
        plain[index] += 2 - plain[index] % 2
    assert len(tree) == size
    assert tree.total == sum(plain)
    assert [tree.sum_before(index) for index in range(size + 1)] == [sum(plain[:index]) for index in range(size + 1)]
    for ahead in range(sum(plain) + 2):
        expected = next((index for index in range(size) if sum(plain[: index + 1]) > ahead), size)
        assert tree.find(ahead) == expected
