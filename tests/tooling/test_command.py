"""The command `python -m scripts.regenerate`: options, exit statuses and written files."""

from __future__ import annotations

import copy
import hashlib
import shutil
import tomllib
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from scripts.regenerate.__main__ import main
from scripts.regenerate.compare_and_swap import swap
from scripts.regenerate.document import load
from scripts.regenerate.project import MARKER, ROOT
from tests.tooling.projects import DOCUMENT, Place, Project, run_interrupted, state
from tests.tooling.small_documents import TEXT, document, model, operation, ref, write

PAGED = document(
    {
        "/things": {
            "get": operation("GetThings", ref("Page"), parameters=[{"name": "cursor", "in": "query", "schema": TEXT}])
        }
    },
    {"Page": model({"things": {"type": "array", "items": TEXT}, "cursor": TEXT})},
)


def test_by_default_the_document_is_read_and_the_package_written(project: Project) -> None:
    """Every step prints a line, and `generated/` has package, amended document and provenance."""
    run = project.run("--overlay", "none")
    assert (run.returncode, run.stderr) == (0, "")
    steps = ["fetch", "overlay", "validate", "generate", "polish", "drift", "summarise"]
    assert [line.split()[0] for line in run.stdout.splitlines()] == steps
    names = sorted(path.name for path in (project.root / "generated").iterdir())
    assert names == ["PROVENANCE.toml", "document.yaml", "kalshi_trade_api"]
    assert "skipped, using" in run.stdout
    assert not list(project.root.glob(".regenerate-*"))


def test_our_overlay_is_used_unless_another_is_named(project: Project) -> None:
    """Our overlay is the default: its one mandatory action matches nothing in a document without orders."""
    run = project.run()
    assert run.returncode == 2
    assert "overlay.yaml, action 3" in run.stderr
    assert not (project.root / "generated").exists()


