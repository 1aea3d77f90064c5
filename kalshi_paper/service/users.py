"""Users of the exchange and their subaccounts."""

from __future__ import annotations

from attrs import field, frozen

from kalshi_paper.engine.errors import not_found


@frozen
class User:
    """
    A user of the exchange.

    Attributes:
        name: Name of the user's account, as given to `PaperExchange.account`.
        user_id: User id in responses.
        accounts: Engine account id of each subaccount, by number; 0 is the primary account.
    """

    name: str
    user_id: str
    accounts: dict[int, str] = field(factory=dict)

    def account_id(self, subaccount: int | None) -> str:
        """Return the engine account id of a subaccount; RequestRejected 404 `not_found` if it does not exist."""
        found = self.accounts.get(subaccount or 0)
        if found is None:
            raise not_found()
        return found

    def account_ids(self, subaccount: int | None) -> dict[int, str]:
        """Return the engine account id of one subaccount by its number, or of all subaccounts for None."""
        return self.accounts if subaccount is None else {subaccount: self.account_id(subaccount)}
