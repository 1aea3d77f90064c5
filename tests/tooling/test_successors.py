"""Documents that may follow ours, and an older one: each gives a working client and a correct summary."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from scripts.regenerate.__main__ import main
from scripts.regenerate.comparison.document_diff import compare
from scripts.regenerate.document import load
from scripts.regenerate.overlay import apply_overlay
from scripts.regenerate.project import ROOT
from scripts.vet.python_api import python_breakages
from tests.tooling.small_documents import Doc, Package, write
from tests.tooling.successors import INLINE_MADE_REFERENCE, SEED, SUCCESSORS, TODAY, Successor, excerpt, ours

IMPORT_ALL = """
import importlib, json, pkgutil, sys
sys.path.insert(0, sys.argv[1])
package = importlib.import_module(sys.argv[2])
names = [each.name for each in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
for name in names:
    importlib.import_module(name)
models = importlib.import_module(package.__name__ + ".models")
from kalshi_core.models.base import Model
from kalshi_core.models.layout import layout_of
for name in models.__all__:
    if issubclass(getattr(models, name), Model):
        layout_of(getattr(models, name))
print(json.dumps(names))
"""


def build(tree: Doc, output: Path, *arguments: str, package: str = "heir") -> None:
    """Build a document with our overlay."""
    spec = write(output.parent, tree, "document.yaml")
    assert main(["--spec", str(spec), "--output", str(output), "--package", package, *arguments]) == 0


def import_all(output: Path, package: str = "heir") -> list[str]:
    """Import every module in a new process, resolve every model's annotations, and return the modules' names."""
    done = subprocess.run(
        [sys.executable, "-B", "-W", "error", "-c", IMPORT_ALL, str(output), package],
        capture_output=True, text=True, check=False, timeout=180,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    found: list[str] = json.loads(done.stdout)
    return found


def files(package: Path) -> set[str]:
    """Return the Python files of a package."""
    return {path.relative_to(package).as_posix() for path in package.rglob("*.py")}


def modules(names: set[str]) -> set[str]:
    """Return the modules of the package `heir` in these files, without the package itself."""
    found = {"heir." + name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in names}
    return found - {"heir.__init__"}


def check_types(output: Path, cache: Path) -> None:
    """Check the types of a package with strict mypy; the cache is shared between tests."""
    done = subprocess.run(
        [
            sys.executable, "-m", "mypy", "--strict", "--python-version=3.11", "--config-file=", "--no-error-summary",
            f"--cache-dir={cache}", "heir",
        ],
        cwd=output, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def check_signing(output: Path) -> None:
    """Run the signing tests on a package, with the current `kalshi_auth`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [
            sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--package-dir={output}",
            "tests/unit/test_flow.py",
        ],
        cwd=ROOT, env={**kept, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert int(done.stdout.splitlines()[-1].partition(" passed")[0]) > 100


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the cache folder of mypy, one for each test process."""
    return tmp_path_factory.mktemp("mypy")


@pytest.fixture(scope="session")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("standing") / "output"
    build(excerpt(), output)
    return output


def check_successor(output: Path, cache: Path, before: Doc, after: Doc, successor: Successor) -> None:
    """Build one document over another, and check package and summary."""
    summary = output.parent / "summary.md"
    old = files(output / "heir")
    shutil.copytree(output / "heir", output.parent / "before" / "heir")
    build(after, output, "--summary", str(summary))
    new = files(output / "heir")
    assert {f"-{name}" for name in old - new} | (new - old) == set(successor.files)
    assert set(import_all(output)) == modules(new)
    check_types(output, cache)
    check_signing(output)

    overlay = ROOT / "scripts" / "regenerate" / "overlay.yaml"
    changes = compare(apply_overlay(before, overlay)[0], apply_overlay(after, overlay)[0])
    assert {(each.direction, each.breaking, each.kind, each.where) for each in changes} == successor.expected
    breaking = sum(row[1] for row in successor.expected)
    text = summary.read_text("utf-8")
    assert text.startswith(f"# {breaking} breaking, {len(successor.expected) - breaking} other change")
    for _, _, kind, where in successor.expected:
        assert f"- `{where}` ({kind}): " in text
    lost = python_breakages(output.parent / "before" / "heir", output / "heir")
    assert lost == [f"heir.{each}" for each in successor.python]


@pytest.mark.slow
@pytest.mark.parametrize("name", SUCCESSORS)
def test_a_successor_gives_a_client_and_a_correct_summary(
    standing: Path, cache: Path, tmp_path: Path, name: str
) -> None:
    """Files, imports, types and signing are right, and every change is reported for JSON and for Python."""
    after = excerpt()
    SUCCESSORS[name].change(after)
    output = tmp_path / "output"
    shutil.copytree(standing, output)
    check_successor(output, cache, excerpt(), after, SUCCESSORS[name])


@pytest.mark.slow
def test_an_inline_object_that_gets_a_name_is_reported_as_another_class(cache: Path, tmp_path: Path) -> None:
    """Requests and responses do not change, but code that uses the class breaks."""
    prepare, successor = INLINE_MADE_REFERENCE
    before, after = excerpt(), excerpt()
    prepare(before)
    successor.change(after)
    build(before, tmp_path / "output")
    check_successor(tmp_path / "output", cache, before, after, successor)


def test_an_excerpt_holds_its_operations_and_no_more() -> None:
    """The excerpt is an unchanged part of our document."""
    whole, part = ours(), excerpt()
    found = [node["operationId"] for item in part["paths"].values() for node in item.values() if "operationId" in node]
    assert sorted(found) == sorted(TODAY)
    for section, nodes in part["components"].items():
        assert nodes.items() <= whole["components"][section].items()


@pytest.mark.slow
def test_all_successors_at_once_give_a_client(tmp_path: Path) -> None:
    """The changes work together, in the whole document."""
    after = ours()
    # The two renames come last: they affect what other changes refer to.
    for name in sorted(SUCCESSORS, key=lambda name: "renamed" in name):
        if name != "signed operation made public":
            SUCCESSORS[name].change(after)
    output = tmp_path / "output"
    shutil.copytree(ROOT / "generated", output)
    build(after, output, "--summary", str(tmp_path / "summary.md"), package="kalshi_trade_api")
    assert len(import_all(output, "kalshi_trade_api")) > 400
    text = (tmp_path / "summary.md").read_text("utf-8")
    for kind in ("operation-added", "operation-removed", "operation-renamed", "retyped", "tag-changed"):
        assert f"({kind})" in text


def test_a_new_paginated_list_can_be_iterated(tmp_path: Path) -> None:
    """A new operation gets `iterate()` without any code by hand."""
    tree = excerpt()
    SUCCESSORS["paged list added"].change(tree)
    build(tree, tmp_path / "output", package="walked")
    package = Package(tmp_path / "output" / "walked", "walked")

    def handler(request: httpx.Request) -> httpx.Response:
        last = "cursor" in request.url.params
        return httpx.Response(
            200, json={"receipts": [{"receipt_id": "b" if last else "a"}], "cursor": "" if last else "2"}
        )

    rows = package.operation("get_receipts", "portfolio").iterate(client=package.client(handler))
    assert [row.receipt_id for row in rows] == ["a", "b"]


def test_a_new_enum_value_renames_no_other_member(tmp_path: Path) -> None:
    """A value that is added before the others becomes a new member, and the others keep their names."""
    tree = excerpt()
    SUCCESSORS["enum value added"].change(tree)
    build(tree, tmp_path / "output", package="grown")
    names = {each.name: each.value for each in Package(tmp_path / "output" / "grown", "grown").model("OrderStatus")}
    assert names == {"AMENDED": "amended", "RESTING": "resting", "CANCELED": "canceled", "EXECUTED": "executed"}


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Package:
    output = tmp_path_factory.mktemp("seed") / "output"
    build(load(SEED, "test"), output, package="seed_2025")
    assert "seed_2025.api.orders.get_order_queue_positions" in import_all(output, "seed_2025")
    return Package(output / "seed_2025", "seed_2025")


PLACE = {"order_id": "o-1", "market_ticker": "KXHIGHNY-26NOV23-T50"}
BODIES: dict[str, tuple[Doc, int | None, Decimal | None]] = {
    "2025": ({"queue_position": 12}, 12, None),
    "in between": ({"queue_position": 12, "queue_position_fp": "12.50"}, 12, Decimal("12.50")),
    "2026": ({"queue_position_fp": "0.00"}, None, Decimal("0.00")),
}


@pytest.mark.parametrize("body", BODIES, ids=list(BODIES))
def test_the_document_of_2025_reads_servers_of_every_year(seed: Package, body: str) -> None:
    """The field that was sent is read exactly; the other raises an error instead of reading as the queue's front."""
    fields, whole, exact = BODIES[body]
    place = seed.model("GetOrderQueuePositionsResponse").from_dict({"queue_positions": [{**PLACE, **fields}]})
    (row,) = place.queue_positions
    assert (row.order_id, row.market_ticker) == tuple(PLACE.values())
    for name, expected in (("queue_position", whole), ("queue_position_fp", exact)):
        if expected is None:
            with pytest.raises(seed.module("errors").MissingFieldError):
                getattr(row, name)
        else:
            found: Any = getattr(row, name)
            assert (found, type(found)) == (expected, type(expected))
    assert place.to_dict() == {"queue_positions": [{**PLACE, **fields}]}


def test_the_document_of_2025_makes_a_signed_operation(seed: Package) -> None:
    """Method, path, parameters and signature are as in the document."""
    operation = seed.operation("get_order_queue_positions", "orders").OPERATION
    assert (operation.method, operation.path, operation.signed) == ("GET", "/portfolio/orders/queue_positions", True)
    assert [each.wire for each in operation.parameters] == ["market_tickers", "event_ticker"]


def test_the_way_from_2025_to_today_breaks_nothing_that_is_read() -> None:
    """After the overlay both documents have both fields."""
    overlay = ROOT / "scripts" / "regenerate" / "overlay.yaml"
    old = apply_overlay(load(SEED, "test"), overlay)[0]
    new = apply_overlay(excerpt(["GetOrderQueuePositions"]), overlay)[0]
    changes = [each for each in compare(old, new) if each.where.startswith("OrderQueuePosition.")]
    assert {each.kind for each in changes} == {"field-required", "field-optional", "deprecated"}
    assert not [each for each in changes if each.kind == "field-removed"]