def test_a_check_is_clean_after_a_run(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """After a run there is no drift, and a check writes nothing."""
    before = place.state()
    assert place.run("--check") == 0
    assert "drift     none" in capsys.readouterr().out
    assert place.state() == before


DRIFTS: dict[str, tuple[Callable[[Path], Any], str]] = {
    "an edited module": (
        lambda out: (out / "small/client.py").write_text(f"{MARKER}\n#", "utf-8"),
        "changed  client.py",
    ),
    "a module without its first line": (
        lambda out: (out / "small/__init__.py").write_text("x = 1\n", "utf-8"),
        "changed  __init__.py",
    ),
    "a module that is gone": (lambda out: (out / "small/models/orders.py").unlink(), "new      models/orders.py"),
    "a module that is too much": (lambda out: (out / "small/extra.py").write_text("", "utf-8"), "gone     extra.py"),
    "a package that is gone": (lambda out: shutil.rmtree(out / "small"), "new      __init__.py"),
    "an edited document": (lambda out: write(out, DOCUMENT, "document.yaml"), "changed  document.yaml"),
    "no provenance": (lambda out: (out / "PROVENANCE.toml").unlink(), "changed  PROVENANCE.toml"),
}


@pytest.mark.parametrize(("drift", "row"), DRIFTS.values(), ids=list(DRIFTS))
def test_a_check_reports_drift_and_writes_nothing(
    place: Place, capsys: pytest.CaptureFixture[str], drift: Callable[[Path], Any], row: str
) -> None:
    """Every difference is listed, the exit status is 1, and no file changes."""
    drift(place.output)
    before = place.state()
    assert place.run("--check") == 1
    assert row in capsys.readouterr().out.splitlines()
    assert place.state() == before


def test_a_check_shows_twenty_files_at_most(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """Twenty files are listed, and three dots stand for the rest."""
    for number in range(30):
        (place.output / "small" / f"extra_{number}.py").write_text("", "utf-8")
    assert place.run("--check") == 1
    out = capsys.readouterr().out.splitlines()
    assert len([line for line in out if line.startswith("gone  ")]) == 20
    assert out[-1] == "..."


def test_a_check_of_nothing_makes_no_folder(tmp_path: Path) -> None:
    """The folder above the output is not created either."""
    spec = write(tmp_path, DOCUMENT)
    output = tmp_path / "deep" / "output"
    assert main(["--spec", str(spec), "--output", str(output), "--overlay", "none", "--check"]) == 1
    assert list(tmp_path.iterdir()) == [spec]


def test_caches_are_no_drift(place: Place) -> None:
    """Bytecode of an imported package is no difference for a check, and no foreign file for a run."""
    cache = place.output / "small" / "__pycache__"
    cache.mkdir()
    (cache / "client.pyc").write_bytes(b"\0")
    assert place.run("--check") == 0
    assert place.run() == 0
    assert place.run() == 0


def test_a_run_replaces_the_package_whole(place: Place) -> None:
    """Files of operations and schemas that are gone are removed, and no temporary folder remains."""
    assert place.run(spec=write(place.folder, PAGED, "paged.yaml")) == 0
    assert not (place.output / "small/models/orders.py").exists()
    assert (place.output / "small/models/page.py").is_file()
    assert sorted(path.name for path in place.folder.iterdir()) == ["output", "paged.yaml", "small.yaml"]


def test_other_files_in_the_output_folder_stay(place: Place) -> None:
    """Only the three names that the command writes are replaced."""
    note = place.output / "NOTES.md"
    note.write_text("Mine.", "utf-8")
    assert place.run(spec=write(place.folder, PAGED, "paged.yaml")) == 0
    assert note.read_text("utf-8") == "Mine."


def test_the_package_takes_the_name_asked_for(tmp_path: Path) -> None:
    """`--package` names the folder, and the package in the operations' drift log; imports inside are relative."""
    spec = write(tmp_path, DOCUMENT)
    arguments = ["--spec", str(spec), "--output", str(tmp_path / "out"), "--overlay", "none"]
    for name in ("small", "other"):
        assert main([*arguments, "--package", name]) == 0
    one, two = (
        {path.relative_to(folder): path.read_text("utf-8") for path in folder.rglob("*.py")}
        for folder in (tmp_path / "out/small", tmp_path / "out/other")
    )
    two = {path: text.replace('package="other"', 'package="small"') for path, text in two.items()}
    assert one == two


def test_another_overlay_is_applied(place: Place) -> None:
    """`--overlay FILE` amends the document, and the provenance has the hash of the overlay."""
    action = {"target": "$.components.schemas.Orders.properties", "update": {"count": {"type": "integer"}}}
    overlay = write(place.folder, {"overlay": "1.0.0", "info": {}, "actions": [action]}, "overlay.yaml")
    assert place.run(overlay=str(overlay)) == 0
    assert "count: int" in (place.output / "small/models/orders.py").read_text("utf-8")
    assert load(place.output / "document.yaml", "test")["components"]["schemas"]["Orders"]["properties"]["count"]
    facts = tomllib.loads((place.output / "PROVENANCE.toml").read_text("utf-8"))
    assert facts["overlay"]["sha256"] == hashlib.sha256(overlay.read_bytes()).hexdigest()


def test_the_provenance_names_the_inputs_of_the_package(place: Place) -> None:
    """It has hashes and versions but no date; the hash of the document is that of `sha256sum`."""
    facts = tomllib.loads((place.output / "PROVENANCE.toml").read_text("utf-8"))
    assert facts["document"] == {"version": "1.0.0", "sha256": hashlib.sha256(place.spec.read_bytes()).hexdigest()}
    assert facts["overlay"] == {"sha256": "none"}
    for name in ("openapi-python-client", "ruff"):
        assert facts[name] == {"version": metadata.version(name)}
    assert sorted(facts) == ["document", "openapi-python-client", "overlay", "ruff", "templates"]


def test_the_provenance_follows_the_templates(project: Project) -> None:
    """A changed template changes the hash of the templates."""
    hashes = []
    for name in ("", "scripts/regenerate/templates/api_init.py.jinja"):
        if name:
            (project.root / name).write_text(project.text(name) + "# A change.\n", "utf-8")
        assert project.run("--overlay", "none").returncode == 0
        facts = tomllib.loads(project.text("generated/PROVENANCE.toml"))
        hashes.append(facts["templates"]["sha256"])
    assert hashes[0] != hashes[1]


def test_a_summary_lists_the_changes(place: Place) -> None:
    """`--summary FILE` has the changes since the document that the current package was made from."""
    changed = copy.deepcopy(DOCUMENT)
    changed["info"]["version"] = "2.0.0"
    changed["paths"].update(PAGED["paths"])
    changed["components"]["schemas"].update(PAGED["components"]["schemas"])
    path = place.folder / "summary.md"
    for _ in range(2):
        assert place.run("--summary", str(path), "--check", spec=write(place.folder, changed, "new.yaml")) == 1
    text = path.read_text("utf-8")
    assert text.startswith("# 0 breaking, 2 other changes (1.0.0 -> 2.0.0)\n")
    assert "operation-added" in text
    assert "## Operations with pagination\n\n- `GetThings`\n" in text


def test_without_a_current_package_the_summary_is_empty(tmp_path: Path) -> None:
    """The first run has no document to compare with."""
    path = tmp_path / "summary.md"
    spec, output = write(tmp_path, DOCUMENT), tmp_path / "out"
    assert main(["--spec", str(spec), "--output", str(output), "--overlay", "none", "--summary", str(path)]) == 0
    assert "Nothing changed." in path.read_text("utf-8")


def test_a_swap_that_fails_half_way_is_undone(place: Place, tmp_path: Path) -> None:
    """The old files are restored and the new ones removed: package and document never come from two runs."""
    built = tmp_path / "aside" / "built"
    shutil.copytree(place.output / "small", built / "small")
    (built / "small/client.py").write_text("", "utf-8")
    (built / "fresh.yaml").write_text("", "utf-8")
    before = state(place.output)
    with pytest.raises(FileNotFoundError):
        swap(built, place.output, ["small", "fresh.yaml", "document.yaml"])
    assert state(place.output) == before


INTERRUPTED = "interrupted; nothing under generated/ changed\n"


@pytest.mark.parametrize("when", [("open", "openapi.yaml"), ("subprocess.Popen", "ruff"), ("open", "PROVENANCE.toml")])
def test_ctrl_c_ends_a_run_in_one_line(project: Project, when: tuple[str, str]) -> None:
    """Nothing has changed at any step, and no temporary folder remains."""
    assert project.run("--overlay", "none").returncode == 0
    write(project.root, PAGED, "openapi.yaml")
    before = project.state()
    run = run_interrupted(project.root, when, "scripts.regenerate", "--overlay", "none")
    assert (run.returncode, run.stderr) == (130, INTERRUPTED)
    assert project.state() == before


@pytest.mark.parametrize(
    "when", [("os.rename", "kalshi_trade_api"), ("os.rename", "PROVENANCE.toml"), ("shutil.rmtree", "retired")]
)
def test_ctrl_c_during_the_swap_is_ignored(project: Project, when: tuple[str, str]) -> None:
    """The run succeeds, and all files are from the same run."""
    assert project.run("--overlay", "none").returncode == 0
    write(project.root, PAGED, "openapi.yaml")
    run = run_interrupted(project.root, when, "scripts.regenerate", "--overlay", "none")
    assert (run.returncode, run.stderr) == (0, "")
    assert project.run("--overlay", "none", "--check").returncode == 0


@pytest.mark.parametrize("arguments", [["--nothing"], ["--spec"], ["extra"]])
def test_a_wrong_command_line_stops_at_once(project: Project, arguments: list[str]) -> None:
    """The exit status is 2, as for an error in a step."""
    before = project.state()
    run = project.run(*arguments)
    assert run.returncode == 2
    assert run.stderr.startswith("usage: ")
    assert project.state() == before


def test_two_runs_write_the_same_bytes(project: Project) -> None:
    """The output depends neither on the time nor on the hash seed."""
    write(project.root, PAGED, "openapi.yaml")
    states = []
    for number, seed in enumerate(["random", "0", "1"]):
        output = project.root / f"out{number}"
        assert project.run("--overlay", "none", "--output", str(output), PYTHONHASHSEED=seed).returncode == 0
        states.append(state(output))
    assert states[0] == states[1] == states[2]


@pytest.mark.slow
@pytest.mark.parametrize("seed", ["0", "1"])
def test_the_package_in_the_repository_is_what_the_command_writes(project: Project, tmp_path: Path, seed: str) -> None:
    """Rebuilt from our document with any hash seed, the package has the same bytes."""
    shutil.copyfile(ROOT / "openapi.yaml", project.root / "openapi.yaml")
    assert project.run(PYTHONHASHSEED=seed).returncode == 0
    assert state(project.root / "generated") == state(ROOT / "generated")
