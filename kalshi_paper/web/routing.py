"""Find the operation of a method and path with a few dictionary look-ups."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote

from kalshi_paper.web.openapi import Operation


class _PathNode:
    """One segment in the tree of paths."""

    __slots__ = ("children", "operations", "parameter")

    def __init__(self) -> None:
        self.children: dict[str, _PathNode] = {}
        self.parameter: _PathNode | None = None
        self.operations: dict[str, tuple[Operation, tuple[str, ...]]] = {}


class OperationRouter:
    """
    The tree of all paths; a literal segment has priority over a parameter.

    Args:
        operations: Operations to find.
        base: Base path of all operations.
    """

    def __init__(self, operations: Iterable[Operation], *, base: str) -> None:
        self._root = _PathNode()
        self._base = base
        self._without_parameters: dict[tuple[str, bytes], Operation] = {}
        for operation in operations:
            if "{" not in operation.path:
                self._without_parameters[operation.method, f"{base}{operation.path}".encode("ascii")] = operation
            node, names = self._root, []
            for segment in operation.path.strip("/").split("/"):
                if segment.startswith("{"):
                    names.append(segment.strip("{}"))
                    node.parameter = node.parameter or _PathNode()
                    node = node.parameter
                else:
                    node = node.children.setdefault(segment, _PathNode())
            node.operations[operation.method] = operation, tuple(names)

    def find(self, method: str, path: bytes) -> tuple[Operation, dict[str, str]] | None:
        """
        Return the operation and its decoded path parameters; None if there is none.

        Args:
            method: HTTP verb, upper case.
            path: Path from the host's root, percent-encoding kept.
        """
        direct = self._without_parameters.get((method, path))
        if direct is not None:
            return direct, {}
        below = path.decode("latin-1").removeprefix(self._base)
        found = _find(self._root, below.strip("/").split("/"), 0, method)
        if found is None:
            return None
        (operation, names), values = found
        return operation, dict(zip(names, values, strict=True))


def _find(
    node: _PathNode, segments: list[str], index: int, method: str
) -> tuple[tuple[Operation, tuple[str, ...]], list[str]] | None:
    if index == len(segments):
        found = node.operations.get(method)
        return None if found is None else (found, [])
    segment = segments[index]
    if (child := node.children.get(segment)) and (below := _find(child, segments, index + 1, method)):
        return below
    if segment and node.parameter and (below := _find(node.parameter, segments, index + 1, method)):
        return below[0], [unquote(segment), *below[1]]
    return None
