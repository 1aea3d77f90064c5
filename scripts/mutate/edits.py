"""Mutants: edits of a source file, each at a place that is found exactly once."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

Node = ast.expr | ast.stmt | ast.keyword


class InapplicableError(Exception):
    """The place of a mutant does not exist, or is not unique."""


@dataclass(frozen=True)
class Edit:
    """
    Replacement of some bytes of a source.

    Attributes:
        start: Offset of the first byte.
        end: Offset after the last byte.
        text: The replacement.
    """

    start: int
    end: int
    text: str


class Source:
    """A Python source, its syntax tree, and the offsets of the tree's nodes."""

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
        """Return the offsets of the first byte of a node and of the byte after its last."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._lines[node.lineno - 1] + node.col_offset, self._lines[node.end_lineno - 1] + node.end_col_offset

    def replace(self, node: Node, text: str) -> Edit:
        """Return the edit that replaces a node."""
        return Edit(*self.span(node), text)

    def insert_before(self, node: Node, text: str) -> Edit:
        """Return the edit that inserts text before a node."""
        start, _ = self.span(node)
        return Edit(start, start, text)

    def insert_after(self, node: Node, text: str) -> Edit:
        """Return the edit that inserts text after a node."""
        _, end = self.span(node)
        return Edit(end, end, text)

    def remove(self, node: Node) -> Edit:
        """Return the edit that removes a node, and the comma after it."""
        start, end = self.span(node)
        rest = self.content[end:]
        blank = len(rest) - len(rest.lstrip())
        return Edit(start, end + (blank + 1 if rest[blank : blank + 1] == b"," else 0), "")

    def swap(self, first: ast.expr, second: ast.expr) -> Edit:
        """Return the edit that swaps two nodes."""
        (start, left), (right, end) = self.span(first), self.span(second)
        return Edit(start, end, self.text(second) + self.content[left:right].decode() + self.text(first))


Finder = Callable[[Source], list[Edit]]


@dataclass(frozen=True)
class Mutant:
    """
    One fault in the code.

    Attributes:
        name: Family and fault, such as `signing.salt-of-any-length`.
        files: The file, relative to the project's root, and copies of it, which get the same fault.
        find: Finds the places.
        test: The test file or folder in which a test should fail.
        selection: pytest's `-k` expression for those tests; empty for all of them.
    """

    name: str
    files: tuple[str, ...]
    find: Finder
    test: str
    selection: str = ""

    @property
    def file(self) -> str:
        """The file; the others are copies."""
        return self.files[0]

    def apply(self, content: bytes) -> bytes:
        """
        Return the content of one of the files with the fault in it.

        Raises:
            InapplicableError: There is not exactly one place for it, or the result is not valid Python.
        """
        found = self.find(Source(content))
        if len(found) != 1:
            raise InapplicableError(f"{self.name}: {len(found)} places in {self.file}; expected 1")
        (edit,) = found
        changed = content[: edit.start] + edit.text.encode() + content[edit.end :]
        try:
            compile(changed, self.file, "exec")
        except SyntaxError as error:
            raise InapplicableError(f"{self.name}: {self.file} would not be valid Python: {error}") from None
        if changed == content:
            raise InapplicableError(f"{self.name}: {self.file} would not change")
        return changed


def exact(old: str, new: str) -> Finder:
    """Return a finder that replaces a text; it finds every occurrence."""

    def find(source: Source) -> list[Edit]:
        searched, edits, at = old.encode(), [], -1
        while (at := source.content.find(searched, at + 1)) >= 0:
            edits.append(Edit(at, at + len(searched), new))
        return edits

    return find
