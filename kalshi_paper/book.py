"""
The limit order book of one market: price levels, first come first served in each.

Pure, and knows no accounts: an entry is an id, a side, a price and a count. Per side there is a Fenwick tree of
contracts by price (of fixed size: the grid), and per price one of contracts by time of arrival, so that the best
price, the next in line and the contracts ahead of any entry all cost a logarithm.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from attrs import define

from kalshi_paper.fenwick import Fenwick
from kalshi_paper.orders import BookSide
from kalshi_paper.units import DOLLAR, Count, Price

_LEAST_SLOTS: Final = 64


@define(eq=False)
class Entry:
    """
    An order as it rests.

    Attributes:
        order_id: Whose place this is.
        side: `bid` or `ask`.
        price: YES price.
        count: Contracts that rest.
        slot: Index in its level.
    """

    order_id: str
    side: BookSide
    price: Price
    count: Count
    slot: int = -1


class _Level:
    """The entries at one price, in order of arrival; a slot whose entry has left stays behind, empty."""

    __slots__ = ("entries", "gone", "row")

    def __init__(self) -> None:
        self.entries: list[Entry | None] = []
        self.row = Fenwick()
        self.gone = 0

    def append(self, entry: Entry) -> None:
        entry.slot = self.row.append(entry.count)
        self.entries.append(entry)

    def remove(self, entry: Entry) -> None:
        self.row.add(entry.slot, -entry.count)
        self.entries[entry.slot] = None
        self.gone += 1
        if self.gone > _LEAST_SLOTS and 2 * self.gone > len(self.entries):
            self._close_gaps()

    def queue(self) -> Iterator[Entry]:
        slot = self.row.find(0)
        while slot < len(self.entries):
            entry = self.entries[slot]
            if entry is None:
                slot = self.row.find(self.row.before(slot))
                continue
            yield entry
            slot += 1

    def _close_gaps(self) -> None:
        # Costs the level's length, once in so many removals: constant on average.
        left = [entry for entry in self.entries if entry is not None]
        self.entries, self.row, self.gone = [], Fenwick(), 0
        for entry in left:
            self.append(entry)


class _Half:
    """One side of the book; index 0 is the best price there can be."""

    __slots__ = ("_end", "_first", "_row", "_sign", "_tick", "_top", "levels")

    def __init__(self, side: BookSide, tick: Price) -> None:
        self._tick = tick
        self._sign = -1 if side == "bid" else 1
        self._top = DOLLAR // tick if side == "bid" else 0
        self._row = Fenwick(DOLLAR // tick + 1)
        self._first = self._end = len(self._row)
        self.levels: dict[Price, _Level] = {}

    def _index(self, price: Price) -> int:
        return self._top + self._sign * (price // self._tick)

    def change(self, price: Price, count: Count) -> None:
        index = self._index(price)
        self._row.add(index, count)
        if index < self._first:
            self._first = index
        elif index == self._first and count < 0:
            self._first = self._row.find(0)

    def better(self, price: Price) -> Count:
        return self._row.before(self._index(price))

    def best(self, past: Count = 0) -> Price | None:
        """Return the first price whose contracts are not all among the first `past`."""
        index = self._row.find(past) if past else self._first
        return None if index == self._end else (index - self._top) * self._sign * self._tick

    def prices(self) -> Iterator[Price]:
        price = self.best()
        while price is not None:
            yield price
            price = self.best(self.better(price) + self.levels[price].row.total)


class Book:
    """
    The resting orders of one market.

    Args:
        tick: Ten-thousandths of a dollar that divide every price.
    """

    def __init__(self, tick: Price = 1) -> None:
        self._halves: dict[BookSide, _Half] = {"bid": _Half("bid", tick), "ask": _Half("ask", tick)}
        self._entries: dict[str, Entry] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, order_id: str, side: BookSide, price: Price, count: Count) -> None:
        """Put an order at the end of the queue of its price."""
        half = self._halves[side]
        level = half.levels.get(price)
        if level is None:
            level = half.levels[price] = _Level()
        entry = self._entries[order_id] = Entry(order_id, side, price, count)
        level.append(entry)
        half.change(price, count)

    def reduce(self, order_id: str, by: Count) -> None:
        """Take contracts off an order, in its place; the last of them removes it."""
        entry = self._entries[order_id]
        if by >= entry.count:
            self.remove(order_id)
            return
        half = self._halves[entry.side]
        half.levels[entry.price].row.add(entry.slot, -by)
        half.change(entry.price, -by)
        entry.count -= by

    def remove(self, order_id: str) -> None:
        """Take an order out."""
        entry = self._entries.pop(order_id)
        half = self._halves[entry.side]
        level = half.levels[entry.price]
        level.remove(entry)
        half.change(entry.price, -entry.count)
        if not level.row.total:
            del half.levels[entry.price]

    def ahead(self, order_id: str) -> Count:
        """Count the contracts that must trade before an order does."""
        entry = self._entries[order_id]
        half = self._halves[entry.side]
        return half.better(entry.price) + half.levels[entry.price].row.before(entry.slot)

    def best(self, side: BookSide) -> Price | None:
        """Return the best price of a side, None when it is empty."""
        return self._halves[side].best()

    def queue(self, side: BookSide) -> Iterator[Entry]:
        """Walk a side in price-time priority; the book must not change meanwhile."""
        half = self._halves[side]
        for price in half.prices():
            yield from half.levels[price].queue()

    def levels(self, side: BookSide) -> Iterator[tuple[Price, Count]]:
        """Walk the prices of a side, best first, with the contracts at each."""
        half = self._halves[side]
        for price in half.prices():
            yield price, half.levels[price].row.total
