"""The command `python -m scripts.regenerate`: its options, its exit statuses, and what it leaves behind."""

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
from scripts.regenerate.document import dump, load
from scripts.regenerate.project import MARKER, ROOT
from tests.tooling.projects import DOCUMENT, Project, interrupted, state
from tests.tooling.small_documents import TEXT, Doc, document, model, operation, ref, written

PAGED = document(
    {
        "/things": {
            "get": operation("GetThings", ref("Page"), parameters=[{"name": "cursor", "in": "query", "schema": TEXT}])
        }
    },
    {"Page": model({"things": {"type": "array", "items": TEXT}, "cursor": TEXT})},
)


class Place:
    """A folder with a document and a package built from it, for runs inside this process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output = folder / "output"
        self.spec = written(folder, DOCUMENT)

    def run(self, *arguments: str, spec: Path | None = None, overlay: str = "none") -> int:
        return main([
            "--spec", str(spec or self.spec), "--output", str(self.output), "--package", "small",
            "--overlay", overlay, *arguments,
        ])  # fmt: skip

    def state(self) -> dict[str, str]:
        return state(self.folder)


@pytest.fixture(scope="session")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = Place(tmp_path_factory.mktemp("standing"))
    assert place.run() == 0
    return place.folder


@pytest.fixture
def place(standing: Path, tmp_path: Path) -> Place:
    """Return a place of the test's own where a package stands already."""
    shutil.copytree(standing, tmp_path, dirs_exist_ok=True)
    return Place(tmp_path)


def test_by_default_the_document_is_read_and_the_package_written(project: Project) -> None:
    """Every step says its line, and `generated/` holds package, amended document and provenance."""
    run = project.run("--overlay", "none")
    assert (run.returncode, run.stderr) == (0, "")
    steps = ["fetch", "overlay", "validate", "generate", "polish", "drift", "summarise"]
    assert [line.split()[0] for line in run.stdout.splitlines()] == steps
    names = sorted(path.name for path in (project.root / "generated").iterdir())
    assert names == ["PROVENANCE.toml", "document.yaml", "kalshi_trade_api"]
    assert "skipped, using" in run.stdout
    assert not list(project.root.glob(".regenerate-*"))


def test_our_overlay_is_used_unless_another_is_named(project: Project) -> None:
    """The overlay beside the scripts is the default: its one mandatory action misses in a document without orders."""
    run = project.run()
    assert run.returncode == 2
    assert "overlay.yaml, action 3" in run.stderr
    assert not (project.root / "generated").exists()


def test_a_check_is_clean_after_a_run(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """What was just written shows no drift, and a check writes nothing."""
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
    "an edited document": (lambda out: written(out, DOCUMENT, "document.yaml"), "changed  document.yaml"),
    "no provenance": (lambda out: (out / "PROVENANCE.toml").unlink(), "changed  PROVENANCE.toml"),
}


@pytest.mark.parametrize(("drift", "row"), DRIFTS.values(), ids=list(DRIFTS))
def test_a_check_tells_drift_and_writes_nothing(
    place: Place, capsys: pytest.CaptureFixture[str], drift: Callable[[Path], Any], row: str
) -> None:
    """Whatever differs is named, the exit status is 1, and the drift is still there afterwards."""
    drift(place.output)
    before = place.state()
    assert place.run("--check") == 1
    assert row in capsys.readouterr().out.splitlines()
    assert place.state() == before


