"""Service layer: runs commands under a lock and records them in the journal."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import nullcontext
from typing import TypeVar

from kalshi_paper.service.clock import ExchangeClock
from kalshi_paper.service.commands.base import Command
from kalshi_paper.service.commands.registry import COMMANDS
from kalshi_paper.service.journal import Journal
from kalshi_paper.service.service_state import ServiceState

ResultT = TypeVar("ResultT")


class ExchangeService:
    """
    The state of an exchange, and the only way to change it.

    Args:
        seed: Seed of the ids.
        clock: Clock of the exchange.
        journal: Journal of the commands; None keeps nothing.

    Attributes:
        lock: Held while a command runs; hold it for reads too. The server's thread and the caller's use one service.
        state: The state, to read.
        closed: Whether the journal is closed; a closed service runs no more commands that would be kept.
    """

    def __init__(self, *, seed: int, clock: ExchangeClock, journal: Journal | None = None) -> None:
        self.lock = threading.RLock()
        self.state = ServiceState(seed=seed, clock=clock)
        self._journal = journal
        self.closed = False

    def execute(self, command: Command[ResultT]) -> ResultT:
        """
        Run a command at the current time, and record it in the journal.

        Raises:
            RequestRejected: The command is refused; nothing has changed, and nothing is recorded.
        """
        with self.lock:
            at_ms, ids = self.state.clock.now_ms(), self.state.ids.issued
            result = command.run(self.state, at_ms)
            if self._journal:
                self._journal.append(at_ms, ids, command.journal_name, command.arguments())
            return result

    def start(self, initialize: Callable[[], None]) -> None:
        """Replay the journal; if it is empty, call `initialize`, all of whose commands are recorded or none."""
        try:
            if not self._replay():
                with self._journal.transaction() if self._journal else nullcontext():
                    initialize()
        except BaseException:
            self.close()
            raise

    def _replay(self) -> bool:
        """Run the commands of the journal, and return True if there were any."""
        found = False
        with self.lock:
            for row in self._journal.rows() if self._journal else ():
                self.state.ids.issued = row.ids
                COMMANDS[row.command].from_arguments(row.arguments).run(self.state, row.at_ms)
                found = True
        return found

    def close(self) -> None:
        """Close the journal."""
        with self.lock:
            if self._journal:
                self._journal.close()
                self._journal, self.closed = None, True
