"""Docstrings of the generated code, wrapped and made safe."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from openapi_python_client import strings

from scripts.regenerate.document import Json
from scripts.regenerate.template_types import FieldView, ParameterView

_WIDTH = 100


def with_deprecation(text: str, node: Json) -> str:
    """Say that a field or a parameter is deprecated, unless its description does."""
    return text if not node.get("deprecated") or "eprecated" in text else f"Deprecated. {text}".strip()


def words(text: Any) -> str:
    return " ".join(text.get_untrusted_value().split()) if text else ""


def model_doc(description: str, fields: list[FieldView]) -> str:
    parts = [_wrapped(description or "An object of the API.")]
    if fields:
        rows = [
            _wrapped(f"{each.name}: {each.text}" if each.text else each.name, "    ", "        ") for each in fields
        ]
        parts.append("\n".join(["Attributes:", *rows]))
    return strings.safe_for_docstring("\n\n".join(parts))


def arguments_doc(parameters: list[ParameterView]) -> str:
    rows = [_wrapped(f"{each.name}: {each.text}", "    ", "        ") for each in parameters]
    client = "    client: The client to send with."
    return strings.safe_for_docstring("\n".join(["Args:", *rows, client]))


def paragraphs(first: str, rest: str) -> str:
    """Wrap prose, and leave lists and indented lines as they are."""
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
    sentences: Mapping[str, str] = {part.strip(): part for part in description.replace("\n", " ").split(". ")}
    told = next((part for part in sentences if "eprecated" in part), "the document marks it so")
    return told.rstrip(".").removeprefix("Deprecated: ").removeprefix("Deprecated, ")
