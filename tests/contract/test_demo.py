"""The demo, run as the README says."""

from __future__ import annotations

import asyncio
import io
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from kalshi_trade_api.models.orderbook_count_fp import OrderbookCountFp

from scripts.demo.order_book_table import ladder, side_by_side
from scripts.demo.screen import Screen
from scripts.demo.table import table
from tests.contract.conftest import ROOT

KEY_ID = "66666666-7777-4888-9999-000000000000"


def environment(**variables: str) -> dict[str, str]:
    """Return the environment without what would change a run, and with `variables`."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(("KALSHI", "COVERAGE"))}
    kept = {name: value for name, value in kept.items() if not name.upper().endswith("_PROXY")}
    path = os.pathsep.join([str(ROOT), str(ROOT / "generated")])
    return {**kept, "PYTHONPATH": path, **variables}


def run_demo(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "scripts.demo", *arguments],
        cwd=ROOT,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def shown() -> str:
    """The demo's output; without variables of the user's, it passes and writes nothing to stderr."""
    run = run_demo()
    assert (run.returncode, run.stderr) == (0, ""), run.stdout + run.stderr
    return run.stdout


@pytest.fixture
def dead_proxy() -> Iterator[str]:
    """A loopback address that refuses connections: bound, so that no other process has it, and not listening."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{reserved.getsockname()[1]}"


def test_the_last_line_says_that_the_demo_passed(shown: str) -> None:
    """The last line tells success and what was done; the line above names the file with the code."""
    named, last = shown.splitlines()[-2:]
    assert last == "demo passed: 8 orders placed, 6 trades, 4 cancelled, 1 request refused"
    assert (ROOT / named.removeprefix("The code that ran: ")).is_file()


def test_the_demo_fits_a_terminal(shown: str) -> None:
    """No line is wider than 80 columns or holds anything but printable ASCII."""
    lines = shown.splitlines()
    assert [line for line in lines if len(line) > 80 or not (line.isascii() and line.isprintable())] == []


def test_the_ladder_holds_both_sides_of_the_book(shown: str) -> None:
    """The book as placed: asks above bids, dearest first, all by the price of the YES leg."""
    ladders = [line[:24].split() for line in picture(shown, "the book as placed")]
    assert [row for row in ladders if row] == [
        ["BIDS", "YES", "AT", "ASKS"],
        ["0.4700", "30.00"],
        ["0.4600", "40.00"],
        ["0.4500", "40.00"],
        ["50.00", "0.4200"],
        ["60.00", "0.4100"],
    ]


def test_queue_positions_move_as_trades_happen(shown: str) -> None:
    """Ana's best bid stands behind Bob's, moves up as Carol sells, and then trades itself."""
    moves = []
    for title in ("the book as placed", "trade 1", "trade 2", "trade 3", "trade 5"):
        rows = (line.split() for line in picture(shown, title))
        moves.append([row[row.index("ana") + 3 :] for row in rows if "ana bid 0.4200" in " ".join(row)])
    assert moves == [
        [["20.00", "30.00"]],
        [["20.00", "18.00", "-12.00"]],
        [["20.00", "18.00"]],
        [["20.00", "0.00", "-18.00"]],
        [],
    ]


def test_money_and_fills_are_shown(shown: str) -> None:
    """What the three hold adds up to nothing, and what they have with the fees to what they came with."""
    rows = [line.split() for line in shown.splitlines() if re.fullmatch(r"(ana|bob|carol) +\$.*", line)]
    money = sum(Decimal(row[1].replace("$", "").replace(",", "")) for row in rows)
    fees = sum(Decimal(row[4].removeprefix("$")) for row in rows)
    assert [row[0] for row in rows] == ["ana", "bob", "carol"]
    assert sum(Decimal(row[2]) for row in rows) == 0
    assert fees > 0
    # Carol is ten contracts short and the others ten long: a dollar of cover for each pair is held by the exchange.
    assert money + fees == 30_000 - 10


def test_the_demo_shows_a_refusal_in_a_line(shown: str) -> None:
    """A signer with the wrong key is refused, and the error is shown in one line."""
    assert "\nRefused, with a wrong key: 401 authentication_error: INCORRECT_API_KEY_SIGNATURE\n" in shown


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(dead_proxy: str) -> None:
    """The demo passes where the environment names a proxy that can't reach this machine."""
    assert run_demo(HTTP_PROXY=dead_proxy, ALL_PROXY=dead_proxy).returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_a_terminal_sees_one_picture_that_changes() -> None:
    """On a terminal that is big enough each picture but the first takes the place of the one before."""
    assert on_terminal(columns=80, lines=24).count("\x1b[J") == 6


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_a_small_terminal_sees_pictures_one_below_the_other() -> None:
    """Where a picture would not fit, nothing is drawn over."""
    assert "\x1b" not in on_terminal(columns=60, lines=24)


