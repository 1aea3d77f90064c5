"""The project's pages: their code imports what exists, and the paths that they name exist."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("code", BLOCKS, ids=range(len(BLOCKS)))
def test_readme_code_compiles_and_imports_what_there_is(code: str) -> None:
    """Every name that an example of the README imports from our packages is there."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("kalshi"):
            for alias in node.names:
                module = import_module(node.module or "")
                if not hasattr(module, alias.name):
                    import_module(f"{node.module}.{alias.name}")


def test_readme_has_examples() -> None:
    """Public, signed, asynchronous, and a custom signer."""
    assert len(BLOCKS) >= 4


@pytest.mark.parametrize("page", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_paths_and_targets_that_pages_name_exist(page: str) -> None:
    """A path in code font is in the tree, and a target of make is in the Makefile."""
    text = (ROOT / page).read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    rooms = r"(?:tests|scripts|generated|benchmarks|docs|documents|kalshi_auth|kalshi_core|kalshi_paper)/"
    for path in re.findall(rf"`({rooms}[\w./-]*)`", text):
        assert (ROOT / path).exists(), path
    for target in re.findall(r"`make (\w+)`", text):
        assert f"\n{target}:" in makefile, target
