"""Read the document independently of `scripts`, and convert it between OpenAPI 3.0 and 3.1."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import yaml
from attrs import define, field, frozen

Json = dict[str, Any]

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
JSON: Final = "application/json"
CURSORS: Final = ("cursor", "next_cursor")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML whose only booleans are true and false, and whose dates are strings."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if not tag.endswith((":bool", ":timestamp"))]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


@frozen(eq=False)
class Documented:
    """
    One operation of the document, references followed.

    Attributes:
        id: The operationId.
        method: HTTP verb, in capitals.
        path: Path below the server's, with `{parameters}`.
        tag: The first tag.
        parameters: Parameters, those of the path included.
        body: Schema of the request body, None when it takes none.
        body_required: True where a request without a body is invalid.
        answers: Schema of the response body by documented status; None without a JSON body.
        signed: True where every documented way to call it needs credentials.
        deprecated: True where the document marks it so.
    """

    id: str
    method: str
    path: str
    tag: str
    parameters: tuple[Json, ...]
    body: Json | None
    body_required: bool
    answers: dict[str, Json | None]
    signed: bool
    deprecated: bool

    @property
    def successes(self) -> dict[int, Json | None]:
        """Schema of each documented success, by status; a range such as 2XX counts as one status."""
        return {representative(status): answer for status, answer in self.answers.items() if status.startswith("2")}

    @property
    def first_success(self) -> tuple[int, Json | None]:
        """The first documented success: its status, and the schema of its body or None."""
        return next(iter(self.successes.items()))

    @property
    def failures(self) -> list[str]:
        return [status for status in self.answers if not status.startswith("2")]


@define(eq=False)
class Document:
    """
    A document.

    Args:
        tree: The document as read.
    """

    tree: Json
    operations: dict[str, Documented] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.operations = {each.id: each for each in self._operations()}

    @cached_property
    def schemas(self) -> dict[str, Json]:
        found: dict[str, Json] = (self.tree.get("components") or {}).get("schemas") or {}
        return found

    @cached_property
    def base_path(self) -> str:
        """The path of the first server, which all operations share."""
        (first, *_) = self.tree.get("servers") or [{"url": "/trade-api/v2"}]
        path: str = urlsplit(first["url"]).path
        return path.rstrip("/")

    def resolved(self, node: Any) -> Any:
        """Follow `$ref`s."""
        while isinstance(node, dict) and "$ref" in node:
            reference, node = node["$ref"], self.tree
            for step in reference.removeprefix("#/").split("/"):
                node = node[step.replace("~1", "/").replace("~0", "~")]
        return node

    def flat(self, schema: Json) -> Json:
        """Return a schema with its reference and `allOf` merged in; its own keywords win."""
        parts = [{"$ref": schema["$ref"]}] if "$ref" in schema else schema.get("allOf") or []
        found: Json = {"properties": {}, "required": []}
        own = {key: value for key, value in schema.items() if key not in ("$ref", "allOf")}
        for part in [*(self.flat(self.resolved(part)) for part in parts), own]:
            properties = {**found["properties"], **(part.get("properties") or {})}
            required = [*found["required"], *(part.get("required") or [])]
            found = {**found, **part, "properties": properties, "required": required}
        return found

    def name(self, schema: Json) -> str | None:
        """Return the name of the component that a schema refers to, directly or by an `allOf` with one entry."""
        while len(schema.get("allOf") or []) == 1 and not schema.get("properties"):
            (schema,) = schema["allOf"]
        reference = schema.get("$ref")
        return reference.rpartition("/")[2] if reference else None

    def rows(self, schema: Json) -> list[str]:
        """Return the names of an object's fields that are arrays."""
        fields = self.flat(schema)["properties"]
        return [name for name, each in fields.items() if self.flat(each).get("type") == "array"]

    def cursor_of(self, operation: Documented) -> str | None:
        """Return the response field with the next cursor; None where the operation does not take or return a cursor."""
        takes = any(each["in"] == "query" and each["name"] == "cursor" for each in operation.parameters)
        for answer in operation.successes.values() if takes else ():
            fields = self.flat(answer or {})["properties"]
            found = next((name for name in CURSORS if name in fields), None)
            if found:
                return found
        return None

    def _operations(self) -> Iterator[Documented]:
        for path, item in self.tree["paths"].items():
            for method in METHODS:
                if method not in item:
                    continue
                node = item[method]
                merged = {}
                for raw in [*(item.get("parameters") or []), *(node.get("parameters") or [])]:
                    parameter = self.resolved(raw)
                    merged[parameter["in"], parameter["name"]] = parameter
                body = self.resolved(node.get("requestBody"))
                ways = node.get("security", self.tree.get("security")) or []
                yield Documented(
                    id=node["operationId"],
                    method=method.upper(),
                    path=path,
                    tag=(node.get("tags") or ["default"])[0],
                    parameters=tuple(merged.values()),
                    body=_schema(body) if body else None,
                    body_required=bool(body and body.get("required")),
                    answers={
                        status: _schema(self.resolved(each), is_failure=not status.startswith("2"))
                        for status, each in node["responses"].items()
                    },
                    signed=bool(ways) and all(ways),
                    deprecated=bool(node.get("deprecated")),
                )


def read(path: Path) -> Document:
    """Read a document."""
    with path.open(encoding="utf-8") as file:
        return Document(plain(yaml.load(file, _Loader)))


