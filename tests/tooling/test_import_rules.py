"""Which room may import what: the syntax trees of all modules, checked against one table."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import pytest

ROOT: Final = Path(__file__).parents[2]
CORE, AUTH, PAPER = "kalshi_core", "kalshi_auth", "kalshi_paper"
GENERATED: Final = sorted(path.name for path in (ROOT / "generated").iterdir() if (path / "__init__.py").is_file())
OURS: Final = frozenset({*GENERATED, CORE, AUTH, PAPER, "scripts", "tests", "benchmarks"})
MOST_LINES: Final = 350


class Room(NamedTuple):
    """
    Modules that share rules.

    Attributes:
        package: Dotted name; the room's modules are this one and those below it that are in no smaller room.
        libraries: Third-party packages that they may import.
        ours: Dotted names of ours that they may import, with everything below; `name!` is that module alone.
    """

    package: str
    libraries: frozenset[str] = frozenset()
    ours: frozenset[str] = frozenset()


def room(package: str, libraries: str = "", ours: str = "") -> Room:
    """Make a room from names separated by spaces; dots at the beginning stand for its top-level package."""
    top = package.partition(".")[0]
    return Room(
        package,
        frozenset(libraries.split()),
        frozenset(top + name if name.startswith(".") else name for name in ours.split()),
    )


# A module belongs to the room with the longest name. Each room may import itself.
TABLE: Final = (
    *(room(package, "attrs", CORE) for package in GENERATED),
    # The core, from the bottom up.
    room(f"{CORE}"),
    room(f"{CORE}.errors", "httpx"),
    room(f"{CORE}.types", "attrs httpx", ".errors"),
    room(f"{CORE}.models", "attrs msgspec", ".errors .types"),
    room(f"{CORE}.transport", "httpx", ".types"),
    room(f"{CORE}.transport.aiohttp_transport", "aiohttp httpx httpx_aiohttp yarl"),
    room(f"{CORE}.client", "httpx", ".transport .types"),
    room(f"{CORE}.rate_limit", "httpx", ".errors .transport .types"),
    room(f"{CORE}.retry", "attrs httpx", ".errors .rate_limit .transport .types"),
    room(f"{CORE}.responses", "httpx", ".errors .models .types"),
    room(f"{CORE}.operation", "", ".client .errors .models .responses .types"),
    room(f"{CORE}.pagination", "", ".client .errors .operation .types"),
    # Who signs. Only `client`, `errors` and the package itself know the core.
    room(f"{AUTH}", "", f"{AUTH} {CORE}.errors {CORE}.rate_limit {CORE}.retry"),
    room(f"{AUTH}.errors", "", f"{CORE}.errors"),
    room(f"{AUTH}.signing", "cryptography", ".errors"),
    room(f"{AUTH}.keys", "cryptography", ".errors .signing"),
    room(f"{AUTH}.flow", "httpx", ".errors .signing"),
    room(f"{AUTH}.process_main", "cryptography"),
    room(f"{AUTH}.process", "cryptography", ".errors .process_main .signing"),
    room(f"{AUTH}.client", "httpx", f".errors .flow .signing {CORE}.client {CORE}.rate_limit {CORE}.retry"),
    room(f"{AUTH}.aio", "", f"{CORE}.transport.aiohttp_transport"),
    # The paper exchange: the engine is pure.
    room(f"{PAPER}", "attrs cryptography", PAPER),
    room(f"{PAPER}.engine", "attrs"),
    room(f"{PAPER}.service", "attrs cryptography", ".engine"),
    room(f"{PAPER}.faults", "attrs", ".engine"),
    room(f"{PAPER}.web", "attrs starlette uvicorn", ".engine .faults .service"),
    room(f"{PAPER}.plugin", "pytest", f"{PAPER}"),
    # The scripts read the packages as text; the demo uses them as a bot would.
    room("scripts", "attrs yaml", "scripts.regenerate"),
    room("scripts.regenerate", "attrs httpx jsonpath_rfc9535 jsonschema_rs openapi_python_client yaml"),
    room("scripts.vet", "attrs griffe pytest", "scripts.regenerate"),
    room("scripts.mutate", "attrs", "scripts.regenerate"),
    room("scripts.demo", "attrs cryptography httpx", f"{AUTH}! {PAPER}! {' '.join(GENERATED)}"),
)
PRIVATE_NAMES: Final = ("scripts.regenerate",)
"""Rooms that may use private names of a library: the generator is extended through some, and pinned exactly."""
DYNAMIC: Final = (PAPER, f"{CORE}.models.layout", *(f"{package}.models" for package in GENERATED))
"""Modules that may import by a name computed at run time: lazy exports."""


class Import(NamedTuple):
    """One imported name: the module it is from (absolute), the name in it, and the name it is bound to."""

    module: str
    name: str | None
    bound: str

    @property
    def dotted(self) -> str:
        return self.module if self.name is None else f"{self.module}.{self.name}"


def room_of(module: str) -> Room:
    """Return the room that a module is in."""
    return max((each for each in TABLE if within(module, each.package)), key=lambda each: len(each.package))


def within(name: str, package: str) -> bool:
    """Return whether a dotted name is a package or below it."""
    return name == package or name.startswith(f"{package}.")


def imports(tree: ast.Module, module: str, *, is_package: bool = False) -> Iterator[Import]:
    """Yield every import of a module: in functions, under TYPE_CHECKING, and dynamic ones of fixed names, too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, None, alias.asname or alias.name.partition(".")[0])
        elif isinstance(node, ast.ImportFrom):
            source = node.module or ""
            if node.level:
                parts = module.split(".")
                above = parts[: len(parts) - node.level + is_package]
                source = ".".join([*above, source]).strip(".")
            for alias in node.names:
                yield Import(source, alias.name, alias.asname or alias.name)
        elif isinstance(node, ast.Call) and is_dynamic_import(node):
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str) and not first.value.startswith("."):
                yield Import(first.value, None, "")