def on_terminal(*, columns: int, lines: int) -> str:
    """Return what the demo writes to a terminal, having passed."""
    ours, theirs = os.openpty()
    try:
        run = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "scripts.demo"],
            cwd=ROOT,
            env=environment(TERM="xterm", COLUMNS=str(columns), LINES=str(lines)),
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
        )
    finally:
        os.close(theirs)
    written = b""
    try:
        while piece := os.read(ours, 65536):
            written += piece
    except OSError:
        pass  # How Linux says that the other end is closed.
    finally:
        os.close(ours)
    assert run.wait(timeout=30) == 0, written.decode()
    assert b"\r\ndemo passed: " in written
    return written.decode()


def picture(shown: str, title: str) -> list[str]:
    """Return the lines of the picture with a title."""
    lines = shown.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"KXGAME-FINAL-HOME: {title}"))
    return lines[start + 2 : lines.index("", start + 2)]


@pytest.mark.parametrize(
    ("variables", "missing"),
    [
        ({}, "KALSHI_KEY_ID"),
        ({"KALSHI_PRIVATE_KEY_FILE": "key.pem"}, "KALSHI_KEY_ID"),
        ({"KALSHI_KEY_ID": KEY_ID}, "KALSHI_PRIVATE_KEY"),
    ],
    ids=["nothing set", "only the key", "only the id"],
)
def test_without_credentials_the_demo_environment_is_not_read(variables: dict[str, str], missing: str) -> None:
    """What is missing stands in the last line, the variables above it, and there is no traceback."""
    run = run_demo("--demo", **variables)
    lines = run.stdout.splitlines()
    assert (run.returncode, run.stderr) == (1, "")
    assert lines[-1].startswith("demo failed: ")
    assert missing in lines[-1]
    for variable in ("KALSHI_KEY_ID", "KALSHI_PRIVATE_KEY", "KALSHI_PRIVATE_KEY_FILE"):
        assert any(line.split()[:1] == [variable] for line in lines[:-1])


def test_a_network_error_is_one_readable_line(dead_proxy: str) -> None:
    """Where no answer comes, the last line says so without a traceback or the key."""
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    run = run_demo("--demo", KALSHI_KEY_ID=KEY_ID, KALSHI_PRIVATE_KEY=pem, HTTPS_PROXY=dead_proxy)
    assert (run.returncode, run.stderr) == (1, "")
    assert run.stdout.splitlines()[-1].startswith("demo failed: no response (ConnectError: ")
    assert pem.splitlines()[1] not in run.stdout


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    """Text begins and numbers end below their head, and no line ends in blanks."""
    assert table(("A", "NUMBER", "C"), [("long", "1", "text"), ("b", "1,000,000", "")], "<><") == (
        "A        NUMBER  C\nlong          1  text\nb     1,000,000"
    )


def test_no_bids_on_the_other_leg_are_shown_as_asks() -> None:
    """A NO bid at p is a YES ask at 1 - p, and the best prices meet in the middle."""
    book = OrderbookCountFp(
        yes_dollars=[[Decimal("0.4100"), Decimal(5)], [Decimal("0.4200"), Decimal(1200)]],
        no_dollars=[[Decimal("0.5000"), Decimal(7)], [Decimal("0.5510"), Decimal(8)]],
    )
    assert [line.split() for line in ladder(book).splitlines()[1:]] == [
        ["0.5000", "7.00"],
        ["0.4490", "8.00"],
        ["1,200.00", "0.4200"],
        ["5.00", "0.4100"],
    ]


def test_blocks_stand_next_to_each_other_whichever_is_longer() -> None:
    """The second block begins in one column, and no line ends in blanks."""
    assert side_by_side("a\nlong", "x") == "a         x\nlong"
    assert side_by_side("a", "x\ny") == "a      x\n       y"


@pytest.mark.parametrize(
    ("live", "written", "waits"),
    [
        (True, "one\ntwo\n\n\x1b[3F\x1b[Jthree\n\nword\nfour\n\n", [0.5, 0.5, 0.5]),
        (False, "one\ntwo\n\nthree\n\nword\nfour\n\n", []),
    ],
    ids=["live", "plain"],
)
def test_a_picture_takes_the_place_of_the_last(live: bool, written: str, waits: list[float]) -> None:
    """Live pictures are drawn over unless words came after them, and waited for; others are neither."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def draw(screen: Screen) -> None:
        await screen.show("one\ntwo", for_s=0.5)
        await screen.show("three", for_s=0.5)
        screen.write("word")
        await screen.show("four", for_s=0.5)

    out = io.StringIO()
    asyncio.run(draw(Screen(out, live=live, sleep=sleep)))
    assert (out.getvalue(), slept) == (written, waits)
