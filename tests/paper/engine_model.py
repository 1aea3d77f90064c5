"""A slow model of the engine that is right at a glance."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from attrs import define, field

USERS = {"anna": "anna", "anna#1": "anna", "ben": "ben", "cora": "cora"}
ACCOUNTS = list(USERS)
MONEY = 12_000_000
Op = dict[str, Any]
RATES = {"quadratic": Fraction(0), "quadratic_with_maker_fees": Fraction(7, 400)}


class No(Exception):  # noqa: N818
    """The model refuses."""


@define(eq=False)
class Rest:
    """An order of the model."""

    name: str
    account: str
    side: str
    price: int
    left: int
    stp: str
    post_only: bool
    group: int | None
    arrived: int
    done: int = 0
    fees: Fraction = Fraction(0)
    alive: bool = True


@define
class Model:
    """Everything in lists, everything looked for from the start, every refusal a step back to a copy."""

    maker_rate: Fraction
    orders: list[Rest] = field(factory=list)
    cash: dict[str, int] = field(factory=lambda: dict.fromkeys(ACCOUNTS, MONEY))
    yes: dict[str, int] = field(factory=lambda: dict.fromkeys(ACCOUNTS, 0))
    no: dict[str, int] = field(factory=lambda: dict.fromkeys(ACCOUNTS, 0))
    fills: list[tuple[str, str, int, int, int, int]] = field(factory=list)
    house: int = 0
    clock: int = 0
    now: int = 0
    limits: list[int] = field(factory=lambda: [300, 1000])
    owners: list[str] = field(factory=lambda: ["anna", "ben"])
    traded: list[list[tuple[int, int]]] = field(factory=lambda: [[], []])
    triggered: list[bool] = field(factory=lambda: [False, False])

    def live(self, side: str | None = None, account: str | None = None) -> list[Rest]:
        found = [o for o in self.orders if o.alive and side in (None, o.side) and account in (None, o.account)]
        return sorted(found, key=lambda o: (-o.price if o.side == "bid" else o.price, o.arrived))

    def ahead(self, order: Rest) -> int:
        line = self.live(order.side)
        return sum(other.left for other in line[: line.index(order)])

    def locked(self, account: str) -> int:
        total = 0
        for side, held in (("bid", self.no[account]), ("ask", self.yes[account])):
            for order in self.live(side, account):
                leg = order.price if side == "bid" else 10_000 - order.price
                closing = min(held, order.left)
                held -= closing
                total += (order.left - closing) * leg
                total += paid(order.fees + self.maker_rate * curve(order.left, order.price)) - paid(order.fees)
        return total

    def free(self, account: str) -> int:
        return self.cash[account] - self.locked(account)

    def allowance(self, group: int) -> int:
        return self.limits[group] - sum(count for at, count in self.traded[group] if at > self.now - 15_000)

    def trigger(self, group: int) -> None:
        self.triggered[group] = True
        for order in self.orders:
            if order.group == group:
                order.alive = False

    def take(self, order: Rest) -> None:
        """Trade an order that has just arrived, until nothing crosses it, or it is stopped."""
        order.alive = False
        stopped = False
        while order.left and not stopped:
            crossing = [
                o
                for o in self.live("ask" if order.side == "bid" else "bid")
                if (o.price <= order.price if order.side == "bid" else o.price >= order.price)
            ]
            if not crossing:
                break
            maker = crossing[0]
            if USERS[maker.account] == USERS[order.account]:
                if order.stp == "maker":
                    maker.alive = False
                    continue
                stopped = True
                break
            groups = [group for group in (maker.group, order.group) if group is not None]
            count = min([order.left, maker.left] + [self.allowance(group) for group in groups])
            for one, rate in ((maker, self.maker_rate), (order, Fraction(7, 100))):
                before = paid(one.fees)
                one.fees += rate * curve(count, maker.price)
                self.receive(one, count, maker.price, paid(one.fees) - before)
                one.left -= count
                one.done += count
            maker.alive = maker.left > 0
            for group in groups:
                self.traded[group].append((self.now, count))
                if self.allowance(group) <= 0:
                    self.trigger(group)
                    stopped = stopped or group == order.group
        order.alive = order.left > 0 and not stopped

    def receive(self, order: Rest, count: int, price: int, fee: int) -> None:
        held, leg = (self.yes, price) if order.side == "bid" else (self.no, 10_000 - price)
        held[order.account] += count
        self.cash[order.account] -= count * leg + fee
        pairs = min(self.yes[order.account], self.no[order.account])
        self.yes[order.account] -= pairs
        self.no[order.account] -= pairs
        self.cash[order.account] += pairs * 10_000
        self.house += fee
        self.fills.append((order.name, order.side, price, count, fee, self.now))

    def arrive(self, order: Rest, *, may_rest: bool = True, whole: bool = False) -> None:
        self.clock += 1
        order.arrived = self.clock
        others = self.live("ask" if order.side == "bid" else "bid")
        if order.post_only and others:
            best = others[0].price
            if best <= order.price if order.side == "bid" else best >= order.price:
                raise No("invalid_order")
        self.take(order)
        if whole and order.left:
            raise No("fill_or_kill_insufficient_resting_volume")
        order.alive = order.alive and may_rest

    def create(self, op: Op) -> None:
        count = op["count"]
        if op["group"] is not None and (self.owners[op["group"]] != op["account"] or self.triggered[op["group"]]):
            raise No("invalid_order")
        if op["reduce_only"]:
            count = min(count, (self.no if op["side"] == "bid" else self.yes)[op["account"]])
            if not count:
                raise No("invalid_order")
        tif = op["time_in_force"]
        order = Rest(
            f"order {len(self.orders)}",
            op["account"],
            op["side"],
            op["price"],
            count,
            op["stp"],
            op["post_only"],
            op["group"],
            0,
        )
        before = self.free(op["account"])
        self.orders.append(order)
        self.arrive(order, may_rest=tif == "good_till_canceled", whole=tif == "fill_or_kill")
        self.afforded(op["account"], before)

    def pick(self, op: Op) -> Rest:
        order = self.orders[op["target"]] if self.orders else None
        if order is None or not order.alive:
            raise No("not_found")
        return order

    def amend(self, op: Op) -> None:
        order = self.pick(op)
        left = op["count"] - order.done
        if left <= 0:
            raise No("invalid_order")
        if op["price"] == order.price and left <= order.left:
            order.left = left
            return
        before = self.free(order.account)
        order.alive = False
        order.price, order.left = op["price"], left
        self.arrive(order)
        self.afforded(order.account, before)

    def decrease(self, op: Op) -> None:
        order = self.pick(op)
        if op["by"] > order.left:
            raise No("invalid_order")
        order.left -= op["by"]
        order.alive = order.left > 0

    def cancel(self, op: Op) -> None:
        self.pick(op).alive = False

    def reset(self, op: Op) -> None:
        self.triggered[op["group"]] = False
        self.traded[op["group"]] = []

    def afforded(self, account: str, before: int) -> None:
        if self.free(account) < min(before, 0):
            raise No("insufficient_balance")


def curve(count: int, price: int) -> Fraction:
    return Fraction(count, 100) * Fraction(price, 10_000) * (1 - Fraction(price, 10_000))


def paid(fees: Fraction) -> int:
    return math.ceil(fees * 10_000) * 100