def is_dynamic_import(node: ast.Call) -> bool:
    return ast.unparse(node.func) in ("import_module", "importlib.import_module", "__import__", "builtins.__import__")


def is_private(name: str) -> bool:
    return name.startswith("_") and not (name.startswith("__") and name.endswith("__"))


def violations(source: str, module: str, *, is_package: bool = False) -> list[str]:
    """Return what is wrong with a module by the table, in words."""
    own, tree = room_of(module), ast.parse(source)
    found, foreign = [], set()
    for each in imports(tree, module, is_package=is_package):
        top = each.module.partition(".")[0]
        if top in OURS:
            target = each.dotted if each.name and exists(each.dotted) else each.module
            if not may_import(own, each.module, target):
                found.append(f"imports {each.dotted}")
        elif top not in sys.stdlib_module_names and top not in own.libraries:
            found.append(f"imports {each.dotted}")
        if not within(each.module, module.partition(".")[0]):
            foreign.add(each.bound)
            if own.package not in PRIVATE_NAMES and any(is_private(part) for part in each.dotted.split(".")):
                found.append(f"imports the private {each.dotted}")
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if own.package not in PRIVATE_NAMES and node.value.id in foreign and is_private(node.attr):
                found.append(f"reads the private {node.value.id}.{node.attr}")
        elif isinstance(node, ast.Call) and is_dynamic_import(node) and module not in DYNAMIC:
            found.append("imports dynamically")
    return found


def may_import(own: Room, module: str, target: str) -> bool:
    """Return whether a room may import a module of ours; the room that the target is in decides, not its package."""
    if room_of(target) == own:
        return True
    for name in own.ours:
        if name.endswith("!"):
            if module == name[:-1]:
                return True
        elif within(target, name) and ("." not in name or room_of(target).package == name):
            return True
    return False


@cache
def exists(name: str) -> bool:
    """Return whether a dotted name is a module of this project, not a name in one."""
    return name in MODULES


def find_modules() -> dict[str, Path]:
    """Return every module of the project, hand-written and generated, by its dotted name."""
    found = {}
    folders = [(ROOT, "kalshi_*"), (ROOT, "scripts"), (ROOT, "tests"), (ROOT, "benchmarks"), (ROOT / "generated", "*")]
    for folder, pattern in folders:
        for package in sorted(folder.glob(pattern)):
            for path in sorted(package.rglob("*.py")):
                parts = path.relative_to(folder).with_suffix("").parts
                found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES: Final = find_modules()
CHECKED: Final = [name for name in MODULES if name.partition(".")[0] not in ("tests", "benchmarks")]


def arrows(modules: Mapping[str, Path]) -> dict[str, set[str]]:
    """Return for each module the modules of ours that it imports, type checkers' imports and late ones included."""
    found: dict[str, set[str]] = {}
    for name, path in modules.items():
        tree = ast.parse(path.read_text("utf-8"))
        targets = set()
        for each in imports(tree, name, is_package=path.name == "__init__.py"):
            target = each.dotted if each.dotted in modules else each.module
            if target in modules and target != name:
                targets.add(target)
        found[name] = targets
    return found


