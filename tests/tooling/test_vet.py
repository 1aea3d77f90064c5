"""The command `python -m scripts.vet`: its verdict on a document, and that it changes nothing."""

from __future__ import annotations

import copy
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from scripts.regenerate.__main__ import main as regenerate
from scripts.regenerate.document import Json, load, operations, walk
from scripts.regenerate.project import ROOT
from scripts.vet.__main__ import main
from scripts.vet.checks import CHECKS, run_checks
from scripts.vet.python_api import python_breakages
from tests.tooling.projects import run_interrupted, state
from tests.tooling.small_documents import write

KEPT: Final = frozenset(
    {"CancelOrderV2", "CreateOrderGroup", "GetBalance", "GetExchangeStatus", "GetOrder", "GetOrders",
     "GetOrderQueuePositions"}
)  # fmt: skip
"""Operations of all kinds: signed and public, reading and writing, paginated, and one that the overlay requires."""


def smaller(document: Json) -> Json:
    """Return a document with a few operations, and the schemas that they need."""
    tree = copy.deepcopy(document)
    for path, method, node in list(operations(tree)):
        if node["operationId"] not in KEPT:
            del tree["paths"][path][method]
    tree["paths"] = {path: item for path, item in tree["paths"].items() if item}
    schemas, needed, waiting = tree["components"]["schemas"], {}, [tree["paths"], tree["components"]["responses"]]
    while waiting:
        for _, node in walk(waiting.pop()):
            name = str(node.get("$ref", "")).removeprefix("#/components/schemas/")
            if name in schemas and name not in needed:
                needed[name] = schemas[name]
                waiting.append(schemas[name])
    tree["components"]["schemas"] = needed
    return tree


class Vetting:
    """
    A small current package, and documents to vet against it.

    Args:
        folder: Folder of all files.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.standing = folder / "standing"
        self.document = load(folder / "standing.yaml", "test")

    def run(self, change: Callable[[Json], object] = lambda tree: None, *arguments: str) -> int:
        """Change the document and vet it."""
        tree = copy.deepcopy(self.document)
        change(tree)
        spec = write(self.folder, tree, "changed.yaml")
        return main(["--spec", str(spec), "--against", str(self.standing), *arguments])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Vetting:
    folder = tmp_path_factory.mktemp("vetting")
    spec = write(folder, smaller(load(ROOT / "openapi.yaml", "test")), "standing.yaml")
    assert regenerate(["--spec", str(spec), "--output", str(folder / "standing")]) == 0
    return Vetting(folder)


@pytest.mark.slow
def test_a_document_with_other_prose_is_safe_to_take(
    place: Vetting, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 0, a verdict, and the package in the folder of `--keep`."""
    rooms = [ROOT / name for name in ("generated", "kalshi_auth", "scripts", "tests")]
    before, text = [state(room) for room in rooms], (ROOT / "openapi.yaml").read_bytes()

    def reword(tree: Json) -> None:
        tree["info"]["version"] = "99.0.0"
        tree["components"]["schemas"]["Order"]["description"] = "Said otherwise."

    assert place.run(reword, "--keep", str(tmp_path / "kept")) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[-1].startswith("safe to take: 0 breaking, 0 other changes (3.")
    assert out.splitlines()[-1].endswith(" tests passed")
    assert "Nothing changed but prose." in out
    assert sorted(each.name for each in (tmp_path / "kept").iterdir()) == [
        "PROVENANCE.toml", "document.yaml", "kalshi_trade_api", "openapi.yaml", "summary.md",
    ]  # fmt: skip
    assert ([state(room) for room in rooms], (ROOT / "openapi.yaml").read_bytes()) == (before, text)


