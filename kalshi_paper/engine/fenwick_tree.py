"""A Fenwick tree: sums of a growing row of numbers, in logarithmic time."""

from __future__ import annotations

from array import array


class Fenwick:
    """
    A row of numbers, none below zero, that knows the sum of its beginning.

    Args:
        size: Zeros to begin with.

    Example:
        >>> row = Fenwick(3)
        >>> row.add(1, 5)
        >>> row.append(2)
        3
        >>> row.before(3), row.total, row.find(5)
        (5, 7, 3)
    """

    __slots__ = ("_tree", "total")

    def __init__(self, size: int = 0) -> None:
        self._tree = array("q", bytes(8 * (size + 1)))
        self.total = 0

    def __len__(self) -> int:
        return len(self._tree) - 1

    def append(self, value: int) -> int:
        """Add a number at the end, and return its index."""
        tree = self._tree
        at = len(tree)
        self.total += value
        below, end = at - 1, at - (at & -at)
        while below > end:
            value += tree[below]
            below &= below - 1
        tree.append(value)
        return at - 1

    def add(self, index: int, value: int) -> None:
        """Change a number by a value, which may be below zero."""
        tree = self._tree
        size = len(tree)
        self.total += value
        at = index + 1
        while at < size:
            tree[at] += value
            at += at & -at

    def before(self, index: int) -> int:
        """Sum the numbers ahead of an index."""
        tree = self._tree
        total = 0
        while index:
            total += tree[index]
            index &= index - 1
        return total

    def find(self, ahead: int) -> int:
        """
        Return the index of the number in which a running sum first exceeds `ahead`.

        With the sum before a place, that is the first number above zero there or later; the length when there is none.
        """
        tree = self._tree
        size = len(tree)
        at = 0
        step = 1 << (size - 1).bit_length() if size > 1 else 0
        while step:
            reach = at + step
            if reach < size and tree[reach] <= ahead:
                at = reach
                ahead -= tree[reach]
            step >>= 1
        return at
