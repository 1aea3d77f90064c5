"""A state file keeps everything; without one nothing is kept."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from kalshi_trade_api.api.api_keys import get_api_keys
from kalshi_trade_api.api.market import get_markets, get_trades
from kalshi_trade_api.api.order_groups import create_order_group, get_order_groups
from kalshi_trade_api.api.orders import (
    amend_order_v2,
    cancel_order_v2,
    get_order_queue_positions,
    get_orders,
)
from kalshi_trade_api.api.portfolio import get_balance, get_fills, get_positions, get_settlements
from kalshi_trade_api.models import AmendOrderV2Request, CreateOrderGroupRequest

from kalshi_auth import Signer, signed_client, signer_from_file
from kalshi_core.errors import ConflictError
from kalshi_paper import PaperExchange, StateError
from kalshi_paper.engine.errors import RequestRejected
from kalshi_paper.engine.orders import NewOrder
from kalshi_paper.service.commands.orders import CreateOrder
from kalshi_paper.service.commands.registry import COMMANDS
from kalshi_paper.service.journal import Journal
from kalshi_paper.service.seed_markets import list_seed_markets
from kalshi_paper.service.service import ExchangeService
from tests.paper.clients import DIRECT, EMPTY, client_of, place, send

DATA: Final = Path(__file__).parent / "data"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "paper.db"


def _everything(exchange: PaperExchange, signer: Signer) -> list[Any]:
    """Return what a client can read, but for the time of reading."""
    with client_of(exchange, signer) as client:
        return [
            get_orders.sync_detailed(client=client).content,
            get_fills.sync_detailed(client=client).content,
            get_positions.sync_detailed(client=client, settlement_status="unsettled").content,
            get_positions.sync_detailed(client=client, settlement_status="settled").content,
            get_balance.sync_detailed(client=client).content,
            get_settlements.sync_detailed(client=client).content,
            get_order_queue_positions.sync_detailed(client=client).content,
            get_order_groups.sync_detailed(client=client).content,
            get_trades.sync_detailed(client=client).content,
            get_markets.sync_detailed(client=client).content,
        ]


def _trade(exchange: PaperExchange) -> None:
    with client_of(exchange) as client, client_of(exchange, exchange.account("bob").signer) as bob:
        group = create_order_group.sync(client=client, body=CreateOrderGroupRequest(contracts_limit=50))
        place(client, price="0.40", order_group_id=group.order_group_id)
        place(client, price="0.40", count="1")
        kept = place(client, price="0.41", client_order_id="used")
        place(bob, side="ask", price="0.40", count="13")
        place(client, price="0.10", expiration_time=exchange.clock.now_ms() // 1000 + 30)
        resting = place(client, price="0.20")
        body = AmendOrderV2Request(ticker=EMPTY, side="bid", price="0.21", count="9")
        amend_order_v2.sync(client=client, order_id=resting.order_id, body=body)
        cancel_order_v2.sync(client=client, order_id=place(client, price="0.30").order_id)
        assert send(exchange, "DELETE", f"/portfolio/events/orders/{kept.order_id}").status_code == 404
        place(client, ticker="KXGAME-FINAL-AWAY", price="0.50")
        place(bob, ticker="KXGAME-FINAL-AWAY", price="0.50", side="ask", count="3")
    exchange.clock.settle("KXGAME-FINAL-AWAY", "no")
    exchange.clock.freeze()
    exchange.clock.advance(60)


def test_everything_survives_a_restart(file: Path) -> None:
    """After a restart every read gives the same bytes, and the old keys and tokens are still good."""
    with PaperExchange(state=file, seed=7) as exchange:
        mine, theirs = exchange.signer, exchange.account("bob").signer
        headers = {"Authorization": f"Bearer {exchange.account().token()}"}
        _trade(exchange)
        before = [_everything(exchange, mine), _everything(exchange, theirs)]
    with PaperExchange(state=file) as exchange:
        assert [_everything(exchange, mine), _everything(exchange, theirs)] == before
        exchange.check()
        assert send(exchange, "GET", "/portfolio/fills", headers=headers).status_code == 200
        with client_of(exchange, mine) as client:
            assert [key.api_key_id for key in get_api_keys.sync(client=client).api_keys] == [mine.key_id]


@pytest.mark.parametrize("account", ["you", "bob"])
def test_journal_of_the_first_version_still_opens(file: Path, account: str) -> None:
    """A state file written before commands were typed gives the same bodies, in every command's layout."""
    expected = json.loads((DATA / "journal_v1.json").read_text("utf-8"))
    with closing(sqlite3.connect(file)) as database:
        database.executescript((DATA / "journal_v1.sql").read_text("utf-8"))
        commands = {command for (command,) in database.execute("select action from done")}
    assert commands == COMMANDS.keys()
    with PaperExchange(state=file, wall_ms=lambda: expected["wall_ms"]) as exchange:
        signer = exchange.account(account).signer
        for path, body in expected["reads"][account].items():
            bare, _, query = path.partition("?")
            found = send(exchange, "GET", bare, signer=signer, timestamp_ms=expected["wall_ms"], params=query)
            assert found.json() == body, path
        exchange.check()


