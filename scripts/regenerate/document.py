"""Read and write OpenAPI documents as YAML 1.2, where `yes` and dates are strings; find references and operations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import yaml

from scripts.regenerate.errors import StepError

Json = dict[str, Any]
METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """PyYAML with the scalars of YAML 1.2; a duplicate key is an error."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen = set()
        for key, _ in node.value:
            # A list or a mapping as a key is refused by the base class.
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    problem = f"duplicate key {key.value!r}"
                    raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
                seen.add(key.value)
                # Every key is read as a string: most documents write the status 200 without quotes.
                key.tag = "tag:yaml.org,2002:str"
        return super().construct_mapping(node, deep)


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """PyYAML that quotes every string that PyYAML itself or `_Loader` would read as another type."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    for _class in (_Loader, _Dumper):
        _class.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), _first)
# PyYAML's own constructor reads 010 as an octal number.
_Loader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(loader.construct_scalar(node)))


def load(path: Path, step: str) -> Json:
    """
    Read a YAML (or JSON) file that holds one mapping.

    Raises:
        StepError: The file cannot be read, or does not hold one mapping.
    """
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise StepError(step, f"{path} cannot be read: {error.strerror}", "use a readable file") from None
    except UnicodeDecodeError as error:
        raise StepError(step, f"{path} cannot be read: {error}", "use a file in UTF-8") from None
    return parse(text, str(path), step)


def parse(text: str, name: str, step: str) -> Json:
    """
    Read YAML text that holds one mapping.

    Args:
        text: The YAML.
        name: Name of the file or address, for error messages.
        step: Step of the command, for error messages.

    Raises:
        StepError: The text is not YAML, has a duplicate key, or does not hold one mapping.
    """
    try:
        # The loader derives from PyYAML's safe loader.
        found = yaml.load(text, _Loader)  # noqa: S506
    except yaml.YAMLError as error:
        raise StepError(
            step, f"{name} is not valid YAML: {_describe(error)}", "correct it there, or use another file"
        ) from None
    if not isinstance(found, dict):
        raise StepError(
            step, f"{name} is not an OpenAPI document: it holds a {type(found).__name__}", "use another file"
        )
    return found


def _describe(error: yaml.YAMLError) -> str:
    """Return line, column and problem of an error; PyYAML's own text has several lines and no file name."""
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}, column {mark.column + 1}: {error.problem}" if mark else str(error)  # type: ignore[attr-defined]


def dump(document: Json) -> str:
    """Write a document as YAML; the same document always gives the same text."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=110, allow_unicode=True)


def walk(node: Any, at: str = "") -> Iterator[tuple[str, Json]]:
    """Yield every mapping of a document with its JSON pointer."""
    if isinstance(node, dict):
        yield at, node
        for key, value in node.items():
            yield from walk(value, f"{at}/{str(key).replace('~', '~0').replace('/', '~1')}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from walk(value, f"{at}/{index}")


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Json]]:
    """Yield path, method and operation, in the order of the document; nodes of other types are skipped."""
    paths = document.get("paths")
    for path, item in paths.items() if isinstance(paths, Mapping) else ():
        found = resolve(document, item)
        for method in METHODS:
            if isinstance(found, Mapping) and isinstance(found.get(method), Mapping):
                yield str(path), method, found[method]


def reference(node: object) -> str | None:
    """Return the `$ref` of a node, or None."""
    found = node.get("$ref") if isinstance(node, Mapping) else None
    return found if isinstance(found, str) else None


def resolve(document: Mapping[str, Any], node: Any) -> Any:
    """Follow `$ref`s inside the document; return None if one is broken, circular or leads to another file."""
    seen = set()
    while (pointer := reference(node)) is not None:
        if pointer in seen or not pointer.startswith("#/"):
            return None
        seen.add(pointer)
        node = document
        for part in pointer[2:].split("/"):
            key = unquote(part).replace("~1", "/").replace("~0", "~")
            node = node.get(key) if isinstance(node, Mapping) else None
    return node