def test_a_check_shows_twenty_files_at_most(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """A log is for reading: the rest is three dots."""
    for number in range(30):
        (place.output / "small" / f"extra_{number}.py").write_text("", "utf-8")
    assert place.run("--check") == 1
    out = capsys.readouterr().out.splitlines()
    assert len([line for line in out if line.startswith("gone  ")]) == 20
    assert out[-1] == "..."


def test_a_check_of_nothing_makes_no_folder(tmp_path: Path) -> None:
    """Even the folder above the output is left unmade."""
    spec = written(tmp_path, DOCUMENT)
    output = tmp_path / "deep" / "output"
    assert main(["--spec", str(spec), "--output", str(output), "--overlay", "none", "--check"]) == 1
    assert list(tmp_path.iterdir()) == [spec]


def test_caches_are_no_drift(place: Place) -> None:
    """Importing the package leaves bytecode behind, which neither a check nor a run minds."""
    cache = place.output / "small" / "__pycache__"
    cache.mkdir()
    (cache / "client.pyc").write_bytes(b"\0")
    assert place.run("--check") == 0
    assert place.run() == 0


def test_a_run_replaces_the_package_whole(place: Place) -> None:
    """What the new document does not have is gone, and nothing is left beside the output."""
    assert place.run(spec=written(place.folder, PAGED, "paged.yaml")) == 0
    assert not (place.output / "small/models/orders.py").exists()
    assert (place.output / "small/models/page.py").is_file()
    assert sorted(path.name for path in place.folder.iterdir()) == ["output", "paged.yaml", "small.yaml"]


def test_other_files_in_the_output_folder_stay(place: Place) -> None:
    """Only the three names that the command writes are replaced."""
    note = place.output / "NOTES.md"
    note.write_text("Mine.", "utf-8")
    assert place.run(spec=written(place.folder, PAGED, "paged.yaml")) == 0
    assert note.read_text("utf-8") == "Mine."


def test_the_package_takes_the_name_asked_for(tmp_path: Path) -> None:
    """`--package` names the folder; imports inside are relative, so any name will do."""
    spec = written(tmp_path, DOCUMENT)
    arguments = ["--spec", str(spec), "--output", str(tmp_path / "out"), "--overlay", "none"]
    for name in ("small", "other"):
        assert main([*arguments, "--package", name]) == 0
    one, two = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.py")}
        for folder in (tmp_path / "out/small", tmp_path / "out/other")
    )
    assert one == two


def test_another_overlay_is_applied(place: Place) -> None:
    """`--overlay FILE` amends the document, and the provenance tells the overlay's hash."""
    action = {"target": "$.components.schemas.Orders.properties", "update": {"count": {"type": "integer"}}}
    overlay = written(place.folder, {"overlay": "1.0.0", "info": {}, "actions": [action]}, "overlay.yaml")
    assert place.run(overlay=str(overlay)) == 0
    assert "count: int" in (place.output / "small/models/orders.py").read_text("utf-8")
    assert load(place.output / "document.yaml", "test")["components"]["schemas"]["Orders"]["properties"]["count"]
    facts = tomllib.loads((place.output / "PROVENANCE.toml").read_text("utf-8"))
    assert facts["overlay"]["sha256"] == hashlib.sha256(overlay.read_bytes()).hexdigest()


def test_the_provenance_tells_what_the_package_was_made_from(place: Place) -> None:
    """Hashes and versions, no date: the document's hash is the one that `sha256sum` prints."""
    facts = tomllib.loads((place.output / "PROVENANCE.toml").read_text("utf-8"))
    assert facts["document"] == {"version": "1.0.0", "sha256": hashlib.sha256(place.spec.read_bytes()).hexdigest()}
    assert facts["overlay"] == {"sha256": "none"}
    for name in ("openapi-python-client", "ruff"):
        assert facts[name] == {"version": metadata.version(name)}
    assert sorted(facts) == ["document", "openapi-python-client", "overlay", "ruff", "templates"]


def test_the_provenance_follows_the_templates(project: Project) -> None:
    """A changed template shows in the hash of the templates."""
    hashes = []
    for name in ("", "scripts/regenerate/templates/api_init.py.jinja"):
        if name:
            (project.root / name).write_text(project.text(name) + "# A change.\n", "utf-8")
        assert project.run("--overlay", "none").returncode == 0
        facts = tomllib.loads(project.text("generated/PROVENANCE.toml"))
        hashes.append(facts["templates"]["sha256"])
    assert hashes[0] != hashes[1]


