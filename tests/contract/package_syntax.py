"""The generated package, read from its syntax trees without importing it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from attrs import frozen

ENUM_BASES: Final = {"OpenStrEnum": "str", "OpenIntEnum": "int"}


@frozen
class ListCodec:
    """A list, in an annotation."""

    items: frozenset[Any]


@frozen
class DecimalPlaces:
    """The number of decimal places, in an annotation."""

    most: int


Kinds = frozenset[Any]
"""The members of a union: names, lists, literals, decimal places."""


@frozen(eq=False)
class Field:
    """A field of a model."""

    name: str
    wire: str
    kinds: Kinds
    default: str | None
    """The name of the default for an absent field; None where the field is required."""
    silent: bool

    @property
    def required(self) -> bool:
        return self.default is None


@frozen(eq=False)
class Class:
    """A class of `models`: an enum with its values, or a model with its fields."""

    name: str
    module: str
    is_enum: bool
    values: list[Any]
    fields: dict[str, Field]
    by_name: bool
    """True where the constructor takes keyword arguments only; the order of fields is the document's, and changes."""
    rest: Kinds | None
    """Kinds of the values of further keys; None where the class does not declare any."""


@frozen(eq=False)
class Parameter:
    """A parameter in the table of an operation."""

    name: str
    place: str
    wire: str
    kinds: Kinds
    required: bool
    explode: bool


@frozen(eq=False)
class Function:
    """A function of an endpoint module."""

    name: str
    arguments: dict[str, Kinds]
    optional: frozenset[str]
    returns: ast.expr | None
    passed_on: frozenset[str]
    is_async: bool


@frozen(eq=False)
class Endpoint:
    """An endpoint module."""

    module: tuple[str, str]
    id: str
    method: str
    path: str
    success: dict[int, Kinds]
    parameters: dict[tuple[str, str], Parameter]
    signed: bool
    deprecated: bool
    functions: dict[str, Function]


class Package:
    """
    A generated package.

    Args:
        folder: Its folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def classes(self) -> dict[str, Class]:
        paths = sorted((self._folder / "models").glob("*.py"))
        found = [each for path in paths if path.name != "__init__.py" for each in _classes(path.stem, _tree(path))]
        assert len({each.name for each in found}) == len(found), "a class stands twice"
        return {each.name: each for each in found}

    @cached_property
    def exported(self) -> list[str]:
        """The names in `__all__` of `models`."""
        return list(_literal(self._assigned("__all__")))

    @cached_property
    def loaded(self) -> dict[str, str]:
        """The module that `models` imports a name from on first use."""
        return {name: module.removeprefix(".") for name, module in _literal(self._assigned("_MODULES")).items()}

    @cached_property
    def typed(self) -> dict[str, str]:
        """The module that type checkers find a name of `models` in."""
        nodes = [node for node in ast.walk(self._models) if isinstance(node, ast.ImportFrom) and node.level == 1]
        return {
            each.name: str(node.module) for node in nodes for each in node.names if each.asname in (None, each.name)
        }

    @cached_property
    def _models(self) -> ast.Module:
        return _tree(self._folder / "models" / "__init__.py")

    def _assigned(self, name: str) -> ast.expr:
        (found,) = [each for each in self._models.body if _is_assigned(each, name)]
        assert isinstance(found, ast.Assign | ast.AnnAssign)
        assert found.value is not None
        return found.value

    @cached_property
    def endpoints(self) -> dict[str, Endpoint]:
        paths = sorted(path for path in (self._folder / "api").glob("*/*.py") if path.name != "__init__.py")
        found = [_endpoint((path.parent.name, path.stem), _tree(path)) for path in paths]
        assert len({each.id for each in found}) == len(found), "an operation stands twice"
        return {each.id: each for each in found}


def kinds(node: ast.expr | None) -> Kinds:
    """Return the members of an annotation's union."""
    return frozenset(_kinds(node)) if node is not None else frozenset()


def _kinds(node: ast.expr) -> Iterator[Any]:
    match node:
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            yield from _kinds(left)
            yield from _kinds(right)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            yield name
        case ast.Constant(value=None):
            yield "None"
        case ast.Subscript(value=ast.Name(id="list" | "Sequence"), slice=inner):
            yield ListCodec(kinds(inner))
        case ast.Subscript(value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=[inner, ast.Call(args=[places])])):
            yield from _kinds(inner)
            yield DecimalPlaces(_literal(places))
        case ast.Subscript(value=ast.Name(id="Literal"), slice=inner):
            yield ("Literal", _literal(inner))
        case _:
            raise AssertionError(f"no annotation that is known: {ast.unparse(node)}")


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _is_assigned(node: ast.stmt, name: str) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return any(isinstance(each, ast.Name) and each.id == name for each in targets)


