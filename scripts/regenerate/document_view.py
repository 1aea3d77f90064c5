"""A forgiving, read-only view of an OpenAPI document: references, operations, reachability."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final
from urllib.parse import unquote

from attrs import frozen

from scripts.regenerate.comparison.rules import Direction
from scripts.regenerate.node_access import Node, bodies, mapping, nullable, sequence, variants

_SCHEMAS: Final = "#/components/schemas/"
_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@frozen
class Operation:
    """Hold an operation, its references followed, the parameters of its path included."""

    method: str
    path: str
    node: Node
    parameters: Mapping[tuple[str, str], Node]

    @property
    def label(self) -> str:
        """Name the operation by verb and path."""
        return f"{self.method.upper()} {self.path}"


@frozen
class Spec:
    """
    View a document.

    Args:
        tree: The document as loaded; sections may be missing or null.
    """

    tree: Node

    @property
    def schemas(self) -> Node:
        """Map names to the document's own schemas."""
        return mapping(mapping(self.tree.get("components")).get("schemas"))

    def resolved(self, node: object) -> Node:
        """Follow references until something else is met; a broken or endless chain gives nothing."""
        for _ in range(50):
            found = mapping(node)
            pointer = found.get("$ref")
            if not isinstance(pointer, str):
                return found
            node = self.tree if pointer.startswith("#/") else None
            for part in pointer[2:].split("/"):
                node = mapping(node).get(unquote(part).replace("~1", "/").replace("~0", "~"))
        return {}

    def name(self, schema: Node) -> str | None:
        """Name the component a schema refers to, seen through a union or allOf of one."""
        for _ in range(50):
            pointer = schema.get("$ref")
            if isinstance(pointer, str):
                return unquote(pointer.removeprefix(_SCHEMAS)) if pointer.startswith(_SCHEMAS) else None
            parts = [*map(mapping, sequence(schema.get("allOf"))), *variants(schema)]
            if len(parts) != 1 or "properties" in schema:
                return None
            schema = parts[0]
        return None

    def merged(self, schema: Node, trail: AbstractSet[int] = frozenset()) -> dict[str, Any]:
        """
        Fold a schema's reference and its allOf into one flat schema.

        Keys beside a reference count, though OpenAPI 3.0 says they do not: authors mean them
        (`nullable` beside a `$ref`).
        """
        if id(schema) in trail:
            return {}
        trail = trail | {id(schema)}
        single = variants(schema) if len(variants(schema)) == 1 else []
        dropped = {"$ref", "allOf", *(("oneOf", "anyOf") if single else ())}
        parts = [mapping(item) for item in sequence(schema.get("allOf"))] + single
        pointer = schema.get("$ref")
        name = self.name(schema)
        if isinstance(pointer, str):
            parts.insert(0, mapping(self.schemas.get(name)) if name else self.resolved(schema))
        flat: dict[str, Any] = {}
        for part in (
            *(self.merged(part, trail) for part in parts),
            {key: value for key, value in schema.items() if key not in dropped},
        ):
            fields = {**mapping(flat.get("properties")), **mapping(part.get("properties"))}
            required = [*sequence(flat.get("required")), *sequence(part.get("required"))]
            flat |= {**part, **({"properties": fields} if fields else {}), "required": required}
        if "const" in flat:
            flat["enum"] = [flat.pop("const")]
        return flat | ({"nullable": True} if nullable(schema) else {})

    def operations(self) -> Iterator[Operation]:
        """Walk the operations in the document's order."""
        for path, item in mapping(self.tree.get("paths")).items():
            shared = self.resolved(item)
            for method in _METHODS:
                node = shared.get(method)
                if isinstance(node, Mapping):
                    both = sequence(shared.get("parameters")) + sequence(node.get("parameters"))
                    found = [self.resolved(param) for param in both]
                    keyed = {(str(param.get("in")), str(param.get("name"))): param for param in found}
                    yield Operation(method, str(path), node, keyed)

    def reachable(self, direction: Direction) -> set[str]:
        """Name the component schemas that requests (send) or responses (receive) lead to."""
        pending: list[Node] = []
        for operation in self.operations():
            if direction == "receive":
                for response in mapping(operation.node.get("responses")).values():
                    pending += bodies(self.resolved(response)).values()
                continue
            pending += bodies(self.resolved(operation.node.get("requestBody"))).values()
            for param in operation.parameters.values():
                pending += [mapping(param.get("schema")), *bodies(param).values()]
        names: set[str] = set()
        visited: set[int] = set()
        while pending:
            schema = pending.pop()
            if not schema or id(schema) in visited:
                continue
            visited.add(id(schema))
            pointer = schema.get("$ref")
            if isinstance(pointer, str):
                if pointer.startswith(_SCHEMAS):
                    names.add(unquote(pointer.removeprefix(_SCHEMAS)))
                    pending.append(mapping(self.schemas.get(unquote(pointer.removeprefix(_SCHEMAS)))))
                else:
                    pending.append(self.resolved(schema))
            pending += map(mapping, mapping(schema.get("properties")).values())
            pending += [mapping(schema.get("items")), mapping(schema.get("additionalProperties"))]
            for key in ("allOf", "oneOf", "anyOf"):
                pending += map(mapping, sequence(schema.get(key)))
        return names