def test_a_summary_tells_what_changes(place: Place) -> None:
    """`--summary FILE` holds the changes from the document the standing package was made from."""
    changed = copy.deepcopy(DOCUMENT)
    changed["info"]["version"] = "2.0.0"
    changed["paths"].update(PAGED["paths"])
    changed["components"]["schemas"].update(PAGED["components"]["schemas"])
    path = place.folder / "summary.md"
    for _ in range(2):
        assert place.run("--summary", str(path), "--check", spec=written(place.folder, changed, "new.yaml")) == 1
    text = path.read_text("utf-8")
    assert text.startswith("# 0 breaking, 2 other changes (1.0.0 -> 2.0.0)\n")
    assert "operation-added" in text
    assert "## Operations with pagination\n\n- `GetThings`\n" in text


def test_without_a_standing_package_the_summary_is_empty(tmp_path: Path) -> None:
    """The first run has nothing to compare with."""
    path = tmp_path / "summary.md"
    spec, output = written(tmp_path, DOCUMENT), tmp_path / "out"
    assert main(["--spec", str(spec), "--output", str(output), "--overlay", "none", "--summary", str(path)]) == 0
    assert "Nothing changed." in path.read_text("utf-8")


def of(paths: Doc | None = None, **schemas: Doc) -> str:
    """Write a document of these paths and schemas."""
    return dump(document(paths, schemas))


def get(returns: Doc | None = None, at: str = "/a", **keys: Any) -> Doc:
    """Build paths with one operation."""
    return {at: {"get": operation("GetA", returns, **keys)}}


def q(**keys: Any) -> Doc:
    """Build paths with one operation that has a parameter."""
    return get(parameters=[{"name": "q", "in": "query", "schema": TEXT, **keys}])


NUMBERS = {"type": "array", "items": {"type": "integer"}}
REFUSED: dict[str, tuple[str, str, str]] = {
    "bad YAML": ("openapi: [3", "fetch", "is not valid YAML"),
    "a doubled key": (f"{dump(DOCUMENT)}\npaths: {{}}\n", "fetch", "duplicate key 'paths'"),
    "no mapping": ("- openapi", "fetch", "holds a list"),
    "no OpenAPI": ("asyncapi: 3.0.0", "fetch", "is not an OpenAPI document"),
    "another OpenAPI": ("openapi: 2.0.0\ninfo: {version: '1'}\npaths: {/a: {}}", "validate", "version 3.x expected"),
    "no operationId": (of(get() | {"/b": {"get": operation("")}}), "validate", "GET /b: operationId missing"),
    "a doubled operationId": (of(get() | get(at="/b")), "validate", "operationId GetA is already used by GET /a"),
    "an unknown security scheme": (of(get(security=[{"other": []}])), "validate", "scheme other is not defined"),
    "a $ref to nowhere": (of(get(ref("Nowhere"))), "validate", "#/components/schemas/Nowhere cannot be resolved"),
    "a path parameter without a parameter": (
        of(get(at="/a/{id}")),
        "validate",
        "path parameter id is in the path but not in the parameters",
    ),
    "a warning of the generator": (
        of(A={"type": "object", "properties": {"x": {"type": "array", "items": {"type": "file", "x": 1}}}}),
        "generate",
        "the generator reports",
    ),
    "two classes of one name": (of(**{"a-b": model({"x": TEXT}), "aB": model({"x": TEXT})}), "generate", "AB"),
    "two operations of one module": (
        of(get() | {"/b": {"get": operation("get_a")}}),
        "generate",
        "get_a and GetA would have the same module, things.get_a",
    ),
    "a class that would hide ours": (of(get(ref("Client")), Client=model({"x": TEXT})), "generate", "named Client"),
    "a map of itself": (
        of(get(ref("Tree")), Tree={"type": "object", "additionalProperties": ref("Tree")}),
        "generate",
        "Tree is a map that contains itself",
    ),
    "maps of one another": (
        of(
            get(ref("A")),
            A={"type": "object", "additionalProperties": {"type": "array", "items": ref("B")}},
            B={"type": "object", "additionalProperties": ref("A")},
        ),
        "generate",
        "A is a map that contains itself",
    ),
    "a body that is not JSON": (
        of(
            {
                "/a": {
                    "put": operation(
                        "PutA", requestBody={"content": {"multipart/form-data": {"schema": model({"x": TEXT})}}}
                    )
                }
            }
        ),
        "generate",
        "PutA takes a body that is not JSON",
    ),
    "an answer that is not JSON": (
        of(get(responses={"200": {"description": "", "content": {"text/csv": {"schema": TEXT}}}})),
        "generate",
        "a success response that is not JSON",
    ),
    "a file": (
        of(get(model({"x": {"type": "string", "format": "binary"}}))),
        "validate",
        "/properties/x: a file (format: binary)",
    ),
    "a style of its own": (of(q(style="pipeDelimited", schema=NUMBERS)), "generate", "GetA has the query parameter q"),
    "an object in the query": (of(q(schema=model({"x": TEXT}))), "generate", "GetA has the query parameter q"),
    "a list in a cookie": (of(q(schema=NUMBERS, **{"in": "cookie"})), "generate", "GetA has the cookie parameter q"),
    "a list in a path": (
        of(get(at="/a/{q}", parameters=[{"name": "q", "in": "path", "required": True, "schema": NUMBERS}])),
        "generate",
        "GetA has the path parameter q",
    ),
}