def _literal(node: ast.expr) -> Any:
    return ast.literal_eval(node)


def _classes(module: str, tree: ast.Module) -> Iterator[Class]:
    for node in tree.body:
        if not isinstance(node, ast.ClassDef):
            continue
        (base,) = node.bases
        name = base.value.id if isinstance(base, ast.Subscript) else base.id  # type: ignore[attr-defined]
        assert name in {*ENUM_BASES, "Model", "OpenModel"}, f"{node.name} is a {name}"
        yield Class(
            name=node.name,
            module=module,
            is_enum=name in ENUM_BASES,
            values=[_literal(each.value) for each in node.body if isinstance(each, ast.Assign)],
            fields={each.wire: each for each in map(_field, node.body) if each is not None},
            by_name=any("kw_only=True" in ast.unparse(each) for each in node.decorator_list),
            rest=kinds(base.slice) if isinstance(base, ast.Subscript) else None,
        )


def _field(node: ast.stmt) -> Field | None:
    if not isinstance(node, ast.AnnAssign):
        return None
    assert isinstance(node.target, ast.Name)
    metadata: dict[str, Any] = {}
    default: ast.expr | None = node.value
    if isinstance(node.value, ast.Call):
        given = {each.arg: each.value for each in node.value.keywords}
        metadata = _literal(given["metadata"]) if "metadata" in given else {}
        default = given.get("default")
    return Field(
        name=node.target.id,
        wire=metadata.get("wire", node.target.id),
        kinds=kinds(node.annotation),
        default=None if default is None else ast.unparse(default),
        silent=metadata.get("silent", False),
    )


def _endpoint(module: tuple[str, str], tree: ast.Module) -> Endpoint:
    (node,) = [each for each in tree.body if _is_assigned(each, "OPERATION")]
    assert isinstance(node, ast.AnnAssign)
    assert isinstance(node.value, ast.Call)
    given: dict[str | None, Any] = {each.arg: each.value for each in node.value.keywords}
    parameters = [_parameter(each) for each in given["parameters"].elts] if "parameters" in given else []
    success = given["success"]
    keys = [(each.place, each.wire) for each in parameters]
    assert len(set(keys)) == len(keys), "a parameter stands twice"
    functions = [each for each in tree.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
    return Endpoint(
        module=module,
        id=_literal(given["id"]),
        method=_literal(given["method"]),
        path=_literal(given["path"]),
        success={_literal(key): kinds(value) for key, value in zip(success.keys, success.values, strict=True)},
        parameters=dict(zip(keys, parameters, strict=True)),
        signed="signed" in given and _literal(given["signed"]),
        deprecated="deprecated" in given and bool(_literal(given["deprecated"])),
        functions={each.name: _function(each) for each in functions},
    )


def _parameter(node: ast.Call) -> Parameter:
    name, place, kind, wire = node.args
    given = {each.arg: _literal(each.value) for each in node.keywords}
    assert set(given) <= {"required", "explode"}, given
    return Parameter(
        name=_literal(name), place=_literal(place), wire=_literal(wire), kinds=kinds(kind),
        required=given.get("required", False), explode=given.get("explode", True),
    )  # fmt: skip


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Function:
    plain = [*node.args.posonlyargs, *node.args.args]
    assert not node.args.defaults, f"{node.name}: a positional argument with a default"
    named = list(zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True))
    # What is passed on under its own name, in any of the calls that it makes, is passed on.
    passed = {
        value.id
        for each in ast.walk(node)
        if isinstance(each, ast.Call)
        for name, value in [*((None, arg) for arg in each.args), *((kw.arg, kw.value) for kw in each.keywords)]
        if isinstance(value, ast.Name) and name in (None, value.id)
    }
    return Function(
        name=node.name,
        arguments={each.arg: kinds(each.annotation) for each in [*plain, *(each for each, _ in named)]},
        optional=frozenset(each.arg for each, default in named if _is_unset(default)),
        returns=node.returns,
        passed_on=frozenset(passed),
        is_async=isinstance(node, ast.AsyncFunctionDef),
    )


def _is_unset(node: ast.expr | None) -> bool:
    assert node is None or (isinstance(node, ast.Name) and node.id == "UNSET"), "a default that would be sent"
    return node is not None
