"""The peers, installed in an environment of their own, outside the project."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

PEERS: Final = (
    "kalshi_python_sync==3.34.0",
    "kalshi_python_async==3.34.0",
    "kalshi-sdk==22.4.0",
    "kalshi-py==2.0.6.6",
    "pykalshi==2.0.0",
)
"""They need Python 3.13."""
_SHARED: Final = ("attrs", "cryptography", "httpx", "httpx-aiohttp", "msgspec")
"""What this project needs, so that all run on the same interpreter with the same libraries."""


def installed(folder: Path) -> str:
    """Make the environment, unless it is there; return its interpreter."""
    python = folder / "bin" / "python"
    done = folder / "installed"
    wanted = "\n".join((*PEERS, *_SHARED))
    if not done.is_file() or done.read_text("utf-8") != wanted:
        subprocess.run([_python_3_13(), "-m", "venv", "--clear", folder], check=True)  # noqa: S603
        subprocess.run([python, "-m", "pip", "install", "-qq", *PEERS, *_SHARED], check=True)  # noqa: S603
        done.write_text(wanted, "utf-8")
    return str(python)


def _python_3_13() -> str:
    """Return an interpreter that the peers can be installed for."""
    if sys.version_info >= (3, 13):
        return sys.executable
    found = shutil.which("python3.13")
    if found is None:
        sys.exit("--peers needs Python 3.13 on the PATH: the official client takes no older one")
    return found


def versions(python: str) -> str:
    """Return the versions that matter, in one line."""
    code = (
        "import sys; from importlib.metadata import distributions as d;"
        "print(', '.join(sorted(f'{x.name} {x.version}' for x in d() if x.name.lower() in sys.argv[1:])))"
    )
    names = [name.partition("==")[0].lower() for name in (*PEERS, *_SHARED, "aiohttp", "pydantic", "orjson")]
    done = subprocess.run([python, "-c", code, *names], capture_output=True, text=True, check=True)  # noqa: S603
    return done.stdout.strip()