@pytest.mark.parametrize(("text", "step", "why"), REFUSED.values(), ids=list(REFUSED))
def test_a_document_that_can_not_be_used_changes_nothing(
    place: Place, capsys: pytest.CaptureFixture[str], text: str, step: str, why: str
) -> None:
    """The exit status is 2; the step, the reason and the mend are told; the package stands as it stood."""
    spec = written(place.folder, text, "other.yaml")
    before = place.state()
    assert place.run(spec=spec) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"error: {step}: ")
    assert why in told
    assert "\n  fix: " in told
    assert place.state() == before


def overlay_of(folder: Path, **keys: Any) -> str:
    """Write an overlay of one action that matches nothing."""
    action = {"target": "$.nowhere", "description": "A reason.", "remove": True, **keys}
    return str(written(folder, {"overlay": "1.0.0", "info": {}, "actions": [action]}, "overlay.yaml"))


PLACES: dict[str, tuple[Callable[[Place], tuple[list[str], dict[str, Any]]], str, str]] = {
    "a document that is not there": (lambda at: ([], {"spec": at.folder / "none.yaml"}), "fetch", "cannot be read"),
    "a folder for a document": (lambda at: ([], {"spec": at.folder}), "fetch", "cannot be read"),
    "an overlay that is not there": (
        lambda at: ([], {"overlay": str(at.folder / "none.yaml")}),
        "overlay",
        "cannot be read",
    ),
    "an overlay that is none": (lambda at: ([], {"overlay": str(at.spec)}), "overlay", "is not an overlay"),
    "an action without a match": (
        lambda at: ([], {"overlay": overlay_of(at.folder)}),
        "overlay",
        "action 1 (A reason.): $.nowhere matches nothing",
    ),
    "a summary in no folder": (lambda at: (["--summary", str(at.folder / "none" / "x.md")], {}), "write", "none/x.md"),
    "an output below a file": (lambda at: (["--output", str(at.spec / "x" / "y")], {}), "write", "small.yaml"),
    "somebody's package": (lambda at: (["--package", "theirs"], {}), "drift", "theirs/__init__.py was not generated"),
    "somebody's module": (lambda at: (["--package", "mixed"], {}), "drift", "mixed/notes.txt was not generated"),
    "somebody's document": (
        lambda at: (["--output", str(at.folder / "else")], {}),
        "drift",
        "document.yaml was not generated",
    ),
    "somebody's provenance": (
        lambda at: (["--output", str(at.folder / "more")], {}),
        "drift",
        "PROVENANCE.toml was not generated",
    ),
}


