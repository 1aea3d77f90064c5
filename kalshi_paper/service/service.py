"""
The one place where things are done: the exchange, who may use it, what is printed on its markets, and the journal.

The core is pure and has no lock; this class has one, since the server's thread and the caller's both come here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import nullcontext
from hashlib import blake2b
from typing import Any, Final

from attrs import field, frozen

from kalshi_paper.engine.engine import Exchange
from kalshi_paper.engine.errors import Refusal
from kalshi_paper.market_controls import Clock
from kalshi_paper.service.api_keys import Keyring
from kalshi_paper.service.catalogue import Catalogue
from kalshi_paper.service.commands import ACTIONS
from kalshi_paper.service.journal import Journal
from kalshi_paper.service.oauth_tokens import Grants

_BATCH: Final = 32
"""Ids that are made at a time, which takes less than making each when it is wanted."""


class Ids:
    """
    Ids that look random, and are the same for the same seed.

    Args:
        seed: Where they come from.

    Attributes:
        made: How many were given out; set back, it gives out the same again.
    """

    def __init__(self, seed: int) -> None:
        self._seed = b"%d" % seed
        self.made = 0
        self._batch, self._ids = -1, list[str]()

    def __call__(self) -> str:
        batch, place = divmod(self.made, _BATCH)
        if batch != self._batch:
            self._batch, self._ids = batch, [self._id(number) for number in range(batch * _BATCH, (batch + 1) * _BATCH)]
        self.made += 1
        return self._ids[place]

    def _id(self, number: int) -> str:
        text = blake2b(b"%b:%d" % (self._seed, number + 1), digest_size=16).hexdigest()
        # A UUID of version 4, written out: uuid.UUID takes ten times as long.
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


@frozen
class User:
    """
    Somebody with keys.

    Attributes:
        name: What the paper exchange calls them.
        user_id: What the document's answers call them.
        accounts: The core's id of each subaccount, by number; 0 is the primary account.
    """

    name: str
    user_id: str
    accounts: dict[int, str] = field(factory=dict)

    def account(self, subaccount: int | None) -> str:
        """Return the core's id of one account; 404 for a subaccount that is not there."""
        found = self.accounts.get(subaccount or 0)
        if found is None:
            raise Refusal(404, "not_found", "not found")
        return found

    def several(self, subaccount: int | None) -> dict[int, str]:
        """Return one subaccount, or all of them for None."""
        return self.accounts if subaccount is None else {subaccount: self.account(subaccount)}


class Desk:
    """
    The state of a paper exchange.

    Args:
        seed: Where ids come from.
        clock: The exchange's time.
        journal: Where what is done is written down; None for nowhere.
    """

    def __init__(self, *, seed: int, clock: Clock, journal: Journal | None = None) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self.ids = Ids(seed)
        self.exchange = Exchange(new_id=self.ids)
        self.catalogue = Catalogue()
        self.keyring = Keyring()
        self.grants = Grants()
        self.users: dict[str, User] = {}
        self._journal = journal
        self.closed = False

    def do(self, action: str, **arguments: Any) -> Any:
        """
        Do something, once time has passed, and write it down.

        Args:
            action: One of `actions.ACTIONS`.
            arguments: What it takes besides; plain JSON, or with fields of plain JSON.

        Raises:
            Refusal: The exchange does not do it; nothing has changed.
        """
        with self.lock:
            at_ms, ids = self.clock.now_ms(), self.ids.made
            result = ACTIONS[action](self, at_ms, **arguments)
            if self._journal:
                self._journal.append(at_ms, ids, action, arguments)
            return result

    def begin(self, first: Callable[[], None]) -> None:
        """Do again what the journal holds, or, if that is nothing, what comes first."""
        try:
            if not self._restore():
                with self._journal.whole() if self._journal else nullcontext():
                    first()
        except BaseException:
            self.close()
            raise

    def _restore(self) -> bool:
        """Do again what the journal holds, and tell whether that was anything."""
        found = False
        with self.lock:
            for entry in self._journal.entries() if self._journal else ():
                self.ids.made = entry.ids
                ACTIONS[entry.action](self, entry.at_ms, **entry.arguments)
                found = True
        return found

    def tick(self) -> int:
        """Let time pass; return the exchange's time."""
        now_ms = self.clock.now_ms()
        self.exchange.expire(now_ms)
        return now_ms

    def close(self) -> None:
        """Close the journal."""
        with self.lock:
            if self._journal:
                self._journal.close()
                self._journal, self.closed = None, True
