"""What a mutant is: a place in a file that is found exactly once, and what stands there instead."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

Node = ast.expr | ast.stmt | ast.keyword


class InapplicableError(Exception):
    """A mutant's place is not there, or is there more than once."""


@dataclass(frozen=True)
class Edit:
    """
    Bytes of a source that others take the place of.

    Attributes:
        start: Offset of the first byte.
        end: Offset behind the last byte.
        text: What stands there instead.
    """

    start: int
    end: int
    text: str


class Source:
    """A Python source, and where the nodes of its syntax tree lie in it."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.content)

    @cached_property
    def _lines(self) -> list[int]:
        return [0, *accumulate(len(line) for line in self.content.splitlines(keepends=True))]

    def text(self, node: Node) -> str:
        """Return the source of a node."""
        start, end = self.span(node)
        return self.content[start:end].decode()

    def span(self, node: Node) -> tuple[int, int]:
        """Return the offsets of a node's first byte and of the one behind its last."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._lines[node.lineno - 1] + node.col_offset, self._lines[node.end_lineno - 1] + node.end_col_offset

    def instead(self, node: Node, text: str) -> Edit:
        """Return the edit that replaces a node."""
        return Edit(*self.span(node), text)

    def before(self, node: Node, text: str) -> Edit:
        """Return the edit that puts a text before a node."""
        start, _ = self.span(node)
        return Edit(start, start, text)

    def behind(self, node: Node, text: str) -> Edit:
        """Return the edit that puts a text behind a node."""
        _, end = self.span(node)
        return Edit(end, end, text)

    def without(self, node: Node) -> Edit:
        """Return the edit that removes a node, and the comma behind it."""
        start, end = self.span(node)
        rest = self.content[end:]
        blank = len(rest) - len(rest.lstrip())
        return Edit(start, end + (blank + 1 if rest[blank : blank + 1] == b"," else 0), "")

    def swapped(self, first: ast.expr, second: ast.expr) -> Edit:
        """Return the edit that swaps two nodes."""
        (start, left), (right, end) = self.span(first), self.span(second)
        return Edit(start, end, self.text(second) + self.content[left:right].decode() + self.text(first))


Finder = Callable[[Source], list[Edit]]


@dataclass(frozen=True)
class Mutant:
    """
    One way to break the code.

    Attributes:
        name: Family and what is wrong, such as `signing.salt-of-any-length`.
        files: The file, from the project's root, and copies of it, which get the same mistake.
        find: Finds the places.
        test: The file or folder of tests that should notice.
        wanted: What narrows them down, as pytest's `-k` has it; empty for all of them.
    """

    name: str
    files: tuple[str, ...]
    find: Finder
    test: str
    wanted: str = ""

    @property
    def file(self) -> str:
        return self.files[0]

    def applied(self, content: bytes) -> bytes:
        """
        Return one of the files with the mistake in it.

        Raises:
            InapplicableError: There is not exactly one place for it, or the result is no Python.
        """
        found = self.find(Source(content))
        if len(found) != 1:
            raise InapplicableError(f"{self.name}: {len(found)} places in {self.file}; expected 1")
        (edit,) = found
        changed = content[: edit.start] + edit.text.encode() + content[edit.end :]
        try:
            compile(changed, self.file, "exec")
        except SyntaxError as error:
            raise InapplicableError(f"{self.name}: {self.file} would be no Python: {error}") from None
        if changed == content:
            raise InapplicableError(f"{self.name}: {self.file} would stay as it is")
        return changed


def exact(old: str, new: str) -> Finder:
    """Return a finder of every occurrence of a text."""

    def find(source: Source) -> list[Edit]:
        wanted, places, at = old.encode(), [], -1
        while (at := source.content.find(wanted, at + 1)) >= 0:
            places.append(Edit(at, at + len(wanted), new))
        return places

    return find
