"""Which room may import what: one table, and the checker of a module's syntax tree."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[2]
CORE, AUTH, PAPER = "kalshi_core", "kalshi_auth", "kalshi_paper"
GENERATED: Final = sorted(path.name for path in (ROOT / "generated").iterdir() if (path / "__init__.py").is_file())
OURS: Final = frozenset({*GENERATED, CORE, AUTH, PAPER, "scripts", "tests", "benchmarks"})


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
    room(f"{CORE}.retry", "attrs httpx", ".errors .models .rate_limit .transport .types"),
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
