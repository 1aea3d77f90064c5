"""
The limit order book of one market: price levels, first come first served in each.

Pure, and knows no accounts: a place is an id, a side, a price and a count. Per side there is a sorted list of the
prices at which anything rests, and a Fenwick tree of contracts by price (of fixed size: the grid); per price there is
one of contracts by time of arrival. So the best price costs a look, and the next in line and the contracts ahead of
any place a logarithm. The trees are brought up to date when they are asked, since most orders come and go unasked for.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from typing import Final

from kalshi_paper.engine.amounts import DOLLAR, Count, Price
from kalshi_paper.engine.fenwick_tree import Fenwick
from kalshi_paper.engine.orders import BookSide, Place

_LEAST_SLOTS: Final = 64
_NEVER: Final[Price] = DOLLAR + 1
"""What no price comes to."""


class _Level:
    """The places at one price, in order of arrival; a slot whose order has left stays behind, empty."""

    __slots__ = ("_row", "gone", "places", "total")

    def __init__(self) -> None:
        self.places: list[Place | None] = []
        self.total: Count = 0
        self.gone = 0
        # Of the first places only: the later ones join when it is asked.
        self._row = Fenwick()

    def change(self, place: Place, count: Count) -> None:
        """Add to a place's contracts, or take off when below zero."""
        self.total += count
        place.count += count
        if place.slot < len(self._row):
            self._row.add(place.slot, count)

    def remove(self, place: Place) -> None:
        self.change(place, -place.count)
        self.places[place.slot] = None
        self.gone += 1
        if self.gone > _LEAST_SLOTS and 2 * self.gone > len(self.places):
            self._close_gaps()

    def before(self, slot: int) -> Count:
        return self._caught_up().before(slot)

    def queue(self) -> Iterator[Place]:
        row = self._caught_up()
        slot = row.find(0)
        while slot < len(self.places):
            place = self.places[slot]
            if place is None:
                slot = row.find(row.before(slot))
                continue
            yield place
            slot += 1

    def _caught_up(self) -> Fenwick:
        for place in self.places[len(self._row) :]:
            self._row.append(place.count if place else 0)
        return self._row

    def _close_gaps(self) -> None:
        # Costs the level's length, once in so many removals: constant on average.
        left = [place for place in self.places if place is not None]
        for slot, place in enumerate(left):
            place.slot = slot
        self.places[:] = left
        self._row, self.gone = Fenwick(), 0


class _Half:
    """One side of the book."""

    __slots__ = ("_end", "_row", "_sign", "_tick", "_top", "best", "levels", "prices", "waiting")

    def __init__(self, side: BookSide, tick: Price) -> None:
        self.levels: dict[Price, _Level] = {}
        self.prices: list[Price] = []
        self.best: Price | None = None
        # Where the best price is among the prices, which ascend.
        self._end = -1 if side == "bid" else 0
        # Index 0 is the best price there can be.
        self._tick = tick
        self._sign = -1 if side == "bid" else 1
        self._top = DOLLAR // tick if side == "bid" else 0
        self._row = Fenwick(DOLLAR // tick + 1)
        self.waiting: dict[Price, Count] = {}

    def open(self, price: Price) -> _Level:
        level = self.levels[price] = _Level()
        insort(self.prices, price)
        self.best = self.prices[self._end]
        return level

    def close(self, price: Price) -> None:
        del self.levels[price], self.prices[bisect_left(self.prices, price)]
        self.best = self.prices[self._end] if self.prices else None

    def better(self, price: Price) -> Count:
        for changed, count in self.waiting.items():
            self._row.add(self._index(changed), count)
        self.waiting.clear()
        return self._row.before(self._index(price))

    def in_turn(self) -> Iterator[tuple[Price, _Level]]:
        for price in reversed(self.prices) if self._end else self.prices:
            yield price, self.levels[price]

    def _index(self, price: Price) -> int:
        return self._top + self._sign * (price // self._tick)


class Book:
    """
    The resting orders of one market.

    Args:
        tick: Ten-thousandths of a dollar that divide every price.
    """

    def __init__(self, tick: Price = 1) -> None:
        self._bids, self._asks = _Half("bid", tick), _Half("ask", tick)
        self._resting = 0

    def __len__(self) -> int:
        return self._resting

    def add(self, order_id: str, side: BookSide, price: Price, count: Count) -> Place:
        """Put an order at the end of the queue of its price, and return its place there."""
        half = self._bids if side == "bid" else self._asks
        level = half.levels.get(price) or half.open(price)
        places = level.places
        place = Place(order_id, side, price, count, len(places))
        places.append(place)
        level.total += count
        self._resting += 1
        waiting = half.waiting
        waiting[price] = waiting.get(price, 0) + count
        return place

    def reduce(self, place: Place, by: Count) -> None:
        """Take contracts off an order, in its place; the last of them removes it."""
        if by >= place.count:
            self.remove(place)
            return
        half = self._half(place.side)
        half.levels[place.price].change(place, -by)
        half.waiting[place.price] = half.waiting.get(place.price, 0) - by

    def remove(self, place: Place) -> None:
        """Take an order out."""
        half = self._half(place.side)
        level = half.levels[place.price]
        half.waiting[place.price] = half.waiting.get(place.price, 0) - place.count
        level.remove(place)
        self._resting -= 1
        if not level.total:
            half.close(place.price)

    def ahead(self, place: Place) -> Count:
        """Count the contracts that must trade before an order does."""
        half = self._half(place.side)
        return half.better(place.price) + half.levels[place.price].before(place.slot)

    def best(self, side: BookSide) -> Price | None:
        """Return the best price of a side, None when it is empty."""
        return self._half(side).best

    def quote(self) -> tuple[Price, Price]:
        """Return the best bid and the best ask; zero and a dollar where there is none."""
        return self._bids.best or 0, self._asks.best or DOLLAR

    def crosses(self, side: BookSide, price: Price) -> bool:
        """Tell whether an order would trade with one that rests on the other side."""
        if side == "bid":
            return price >= (self._asks.best or _NEVER)
        return price <= (self._bids.best or 0)

    def queue(self, side: BookSide) -> Iterator[Place]:
        """Walk a side in price-time priority; the book must not change meanwhile."""
        for _, level in self._half(side).in_turn():
            yield from level.queue()

    def levels(self, side: BookSide) -> Iterator[tuple[Price, Count]]:
        """Walk the prices of a side, best first, with the contracts at each."""
        for price, level in self._half(side).in_turn():
            yield price, level.total

    def _half(self, side: BookSide) -> _Half:
        return self._bids if side == "bid" else self._asks
