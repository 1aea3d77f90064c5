"""The wheel: what it says of itself, what is in it, and that it can be made again and installed alone."""

from __future__ import annotations

import json
import re
from email import message_from_bytes
from email.message import Message
from pathlib import Path, PurePosixPath
from typing import Final

import pytest

from tests.packaging.built import PROJECT, ROOT, Distributions, Environment, build, packages, run

pytestmark = pytest.mark.slow

STATED: Final = PROJECT["project"]
# An import of everything there is, with warnings as errors; prints where each package came from.
IMPORT: Final = """
import importlib, json, pkgutil
from importlib.metadata import version
found = {"version": version("kalshi-trade-api"), "modules": 0, "places": []}
for name in NAMES:
    package = importlib.import_module(name)
    found["places"].append(package.__file__)
    for module in pkgutil.walk_packages(package.__path__, name + "."):
        # The alias of a module that was moved warns.
        if not module.name.endswith(("__main__", "kalshi_auth.aio")):
            importlib.import_module(module.name)
            found["modules"] += 1
print(json.dumps(found))
"""
MACHINE: Final = re.compile(
    r"file:|localhost|127\.0\.0\.1|(?<![\w.:/~-])/(?:home|mnt|opt|private|root|tmp|Users|usr|var|work)/"
)
REGISTRY: Final = re.compile(
    r"https?://[^/\s]*(?:artifactory|devpi|index|mirror|nexus|packages|pypi|pythonhosted|registry)", re.I
)


@pytest.fixture(scope="module")
def files(distributions: Distributions) -> dict[str, bytes]:
    """Return the wheel's files by their path in it."""
    return distributions.files()


@pytest.fixture(scope="module")
def metadata(distributions: Distributions) -> Message:
    """Return the wheel's METADATA."""
    return message_from_bytes(distributions.information()["METADATA"])


def test_name_version_and_python_are_those_of_the_project(metadata: Message) -> None:
    """What an index shows first is what pyproject.toml says."""
    assert metadata["Name"] == STATED["name"] == "kalshi-trade-api"
    assert metadata["Version"] == STATED["version"]
    assert metadata["Summary"] == STATED["description"]
    assert metadata["Requires-Python"] == STATED["requires-python"] == ">=3.11"


def test_licence_is_mit_and_its_text_is_there(metadata: Message, distributions: Distributions) -> None:
    """The licence is named by its SPDX identifier, and the file itself is shipped."""
    assert metadata["License-Expression"] == "MIT"
    assert metadata.get_all("License-File") == ["LICENSE"]
    text = distributions.information()["licenses/LICENSE"]
    assert text == (ROOT / "LICENSE").read_bytes()
    assert text.startswith(b"MIT License\n")


def test_three_packages_are_needed_to_run(metadata: Message) -> None:
    """Nothing but attrs, cryptography and httpx is required, and what else there is hangs on a declared extra."""
    required, optional = set(), set()
    for line in metadata.get_all("Requires-Dist", []):
        name = re.split(r"[^\w.-]", line, maxsplit=1)[0]
        extra = re.search(r"extra == ['\"]([\w-]+)['\"]", line)
        if extra:
            optional.add(extra[1])
        else:
            required.add(name)
    assert required == {"attrs", "cryptography", "httpx"}
    declared = set(STATED.get("optional-dependencies", {}))
    assert set(metadata.get_all("Provides-Extra", [])) == declared
    assert optional <= declared


def test_classifiers_name_the_versions_and_the_types(metadata: Message) -> None:
    """The classifiers are the project's, with every Python that is tested and the marker for types."""
    shown = metadata.get_all("Classifier", [])
    assert sorted(shown) == sorted(STATED["classifiers"])
    tested = re.search(r"python: \[(.*)\]", (ROOT / ".github/workflows/checks.yml").read_text("utf-8"))
    assert tested is not None
    versions = re.findall(r"[\d.]+", tested[1])
    assert {f"Programming Language :: Python :: {version}" for version in versions} < set(shown)
    assert "Typing :: Typed" in shown


def test_description_is_the_readme(metadata: Message) -> None:
    """The page on an index is the README, whole, as Markdown."""
    assert metadata["Description-Content-Type"].startswith("text/markdown")
    shown = metadata.get_payload(decode=True)
    assert isinstance(shown, bytes)
    assert shown.strip() == (ROOT / "README.md").read_bytes().strip()


def test_version_is_the_changelog_s(metadata: Message) -> None:
    """The version is that of the newest heading, or stands under an Unreleased one that no older release outruns."""
    headings = re.findall(r"^## \[?(Unreleased|\d[^\]\s]*)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert headings
    released = [heading for heading in headings if heading != "Unreleased"]
    if headings[0] != "Unreleased":
        assert metadata["Version"] == released[0]
    elif released:
        assert numbers(metadata["Version"]) >= numbers(released[0])


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))


def test_top_level_holds_the_declared_packages_and_no_more(files: dict[str, bytes]) -> None:
    """No tests, scripts or benchmarks come along, and nothing is called `generated`."""
    tops = {PurePosixPath(name).parts[0] for name in files}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(packages())
    assert set(packages()) == {"kalshi_auth", "kalshi_core", "kalshi_paper", "kalshi_trade_api"}
    assert sum(top.endswith(".dist-info") for top in tops) == 1


