"""Select the operations and schemas that a test applies to, so that a case exists only where it checks something."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from tests.contract.document import Document, Documented, Json


def paged_operations(document: Document) -> Iterator[str]:
    """Yield the operations that take a cursor and return the next one."""
    return (each.id for each in document.operations.values() if document.cursor_of(each) is not None)


def iterated_operations(document: Document) -> Iterator[str]:
    """Yield the paged operations whose pages hold exactly one list: its items are the rows."""
    for operation_id in paged_operations(document):
        _, schema = document.operations[operation_id].first_success
        if len(document.rows(schema or {})) == 1:
            yield operation_id


def operations_with_arguments(document: Document) -> Iterator[str]:
    """Yield the operations that take a parameter or a body."""
    return (each.id for each in document.operations.values() if each.parameters or each.body is not None)


def public_operations(document: Document) -> Iterator[str]:
    """Yield the operations that can be called without credentials."""
    return (each.id for each in document.operations.values() if not each.signed)


def failing_operations(document: Document) -> Iterator[str]:
    """Yield the operations with a documented error."""
    return (each.id for each in document.operations.values() if each.failures)


def sample_operations(document: Document) -> Iterator[str]:
    """Yield the first operation of each tag that returns a body with status 200 and requires only string parameters."""
    tags = set()
    for each in document.operations.values():
        if each.tag not in tags and each.answers.get("200") and not each.deprecated and _takes_strings(each, document):
            tags.add(each.tag)
            yield each.id


def object_schemas(document: Document) -> Iterator[str]:
    """Yield the components that are objects; each has a model."""
    return (name for name, schema in document.schemas.items() if _is_object(document.flat(schema)))


def enum_schemas(document: Document) -> Iterator[str]:
    """Yield the components that are enums; each has an enum class."""
    return (name for name, schema in document.schemas.items() if document.flat(schema).get("enum"))


def schemas_with_class(document: Document) -> Iterator[str]:
    """Yield the components that a class is generated for."""
    classes = {*object_schemas(document), *enum_schemas(document)}
    return (name for name in document.schemas if name in classes)


def enum_fields(document: Document) -> Iterator[str]:
    """Yield the fields whose value, or whose items, are of an enum, each as `Component.field`."""
    for name in object_schemas(document):
        for field, schema in document.flat(document.schemas[name])["properties"].items():
            if members(document, schema):
                yield f"{name}.{field}"


def members(document: Document, schema: Json) -> list[Any]:
    """Return the values that an enum, or a list of enums, allows, without null; empty for any other schema."""
    flat = document.flat(schema)
    if flat.get("type") == "array":
        flat = document.flat(flat.get("items") or {})
    return [value for value in flat.get("enum") or [] if value is not None]


def _is_object(flat: Json) -> bool:
    return flat.get("type") == "object" or bool(flat["properties"])


def _takes_strings(operation: Documented, document: Document) -> bool:
    required = [document.flat(each["schema"]) for each in operation.parameters if each.get("required")]
    return not operation.body_required and all(each.get("type") == "string" for each in required)


SELECTIONS: Final[dict[str, Callable[[Document], Iterator[str]]]] = {
    "paged_operation_id": paged_operations,
    "iterated_operation_id": iterated_operations,
    "argument_operation_id": operations_with_arguments,
    "public_operation_id": public_operations,
    "failing_operation_id": failing_operations,
    "sample_operation_id": sample_operations,
    "object_name": object_schemas,
    "enum_name": enum_schemas,
    "class_schema_name": schemas_with_class,
    "enum_field": enum_fields,
}
"""The argument of a test by which it asks for one case of each selected name."""
