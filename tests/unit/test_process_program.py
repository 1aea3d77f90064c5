"""The program of a signing process: how it starts, what it runs, and with whom it ends."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from kalshi_auth.process_main import PROGRAM, READY
from tests.unit.signing_processes import CountingKey
from tests.vectors.material import KEY_ID, key_file

PATHS: Final = [entry for entry in sys.path if entry]


unix = pytest.mark.skipif(sys.platform == "win32", reason="signals are Unix's")
RUN: Final = """
import asyncio, json, multiprocessing, os, signal, sys, time
from kalshi_auth import signer_from_file
from kalshi_auth.process import signing_process

async def main():
    {before}
    async with signing_process(signer_from_file(*sys.argv[1:])) as signer:
        {inside}
        print(len(await signer.asign(b"a message")), flush=True)

asyncio.run(main())
"""


def script(before: str = "pass", inside: str = "pass", *path: str) -> Any:
    """Start a script that signs once, with a process group of its own."""
    code, paths = RUN.format(before=before, inside=inside), [*PATHS, *path]
    return subprocess.Popen(
        [sys.executable, "-c", code, KEY_ID, key_file("rsa_pkcs8")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, start_new_session=True,
    )  # fmt: skip


def output_of(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Wait until a script, and every process with its output, has ended; return both outputs."""
    try:
        return process.communicate(timeout=30)
    finally:
        process.kill()


@pytest.mark.parametrize(
    ("before", "error"),
    [
        ("sys.executable = '/not/there'", "FileNotFoundError"),
        ("sys.executable = None", "OSError: a signing process needs a Python interpreter to start"),
        ("sys.executable = ''", "OSError: a signing process needs a Python interpreter to start"),
        ("sys.frozen = True", "OSError: a signing process needs a Python interpreter to start"),
        ("sys.path[:] = ['/not/there']", "ChildProcessError: the signing process did not get ready"),
    ],
)
def test_a_process_that_cannot_be_started_is_an_error(before: str, error: str) -> None:
    """Its own messages are on standard error, and no warning says that it ended."""
    printed, told = output_of(script(before))
    assert printed == ""
    assert told.splitlines()[-1].startswith(error)
    assert "signs from now on" not in told


def test_the_process_does_not_run_the_program_that_starts_it(tmp_path: Path) -> None:
    """A program without an `if __name__` guard runs once."""
    program = tmp_path / "bot.py"
    program.write_text("print('a bot trades', flush=True)\n" + RUN.format(before="pass", inside="pass"), "utf-8")
    done = subprocess.run(
        [sys.executable, str(program), KEY_ID, key_file("rsa_pkcs8")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(PATHS)}, capture_output=True, text=True, timeout=60,
        check=True,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("a bot trades\n256\n", "")


def test_the_process_imports_nothing_from_its_surroundings(tmp_path: Path) -> None:
    """Neither a module in the current folder, nor a `sitecustomize` that the environment names."""
    (tmp_path / "sitecustomize.py").write_text("print('once', flush=True)", "utf-8")
    (tmp_path / "here").mkdir()
    for name in ("json", "runpy", "kalshi_auth", "cryptography"):
        (tmp_path / "here" / f"{name}.py").write_text(f"print({name!r}, flush=True)", "utf-8")
    printed, told = output_of(script(f"os.chdir({str(tmp_path / 'here')!r})", "pass", str(tmp_path)))
    assert (printed, told) == ("once\n256\n", "")


@unix
def test_ctrl_c_does_not_reach_the_process() -> None:
    """A terminal sends it to the group, also while the process starts; the process goes on signing."""
    before = "signal.signal(signal.SIGINT, lambda *_: None); interrupt = lambda: os.killpg(0, signal.SIGINT)"
    early = "asyncio.get_running_loop().call_later(0.03, interrupt)"
    inside = "interrupt(); await asyncio.sleep(0.1); assert signer._process.returncode is None"
    assert output_of(script(before=f"{before}; {early}", inside=inside)) == ("256\n", "")


@unix
def test_the_process_does_not_outlive_its_parent() -> None:
    """When the parent is killed, no process is left that has its standard error, and nothing is written there."""
    process = script(inside="print('up', flush=True); time.sleep(60)")
    assert process.stdout.readline() == "up\n"
    process.kill()
    assert output_of(process) == ("", "")


def test_a_process_whose_parent_is_gone_reports_no_error() -> None:
    """A closed pipe with pending requests ends it normally."""
    key = CountingKey().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    with subprocess.Popen(
        [sys.executable, PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(base64.b64encode(key) + b"\n")
        process.stdin.flush()
        assert base64.b64decode(process.stdout.readline()) == READY
        process.stdout.close()
        process.stdin.write(base64.b64encode(b"a message") + b"\n")
        process.stdin.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 0


@unix
def test_the_process_does_not_outlive_its_parent_for_a_fork() -> None:
    """A forked child of the parent keeps the pipe open, and the process ends all the same."""
    inside = (
        "number = signer._process.pid; child = os.fork();"
        " child or (os.close(1), os.close(2), time.sleep(300), os._exit(0));"
        " print(number, child, flush=True); time.sleep(60)"
    )
    process = script(inside=inside)
    number, forked = map(int, process.stdout.readline().split())
    try:
        process.kill()
        assert output_of(process)[0] == ""
        assert gone(number)
    finally:
        os.kill(forked, signal.SIGKILL)


def gone(number: int) -> bool:
    """Return whether a process ends soon; a zombie counts as ended."""
    for _ in range(200):
        try:
            os.kill(number, 0)
            if Path(f"/proc/{number}/stat").read_text("ascii").rpartition(")")[2].split()[0] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.05)
    return False