@pytest.mark.parametrize("package", sorted(packages()))
def test_package_is_in_the_wheel_byte_for_byte(package: str, files: dict[str, bytes]) -> None:
    """Every file of the package's folder is in the wheel as it is, and the wheel adds none."""
    folder = packages()[package]
    sources = {
        f"{package}/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    shipped = {name: data for name, data in files.items() if name.startswith(f"{package}/")}
    assert len(sources) > 1
    assert sorted(sources) == sorted(shipped)
    assert [name for name, data in sources.items() if shipped[name] != data] == []


@pytest.mark.parametrize("package", sorted(packages()))
def test_package_says_that_it_is_typed(package: str, files: dict[str, bytes]) -> None:
    """Type checkers find the marker in every package."""
    assert f"{package}/py.typed" in files


def test_wheel_runs_on_every_platform(distributions: Distributions) -> None:
    """There is nothing compiled in it."""
    wheel = message_from_bytes(distributions.information()["WHEEL"])
    assert wheel.get_all("Tag") == ["py3-none-any"]
    assert wheel["Root-Is-Purelib"] == "true"
    assert distributions.wheel.name.endswith("-py3-none-any.whl")


def test_nothing_of_the_machine_is_in_the_wheel(files: dict[str, bytes]) -> None:
    """No file holds the path of the source tree or of the home folder, nor is one a cache or a key."""
    places = [str(place).encode() for place in (ROOT, Path.home()) if len(place.parts) > 2]
    assert [name for name, data in files.items() if any(place in data for place in places)] == []
    assert [name for name in files if re.search(r"__pycache__|\.(?:pyc|pem|key|env|orig|rej)$", name)] == []


def test_metadata_holds_neither_paths_nor_registries(distributions: Distributions) -> None:
    """Nobody learns from it where it was built, nor is anybody sent elsewhere for packages; the README is its own."""
    information = distributions.information()
    information["METADATA"] = information["METADATA"].partition(b"\n\n")[0]
    for name in ("METADATA", "WHEEL", "RECORD"):
        text = information[name].decode("utf-8")
        assert not MACHINE.search(text), MACHINE.search(text)
        assert not REGISTRY.search(text), REGISTRY.search(text)
        assert not re.search(r"^Requires-Dist:.*(?:@|//)", text, re.M)
    assert not {"direct_url.json", "INSTALLER"} & set(information)


def test_wheel_is_the_same_wherever_it_is_built(distributions: Distributions, tmp_path: Path) -> None:
    """Building again, from the sdist, in another folder, gives both files byte for byte."""
    again = build(distributions.unpacked_sdist(tmp_path / "elsewhere"), tmp_path / "dist")
    assert again.wheel.name == distributions.wheel.name
    assert again.wheel.read_bytes() == distributions.wheel.read_bytes()
    assert again.sdist.read_bytes() == distributions.sdist.read_bytes()


def test_sources_can_be_regenerated_from_the_sdist(distributions: Distributions, tmp_path: Path) -> None:
    """The sdist has the document, the command that makes the client, and what it was made from."""
    folder = distributions.unpacked_sdist(tmp_path)
    needed = ["openapi.yaml", "pyproject.toml", "generated/PROVENANCE.toml", "LICENSE", "README.md"]
    needed += [str(path.relative_to(ROOT)) for path in (ROOT / "scripts" / "regenerate" / "templates").iterdir()]
    needed += [str(path.relative_to(ROOT)) for path in (ROOT / "scripts").rglob("*.py")]
    assert [name for name in needed if (folder / name).read_bytes() != (ROOT / name).read_bytes()] == []
    keys = folder / "tests" / "vectors" / "keys"
    assert [path for path in folder.rglob("*") if path.suffix in (".pyc", ".pem") and path.parent != keys] == []


def test_sdist_has_all_that_the_tests_need(distributions: Distributions, tmp_path: Path) -> None:
    """Whoever packages it can run them: every file that git keeps is in it, byte for byte."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout")
    listed = run(["git", "ls-files", "-z"], ROOT)
    assert listed.returncode == 0, listed.stderr
    folder = distributions.unpacked_sdist(tmp_path)
    kept = [name for name in listed.stdout.split("\0") if (ROOT / name).is_file()]
    assert len(kept) > 500
    assert [name for name in kept if not (folder / name).is_file()] == []
    assert [name for name in kept if (folder / name).read_bytes() != (ROOT / name).read_bytes()] == []


def test_wheel_installs_alone_and_every_module_imports(environment: Environment, tmp_path: Path) -> None:
    """In an environment of its own, with no source tree near, every module imports without a warning."""
    names = f"NAMES = {sorted(packages())}\n"
    done = environment.run("-I", "-W", "error", "-c", names + IMPORT, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["version"] == STATED["version"]
    assert found["modules"] > 300
    assert [place for place in found["places"] if environment.site_packages not in Path(place).resolve().parents] == []
