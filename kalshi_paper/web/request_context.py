"""Request context passed to every handler."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from attrs import define

from kalshi_paper.engine.engine import MatchingEngine
from kalshi_paper.engine.errors import RequestRejected, not_found
from kalshi_paper.faults.fault import RequestFaults
from kalshi_paper.faults.injector import FaultInjector
from kalshi_paper.service.catalogue import Catalogue
from kalshi_paper.service.service import ExchangeService
from kalshi_paper.service.users import User
from kalshi_paper.web.account_json import order_json
from kalshi_paper.web.fake_data import FakeData
from kalshi_paper.web.openapi import Json, Operation
from kalshi_paper.web.pagination import paginate

RowT = TypeVar("RowT")
ResultT = TypeVar("ResultT")


@define(eq=False)
class RequestContext:
    """
    A request that passed all checks, and what a handler needs to respond to it.

    Attributes:
        service: The exchange's service.
        faults: Faults of the exchange.
        request_faults: Faults that apply to this request.
        fake_data: Data for operations that the exchange does not implement.
        operation: Operation of the request.
        path: Path parameters, decoded.
        query: Query parameters in their types.
        body: Decoded body; None without one.
        signer: User who signed; None on public operations.
    """

    service: ExchangeService
    faults: FaultInjector
    request_faults: RequestFaults
    fake_data: FakeData
    operation: Operation
    path: dict[str, str]
    query: dict[str, Any]
    body: Any
    signer: User | None

    @property
    def engine(self) -> MatchingEngine:
        """Return the engine at the current time; for a read, time was advanced before the handler was called."""
        if not self.operation.read_only:
            self.service.state.advance_time()
        return self.service.state.engine

    @property
    def catalogue(self) -> Catalogue:
        """Return the details of series, events and markets."""
        return self.service.state.catalogue

    @property
    def user(self) -> User:
        """Return the user who signed; only for signed operations."""
        if self.signer is None:
            raise RuntimeError(f"{self.operation.id} is a public operation, without a user")
        return self.signer

    def account_id(self, subaccount: int | None = None) -> str:
        """Return the engine account id of a subaccount, by default the query's, else the primary account's."""
        if subaccount is None:
            subaccount = self.query.get("subaccount")
        return self.user.account_id(subaccount)

    @property
    def is_other_shard(self) -> bool:
        """Return True if the query asks for another exchange shard; the paper exchange has only shard 0."""
        return bool(self.query.get("exchange_index"))

    def rows_of_accounts(
        self, read: Callable[[str], Sequence[RowT]], time_ms: Callable[[RowT], int]
    ) -> list[tuple[RowT, int]]:
        """
        Return rows with their subaccount number, newest first: of the query's subaccount, or of all.

        Args:
            read: Returns the rows of an account, newest first.
            time_ms: Returns the time of a row.
        """
        found = [
            (row, number)
            for number, account_id in self.user.account_ids(self.query.get("subaccount")).items()
            for row in (() if self.is_other_shard else read(account_id))
        ]
        if len(self.user.accounts) > 1:
            found.sort(key=lambda pair: time_ms(pair[0]), reverse=True)
        return found

    def page(
        self, rows: Sequence[RowT], key: Callable[[RowT], str], default_limit: int = 100, all_keys: Iterable[str] = ()
    ) -> tuple[Sequence[RowT], str]:
        """Return the page that the query asks for, and the cursor of the next one; see `paginate`."""
        limit = self.query.get("limit", default_limit)
        return paginate(rows, key, self.query.get("cursor"), limit or default_limit, all_keys)

    def start_ms(self, name: str) -> int | None:
        """Return a query parameter in Unix seconds as the first millisecond of that second."""
        found: int | None = self.query.get(name)
        return None if found is None else found * 1000

    def end_ms(self, name: str) -> int | None:
        """Return a query parameter in Unix seconds as the last millisecond of that second."""
        found: int | None = self.query.get(name)
        return None if found is None else found * 1000 + 999

    def cancel(self, cancel: Callable[[], ResultT], resting: Callable[[], list[Json]]) -> ResultT:
        """
        Run a cancel; if reads are to lag, they go on to show the orders as they were.

        Args:
            cancel: Cancels orders.
            resting: Returns the orders that it will cancel, as JSON.
        """
        shown = resting() if self.request_faults.lag_s else []
        result = cancel()
        if shown:
            self.faults.delay_reads(shown, self.request_faults.lag_s)
        return result

    def resting_orders(self) -> list[Json]:
        """Return the resting orders of all the user's accounts, as JSON."""
        return [
            order_json(order, number)
            for number, account_id in self.user.accounts.items()
            for order in self.engine.portfolio.orders(account_id, status="resting")
        ]

    def find_in_accounts(self, read: Callable[[str], RowT]) -> tuple[RowT, int]:
        """Return what `read` finds in the first of the user's accounts that has it, with the subaccount number."""
        for number, account_id in self.user.accounts.items():
            try:
                return read(account_id), number
            except RequestRejected:
                continue
        raise not_found()