@pytest.mark.parametrize(("ask", "step", "why"), PLACES.values(), ids=list(PLACES))
def test_a_place_that_can_not_be_used_changes_nothing(
    place: Place,
    capsys: pytest.CaptureFixture[str],
    ask: Callable[[Place], tuple[list[str], dict[str, Any]]],
    step: str,
    why: str,
) -> None:
    """Nobody's file is read wrongly, overwritten or removed, and the error says where it stands."""
    for name in ("theirs/__init__.py", "else/document.yaml", "more/PROVENANCE.toml"):
        folder = place.folder if name.startswith(("else", "more")) else place.output
        (folder / name).parent.mkdir()
        (folder / name).write_text("mine: 1\n", "utf-8")
    shutil.copytree(place.output / "small", place.output / "mixed")
    (place.output / "mixed/notes.txt").write_bytes(b"\xff mine")
    arguments, keys = ask(place)
    before = place.state()
    assert place.run(*arguments, **keys) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"error: {step}: ")
    assert why in told
    assert "\n  fix: " in told
    assert place.state() == before


def test_an_exchange_that_stops_half_way_is_undone(place: Place, tmp_path: Path) -> None:
    """What stood stands again, whole, and what was new is gone: a package and a document never come from two runs."""
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
    """Whatever it does at the time, nothing has changed, and nothing lies about."""
    assert project.run("--overlay", "none").returncode == 0
    written(project.root, PAGED, "openapi.yaml")
    before = project.state()
    run = interrupted(project.root, when, "scripts.regenerate", "--overlay", "none")
    assert (run.returncode, run.stderr) == (130, INTERRUPTED)
    assert project.state() == before


@pytest.mark.parametrize(
    "when", [("os.rename", "kalshi_trade_api"), ("os.rename", "PROVENANCE.toml"), ("shutil.rmtree", "retired")]
)
def test_ctrl_c_while_all_is_put_in_place_comes_too_late(project: Project, when: tuple[str, str]) -> None:
    """The run ends well, and what stands is of one run."""
    assert project.run("--overlay", "none").returncode == 0
    written(project.root, PAGED, "openapi.yaml")
    run = interrupted(project.root, when, "scripts.regenerate", "--overlay", "none")
    assert (run.returncode, run.stderr) == (0, "")
    assert project.run("--overlay", "none", "--check").returncode == 0


def test_an_optional_action_without_a_match_passes(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """`x-optional: true` lets the run go on, and the line counts the action."""
    overlay = overlay_of(place.folder, **{"x-optional": True})
    assert place.run(overlay=overlay) == 0
    assert "1 actions in overlay.yaml: 0 places changed, 1 skipped" in capsys.readouterr().out


def test_an_empty_folder_is_nobody_s(place: Place) -> None:
    """Where nothing can be lost, nothing stands in the way."""
    (place.output / "fresh").mkdir()
    assert place.run("--package", "fresh") == 0


@pytest.mark.parametrize("arguments", [["--nothing"], ["--spec"], ["extra"]])
def test_a_wrong_command_line_stops_at_once(project: Project, arguments: list[str]) -> None:
    """The exit status is 2, as for every step that stops."""
    before = project.state()
    run = project.run(*arguments)
    assert run.returncode == 2
    assert run.stderr.startswith("usage: ")
    assert project.state() == before


def test_two_runs_write_the_same_bytes(project: Project) -> None:
    """Neither time nor the order of hashes shows in the output."""
    written(project.root, PAGED, "openapi.yaml")
    states = []
    for number, seed in enumerate(["random", "0", "1"]):
        output = project.root / f"out{number}"
        assert project.run("--overlay", "none", "--output", str(output), PYTHONHASHSEED=seed).returncode == 0
        states.append(state(output))
    assert states[0] == states[1] == states[2]


@pytest.mark.slow
@pytest.mark.parametrize("seed", ["0", "1"])
def test_the_package_in_the_repository_is_what_the_command_writes(project: Project, tmp_path: Path, seed: str) -> None:
    """Made anew from our document, by any hash seed, the package has the very bytes that are kept."""
    shutil.copyfile(ROOT / "openapi.yaml", project.root / "openapi.yaml")
    assert project.run(PYTHONHASHSEED=seed).returncode == 0
    assert state(project.root / "generated") == state(ROOT / "generated")
