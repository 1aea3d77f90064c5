"""Table of the kinds of change: which of them break users of the client, and how they are described."""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from attrs import frozen

Direction = Literal["api", "send", "receive"]


@frozen
class Change:
    """
    One difference between two documents.

    Attributes:
        direction: What it affects: `api` the Python API, `send` requests, `receive` responses.
        breaking: Whether code that worked with the old client may fail with the new one.
        kind: Kind of change, a key of `RULES`.
        where: Place, such as `GET /markets › limit` or `Order.status`.
        text: Description, one sentence.
    """

    direction: Direction
    breaking: bool
    kind: str
    where: str
    text: str


class Rule(NamedTuple):
    """Directions in which a kind of change breaks, its description, and another one for responses if it differs."""

    breaks: frozenset[Direction]
    text: str
    received: str = ""


_NEVER: Final[frozenset[Direction]] = frozenset()
_API: Final[frozenset[Direction]] = frozenset({"api"})
_SEND: Final[frozenset[Direction]] = frozenset({"send"})
_RECEIVE: Final[frozenset[Direction]] = frozenset({"receive"})
_WIRE: Final = _SEND | _RECEIVE

RULES: Final[Mapping[str, Rule]] = {
    "operation-added": Rule(_NEVER, "The operation {id} is new."),
    "operation-removed": Rule(_API, "The operation {id} is gone."),
    "operation-moved": Rule(
        _NEVER, "{old} is now {new}: generated functions keep working, code that uses the path itself breaks."
    ),
    "operation-renamed": Rule(_API, "The operation {old} is now called {new}, and so is its module."),
    "operation-deprecated": Rule(_NEVER, "The operation is now deprecated."),
    "operation-undeprecated": Rule(_NEVER, "The operation is no longer deprecated."),
    "tag-changed": Rule(_API, "The first tag was {old} and is {new}, so the import path changes."),
    "server-added": Rule(_NEVER, "The base URL is new."),
    "server-removed": Rule(_API, "The base URL is gone: check every client that uses it."),
    "security-added": Rule(_API, "The operation was public and must now be signed."),
    "security-removed": Rule(_NEVER, "The operation was signed and is now public."),
    "security-changed": Rule(_API, "A security scheme is no longer accepted for the operation."),
    "security-widened": Rule(_NEVER, "The operation accepts another security scheme."),
    "body-added": Rule(_NEVER, "The operation now takes an optional body."),
    "body-added-required": Rule(_SEND, "The operation now requires a body."),
    "body-removed": Rule(_SEND, "The operation no longer takes a body."),
    "body-required": Rule(_SEND, "The body was optional and is now required."),
    "body-optional": Rule(_NEVER, "The body was required and is now optional."),
    "media-added": Rule(_NEVER, "The media type {name} is new."),
    "media-removed": Rule(_WIRE, "The media type {name} is gone."),
    "success-added": Rule(_NEVER, "The success status {new} is new; its type was already in use."),
    "success-widened": Rule(_RECEIVE, "The success status {new} is new, with a type that is new for the operation."),
    "success-removed": Rule(_RECEIVE, "The success status {old} is gone."),
    "success-changed": Rule(_RECEIVE, "The success status was {old} and is now {new}."),
    "error-added": Rule(_NEVER, "The error {new} is now documented."),
    "error-removed": Rule(_NEVER, "The error {old} is no longer documented."),
    "error-media": Rule(_NEVER, "The media types documented for the error differ."),
    "param-added": Rule(_NEVER, "The optional {place} parameter is new."),
    "param-added-required": Rule(_SEND, "The required {place} parameter is new."),
    "param-removed": Rule(_SEND, "The {place} parameter is gone."),
    "param-moved": Rule(_SEND, "The parameter went from {old} to {new}."),
    "param-required": Rule(_SEND, "The parameter was optional and is now required."),
    "param-optional": Rule(_NEVER, "The parameter was required and is now optional."),
    "param-style": Rule(_SEND, "The parameter was written as {old} and is now written as {new}."),
    "param-deprecated": Rule(_NEVER, "The parameter is now deprecated."),
    "param-undeprecated": Rule(_NEVER, "The parameter is no longer deprecated."),
    "field-added": Rule(_NEVER, "The optional field is new.", "The field is new."),
    "field-added-required": Rule(_SEND, "The required field is new."),
    "field-removed": Rule(_WIRE, "The field is gone."),
    "field-required": Rule(_SEND, "The field was optional and is now required.", "The field is now always present."),
    "field-optional": Rule(
        _RECEIVE,
        "The field was required and is now optional.",
        "The field was always present and may now be absent.",
    ),
    "deprecated": Rule(_NEVER, "It is now deprecated."),
    "undeprecated": Rule(_NEVER, "It is no longer deprecated."),
    "retyped": Rule(_WIRE, "The type was {old} and is now {new}."),
    "nullable-added": Rule(_RECEIVE, "None may now be sent.", "None may now be received."),
    "nullable-dropped": Rule(_SEND, "None may no longer be sent.", "None is no longer received."),
    "enum-value-added": Rule(_NEVER, "The value {name} may now be sent.", "The value {name} may now be received."),
    "enum-value-removed": Rule(
        _SEND, "The value {name} is no longer accepted.", "The value {name} is no longer received."
    ),
    "enum-members": Rule(_API, "Members have new names in Python, for the same values: {names}."),
    "bound-tightened": Rule(_SEND, "The bound {name} was {old} and is now {new}, which allows less."),
    "bound-loosened": Rule(_NEVER, "The bound {name} was {old} and is now {new}, which allows more."),
    "default-changed": Rule(_NEVER, "The default was {old} and is now {new}."),
    "variant-added": Rule(_RECEIVE, "The union now has {name}."),
    "variant-removed": Rule(_SEND, "The union no longer has {name}."),
    "extras-closed": Rule(_WIRE, "Fields that the document does not name are no longer allowed."),
    "extras-opened": Rule(_NEVER, "Fields that the document does not name are now allowed."),
    "class-changed": Rule(_API, "The Python class was {old} and is now {new}{wire}."),
    "schema-added": Rule(_NEVER, "The schema is new."),
    "schema-removed": Rule(_API, "The schema is gone, and so is its Python class."),
    "schema-renamed": Rule(_API, "The schema {old} has a new name, and so has its Python class."),
    "schema-changed": Rule(_NEVER, "The schema differs, but no operation uses it in both documents."),
    "alias-removed": Rule(_NEVER, "The schema is gone; it had no Python class."),
    "alias-renamed": Rule(_NEVER, "The schema {old} has a new name; it has no Python class."),
}


def change_from_rule(direction: Direction, kind: str, where: str, **facts: object) -> Change:
    """
    Build a change from its row in `RULES`.

    Args:
        direction: What it affects.
        kind: A key of `RULES`.
        where: Place in the document.
        facts: Values for the placeholders in the description.

    Example:
        >>> change_from_rule("receive", "field-removed", "Order.status").breaking
        True
    """
    rule = RULES[kind]
    text = rule.received if direction == "receive" and rule.received else rule.text
    return Change(direction, direction in rule.breaks, kind, where, text.format(**facts))