def cycle(graph: Mapping[str, set[str]]) -> list[str]:
    """Return modules that import one another in a circle, or an empty list."""
    done: set[str] = set()

    def follow(name: str, trail: list[str]) -> list[str]:
        if name in trail:
            return [*trail[trail.index(name) :], name]
        if name in done:
            return []
        found = next((each for to in sorted(graph.get(name, ())) if (each := follow(to, [*trail, name]))), [])
        done.add(name)
        return found

    return next((found for name in sorted(graph) if (found := follow(name, []))), [])


@pytest.mark.parametrize("package", sorted({name.partition(".")[0] for name in CHECKED}))
def test_every_module_keeps_to_its_room(package: str) -> None:
    """No module imports what the table does not allow its room."""
    found = {
        name: wrong
        for name in CHECKED
        if within(name, package)
        and (wrong := violations(MODULES[name].read_text("utf-8"), name, is_package=MODULES[name].stem == "__init__"))
    }
    assert found == {}


def test_every_room_has_modules() -> None:
    """A row of the table whose package went is removed with it."""
    assert {each.package for each in TABLE} == {room_of(name).package for name in CHECKED}


def test_no_modules_import_one_another_in_a_circle() -> None:
    """In no room, counted with imports in functions and those for type checkers; models may refer to one another."""
    graph = arrows({name: path for name, path in MODULES.items() if ".models." not in name or within(name, CORE)})
    assert cycle(graph) == []


def test_no_file_by_hand_is_longer_than_a_reader_keeps_in_mind() -> None:
    """Beyond that, a file has two jobs."""
    by_hand = {name: path for name, path in MODULES.items() if name.partition(".")[0] not in (*GENERATED, "tests")}
    lines = {name: len(path.read_text("utf-8").splitlines()) for name, path in by_hand.items()}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


def test_two_classes_of_the_paper_exchange_never_share_a_name() -> None:
    """A reader who finds one has found it."""
    names = [
        node.name
        for module, path in MODULES.items()
        if within(module, PAPER)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
    ]
    assert sorted(names) == sorted(set(names))


MODEL, SCRIPT, DEMO = f"{GENERATED[0]}.models.order", "scripts.regenerate.fetch", "scripts.demo.table"


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (MODEL, f"import json\nfrom attrs import define\nfrom {CORE}.types import UNSET\nfrom . import market"),
        (MODEL, f"import os.path as path\npath.__doc__\nself._x\nfrom {CORE}.models.base import Model"),
        (f"{GENERATED[0]}.models", "from importlib import import_module\nimport_module(name, __name__)"),
        (f"{CORE}.operation", f"from {CORE} import errors\nfrom {CORE}.client import Client"),
        (f"{CORE}.retry.sender", f"from {CORE}.rate_limit.limiter import RateLimit\nimport httpx"),
        (f"{CORE}.models.layout", "import_module(name)"),
        (f"{AUTH}.errors", f"from {CORE}.errors import NotSentError"),
        (f"{AUTH}.signing", f"from {AUTH}.errors import OriginError\nfrom cryptography.hazmat import primitives"),
        (f"{AUTH}.flow", f"import httpx\nfrom {AUTH} import signing\nfrom .errors import A"),
        (f"{AUTH}.client", f"from {CORE}.client import Client\nfrom {CORE}.retry.sender import B"),
        (f"{AUTH}", f"from {AUTH}.client import A\nfrom {CORE}.errors import B"),
        (DEMO, f"from {AUTH} import DEMO\nfrom {GENERATED[0]}.api.orders import get_orders"),
        (f"{PAPER}.web.app", f"import starlette, uvicorn\nfrom {PAPER}.engine.engine import A"),
        (SCRIPT, "import yaml\nfrom openapi_python_client import parser, _x\nfrom scripts.regenerate import errors"),
    ],
)
def test_checker_accepts_what_the_table_allows(module: str, source: str) -> None:
    """What the table allows is no violation."""
    assert violations(source, module) == []


