"""Docstrings of the generated code, wrapped and escaped."""

from __future__ import annotations

import textwrap
from typing import Any

from openapi_python_client import strings

from scripts.regenerate.node_access import Node
from scripts.regenerate.template_types import FieldView, ParameterView

_WIDTH = 100


def with_deprecation(text: str, node: Node) -> str:
    """Return a description that says if a field or parameter is deprecated."""
    return text if not node.get("deprecated") or "eprecated" in text else f"Deprecated. {text}".strip()


def one_line(text: Any) -> str:
    """Return a description from the generator on one line; empty without one."""
    return " ".join(text.get_untrusted_value().split()) if text else ""


def model_doc(description: str, fields: list[FieldView]) -> str:
    """Return the docstring of a model."""
    parts = [_wrapped(description or "An object of the API.")]
    if fields:
        rows = [
            _wrapped(f"{each.name}: {each.text}" if each.text else each.name, "    ", "        ") for each in fields
        ]
        parts.append("\n".join(["Attributes:", *rows]))
    return strings.safe_for_docstring("\n\n".join(parts))


def arguments_doc(parameters: list[ParameterView]) -> str:
    """Return the `Args` section of an operation's docstring."""
    rows = [_wrapped(f"{each.name}: {each.text}", "    ", "        ") for each in parameters]
    client = "    client: The client to send with."
    return strings.safe_for_docstring("\n".join(["Args:", *rows, client]))


def paragraphs(first: str, rest: str) -> str:
    """Wrap a first line and the lines after it, each on its own; the items of a list are indented."""
    lines = [_wrapped(line, subsequent=" " * (2 if line.startswith("- ") else 0)) for line in rest.strip().splitlines()]
    return strings.safe_for_docstring("\n".join([_wrapped(first), *(["", *lines] if lines else [])]))


def _wrapped(text: str, initial: str = "", subsequent: str = "") -> str:
    return textwrap.fill(
        text,
        _WIDTH,
        initial_indent=initial,
        subsequent_indent=subsequent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def sentence_on_deprecation(description: str) -> str:
    """Return the first sentence of a description that mentions the deprecation."""
    sentences = [part.strip() for part in description.replace("\n", " ").split(". ")]
    found = next((part for part in sentences if "eprecated" in part), "the document marks it so")
    return found.rstrip(".").removeprefix("Deprecated: ").removeprefix("Deprecated, ")
