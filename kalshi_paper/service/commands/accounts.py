"""Commands about users, keys, tokens and money."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from attrs import define

from kalshi_paper.engine.amounts import Micros
from kalshi_paper.service.api_keys import ApiKey, public_key_from_pem
from kalshi_paper.service.commands.base import Command
from kalshi_paper.service.service_state import ServiceState
from kalshi_paper.service.users import User


@define(kw_only=True, eq=False)
class AddUser(Command[None]):
    """
    Add a user with a primary account.

    Attributes:
        name: Name of the user, and engine id of the primary account.
        user_id: User id in responses.
        balance_micros: Balance of the account.
    """

    journal_name: ClassVar[str] = "user"

    name: str
    user_id: str
    balance_micros: Micros

    def run(self, state: ServiceState, at_ms: int) -> None:
        state.engine.add_account(self.name, self.balance_micros, user_id=self.user_id)
        state.users[self.name] = User(self.name, self.user_id, {0: self.name})


@define(kw_only=True, eq=False)
class AddSubaccount(Command[None]):
    """
    Open a subaccount of a user.

    Attributes:
        user: Name of the user.
        number: Number of the subaccount.
    """

    journal_name: ClassVar[str] = "subaccount"

    user: str
    number: int

    def run(self, state: ServiceState, at_ms: int) -> None:
        owner = state.users[self.user]
        account_id = f"{self.user}#{self.number}"
        state.engine.add_account(account_id, 0, user_id=owner.user_id)
        owner.accounts[self.number] = account_id


@define(kw_only=True, eq=False)
class AddApiKey(Command[None]):
    """
    Add an API key.

    Attributes:
        key_id: Key id.
        user: Name of the user.
        public_pem: Public key, PEM.
        scopes: Scopes of the key.
        name: Name of the key, given by the user.
    """

    journal_name: ClassVar[str] = "key"

    key_id: str
    user: str
    public_pem: str
    scopes: Sequence[str]
    name: str

    def run(self, state: ServiceState, at_ms: int) -> None:
        public_key = public_key_from_pem(self.public_pem)
        state.api_keys.add(ApiKey(self.key_id, self.user, public_key, frozenset(self.scopes), self.name))


@define(kw_only=True, eq=False)
class RemoveApiKey(Command[None]):
    """
    Remove an API key of a user.

    Attributes:
        user: Name of the user.
        key_id: Key id.
    """

    journal_name: ClassVar[str] = "drop_key"

    user: str
    key_id: str

    def run(self, state: ServiceState, at_ms: int) -> None:
        state.api_keys.remove(self.user, self.key_id)


@define(kw_only=True, eq=False)
class GrantOAuthToken(Command[None]):
    """
    Grant an OAuth access token.

    Attributes:
        user: Name of the user.
        digest: Digest of the token.
    """

    journal_name: ClassVar[str] = "grant"

    user: str
    digest: str

    def run(self, state: ServiceState, at_ms: int) -> None:
        state.oauth_tokens.add(self.digest, self.user)


@define(kw_only=True, eq=False)
class Deposit(Command[None]):
    """
    Add money to an account, or withdraw it when the amount is negative.

    Attributes:
        account: Engine id of the account.
        amount_micros: Amount.
    """

    journal_name: ClassVar[str] = "deposit"

    account: str
    amount_micros: Micros

    def run(self, state: ServiceState, at_ms: int) -> None:
        state.engine.advance_time(at_ms)
        state.engine.deposit(self.account, self.amount_micros)


@define(kw_only=True, eq=False)
class Transfer(Command[None]):
    """
    Move money from one account to another.

    Attributes:
        source: Engine id of the account to debit.
        target: Engine id of the account to credit.
        amount_micros: Amount.
    """

    journal_name: ClassVar[str] = "transfer"

    source: str
    target: str
    amount_micros: Micros

    def run(self, state: ServiceState, at_ms: int) -> None:
        state.engine.advance_time(at_ms)
        state.engine.transfer(self.source, self.target, self.amount_micros)
