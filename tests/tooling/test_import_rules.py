"""Which room may import what: every room's syntax trees, held against one table."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest

ROOT: Final = Path(__file__).parents[2]
CLIENT: Final = "kalshi_trade_api"
AUTH: Final = "kalshi_auth"
PAPER: Final = "kalshi_paper"
MOST_LINES: Final = 149


class Room(NamedTuple):
    """What the modules below a package may import besides the standard library."""

    package: str
    folder: str
    may: frozenset[str] | None
    """Top-level packages; None for all but those in `never`."""
    never: frozenset[str] = frozenset()
    by_name: bool = True
    """Whether the package may import itself by its full name, not only relatively."""
    private: bool = False
    """Whether it may use private names of other packages."""

    @property
    def folder_package(self) -> list[str]:
        """Return the dotted name of the folder, in pieces."""
        return self.folder.removeprefix("generated/").split("/")


# The first room that a module is in holds.
ROOMS: Final = (
    Room(CLIENT, f"generated/{CLIENT}", frozenset({"attrs", "httpx", "msgspec"})),
    # Of the extra `aiohttp`, and imported by nobody else.
    Room(f"{AUTH}.aio", AUTH, frozenset({"aiohttp", "httpx", "httpx_aiohttp", "yarl"})),
    Room(AUTH, AUTH, frozenset({"attrs", "httpx", "cryptography"})),
    # The plugin is pytest's, and loaded by nobody else.
    Room(f"{PAPER}.plugin", PAPER, frozenset({"pytest", PAPER})),
    Room(PAPER, PAPER, frozenset({"attrs", "cryptography", "starlette", "uvicorn"})),
    # Copied into the client as it is, where `scripts` does not exist.
    Room("scripts.runtime", "scripts/runtime", frozenset({"attrs", "httpx", "msgspec"}), by_name=False),
    Room("scripts.demo", "scripts/demo", None),
    # Extending the generator takes names it keeps to itself; it is pinned exactly.
    Room("scripts", "scripts", None, never=frozenset({CLIENT, AUTH, PAPER}), private=True),
)
ARROWS: Final = {
    "errors": frozenset[str](),
    "message": frozenset[str](),
    "signing": frozenset({"errors", "message"}),
    "pem": frozenset({"errors", "signing"}),
    "keys": frozenset({"errors", "signing", "pem"}),
    "piece": frozenset[str](),
    "threads": frozenset({"piece"}),
    "loop": frozenset({"threads"}),
    "flow": frozenset({"errors", "loop", "signing"}),
    "child": frozenset[str](),
    "worker": frozenset({"child"}),
    "process": frozenset({"child", "errors", "signing", "worker"}),
}
"""What a module of kalshi_auth may import of its siblings; `client` gathers all but `keys`."""
CLIENT_NAMES: Final = frozenset({"Client", "AuthenticatedClient"})
"""All that kalshi_auth knows of the client, and in its module `client` alone."""


class Import(NamedTuple):
    """One imported name: the module it is from (absolute), the name in it, the name it gets, whether relative."""

    module: str
    name: str | None
    bound: str
    relative: bool
    when_run: bool


def room_of(module: str) -> Room:
    """Return the room that a module is in."""
    return next(room for room in ROOMS if module == room.package or module.startswith(f"{room.package}."))


def imports(tree: ast.Module, module: str) -> Iterator[Import]:
    """Yield every import of a module, in functions and under TYPE_CHECKING too, and dynamic ones of fixed names."""
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        runs = id(node) not in typing_only
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, None, alias.asname or alias.name.partition(".")[0], False, runs)
        elif isinstance(node, ast.ImportFrom):
            source = node.module or ""
            if node.level:
                above = module.split(".")[: -node.level]
                source = ".".join([*above, source]).strip(".")
            for alias in node.names:
                yield Import(source, alias.name, alias.asname or alias.name, bool(node.level), runs)
        elif isinstance(node, ast.Call) and _is_dynamic_import(node):
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str) and not first.value.startswith("."):
                yield Import(first.value, None, "", False, runs)


def violations(source: str, module: str) -> list[str]:
    """
    Hold one module against the table.

    Args:
        source: The module's text.
        module: Its dotted name; a package's own file ends in `.__init__`.

    Returns:
        What is wrong, in words; empty when nothing is.
    """
    room, tree = room_of(module), ast.parse(source)
    found, foreign = [], set()
    for each in imports(tree, module):
        top = each.module.partition(".")[0]
        own = each.module == room.package or each.module.startswith(f"{room.package}.")
        shown = each.module if each.name is None else f"{each.module}.{each.name}"
        if own:
            if not each.relative and not room.by_name:
                found.append(f"imports {shown} by its full name")
        else:
            foreign.add(each.bound)
            if each.relative and room.package != "scripts.demo":
                found.append(f"leaves its room for {shown or 'the folder above'}")
            elif not _allowed(room, module, each, top):
                found.append(f"imports {shown}")
            if not room.private and any(_is_private(part) for part in shown.split(".")):
                found.append(f"imports the private {shown}")
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if not room.private and node.value.id in foreign and _is_private(node.attr):
                found.append(f"reads the private {node.value.id}.{node.attr}")
        elif room.package == AUTH and isinstance(node, ast.Call) and _is_dynamic_import(node):
            found.append("imports dynamically")
    if room.package == AUTH:
        found.extend(_against_the_arrows(tree, module))
        lines = len(source.splitlines())
        if lines > MOST_LINES:
            found.append(f"has {lines} lines, more than {MOST_LINES}")
    return found


def _allowed(room: Room, module: str, each: Import, top: str) -> bool:
    if top in sys.stdlib_module_names:
        return True
    if room.package == AUTH and top == CLIENT:
        in_place = module == f"{AUTH}.client" and each.module in (CLIENT, f"{CLIENT}.client")
        return in_place and each.name in CLIENT_NAMES
    if room.package == "scripts.demo" and top in (AUTH, PAPER):
        return each.module == top
    return top not in room.never and (room.may is None or top in room.may)


def siblings(tree: ast.Module, module: str, *, when_run: bool) -> set[str]:
    """Return the modules of kalshi_auth that one of them imports."""
    names = set()
    for each in imports(tree, module):
        if when_run and not each.when_run:
            continue
        if each.module == AUTH:
            names.add(each.name or "__init__")
        elif each.module.startswith(f"{AUTH}."):
            names.add(each.module.split(".")[1])
    return names


def _against_the_arrows(tree: ast.Module, module: str) -> list[str]:
    name = module.rpartition(".")[2]
    used = siblings(tree, module, when_run=False)
    if name == "__init__":
        return []
    if name == "client":
        wrong = used & {"keys", "__init__"}
    elif name in ARROWS:
        wrong = used - ARROWS[name]
    else:
        # What a signed call needs around it knows nothing of keys, signatures and factories.
        wrong = used & {"signing", "keys", "flow", "client", "__init__"}
    return [f"imports {AUTH}.{each} against the arrows" for each in sorted(wrong)]


def _is_dynamic_import(node: ast.Call) -> bool:
    return ast.unparse(node.func) in ("import_module", "importlib.import_module", "__import__", "builtins.__import__")


def _is_private(name: str) -> bool:
    return name.startswith("_") and not (name.startswith("__") and name.endswith("__"))


def cycle(arrows: dict[str, set[str]]) -> list[str]:
    """Return modules that import one another in a circle, or nothing."""

    def follow(name: str, trail: list[str]) -> list[str]:
        if name in trail:
            return [*trail[trail.index(name) :], name]
        return next((found for each in sorted(arrows.get(name, ())) if (found := follow(each, [*trail, name]))), [])

    return next((found for name in sorted(arrows) if (found := follow(name, []))), [])


def modules(room: Room) -> dict[str, Path]:
    """Return the modules of a room, but not those of a room inside it."""
    below = ROOT / room.folder
    named = {
        ".".join([*room.folder_package, *path.relative_to(below).with_suffix("").parts]): path
        for path in sorted(below.rglob("*.py"))
    }
    return {name: path for name, path in named.items() if room_of(name) is room}


@pytest.mark.parametrize("room", ROOMS, ids=[room.package for room in ROOMS])
def test_every_module_keeps_to_its_room(room: Room) -> None:
    """No module imports what its room may not."""
    found = {name: violations(path.read_text("utf-8"), name) for name, path in modules(room).items()}
    assert found, f"no modules in {room.folder}"
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_modules_of_the_hand_written_package_import_in_one_direction() -> None:
    """When kalshi_auth is imported, no module needs one that needs it."""
    trees = {name: ast.parse(path.read_text("utf-8")) for name, path in modules(room_of(f"{AUTH}.client")).items()}
    arrows = {name.rpartition(".")[2]: siblings(tree, name, when_run=True) for name, tree in trees.items()}
    assert {"errors", "signing", "keys", "flow", "client"} <= arrows.keys()
    assert arrows["flow"] >= {"signing"}
    assert cycle(arrows) == []


GEN, RUN, DEMO, REGEN = (
    f"{CLIENT}.models.order",
    "scripts.runtime.client",
    "scripts.demo.table",
    "scripts.regenerate.fetch",
)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (GEN, "import json\nimport httpx\nfrom attrs import define\nfrom ..types import UNSET\nfrom . import market"),
        (GEN, f"from {CLIENT}.types import UNSET\nfrom __future__ import annotations"),
        (GEN, "from ..model import _layout\nimport os.path as path\npath.__doc__\nself._x"),
        (f"{CLIENT}.__init__", "from .client import Client"),
        (f"{CLIENT}.models.__init__", "from importlib import import_module\nimport_module(name, __name__)"),
        (RUN, "from .types import UNSET\nfrom . import errors\nimport httpx\nimport attrs"),
        (f"{AUTH}.errors", "import httpx"),
        (f"{AUTH}.signing", f"from {AUTH}.errors import OriginError\nfrom cryptography.hazmat import primitives"),
        (f"{AUTH}.keys", f"from {AUTH}.errors import A\nfrom {AUTH}.signing import B"),
        (f"{AUTH}.flow", f"import httpx\nfrom {AUTH} import signing\nfrom .errors import A"),
        (f"{AUTH}.client", f"from {CLIENT}.client import Client, AuthenticatedClient\nfrom {AUTH}.flow import F"),
        (f"{AUTH}.client", f"from {CLIENT} import Client\nfrom {AUTH}.retry import R"),
        (f"{AUTH}.retry", f"from {AUTH}.errors import A\nfrom {AUTH}.pacing import B\nimport attrs"),
        (f"{AUTH}.__init__", f"from {AUTH}.client import A\nfrom {AUTH}.keys import B"),
        (f"{AUTH}.clock", "x = 1\n" * 149),
        (
            DEMO,
            f"from {AUTH} import DEMO\nfrom {CLIENT}.api.orders import get_orders\nfrom scripts.demo import table",
        ),
        (DEMO, f"from {PAPER} import PaperExchange"),
        (f"{PAPER}.app", f"import attrs, starlette, uvicorn, cryptography\nfrom {PAPER}.book import Book"),
        (REGEN, "import yaml\nfrom openapi_python_client import parser, _x\nfrom scripts.regenerate import steps"),
    ],
)
def test_checker_lets_the_table_s_imports_pass(module: str, source: str) -> None:
    """What the table allows is no violation."""
    assert violations(source, module) == []


@pytest.mark.parametrize(
    ("module", "source", "wrong"),
    [
        (GEN, f"import {AUTH}", f"imports {AUTH}"),
        (GEN, f"from {AUTH}.signing import Signer", f"imports {AUTH}.signing.Signer"),
        (GEN, "from scripts import runtime", "imports scripts.runtime"),
        (GEN, "import cryptography", "imports cryptography"),
        (GEN, "import orjson as json", "imports orjson"),
        (GEN, "def f():\n    import pydantic", "imports pydantic"),
        (GEN, "if TYPE_CHECKING:\n    import pydantic", "imports pydantic"),
        (GEN, "try:\n    import ujson\nexcept ImportError:\n    pass", "imports ujson"),
        (GEN, f"importlib.import_module('{AUTH}.keys')", f"imports {AUTH}.keys"),
        (GEN, f"__import__('{AUTH}')", f"imports {AUTH}"),
        (GEN, "from ...types import UNSET", "leaves its room for types.UNSET"),
        (GEN, "from httpx import _models", "imports the private httpx._models"),
        (GEN, "from httpx._models import Request", "imports the private httpx._models.Request"),
        (GEN, "import httpx._client", "imports the private httpx._client"),
        (GEN, "import httpx as h\nh._client", "reads the private h._client"),
        (RUN, f"from {CLIENT}.types import UNSET", f"imports {CLIENT}.types.UNSET"),
        (RUN, "from scripts.runtime.types import UNSET", "imports scripts.runtime.types.UNSET by its full name"),
        (RUN, "from ..regenerate import steps", "leaves its room for scripts.regenerate.steps"),
        (RUN, "import yaml", "imports yaml"),
        (f"{AUTH}.flow", "import attr_utils", "imports attr_utils"),
        (f"{AUTH}.flow", "import scripts.demo", "imports scripts.demo"),
        (f"{AUTH}.flow", f"from {CLIENT}.client import Client", f"imports {CLIENT}.client.Client"),
        (f"{AUTH}.client", f"from {CLIENT}.client import Outgoing", f"imports {CLIENT}.client.Outgoing"),
        (f"{AUTH}.client", f"import {CLIENT}.client", f"imports {CLIENT}.client"),
        (f"{AUTH}.client", f"import {CLIENT}", f"imports {CLIENT}"),
        (f"{AUTH}.client", f"from {CLIENT}.api.orders import get_orders", f"imports {CLIENT}.api.orders.get_orders"),
        (f"{AUTH}.client", f"from {CLIENT}.models import order", f"imports {CLIENT}.models.order"),
        (f"{AUTH}.client", f"from {CLIENT}.types import Client", f"imports {CLIENT}.types.Client"),
        (f"{AUTH}.client", f"from {CLIENT}.client import *", f"imports {CLIENT}.client.*"),
        (f"{AUTH}.client", f"from {AUTH}.keys import A", f"imports {AUTH}.keys against the arrows"),
        (f"{AUTH}.errors", f"from {AUTH}.signing import A", f"imports {AUTH}.signing against the arrows"),
        (f"{AUTH}.signing", f"from {AUTH} import keys", f"imports {AUTH}.keys against the arrows"),
        (f"{AUTH}.signing", "from .flow import A", f"imports {AUTH}.flow against the arrows"),
        (f"{AUTH}.keys", f"import {AUTH}.flow", f"imports {AUTH}.flow against the arrows"),
        (
            f"{AUTH}.keys",
            f"if TYPE_CHECKING:\n    from {AUTH}.client import A",
            f"imports {AUTH}.client against the arrows",
        ),
        (f"{AUTH}.flow", f"from {AUTH}.client import A", f"imports {AUTH}.client against the arrows"),
        (f"{AUTH}.flow", f"import {AUTH}", f"imports {AUTH}.__init__ against the arrows"),
        (f"{AUTH}.retry", f"from {AUTH}.keys import A", f"imports {AUTH}.keys against the arrows"),
        (f"{AUTH}.retry", f"from {AUTH}.flow import A", f"imports {AUTH}.flow against the arrows"),
        (f"{AUTH}.keys", "importlib.import_module(name)", "imports dynamically"),
        (f"{AUTH}.keys", "__import__('os')", "imports dynamically"),
        (f"{AUTH}.clock", "x = 1\n" * 150, "has 150 lines, more than 149"),
        (REGEN, f"import {CLIENT}.client", f"imports {CLIENT}.client"),
        (REGEN, f"from {AUTH} import DEMO", f"imports {AUTH}.DEMO"),
        (REGEN, f"from {PAPER} import PaperExchange", f"imports {PAPER}.PaperExchange"),
        (GEN, f"import {PAPER}", f"imports {PAPER}"),
        (f"{AUTH}.flow", f"import {PAPER}", f"imports {PAPER}"),
        (f"{PAPER}.app", f"import {AUTH}", f"imports {AUTH}"),
        (f"{PAPER}.app", f"from {CLIENT}.models import order", f"imports {CLIENT}.models.order"),
        (f"{PAPER}.app", "import httpx", "imports httpx"),
        (f"{PAPER}.app", "import pytest", "imports pytest"),
        (DEMO, f"from {PAPER}.book import Book", f"imports {PAPER}.book.Book"),
        (DEMO, f"from {AUTH}.signing import Signer", f"imports {AUTH}.signing.Signer"),
        (DEMO, f"from {AUTH} import _x", f"imports the private {AUTH}._x"),
        (DEMO, f"from {CLIENT}.client import _capped", f"imports the private {CLIENT}.client._capped"),
        (DEMO, f"import {AUTH} as k\nk._x", "reads the private k._x"),
    ],
)
def test_checker_finds_a_planted_violation(module: str, source: str, wrong: str) -> None:
    """What the table forbids is found, wherever in a module it stands."""
    assert wrong in violations(source, module)


@pytest.mark.parametrize(
    ("arrows", "found"),
    [
        ({"a": {"b"}, "b": {"c"}, "c": set()}, []),
        ({"a": {"b", "c"}, "b": {"c"}, "c": {"outside"}}, []),
        ({"a": {"b"}, "b": {"a"}}, ["a", "b", "a"]),
        ({"a": {"b"}, "b": {"c"}, "c": {"d"}, "d": {"b"}}, ["b", "c", "d", "b"]),
        ({"a": {"a"}}, ["a", "a"]),
    ],
)
def test_checker_finds_a_circle(arrows: dict[str, set[str]], found: list[str]) -> None:
    """Modules that need one another are named, in order."""
    assert cycle(arrows) == found
