"""One request on its way through: what was asked, by whom, and with what at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from attrs import define

from kalshi_paper.engine.engine import Exchange
from kalshi_paper.engine.errors import Refusal, not_found
from kalshi_paper.faults.fault import Conditions
from kalshi_paper.faults.injector import Weather
from kalshi_paper.service.service import Desk, User
from kalshi_paper.web import account_json as rows
from kalshi_paper.web.fake_data import Answers
from kalshi_paper.web.openapi import Json, Operation
from kalshi_paper.web.pagination import page

Row = TypeVar("Row")


@define(eq=False)
class Call:
    """
    A request that passed every check.

    Attributes:
        desk: Where things are done.
        weather: The faults there are.
        conditions: Those that this request met.
        answers: Who makes up what is not kept.
        operation: What was asked.
        path: Its path parameters, decoded.
        query: Its query parameters, in their types.
        body: Its body; None without one.
        signer: Who signed; None on public operations.
    """

    desk: Desk
    weather: Weather
    conditions: Conditions
    answers: Answers
    operation: Operation
    path: dict[str, str]
    query: dict[str, Any]
    body: Any
    signer: User | None

    @property
    def exchange(self) -> Exchange:
        """Return the exchange as it is now; time has passed already where a request only reads."""
        if not self.operation.reading:
            self.desk.tick()
        return self.desk.exchange

    @property
    def user(self) -> User:
        if self.signer is None:
            raise RuntimeError(f"{self.operation.id} is public: nobody signed")
        return self.signer

    def account(self, subaccount: int | None = None) -> str:
        """Return the core's id of the account meant: the body's or the query's subaccount, else the primary one."""
        if subaccount is None:
            subaccount = self.query.get("subaccount")
        return self.user.account(subaccount)

    @property
    def elsewhere(self) -> bool:
        """Tell whether the rows of another exchange shard are asked for, of which there are none."""
        return bool(self.query.get("exchange_index"))

    def of_all(self, read: Callable[[str], Sequence[Row]], moment: Callable[[Row], int]) -> list[tuple[Row, int]]:
        """Return rows with their subaccount, newest first: of one, or, when none was named, of all."""
        found = [
            (row, number)
            for number, account in self.user.several(self.query.get("subaccount")).items()
            for row in (() if self.elsewhere else read(account))
        ]
        if len(self.user.accounts) > 1:
            found.sort(key=lambda pair: moment(pair[0]), reverse=True)
        return found

    def page(
        self, several: Sequence[Row], key: Callable[[Row], str], most: int = 100, among: Iterable[str] = ()
    ) -> tuple[Sequence[Row], str]:
        """Cut out the page that was asked for, and return the next one's cursor."""
        limit = self.query.get("limit", most)
        return page(several, key, self.query.get("cursor"), limit or most, among)

    def milliseconds(self, name: str, last: int = 0) -> int | None:
        """Return a query parameter of Unix seconds in milliseconds, up to the second's end with `last=999`."""
        found = self.query.get(name)
        return None if found is None else found * 1000 + last

    def cancelling(self, cancel: Callable[[], Any], resting: Callable[[], list[Json]]) -> Any:
        """Cancel; where reads are to lag, keep what they go on to show."""
        shown = resting() if self.conditions.lag_s else []
        result = cancel()
        if shown:
            self.weather.hide(shown, self.conditions.lag_s)
        return result

    def resting(self) -> list[Json]:
        """Return the orders that rest, of all the user's accounts, as reads show them."""
        return [
            rows.order(order, number)
            for number, account in self.user.accounts.items()
            for order in self.exchange.orders(account, status="resting")
        ]

    def anywhere(self, read: Callable[[str], Row]) -> tuple[Row, int]:
        """Return what one of the user's accounts has, with its subaccount; 404 when none has it."""
        for number, account in self.user.accounts.items():
            try:
                return read(account), number
            except Refusal:
                continue
        raise not_found()