def test_commands_are_written_in_the_layout_of_the_first_version(file: Path) -> None:
    """A command read from an old journal is written back with the same name and arguments."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript((DATA / "journal_v1.sql").read_text("utf-8"))
        rows = database.execute("select at_ms, ids, action, arguments from done order by n").fetchall()
    journal = Journal(file)
    for at_ms, ids, name, arguments in rows:
        command = COMMANDS[name].from_arguments(json.loads(arguments))
        journal.append(at_ms, ids, command.journal_name, command.arguments())
    written = [(row.at_ms, row.ids, row.command, row.arguments) for row in journal.rows()]
    journal.close()
    assert written == [
        (at_ms, ids, name, _with_defaults(name, json.loads(arguments))) for at_ms, ids, name, arguments in rows
    ]


def _with_defaults(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return arguments with those that the first version left out where they had their default."""
    if name == "series":
        return {"frequency": "daily", "tags": [], "fee_type": "quadratic", "fee_multiplier": 1.0, **arguments}
    if name == "event":
        return {"mutually_exclusive": False, **arguments}
    if name == "create_order":
        optional = dict.fromkeys(("client_order_id", "expiration_s", "order_group_id"))
        flags = dict.fromkeys(("post_only", "reduce_only", "cancel_order_on_pause"), False)
        return {**arguments, "new": {**optional, **flags, **arguments["new"]}}
    return arguments


def test_restarted_exchange_goes_on(file: Path) -> None:
    """After a restart orders trade with those from before, ids don't repeat, and used ids stay used."""
    with PaperExchange(state=file) as exchange, client_of(exchange) as client:
        old = place(client, client_order_id="used")
    with (
        PaperExchange(state=file) as exchange,
        client_of(exchange) as client,
        client_of(exchange, exchange.account("bob").signer) as bob,
    ):
        with pytest.raises(ConflictError):
            place(client, client_order_id="used")
        new = place(bob, side="ask", price="0.40", count="10")
        assert new.fill_count == Decimal(10)
        assert new.order_id != old.order_id
        exchange.check()


def test_driven_clock_survives(file: Path) -> None:
    """An exchange whose clock was put ahead is ahead after a restart."""
    with PaperExchange(state=file) as exchange:
        exchange.clock.advance(1_000_000)
        before_ms = exchange.clock.now_ms()
    with PaperExchange(state=file) as exchange:
        assert 0 <= exchange.clock.now_ms() - before_ms < 60_000


def test_money_of_an_expired_order_is_free_before_and_after_a_restart(file: Path) -> None:
    """What an order locked can be paid out once it has expired, and a restart pays it out again."""
    now_ms = [1_795_430_000_000]
    with PaperExchange(state=file, balance=100, wall_ms=lambda: now_ms[0]) as exchange:
        expiry_s = now_ms[0] // 1000 + 10
        new = NewOrder(
            ticker=exchange.tickers[0],
            side="bid",
            price=100,
            count=990_000,
            expiration_s=expiry_s,
            time_in_force="good_till_canceled",
            self_trade_prevention_type="maker",
        )
        exchange._service.execute(CreateOrder(account=exchange.account().name, new=new))
        with pytest.raises(RequestRejected, match="insufficient_balance"):
            exchange.account().deposit(-100)
        now_ms[0] += 10_000
        exchange.account().deposit(-100)
    with PaperExchange(state=file, wall_ms=lambda: now_ms[0]) as exchange:
        exchange.check()
        with pytest.raises(RequestRejected, match="insufficient_balance"):
            exchange.account().deposit("-0.01")