@pytest.mark.parametrize(
    ("module", "source", "wrong"),
    [
        (MODEL, f"import {AUTH}", f"imports {AUTH}"),
        (MODEL, "from scripts import regenerate", "imports scripts.regenerate"),
        (MODEL, "import cryptography", "imports cryptography"),
        (MODEL, "def f():\n    import pydantic", "imports pydantic"),
        (MODEL, "if TYPE_CHECKING:\n    import pydantic", "imports pydantic"),
        (MODEL, "try:\n    import ujson\nexcept ImportError:\n    pass", "imports ujson"),
        (MODEL, f"importlib.import_module('{AUTH}.keys')", f"imports {AUTH}.keys"),
        (MODEL, f"__import__('{AUTH}')", f"imports {AUTH}"),
        (MODEL, "from attrs import _make", "imports the private attrs._make"),
        (MODEL, "import attrs as a\na._x", "reads the private a._x"),
        (MODEL, f"import {PAPER}", f"imports {PAPER}"),
        (f"{CORE}.client", f"from {GENERATED[0]}.models import Order", f"imports {GENERATED[0]}.models.Order"),
        (f"{CORE}.client", f"from {AUTH}.signing import Signer", f"imports {AUTH}.signing.Signer"),
        (f"{CORE}.client", f"from {CORE}.operation import Operation", f"imports {CORE}.operation.Operation"),
        (f"{CORE}.client", f"if TYPE_CHECKING:\n    from {CORE} import retry", f"imports {CORE}.retry"),
        (f"{CORE}.models.base", f"from {CORE}.client import Client", f"imports {CORE}.client.Client"),
        (f"{CORE}.models.base", "import httpx", "imports httpx"),
        (f"{CORE}.rate_limit.limiter", f"from {CORE}.retry import rules", f"imports {CORE}.retry.rules"),
        (f"{CORE}.transport.fork", "import aiohttp", "imports aiohttp"),
        (
            f"{CORE}.client",
            "import kalshi_core.transport.aiohttp_transport",
            f"imports {CORE}.transport.aiohttp_transport",
        ),
        (f"{AUTH}.flow", "import attr_utils", "imports attr_utils"),
        (f"{AUTH}.flow", f"from {CORE}.client import Client", f"imports {CORE}.client.Client"),
        (f"{AUTH}.signing", f"from {CORE}.errors import A", f"imports {CORE}.errors.A"),
        (f"{AUTH}.client", f"from {CORE}.models.base import Model", f"imports {CORE}.models.base.Model"),
        (f"{AUTH}.client", f"from {GENERATED[0]} import Client", f"imports {GENERATED[0]}.Client"),
        (f"{AUTH}.client", f"from {AUTH}.keys import A", f"imports {AUTH}.keys.A"),
        (f"{AUTH}.errors", f"from {AUTH}.signing import A", f"imports {AUTH}.signing.A"),
        (f"{AUTH}.signing", f"from {AUTH} import keys", f"imports {AUTH}.keys"),
        (f"{AUTH}.signing", "from .flow import A", f"imports {AUTH}.flow.A"),
        (f"{AUTH}.keys", f"if TYPE_CHECKING:\n    from {AUTH}.client import A", f"imports {AUTH}.client.A"),
        (f"{AUTH}.flow", f"import {AUTH}", f"imports {AUTH}"),
        (f"{AUTH}.process_main", f"from {AUTH}.signing import A", f"imports {AUTH}.signing.A"),
        (f"{AUTH}.keys", "importlib.import_module(name)", "imports dynamically"),
        (SCRIPT, f"import {CORE}.client", f"imports {CORE}.client"),
        (SCRIPT, f"from {AUTH} import DEMO", f"imports {AUTH}.DEMO"),
        (SCRIPT, "from scripts.vet import checks", "imports scripts.vet.checks"),
        (f"{PAPER}.engine.matching", "import time\nimport starlette", "imports starlette"),
        (f"{PAPER}.engine.matching", f"from {PAPER}.service import journal", f"imports {PAPER}.service.journal"),
        (f"{PAPER}.service.journal", f"from {PAPER}.web.app import A", f"imports {PAPER}.web.app.A"),
        (f"{PAPER}.web.app", f"import {AUTH}", f"imports {AUTH}"),
        (f"{PAPER}.web.app", "import pytest", "imports pytest"),
        (DEMO, f"from {PAPER}.engine.order_book import A", f"imports {PAPER}.engine.order_book.A"),
        (DEMO, f"from {AUTH}.signing import Signer", f"imports {AUTH}.signing.Signer"),
        (DEMO, f"from {AUTH} import _x", f"imports the private {AUTH}._x"),
    ],
)
def test_checker_finds_a_planted_violation(module: str, source: str, wrong: str) -> None:
    """What the table forbids is found, wherever in a module it stands."""
    assert wrong in violations(source, module)


@pytest.mark.parametrize(
    ("graph", "found"),
    [
        ({"a": {"b"}, "b": {"c"}, "c": set()}, []),
        ({"a": {"b", "c"}, "b": {"c"}, "c": {"outside"}}, []),
        ({"a": {"b"}, "b": {"a"}}, ["a", "b", "a"]),
        ({"a": {"b"}, "b": {"c"}, "c": {"d"}, "d": {"b"}}, ["b", "c", "d", "b"]),
        ({"a": {"a"}}, ["a", "a"]),
    ],
)
def test_checker_finds_a_circle(graph: dict[str, set[str]], found: list[str]) -> None:
    """Modules that need one another are named, in order."""
    assert cycle(graph) == found