@pytest.mark.slow
def test_a_document_that_lost_a_field_breaks(place: Vetting, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 1, and the verdict names the field in the document and in Python; the other tests pass."""

    def remove(tree: Json) -> None:
        order = tree["components"]["schemas"]["Order"]
        del order["properties"]["user_id"]
        order["required"].remove("user_id")

    assert place.run(remove) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == (
        "breaks: 1 in the document (Order.user_id: The field is gone.); "
        "1 in Python (kalshi_trade_api.models.order.Order.user_id: public object was removed)"
    )


def dangling(tree: Json) -> None:
    tree["components"]["schemas"]["Order"]["properties"]["status"] = {"$ref": "#/components/schemas/Gone"}


def nameless(tree: Json) -> None:
    for _, _, node in operations(tree):
        if node["operationId"] == "GetBalance":
            del node["operationId"]


@pytest.mark.parametrize(
    ("breakage", "place_named"),
    [
        (dangling, "/components/schemas/Order/properties/status: $ref #/components/schemas/Gone cannot be resolved"),
        (nameless, "GET /portfolio/balance: operationId missing"),
    ],
)
def test_a_broken_document_is_refused_with_the_place(
    place: Vetting, capsys: pytest.CaptureFixture[str], breakage: Callable[[Json], object], place_named: str
) -> None:
    """Exit status 2, no verdict, and the error names the place."""
    assert place.run(breakage) == 2
    captured = capsys.readouterr()
    assert place_named in captured.err
    assert captured.err.startswith("error: validate: ")
    assert "safe to take" not in captured.out


@pytest.mark.parametrize("text", ["openapi: [", "- a list", "", '{"message": "Not Found"}'])
def test_what_is_no_document_is_refused(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2, and the file is named."""
    spec = write(tmp_path, text, "text.yaml")
    assert main(["--spec", str(spec)]) == 2
    assert f"error: fetch: {spec}" in capsys.readouterr().err


@pytest.mark.parametrize("word", ["ruff", "pytest"])
def test_ctrl_c_ends_it_in_one_line(place: Vetting, word: str) -> None:
    """While the client is generated and while it is tested: no verdict, and the current package does not change."""
    before = state(place.folder)
    asked = "--spec", str(place.folder / "standing.yaml"), "--against", str(place.standing)
    run = run_interrupted(ROOT, ("subprocess.Popen", word), "scripts.vet", *asked)
    assert (run.returncode, run.stderr) == (130, "interrupted; nothing under generated/ changed\n")
    assert ("running" in run.stdout) == (word == "pytest")
    assert state(place.folder) == before


def test_what_vets_a_package_knows_nothing_of_how_it_was_made() -> None:
    """The tests and their helpers import neither the generator nor the scripts."""
    judging = [ROOT / each for each in CHECKS]
    judging += [path for path in (ROOT / "tests" / "contract").glob("*.py") if not path.name.startswith("test_")]
    imports = re.compile(r"^\s*(?:from|import) (?:scripts|openapi_python_client|benchmarks)\b", re.M)
    assert len(judging) > len(CHECKS) + 5
    assert [path.name for path in judging if imports.search(path.read_text("utf-8"))] == []


@pytest.mark.slow
def test_a_package_that_departs_from_its_document_fails_its_tests(place: Vetting, tmp_path: Path) -> None:
    """The tests run on the given package, not on the one in the repository: they find a wrong path in it."""
    shutil.copytree(place.standing, tmp_path / "wrong")
    edit(tmp_path / "wrong", "api/portfolio/get_balance.py", 'path="/portfolio/balance"', 'path="/portfolio/balances"')
    tests = ["tests/contract/test_requests.py"]
    found = run_checks(tmp_path / "wrong", place.folder / "standing.yaml", tests=tests)
    assert found.count > len(found.failed) > 0
    assert any("GetBalance" in each for each in found.failed)
    assert not any("[GetOrders" in each for each in found.failed)


EDITS: Final[dict[str, tuple[str, str, str, list[str]]]] = {
    "a field is gone": (
        "models/order.py", "    ticker: str\n", "", ["models.order.Order.ticker: public object was removed"],
    ),
    "a member has another name": (
        "models/order_status.py", "RESTING =", "OPEN =",
        ["models.order_status.OrderStatus.RESTING: public object was removed"],
    ),
    "a field may be missing": ("models/order.py", "    ticker: str\n", "    ticker: str | Unset = UNSET\n", []),
    "a path is another": ("api/portfolio/get_balance.py", '"/portfolio/balance"', '"/portfolio/purse"', []),
    "words are others": ("models/order.py", "Market ticker of the order.", "Which market.", []),
}  # fmt: skip


@pytest.mark.parametrize(("path", "old", "new", "expected"), EDITS.values(), ids=list(EDITS))
def test_breaking_changes_of_the_python_api_are_reported(
    place: Vetting, tmp_path: Path, path: str, old: str, new: str, expected: list[Any]
) -> None:
    """Removed names and members are breaking; changes on the wire are left to the comparison of documents."""
    shutil.copytree(place.standing, tmp_path / "other")
    edit(tmp_path / "other", path, old, new)
    found = python_breakages(place.standing / "kalshi_trade_api", tmp_path / "other" / "kalshi_trade_api")
    assert found == [f"kalshi_trade_api.{each}" for each in expected]


def edit(output: Path, path: str, old: str, new: str) -> None:
    """Change a generated file."""
    file = output / "kalshi_trade_api" / path
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
