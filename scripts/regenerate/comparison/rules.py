"""What each kind of change means to a user of the client, in one table."""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from attrs import frozen

Direction = Literal["api", "send", "receive"]


@frozen
class Change:
    """
    Say one thing that differs between two documents.

    Args:
        direction: What it touches: the Python API as a whole, what we send, what we receive.
        breaking: Whether code that worked with the old client may fail with the new one.
        kind: Slug, a key of `RULES`.
        where: Place, such as `GET /markets › limit` or `Order.status`.
        text: One sentence.
    """

    direction: Direction
    breaking: bool
    kind: str
    where: str
    text: str


class Rule(NamedTuple):
    """Hold the directions in which a kind breaks, its sentence, and the one for receiving if it differs."""

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
        _NEVER, "{old} is now {new}: Python code does not notice, code that calls the path itself breaks."
    ),
    "operation-renamed": Rule(_API, "The operation {old} is now called {new}, and so is its module."),
    "operation-deprecated": Rule(_NEVER, "The operation is now deprecated."),
    "operation-undeprecated": Rule(_NEVER, "The operation is no longer deprecated."),
    "tag-changed": Rule(_API, "The first tag was {old} and is {new}, so the import path changes."),
    "server-added": Rule(_NEVER, "The API lives at this address too."),
    "server-removed": Rule(_API, "The API no longer lives at this address: look at every base URL that names it."),
    "security-added": Rule(_API, "The operation was public and must now be signed."),
    "security-removed": Rule(_NEVER, "The operation was signed and is now public."),
    "security-changed": Rule(_API, "A way to sign the operation is no longer accepted."),
    "security-widened": Rule(_NEVER, "The operation accepts a further way to sign."),
    "body-added": Rule(_NEVER, "The operation now takes a body, if one is given."),
    "body-added-required": Rule(_SEND, "The operation now needs a body."),
    "body-removed": Rule(_SEND, "The operation no longer takes a body."),
    "body-required": Rule(_SEND, "The body was optional and is now required."),
    "body-optional": Rule(_NEVER, "The body was required and is now optional."),
    "media-added": Rule(_NEVER, "The media type {name} is new."),
    "media-removed": Rule(_WIRE, "The media type {name} is gone."),
    "success-added": Rule(_NEVER, "Success may now be told by {new}, with no new type."),
    "success-widened": Rule(_RECEIVE, "Success may now be told by {new}, whose type is new to the operation."),
    "success-removed": Rule(_RECEIVE, "Success is no longer told by {old}."),
    "success-changed": Rule(_RECEIVE, "Success was told by {old} and is now told by {new}."),
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
    "field-required": Rule(_SEND, "The field was optional and is now required.", "The field now always comes."),
    "field-optional": Rule(
        _RECEIVE,
        "The field was required and is now optional.",
        "The field always came and may now be absent.",
    ),
    "deprecated": Rule(_NEVER, "Its use is now deprecated."),
    "undeprecated": Rule(_NEVER, "Its use is no longer deprecated."),
    "retyped": Rule(_WIRE, "The type was {old} and is now {new}."),
    "nullable-added": Rule(_RECEIVE, "None may now be sent.", "None may now come."),
    "nullable-dropped": Rule(_SEND, "None may no longer be sent.", "None no longer comes."),
    "enum-value-added": Rule(_NEVER, "The value {name} may now be sent.", "The value {name} may now come."),
    "enum-value-removed": Rule(_SEND, "The value {name} is no longer taken.", "The value {name} no longer comes."),
    "enum-members": Rule(_API, "The same values have other member names in Python: {names}."),
    "bound-tightened": Rule(_SEND, "The bound {name} was {old} and is now {new}, which allows less."),
    "bound-loosened": Rule(_NEVER, "The bound {name} was {old} and is now {new}, which allows more."),
    "default-changed": Rule(_NEVER, "The default was {old} and is now {new}."),
    "variant-added": Rule(_RECEIVE, "The union now has {name}."),
    "variant-removed": Rule(_SEND, "The union no longer has {name}."),
    "extras-closed": Rule(_WIRE, "Fields the document does not name are no longer allowed."),
    "extras-opened": Rule(_NEVER, "Fields the document does not name are now allowed."),
    "class-changed": Rule(_API, "The Python class was {old} and is now {new}{wire}."),
    "schema-added": Rule(_NEVER, "The schema is new."),
    "schema-removed": Rule(_API, "The schema is gone, and its Python class with it."),
    "schema-renamed": Rule(_API, "The schema {old} has a new name, and so has its Python class."),
    "schema-changed": Rule(_NEVER, "The schema differs, but no operation both used it and still does."),
    "alias-removed": Rule(_NEVER, "The schema is gone; it had no Python class."),
    "alias-renamed": Rule(_NEVER, "The schema {old} has a new name; it has no Python class."),
}


def change_from_rule(direction: Direction, kind: str, where: str, **facts: object) -> Change:
    """
    Build the change of a kind at a place, judged and worded by the table.

    Args:
        direction: What it touches.
        kind: A key of `RULES`.
        where: Place in the document.
        facts: What the kind's sentence names.

    Example:
        >>> change_from_rule("receive", "field-removed", "Order.status").breaking
        True
    """
    rule = RULES[kind]
    text = rule.received if direction == "receive" and rule.received else rule.text
    return Change(direction, direction in rule.breaks, kind, where, text.format(**facts))
