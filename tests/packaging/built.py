"""The project as it is shipped: an sdist, the wheel made from it, and an environment with that wheel."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

from attrs import frozen

ROOT: Final = Path(__file__).parents[2]
PROJECT: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
# Any one will do: the same on every machine makes the same bytes.
EPOCH: Final = "1700000000"


def packages() -> dict[str, Path]:
    """Return the packages that pyproject.toml puts into the wheel, each with its folder in the source tree."""
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    return {wheel.get("sources", {}).get(path, path): ROOT / path for path in wheel["only-include"]}


@frozen
class Distributions:
    """
    What a build leaves.

    Attributes:
        sdist: The archive of the sources.
        wheel: The wheel, made from the sdist.
    """

    sdist: Path
    wheel: Path

    def files(self) -> dict[str, bytes]:
        """Return the wheel's files."""
        with ZipFile(self.wheel) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def information(self) -> dict[str, bytes]:
        """Return the files of the wheel's `.dist-info` by their path in it."""
        files = {name.partition(".dist-info/")[2]: data for name, data in self.files().items()}
        return {name: data for name, data in files.items() if name}

    def unpacked_sdist(self, folder: Path) -> Path:
        """Unpack the sdist and return its one folder."""
        with tarfile.open(self.sdist) as archive:
            archive.extractall(folder, filter="data")
        (inner,) = folder.iterdir()
        return inner


@frozen
class Environment:
    """A virtual environment with the wheel in it; what else it needs is borrowed from the one that runs the tests."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def site_packages(self) -> Path:
        return Path(sysconfig.get_path("purelib", "venv", {"base": str(self.folder)})).resolve()

    def run(self, *arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
        """Run its Python in a folder, with nothing from the environment that could lead to the source tree."""
        return run([self.python, *arguments], folder, PATH=f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}")


def run(command: list[str | Path], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder; variables for Python, pytest and this project are left behind."""
    ours = ("KALSHI_", "PYTEST_", "PYTHON", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        command, cwd=folder, env={**kept, "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip


def build(source: Path, folder: Path) -> Distributions:
    """Build the sdist from a source tree, and the wheel from the sdist, in the environment that runs the tests."""
    done = run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, source],
        source.parent, SOURCE_DATE_EPOCH=EPOCH,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (sdist,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    return Distributions(sdist, wheel)


def install(wheel: Path, folder: Path) -> Environment:
    """Install a wheel alone into a new environment; a .pth file lends it what is installed here."""
    made = run([sys.executable, "-m", "venv", folder], folder.parent)
    assert made.returncode == 0, made.stdout + made.stderr
    environment = Environment(folder)
    done = environment.run(
        "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--disable-pip-version-check", wheel,
        folder=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    # Its folders are searched after the environment's own, and .pth files in them are not read.
    lent = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (environment.site_packages / "lent.pth").write_text("".join(f"{path}\n" for path in sorted(lent)), "utf-8")
    return environment


def once(folder: Path, name: str, make: Callable[[Path], object]) -> Path:
    """Make a folder's content once, whichever of several test processes comes first, and return it."""
    made, ready = folder / name, folder / f"{name}.ready"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            made.mkdir()
            make(made)
            ready.touch()
    return made
