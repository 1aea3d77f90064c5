"""From method and path to an operation, in a few dictionary look-ups."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote

from kalshi_paper.web.openapi import Operation


class _Node:
    """A place in the tree of paths."""

    __slots__ = ("fixed", "operations", "parameter")

    def __init__(self) -> None:
        self.fixed: dict[str, _Node] = {}
        self.parameter: _Node | None = None
        self.operations: dict[str, tuple[Operation, tuple[str, ...]]] = {}


class Routes:
    """
    The tree of all paths; a fixed segment wins over a parameter.

    Args:
        operations: What there is.
        base: What comes before their paths.
    """

    def __init__(self, operations: Iterable[Operation], *, base: str) -> None:
        self._root = _Node()
        self._base = base
        self._whole: dict[tuple[str, bytes], Operation] = {}
        for operation in operations:
            if "{" not in operation.path:
                self._whole[operation.method, f"{base}{operation.path}".encode("ascii")] = operation
            node, names = self._root, []
            for segment in operation.path.strip("/").split("/"):
                if segment.startswith("{"):
                    names.append(segment.strip("{}"))
                    node.parameter = node.parameter or _Node()
                    node = node.parameter
                else:
                    node = node.fixed.setdefault(segment, _Node())
            node.operations[operation.method] = operation, tuple(names)

    def find(self, method: str, path: bytes) -> tuple[Operation, dict[str, str]] | None:
        """
        Return the operation and its path parameters, decoded; None where there is none.

        Args:
            method: HTTP verb, in capitals.
            path: Path from the host's root, percent-encoding kept.
        """
        whole = self._whole.get((method, path))
        if whole is not None:
            return whole, {}
        below = path.decode("latin-1").removeprefix(self._base)
        found = _find(self._root, below.strip("/").split("/"), 0, method)
        if found is None:
            return None
        (operation, names), values = found
        return operation, dict(zip(names, values, strict=True))


def _find(
    node: _Node, segments: list[str], at: int, method: str
) -> tuple[tuple[Operation, tuple[str, ...]], list[str]] | None:
    if at == len(segments):
        found = node.operations.get(method)
        return None if found is None else (found, [])
    segment = segments[at]
    if (fixed := node.fixed.get(segment)) and (below := _find(fixed, segments, at + 1, method)):
        return below
    if segment and node.parameter and (below := _find(node.parameter, segments, at + 1, method)):
        return below[0], [unquote(segment), *below[1]]
    return None