def plain(node: Any, *, names: bool = False) -> Any:
    """
    Rewrite what only OpenAPI 3.1 has (null types, several types, constants) as OpenAPI 3.0.

    Args:
        node: A part of a document; it is left as it is.
        names: True where its keys are field names, not keywords.

    Example:
        >>> plain({"type": ["string", "null"]}), plain({"const": 1})
        ({'type': 'string', 'nullable': True}, {'enum': [1]})
        >>> plain({"type": ["string", "integer", "null"], "title": "T"})
        {'anyOf': [{'type': 'string', 'title': 'T'}, {'type': 'integer', 'title': 'T'}], 'nullable': True}
        >>> plain({200: {"description": "An answer."}})
        {'200': {'description': 'An answer.'}}
        >>> plain({"anyOf": [{"$ref": "#/A"}, {"type": "null"}]})
        {'allOf': [{'$ref': '#/A'}], 'nullable': True}
    """
    if isinstance(node, list):
        return [plain(each) for each in node]
    if not isinstance(node, dict):
        return node
    # YAML reads an unquoted status as a number.
    found = {str(key): plain(value, names=key == "properties" and not names) for key, value in node.items()}
    if names:
        return found
    if isinstance(content := found.get("content"), dict):
        # A media type with a charset is the same media type.
        found["content"] = {kind.partition(";")[0].strip(): media for kind, media in content.items()}
    if "const" in found:
        found["enum"] = [found.pop("const")]
    if isinstance(values := found.get("enum"), list):
        # A repeated value counts once.
        found["enum"] = [each for index, each in enumerate(values) if each not in values[:index]]
    if found.get("type") == "boolean":
        # The generator has no enums of booleans.
        found.pop("enum", None)
    if isinstance(kinds := found.get("type"), list) and len(set(kinds) - {"null"}) > 1:
        found = {"anyOf": [{"type": each} if each == "null" else {**found, "type": each} for each in kinds]}
    for union in ("type", "oneOf", "anyOf"):
        parts = found.get(union)
        others = [part for part in parts if part not in ("null", {"type": "null"})] if isinstance(parts, list) else []
        if not isinstance(parts, list) or (len(others) == len(parts) and len(parts) > 1):
            continue
        del found[union]
        found |= {"nullable": True} if len(others) < len(parts) else {}
        if union == "type" or len(others) != 1:
            found = {union: others if len(others) > 1 else others[0], **found}
        else:
            found = {"allOf": others, **found}
    return found


def mappings(node: Any) -> Iterator[Json]:
    """Yield every mapping inside a part of a document, itself included."""
    if isinstance(node, dict):
        yield node
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from mappings(value)


def canonical(name: str) -> str:
    """Return a name's letters and digits in lower case: the part that a Python name has to keep."""
    return re.sub(r"[^0-9a-z]", "", name.lower())


def representative(status: str) -> int:
    """Return one status that a key of `responses` covers, such as 200 for 2XX."""
    if status.isdigit():
        return int(status)
    return {"1": 199, "2": 200, "3": 399, "4": 418, "5": 599}.get(status[0], 418)


def as_openapi_31(tree: Json, origin: str) -> Json:
    """
    Rewrite a document as OpenAPI 3.1, which all validators read in the same way.

    `nullable` becomes a union with null, beside a `$ref` too; an array without items gets items of any type; keywords
    that do not affect validity are dropped, such as defaults (some are not in their enum) and deprecations (validators
    warn of them).

    Args:
        tree: The document; it is left as it is.
        origin: Scheme and host of the only server in the result.
    """
    copied: Json = _copy(tree, names=False)
    base = urlsplit((tree.get("servers") or [{"url": "/trade-api/v2"}])[0]["url"]).path
    return {**copied, "openapi": "3.1.0", "servers": [{"url": origin + base}]}


def _copy(node: Any, *, names: bool) -> Any:
    if isinstance(node, list):
        return [_copy(each, names=False) for each in node]
    if not isinstance(node, dict):
        return node
    # The keys of `properties` are field names, even where they look like keywords.
    copied = {
        str(key): _copy(value, names=key == "properties" and not names)
        for key, value in node.items()
        if names or not (key in _IRRELEVANT or (key == "default" and not isinstance(value, dict)))
    }
    return copied if names else _reworded(copied)


def _reworded(node: Json) -> Json:
    if isinstance(node.get("enum"), list):
        node["enum"] = [value for value in node["enum"] if value is not None]
    if node.get("type") == "array" and "items" not in node:
        node["items"] = {}
    for bound in ("Minimum", "Maximum"):
        if isinstance(node.get(f"exclusive{bound}"), bool):
            exclusive = node.pop(f"exclusive{bound}")
            if exclusive and bound.lower() in node:
                node[f"exclusive{bound}"] = node.pop(bound.lower())
    if "nullable" in node:
        nullable = node.pop("nullable")
        return {"anyOf": [node, {"type": "null"}]} if nullable else node
    return node


_IRRELEVANT: Final = {"deprecated", "example", "examples", "externalDocs", "x-enum-varnames"}


def _schema(node: Json, *, is_failure: bool = False) -> Json | None:
    """Return the schema of a request's or a response's body."""
    content = node.get("content") or {}
    # Gateways send errors as HTML; there the status is enough.
    if not content or (is_failure and JSON not in content):
        return None
    assert JSON in content, f"a body of another kind than {JSON}: {list(content)}"
    schema: Json = content[JSON].get("schema") or {}
    return schema
