"""Origin and documentation of the templates, and properties of every generated file."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import importlib
import inspect
import re
from pathlib import Path

import openapi_python_client
import pytest
from openapi_python_client.parser import properties

from scripts.regenerate.document import load
from scripts.regenerate.generate import TEMPLATES
from scripts.regenerate.project import MARKER, ROOT
from scripts.regenerate.property_hooks import property_hooks
from tests.tooling.small_documents import TEXT, Package, build, document, model, operation, ref

UPSTREAM = Path(openapi_python_client.__file__).parent / "templates"
PACKAGE = ROOT / "generated" / "kalshi_trade_api"

# Upstream's files at 0.29.1. When one of these fails, compare the new original with the old one, carry over what
# matters, amend the row in scripts/regenerate/templates/README.md, and put the new hash here.
ORIGINALS = {
    "api_init.py.jinja": "f3b0290732b219be73b204cc3a44170eab0b64299a485a093306c6cc20d064cc",
    "endpoint_init.py.jinja": "c1837a037fdbbd85b5dc1d49f58bd80a672fe4496cfaaf84d3b91927027b56da",
    "endpoint_module.py.jinja": "c1b2628053eb4875ba59566baa5ae907666f9cbfafa308d93f970a4404b7cd52",
    "int_enum.py.jinja": "cf8776855b1d826971501d5f6d5b38c3cb496aad9276684b8ece268db67918bc",
    "model.py.jinja": "fd1c79680d51c06cfbb89809ad123750ba9add98b688036c04cabbf1f8ba40a0",
    "models_init.py.jinja": "4f64a3d6e1b15a561be5573c1b7702eb928c0e4fa6b67107d20e57a74c44d51a",
    "package_init.py.jinja": "ac15907e32dc39bd9b83ea6f2002fb87514f2182b97f88231b5a9c47321f6210",
    "str_enum.py.jinja": "e4979a5e6b338351eda8bdac534017cfbeb51a809b494fd3c632db39414817fc",
    "client.py.jinja": "4eac65762f21014a7fbf59e730f1be6d28c9c85ddc1c40b458b6ff5f67a64c9e",
    "errors.py.jinja": "b6ba7ea79aa7d7f24b47119985d1ed20268d3da0ab70309ee138088a106b6af9",
    "types.py.jinja": "93df9d75883a4eafac77dd21bc6907f3ef612e3f7841e08656618dcf6c4ce494",
}
WRAPPED = {
    "EnumProperty": "927857ae890c7f02571c96e66a3a225328bd8197fdebbead44b186d60b0b95b8",
    "_string_based_property": "cc4ac63f099a6a45f5019cb32a2533151121718097beb4eaa1ba3bfb98e90e79",
    "_property_from_ref": "dd3fa35e7baf313d02745f8df821c3e5c81449858b9890b869a50c235a9d01d7",
}


@pytest.mark.parametrize(("name", "digest"), ORIGINALS.items())
def test_upstream_s_original_is_the_one_that_was_forked(name: str, digest: str) -> None:
    """An upgrade of the generator fails here first, with the template to compare."""
    assert hashlib.sha256((UPSTREAM / name).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize(("name", "digest"), WRAPPED.items())
def test_upstream_s_function_is_the_one_that_was_wrapped(name: str, digest: str) -> None:
    """The hooks depend on two private functions and a class."""
    source = inspect.getsource(getattr(properties, name))
    assert hashlib.sha256(source.encode("utf-8")).hexdigest() == digest


def test_every_fork_has_the_hash_of_its_original() -> None:
    """A new fork needs its original's hash in the table above."""
    assert sorted(path.name for path in TEMPLATES.glob("*.jinja")) == sorted(ORIGINALS)


def test_the_hooks_are_gone_after_use() -> None:
    """The generator is restored after the run, also after an error."""
    before = [getattr(properties, name) for name in WRAPPED]
    with contextlib.suppress(KeyError), property_hooks():
        assert [getattr(properties, name) for name in WRAPPED] != before
        raise KeyError
    assert [getattr(properties, name) for name in WRAPPED] == before


