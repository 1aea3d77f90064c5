"""Reading and writing OpenAPI documents, as YAML 1.2 sees them: `yes` is a string, a date is a string."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from scripts.regenerate.errors import StepError

Json = dict[str, Any]


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """PyYAML with the scalars of YAML 1.2, refusing a key that stands twice."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen = set()
        for key, _ in node.value:
            # A list or a mapping as key is refused further down.
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    problem = f"the key {key.value!r} stands twice"
                    raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
                seen.add(key.value)
                # A key is a string, whatever it looks like: most documents write 200 without quotes.
                key.tag = "tag:yaml.org,2002:str"
        return super().construct_mapping(node, deep)


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """PyYAML that quotes what it would read as something else, and what the class above would."""

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
# PyYAML's own reads 010 as eight.
_Loader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(loader.construct_scalar(node)))


def load(path: Path, step: str) -> Json:
    """
    Read a YAML (or JSON) file that holds one mapping.

    Raises:
        StepError: The file can't be read, or is not one mapping.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StepError(step, f"{path} can't be read: {error}", "name a readable UTF-8 file") from None
    return parse(text, str(path), step)


def parse(text: str, name: str, step: str) -> Json:
    """Read YAML text that holds one mapping; `name` stands in messages."""
    try:
        # The class above derives from the safe loader.
        found = yaml.load(text, _Loader)  # noqa: S506
    except yaml.YAMLError as error:
        raise StepError(step, f"{name} is not YAML: {error}", "repair the file at that place") from None
    if not isinstance(found, dict):
        raise StepError(step, f"{name} holds {type(found).__name__}, not an OpenAPI document", "name another file")
    return found


def dump(document: Json) -> str:
    """Write a document, the same way every time."""
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


METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Yield path, method and operation, in the document's order."""
    for path, item in (document.get("paths") or {}).items():
        for method in METHODS:
            if isinstance(item, dict) and isinstance(item.get(method), dict):
                yield path, method, item[method]


def resolve(document: Json, node: Any) -> Any:
    """Follow `$ref`s inside the document; None where one leads nowhere."""
    seen = set()
    while isinstance(node, dict) and isinstance(node.get("$ref"), str):
        reference = node["$ref"]
        if reference in seen or not reference.startswith("#/"):
            return None
        seen.add(reference)
        node = document
        for step in reference[2:].split("/"):
            key = step.replace("~1", "/").replace("~0", "~")
            node = node.get(key) if isinstance(node, dict) else None
    return node
