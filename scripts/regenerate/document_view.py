"""Read-only view of an OpenAPI document: operations, parameters, security, schemas and what refers to what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final
from urllib.parse import unquote

from attrs import frozen

from scripts.regenerate.document import operations, reference, resolve
from scripts.regenerate.node_access import Node, content_schemas, mapping, nullable, sequence, variants

_SCHEMAS: Final = "#/components/schemas/"


@frozen
class Operation:
    """
    An operation, with what it inherits from its path and from the document.

    Attributes:
        method: HTTP method, in lower case.
        path: Path, with `{parameters}`.
        node: The operation as written in the document.
        declared: Parameters of the path, then those of the operation, references followed.
        parameters: The same by location and name; a parameter of the operation replaces one of the path.
        security: Alternative security requirements, its own or those of the document.
        body: The request body, its reference followed; empty without one.
    """

    method: str
    path: str
    node: Node
    declared: list[Node]
    parameters: Mapping[tuple[str, str], Node]
    security: list[Node]
    body: Node

    @property
    def id(self) -> str | None:
        """The `operationId`."""
        found: str | None = self.node.get("operationId")
        return found

    @property
    def label(self) -> str:
        """Method and path, such as `GET /portfolio/orders`."""
        return f"{self.method.upper()} {self.path}"

    @property
    def tag(self) -> str:
        """The first tag; it names the package of the operation's module."""
        return str(next(iter(sequence(self.node.get("tags"))), "default"))

    @property
    def signed(self) -> bool:
        """Whether a request must be signed: an empty alternative makes an operation public."""
        return bool(self.security) and all(self.security)

    @property
    def responses(self) -> dict[str, Any]:
        """The responses by status, as written in the document."""
        return {str(status): response for status, response in mapping(self.node.get("responses")).items()}


@frozen
class DocumentView:
    """
    View of a document; sections may be missing, null or of a wrong type.

    Args:
        tree: The document as loaded.
    """

    tree: Node

    @property
    def schemas(self) -> Node:
        """The component schemas by name."""
        return self._components("schemas")

    @property
    def security_schemes(self) -> Node:
        """The security schemes by name."""
        return self._components("securitySchemes")

    def resolve(self, node: object) -> Node:
        """Follow references to a mapping; return an empty one if there is none."""
        return mapping(resolve(self.tree, node))

    def operations(self) -> Iterator[Operation]:
        """Yield the operations in the order of the document."""
        for path, method, node in operations(self.tree):
            item = self.resolve(mapping(self.tree["paths"]).get(path))
            raw = [*sequence(item.get("parameters")), *sequence(node.get("parameters"))]
            declared = [self.resolve(each) for each in raw]
            security = sequence(node.get("security", self.tree.get("security")))
            yield Operation(
                method=method,
                path=path,
                node=node,
                declared=declared,
                parameters={(str(each.get("in")), str(each.get("name"))): each for each in declared},
                security=[mapping(each) for each in security],
                body=self.resolve(node.get("requestBody")),
            )

    def schema_name(self, schema: Node) -> str | None:
        """Return the component that a schema refers to, directly or as the only part of `allOf`, `oneOf` or `anyOf`."""
        for _ in range(50):
            if (pointer := reference(schema)) is not None:
                return _component_name(pointer)
            parts = [*map(mapping, sequence(schema.get("allOf"))), *variants(schema)]
            if len(parts) != 1 or "properties" in schema:
                return None
            schema = parts[0]
        return None

    def merged(self, schema: Node, trail: AbstractSet[int] = frozenset()) -> dict[str, Any]:
        """
        Merge a schema with what it refers to and with the parts of its `allOf`.

        Keys beside a `$ref` count, although OpenAPI 3.0 ignores them: authors use them, for example `nullable`.
        """
        if id(schema) in trail:
            return {}
        trail = trail | {id(schema)}
        single = variants(schema) if len(variants(schema)) == 1 else []
        dropped = {"$ref", "allOf", *(("oneOf", "anyOf") if single else ())}
        parts = [mapping(item) for item in sequence(schema.get("allOf"))] + single
        if (pointer := reference(schema)) is not None:
            name = _component_name(pointer)
            parts.insert(0, mapping(self.schemas.get(name)) if name else self.resolve(schema))
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

    def request_schemas(self) -> set[str]:
        """Return the names of the component schemas that parameters and request bodies use."""
        roots: list[Node] = []
        for operation in self.operations():
            roots += content_schemas(operation.body).values()
            for parameter in operation.parameters.values():
                roots += [mapping(parameter.get("schema")), *content_schemas(parameter).values()]
        return self._reachable(roots)

    def response_schemas(self) -> set[str]:
        """Return the names of the component schemas that responses use."""
        roots: list[Node] = []
        for operation in self.operations():
            for response in operation.responses.values():
                roots += content_schemas(self.resolve(response)).values()
        return self._reachable(roots)

    def _components(self, section: str) -> Node:
        return mapping(mapping(self.tree.get("components")).get(section))

    def _reachable(self, pending: list[Node]) -> set[str]:
        names: set[str] = set()
        visited: set[int] = set()
        while pending:
            schema = pending.pop()
            if not schema or id(schema) in visited:
                continue
            visited.add(id(schema))
            if (pointer := reference(schema)) is not None:
                name = _component_name(pointer)
                if name is not None:
                    names.add(name)
                    pending.append(mapping(self.schemas.get(name)))
                else:
                    pending.append(self.resolve(schema))
            pending += map(mapping, mapping(schema.get("properties")).values())
            pending += [mapping(schema.get("items")), mapping(schema.get("additionalProperties"))]
            for key in ("allOf", "oneOf", "anyOf"):
                pending += map(mapping, sequence(schema.get(key)))
        return names


def _component_name(pointer: str) -> str | None:
    return unquote(pointer.removeprefix(_SCHEMAS)) if pointer.startswith(_SCHEMAS) else None