def _rows(title: str) -> dict[str, str]:
    """Return the table of a section in the templates' README: rows by their first cell, without backticks."""
    text = (TEMPLATES / "README.md").read_text("utf-8")
    section = text.partition(f"# {title}\n")[2].partition("\n## ")[0]
    cells = [line.strip("| ").split(" | ", 1) for line in section.splitlines() if line.startswith("| ")]
    return {first.strip("`"): rest for first, rest in cells[1:]}


def test_every_template_has_its_row() -> None:
    """The README has a row for each fork, with difference and reason, and no other rows."""
    rows = _rows("Templates")
    assert sorted(rows) == sorted(ORIGINALS)
    assert all(len(row.split(" | ")) == 2 for row in rows.values())
    assert set(_rows("Property hooks")) == set(WRAPPED)


def test_every_overlay_action_has_its_row() -> None:
    """The README refers to each action, in their order."""
    actions = load(ROOT / "scripts" / "regenerate" / "overlay.yaml", "test")["actions"]
    numbers = [int(re.findall(r"\[action (\d+)\]", row)[0]) for row in _rows("Overlay").values()]
    assert numbers == list(range(1, len(actions) + 1))


def test_the_readme_names_the_version_that_is_pinned() -> None:
    """The rows compare with the installed version of upstream."""
    assert f"version {openapi_python_client.__version__}" in (TEMPLATES / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", ["client", "errors", "types"])
def test_the_package_re_exports_the_core(name: str) -> None:
    """Client, errors and types of a generated package are the core's own objects, each of them listed."""
    module = importlib.import_module(f"kalshi_trade_api.{name}")
    sources = [importlib.import_module(f"kalshi_core.{each}") for each in (name, "errors", "retry.errors")]
    for exported in module.__all__:
        assert any(getattr(source, exported, None) is getattr(module, exported) for source in sources), exported


def test_every_generated_file_begins_with_the_same_line() -> None:
    """The line says that the file is generated, and by which command."""
    files = [path for path in (ROOT / "generated").rglob("*") if path.suffix in (".py", ".toml", ".yaml")]
    assert len(files) > 400
    for path in files:
        with path.open(encoding="utf-8") as lines:
            assert next(lines).rstrip("\n") == MARKER, path


def test_the_package_is_marked_as_typed() -> None:
    """Without py.typed a type checker ignores every annotation of an installed package."""
    assert (PACKAGE / "py.typed").read_bytes() == b""


def test_nothing_else_is_in_the_package() -> None:
    """The package has no caches and no other files of the generator."""
    others = {path.name for path in PACKAGE.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}
    assert others == {"py.typed"}


def test_no_value_of_the_document_is_printed_unescaped(tmp_path: Path) -> None:
    """Quotes, backslashes, braces and code in names and prose stay text."""
    nasty = 'x"""\n\nimport harm {{ 7 * 7 }} {% raw %} \\N{BULLET} \\'
    tree = document(
        {"/a": {"get": operation(
            "GetA", ref("Thing"), summary=nasty, description=nasty, deprecated=True,
            parameters=[{"name": 'q"\\', "in": "query", "description": nasty, "schema": TEXT}],
        )}},
        {
            "Thing": model({'f"\\': {**TEXT, "description": nasty}, "e": ref("Kind")}, description=nasty),
            "Kind": {**TEXT, "enum": ['a"\\', "{{ b }}"], "description": 'Ends with a "quote"'},
            "Level": {"type": "integer", "enum": [1, -2], "description": 'Also "quoted"'},
        },
        info={"title": nasty, "version": '1"""'},
    )  # fmt: skip
    package = Package(build(tree, tmp_path / "nasty"), "nasty")
    for path in package.folder.rglob("*.py"):
        text = path.read_text("utf-8")
        names = {node.names[0].name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import)}
        assert "harm" not in names
        assert "UntrustedString" not in text
    assert nasty.split()[-2] in package.model("Thing").__doc__
    assert "{{ 7 * 7 }} {% raw %}" in package.operation("get_a").__doc__
    assert package.operation("get_a").OPERATION.parameters[0].wire == 'q"\\'
    assert {member.value for member in package.model("Kind")} == {'a"\\', "{{ b }}"}
    assert package.model("Kind").__doc__.strip() == 'Ends with a "quote"'
    assert package.model("Thing").from_dict({'f"\\': "x"}).to_dict() == {'f"\\': "x"}
