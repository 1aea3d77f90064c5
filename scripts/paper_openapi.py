"""
Write the document data of the paper exchange: the operations and schemas of openapi.yaml, references resolved.

    python -m scripts.paper_openapi [--check]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from scripts.regenerate.document import Json, load, operations, resolve

ROOT: Final = Path(__file__).parents[1]
SOURCE: Final = ROOT / "openapi.yaml"
TARGET: Final = ROOT / "kalshi_paper" / "web" / "openapi.json"

_SCHEMAS: Final = "#/components/schemas/"
_KEYWORDS: Final[tuple[str, ...]] = (
    "type", "format", "nullable", "enum", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems",
    "required",
)  # fmt: skip
"""Schema keywords that are copied as they are; those that contain schemas are handled one by one."""


def main(arguments: list[str] | None = None) -> int:
    """Write the data, or compare it with the file."""
    summary = (__doc__ or "").split("\n\n")[0]
    parser = argparse.ArgumentParser(prog="python -m scripts.paper_openapi", description=summary)
    parser.add_argument("--check", action="store_true", help="compare, write nothing, exit 1 on a difference")
    options = parser.parse_args(arguments)
    wanted = text(SOURCE)
    if options.check:
        same = TARGET.is_file() and TARGET.read_text("utf-8") == wanted
        print(f"{TARGET.name} is {'up to date' if same else 'out of date: run python -m scripts.paper_openapi'}")
        return 0 if same else 1
    TARGET.write_text(wanted, "utf-8")
    print(f"{TARGET.name} written")
    return 0


def text(source: Path) -> str:
    """Return the data as JSON text, the same for the same document."""
    document = load(source, "paper_openapi")
    found = [_operation(document, path, method, node) for path, method, node in operations(document)]
    used = sorted(_reachable(document, found))
    schemas = {name: _schema(document["components"]["schemas"][name]) for name in used}
    return json.dumps({"operations": found, "schemas": schemas}, ensure_ascii=False, separators=(",", ":")) + "\n"


def _operation(document: Json, path: str, method: str, node: Json) -> Json:
    """Return one operation: parameters, body schema, success status and schema, accepted credentials."""
    shared = document["paths"][path].get("parameters", [])
    parameters = [resolve(document, each) for each in [*shared, *node.get("parameters", [])]]
    body = resolve(document, node.get("requestBody", {}))
    status = min(int(code) for code in node["responses"] if code.startswith("2"))
    schemes = [name for alternative in node.get("security", []) for name in alternative]
    return {
        "id": node["operationId"],
        "method": method.upper(),
        "path": path,
        "tag": node["tags"][0],
        "signed": bool(node.get("security")),
        "accepts_oauth": any(_is_bearer(document, name) for name in schemes),
        "parameters": [
            {
                "name": each["name"],
                "location": each["in"],
                "required": each.get("required", False),
                "schema": _schema(each["schema"]),
            }
            for each in parameters
        ],
        "body": _json_schema(body),
        "body_required": body.get("required", False),
        "status": status,
        "response": _json_schema(resolve(document, node["responses"][str(status)])),
    }


def _is_bearer(document: Json, scheme: str) -> bool:
    return bool(document["components"]["securitySchemes"][scheme].get("scheme") == "bearer")


def _json_schema(node: Json) -> Json | None:
    """Return the schema of a body's JSON content; None if it has none."""
    schema = node.get("content", {}).get("application/json", {}).get("schema")
    return None if schema is None else _schema(schema)


def _schema(node: Json) -> Json:
    """Return a schema with the keywords that the exchange uses; a reference is kept as the name of the schema."""
    found = {key: node[key] for key in _KEYWORDS if key in node}
    if "$ref" in node:
        found["ref"] = node["$ref"].removeprefix(_SCHEMAS)
    if "allOf" in node:
        found["allOf"] = [_schema(part) for part in node["allOf"]]
    if "properties" in node:
        found["properties"] = {name: _schema(part) for name, part in node["properties"].items()}
    if "items" in node:
        found["items"] = _schema(node["items"])
    if isinstance(node.get("additionalProperties"), dict):
        found["additionalProperties"] = _schema(node["additionalProperties"])
    return found


def _reachable(document: Json, roots: Any) -> set[str]:
    """Return the names of the schemas that the operations refer to, directly or not."""
    found: set[str] = set()
    pending = list(_references(roots))
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += _references(_schema(document["components"]["schemas"][name]))
    return found


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("ref"), str):
            yield node["ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for item in node:
            yield from _references(item)


if __name__ == "__main__":
    sys.exit(main())
