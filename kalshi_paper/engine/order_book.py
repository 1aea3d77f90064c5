"""
The limit order book of one market, in price-time priority.

Pure, and without accounts: an entry has an order id, a side, a price and a count. Each side keeps a sorted list of its
price levels and a Fenwick tree of contracts by price; each price level keeps its entries in order of arrival and a
Fenwick tree of their contracts. The best price is read in constant time; the next entry and a queue position take
logarithmic time. The trees are updated when they are read, because most orders come and go without a read.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from typing import Final

from kalshi_paper.engine.amounts import DOLLAR, Count, Price
from kalshi_paper.engine.fenwick_tree import FenwickTree
from kalshi_paper.engine.orders import BookSide, QueueEntry

_MIN_REMOVED: Final = 64
"""Removed entries that a price level keeps at least before its list is compacted."""
_ABOVE_ALL_PRICES: Final[Price] = DOLLAR + 1


class _PriceLevel:
    """The entries at one price, in order of arrival; a removed entry leaves None in its slot."""

    __slots__ = ("_tree", "entries", "removed", "total")

    def __init__(self) -> None:
        self.entries: list[QueueEntry | None] = []
        self.total: Count = 0
        self.removed = 0
        # May be shorter than `entries`: the rest is appended when the tree is read.
        self._tree = FenwickTree()

    def change(self, entry: QueueEntry, count: Count) -> None:
        """Add contracts to an entry; a negative count takes them off."""
        self.total += count
        entry.count += count
        if entry.slot < len(self._tree):
            self._tree.add(entry.slot, count)

    def remove(self, entry: QueueEntry) -> None:
        self.change(entry, -entry.count)
        self.entries[entry.slot] = None
        self.removed += 1
        if self.removed > _MIN_REMOVED and 2 * self.removed > len(self.entries):
            self._compact()

    def contracts_before(self, slot: int) -> Count:
        return self._updated_tree().sum_before(slot)

    def queue(self) -> Iterator[QueueEntry]:
        tree = self._updated_tree()
        slot = tree.find(0)
        while slot < len(self.entries):
            entry = self.entries[slot]
            if entry is None:
                slot = tree.find(tree.sum_before(slot))
                continue
            yield entry
            slot += 1

    def _updated_tree(self) -> FenwickTree:
        for entry in self.entries[len(self._tree) :]:
            self._tree.append(entry.count if entry else 0)
        return self._tree

    def _compact(self) -> None:
        # Takes the length of the level, but only after as many removals: constant time on average.
        left = [entry for entry in self.entries if entry is not None]
        for slot, entry in enumerate(left):
            entry.slot = slot
        self.entries[:] = left
        self._tree, self.removed = FenwickTree(), 0


class _HalfBook:
    """One side of the book."""

    __slots__ = ("_best_index", "_sign", "_tick", "_top", "_tree", "best", "levels", "pending", "prices")

    def __init__(self, side: BookSide, tick: Price) -> None:
        self.levels: dict[Price, _PriceLevel] = {}
        self.prices: list[Price] = []
        self.best: Price | None = None
        # The prices ascend, so the best bid is the last and the best ask the first.
        self._best_index = -1 if side == "bid" else 0
        # Index 0 of the tree is the best possible price.
        self._tick = tick
        self._sign = -1 if side == "bid" else 1
        self._top = DOLLAR // tick if side == "bid" else 0
        self._tree = FenwickTree(DOLLAR // tick + 1)
        self.pending: dict[Price, Count] = {}

    def open_level(self, price: Price) -> _PriceLevel:
        level = self.levels[price] = _PriceLevel()
        insort(self.prices, price)
        self.best = self.prices[self._best_index]
        return level

    def close_level(self, price: Price) -> None:
        del self.levels[price], self.prices[bisect_left(self.prices, price)]
        self.best = self.prices[self._best_index] if self.prices else None

    def contracts_at_better_prices(self, price: Price) -> Count:
        for changed, count in self.pending.items():
            self._tree.add(self._index(changed), count)
        self.pending.clear()
        return self._tree.sum_before(self._index(price))

    def best_first(self) -> Iterator[tuple[Price, _PriceLevel]]:
        for price in reversed(self.prices) if self._best_index else self.prices:
            yield price, self.levels[price]

    def _index(self, price: Price) -> int:
        return self._top + self._sign * (price // self._tick)


class OrderBook:
    """
    The resting orders of one market.

    Args:
        tick: A price step, in ten-thousandths of a dollar, that divides every price.
    """

    def __init__(self, tick: Price = 1) -> None:
        self._bids, self._asks = _HalfBook("bid", tick), _HalfBook("ask", tick)
        self._resting = 0

    def __len__(self) -> int:
        return self._resting

    def add(self, order_id: str, side: BookSide, price: Price, count: Count) -> QueueEntry:
        """Append an order to the queue of its price, and return its entry."""
        half = self._bids if side == "bid" else self._asks
        level = half.levels.get(price) or half.open_level(price)
        entries = level.entries
        entry = QueueEntry(order_id, side, price, count, len(entries))
        entries.append(entry)
        level.total += count
        self._resting += 1
        pending = half.pending
        pending[price] = pending.get(price, 0) + count
        return entry

    def reduce(self, entry: QueueEntry, by: Count) -> None:
        """Take contracts off an entry, which keeps its place in the queue; an empty entry is removed."""
        if by >= entry.count:
            self.remove(entry)
            return
        half = self._half(entry.side)
        half.levels[entry.price].change(entry, -by)
        half.pending[entry.price] = half.pending.get(entry.price, 0) - by

    def remove(self, entry: QueueEntry) -> None:
        """Remove an entry."""
        half = self._half(entry.side)
        level = half.levels[entry.price]
        half.pending[entry.price] = half.pending.get(entry.price, 0) - entry.count
        level.remove(entry)
        self._resting -= 1
        if not level.total:
            half.close_level(entry.price)

    def contracts_ahead(self, entry: QueueEntry) -> Count:
        """Return the queue position of an entry: the contracts that trade before it."""
        half = self._half(entry.side)
        better = half.contracts_at_better_prices(entry.price)
        return better + half.levels[entry.price].contracts_before(entry.slot)

    def best(self, side: BookSide) -> Price | None:
        """Return the best price of a side; None when the side is empty."""
        return self._half(side).best

    def quote(self) -> tuple[Price, Price]:
        """Return the best bid and the best ask; zero and one dollar when the side is empty."""
        return self._bids.best or 0, self._asks.best or DOLLAR

    def crosses(self, side: BookSide, price: Price) -> bool:
        """Return True if an order at this price would trade at once."""
        if side == "bid":
            return price >= (self._asks.best or _ABOVE_ALL_PRICES)
        return price <= (self._bids.best or 0)

    def queue(self, side: BookSide) -> Iterator[QueueEntry]:
        """Yield the entries of a side in price-time priority; the book must not change meanwhile."""
        for _, level in self._half(side).best_first():
            yield from level.queue()

    def levels(self, side: BookSide) -> Iterator[tuple[Price, Count]]:
        """Yield the price levels of a side with their contracts, best price first."""
        for price, level in self._half(side).best_first():
            yield price, level.total

    def _half(self, side: BookSide) -> _HalfBook:
        return self._bids if side == "bid" else self._asks
