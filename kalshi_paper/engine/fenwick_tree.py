"""A Fenwick tree: prefix sums of a growing list of numbers, in logarithmic time."""

from __future__ import annotations

from array import array


class FenwickTree:
    """
    A list of non-negative numbers with prefix sums.

    Args:
        size: Number of zeros it starts with.

    Example:
        >>> tree = FenwickTree(3)
        >>> tree.add(1, 5)
        >>> tree.append(2)
        3
        >>> tree.sum_before(3), tree.total, tree.find(5)
        (5, 7, 3)
    """

    __slots__ = ("_tree", "total")

    def __init__(self, size: int = 0) -> None:
        self._tree = array("q", bytes(8 * (size + 1)))
        self.total = 0

    def __len__(self) -> int:
        return len(self._tree) - 1

    def append(self, value: int) -> int:
        """Append a number and return its index."""
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
        """Add a value, which may be negative, to the number at an index."""
        tree = self._tree
        size = len(tree)
        self.total += value
        at = index + 1
        while at < size:
            tree[at] += value
            at += at & -at

    def sum_before(self, index: int) -> int:
        """Return the sum of the numbers before an index."""
        tree = self._tree
        total = 0
        while index:
            total += tree[index]
            index &= index - 1
        return total

    def find(self, ahead: int) -> int:
        """
        Return the first index whose prefix sum, itself included, exceeds `ahead`.

        Given the sum before an index, this is the first non-zero number at or after it; the length if there is none.
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
