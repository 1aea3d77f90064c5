"""The server, the command line, and the package."""

from __future__ import annotations

import ast
import asyncio
import json
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from kalshi_trade_api.api.orders import (
    create_order_v2,
)
from kalshi_trade_api.api.portfolio import (
    get_balance,
)

import kalshi_paper
from kalshi_auth import signed_client, signer_from_file
from kalshi_paper import PaperExchange
from kalshi_paper.__main__ import main
from scripts import paper_openapi
from tests.paper.clients import DIRECT, client_of, order_of


def test_async_client_is_served_alike(exchange: PaperExchange) -> None:
    """Twenty orders placed at once by an async client all rest, each with an id of its own."""

    async def run() -> set[str]:
        async with client_of(exchange) as client:
            made = await asyncio.gather(
                *(create_order_v2.asyncio(client=client, body=order_of(count="1")) for _ in range(20))
            )
        return {row.order_id for row in made}

    assert len(asyncio.run(run())) == 20


def test_command_prints_what_a_client_needs(tmp_path: Any) -> None:
    """`python -m kalshi_paper` prints variables that a client signs with, and ends with status 0 when told to."""
    with subprocess.Popen(
        [sys.executable, "-m", "kalshi_paper", "--seed", "3", "--latency", "1"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(5)]
        variables = dict(line.removeprefix("export ").strip().split("=", 1) for line in lines[:3])
        try:
            signer = signer_from_file(variables["KALSHI_KEY_ID"], variables["KALSHI_PRIVATE_KEY_FILE"])
            with signed_client(signer, base_url=variables["KALSHI_BASE_URL"], httpx_args=DIRECT) as client:
                assert get_balance.sync(client=client).balance == 1_000_000
        finally:
            process.terminate()
            process.wait(10)
    assert process.returncode == 0


def test_port_that_is_taken_is_said_so(exchange: PaperExchange) -> None:
    """A port in use ends the command with one line and status 1."""
    port = exchange.base_url.partition("/trade")[0].rpartition(":")[2]
    command = [sys.executable, "-m", "kalshi_paper", "--port", port]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("kalshi_paper can't start: ")
    assert f"port {port}: " in done.stderr


@pytest.mark.parametrize(
    "arguments", [["--port", "65536"], ["--port", "-1"], ["--latency", "-1"], ["--latency", "nan"]]
)
def test_argument_out_of_range_is_said_so(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A port or a latency that can't be ends the command with status 2 and the range."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert f"argument {arguments[0]}: {arguments[0].lstrip('-')} must be " in capsys.readouterr().err


def test_interrupted_command_ends_cleanly() -> None:
    """Ctrl-C ends the command with status 0, nothing on standard error, and its key removed."""
    command = [sys.executable, "-W", "error", "-m", "kalshi_paper"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(5)]
        key = Path(lines[2].strip().partition("=")[2])
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=30)
    assert (process.returncode, complaints, key.parent.exists()) == (0, "", False)


def test_document_is_the_repositorys() -> None:
    """The document data of the package is what the repository's document gives, without prose."""
    assert paper_openapi.TARGET.read_text("utf-8") == paper_openapi.text(paper_openapi.SOURCE)
    data = json.loads(paper_openapi.TARGET.read_bytes())
    assert data.keys() == {"operations", "schemas"}
    assert "description" not in data["schemas"]["GetBalanceResponse"]


def test_package_imports_neither_of_the_others() -> None:
    """The paper exchange stands alone: it imports neither the client nor the signing package."""
    found = set()
    for file in paper_openapi.TARGET.parents[1].rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom):
                found.add((node.module or "").partition(".")[0])
            elif isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
    assert not found & {"kalshi_auth", "kalshi_trade_api", "scripts", "tests"}


@pytest.mark.parametrize(
    ("former", "name"),
    [("Clockwork", "MarketControls"), ("Refusal", "RequestRejected"), ("Weather", "FaultInjector")],
)
def test_former_name_still_works_and_warns(former: str, name: str) -> None:
    """A renamed public class is still found by its former name, with a DeprecationWarning that names the new one."""
    with pytest.warns(DeprecationWarning, match=f"{former} is now called {name}"):
        assert getattr(kalshi_paper, former) is getattr(kalshi_paper, name)


def test_every_public_name_is_there(exchange: PaperExchange) -> None:
    """All names of the package can be imported, and `weather` is the former name of `faults`."""
    assert all(hasattr(kalshi_paper, name) for name in kalshi_paper.__all__)
    assert exchange.weather is exchange.faults
    assert not hasattr(kalshi_paper, "Exchange")