def test_without_a_file_nothing_is_kept() -> None:
    """Two exchanges without a state file know nothing of each other."""
    with PaperExchange() as exchange, client_of(exchange) as client:
        place(client)
        mine = exchange.signer
    with PaperExchange() as exchange, client_of(exchange) as client:
        assert get_orders.sync(client=client).orders == []
        refused = send(exchange, "GET", "/portfolio/balance", signer=mine)
        assert refused.status_code == 401


def test_killed_process_loses_nothing_that_was_answered(file: Path) -> None:
    """An order that was answered is there after the process was killed."""
    command = [sys.executable, "-m", "kalshi_paper", "--state", str(file), "--key", "ed25519"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().removeprefix("export ").strip() for _ in range(3)]
        variables = dict(line.split("=", 1) for line in lines)
        signer = signer_from_file(variables["KALSHI_KEY_ID"], variables["KALSHI_PRIVATE_KEY_FILE"])
        with signed_client(signer, base_url=variables["KALSHI_BASE_URL"], httpx_args=DIRECT) as client:
            mine = place(client)
        os.kill(process.pid, signal.SIGKILL)
    with PaperExchange(state=file) as exchange, client_of(exchange, signer) as client:
        assert [order.order_id for order in get_orders.sync(client=client).orders] == [mine.order_id]


def test_file_of_another_seed_is_refused(file: Path) -> None:
    """A state file is not replayed with another seed, which would make other ids."""
    PaperExchange(state=file, seed=1).stop()
    with pytest.raises(StateError, match="seed 1, not 2"):
        PaperExchange(state=file, seed=2)


def test_file_that_is_something_else_is_refused(file: Path) -> None:
    """A file that is no state file is refused, and left as it was."""
    file.write_text("something else entirely, long enough to be no database header")
    before = file.read_bytes()
    with pytest.raises(StateError, match="is not a state file"):
        PaperExchange(state=file)
    assert file.read_bytes() == before


def test_file_in_use_is_refused(file: Path) -> None:
    """A second exchange on the same file is refused, and one that can't start leaves its file to others."""
    with PaperExchange(state=file) as exchange, client_of(exchange) as client:
        with pytest.raises(StateError, match="is in use by another exchange"):
            PaperExchange(state=file)
        port, other = int(exchange.base_url.split("/")[2].partition(":")[2]), file.with_name("other.db")
        with pytest.raises(OSError, match=f"port {port}: "), PaperExchange(state=other, port=port):
            pass
        PaperExchange(state=other).stop()
        mine = place(client)
        signer = exchange.signer
    with PaperExchange(state=file) as exchange, client_of(exchange, signer) as client:
        assert [order.order_id for order in get_orders.sync(client=client).orders] == [mine.order_id]


def test_file_whose_beginning_was_cut_short_begins_again(file: Path) -> None:
    """An exchange that ends before its markets are all listed leaves none behind."""

    def cut(service: ExchangeService, seed: int) -> None:
        list_seed_markets(service, seed)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        PaperExchange(state=file, seed_markets=cut)
    with PaperExchange(state=file) as exchange:
        assert EMPTY in exchange.tickers
        exchange.check()


def test_stopped_exchange_does_not_go_on_without_its_file(file: Path) -> None:
    """An exchange that closed its state file is not started again, and one that has none is."""
    exchange = PaperExchange(state=file).start()
    exchange.stop()
    with pytest.raises(RuntimeError, match="make a new exchange"):
        exchange.start()
    exchange = PaperExchange().start()
    exchange.stop()
    with exchange, client_of(exchange) as client:
        place(client)
