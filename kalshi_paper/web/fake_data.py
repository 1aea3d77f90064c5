"""Plausible data for any schema of the document: the same for the same seed and request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, Final
from uuid import UUID

from kalshi_paper.engine.amounts import count_text, price_text
from kalshi_paper.web.account_json import time_text
from kalshi_paper.web.openapi import Document, Json, Operation

_ROWS: Final = 2
_DEEPEST: Final = 12
_DAY_S: Final = 86_400
_GRID: Final = {"start": "0.0000", "end": "1.0000", "step": "0.0100"}


class Answers:
    """
    Whoever makes the data up.

    Args:
        document: Where references lead.
        seed: Where the data comes from.
        now_ms: Moments lie in the days before it.
        tickers: Markets to speak of; their events and series follow from the names.
    """

    def __init__(self, document: Document, *, seed: int, now_ms: int, tickers: Sequence[str]) -> None:
        self._document = document
        self._seed = seed
        self._now_s = now_ms // 1000
        self._tickers = tickers

    def body(self, operation: Operation, given: Mapping[str, Any]) -> Any:
        """
        Return the body of an operation's success.

        Args:
            operation: What was asked.
            given: Parameters of the request; ids and tickers come back as they were given.
        """
        assert operation.answer is not None
        return self.value(operation.answer, f"{operation.id}:{sorted(given.items())}", given)

    def value(self, schema: Json, purpose: str, given: Mapping[str, Any] | None = None) -> Any:
        """Return a value that a schema allows; `purpose` tells one from another."""
        random = Random(f"{self._seed}:{purpose}")  # noqa: S311 - nothing here is a secret
        return _Making(self, random, given or {}).value(schema, "", "")

    def resolve(self, schema: Json) -> tuple[Json, str]:
        """Follow references, through an `allOf` of one too; return the schema and the name it goes by."""
        name = ""
        while "$ref" in schema or "allOf" in schema:
            if "$ref" in schema:
                name = schema["$ref"].rpartition("/")[2]
            schema = self._document.resolve(schema) if "$ref" in schema else schema["allOf"][0]
        return schema, name

    def ticker(self, random: Random, name: str) -> str:
        """Return the name of a market, an event or a series."""
        market = random.choice(self._tickers)
        if "series" in name:
            return market.partition("-")[0]
        return market.rpartition("-")[0] if "event" in name else market

    def moment_s(self, random: Random) -> int:
        """Return a moment of the last few days, Unix seconds."""
        return self._now_s - random.randrange(3 * _DAY_S)


class _Making:
    """One value in the making."""

    def __init__(self, answers: Answers, random: Random, given: Mapping[str, Any]) -> None:
        self._answers = answers
        self._random = random
        self._given = given
        self._depth = 0

    def value(self, schema: Json, name: str, owner: str) -> Any:
        if name == "error" and schema.get("nullable"):
            return None
        schema, known_as = self._answers.resolve(schema)
        if "enum" in schema:
            return self._random.choice([each for each in schema["enum"] if each is not None])
        kind = schema.get("type", "object" if "properties" in schema else "")
        if kind == "string":
            return self._text(schema, name, owner, known_as)
        if kind == "array":
            return self._list(schema, name, owner)
        if kind == "object":
            return self._object(schema, name)
        if kind == "boolean":
            return self._random.random() < 1 / 2
        return self._number(schema, name, kind)

    def _text(self, schema: Json, name: str, owner: str, known_as: str) -> str:
        echoed = self._echoed(name, owner)
        if isinstance(echoed, str):
            return echoed
        if name == "cursor":
            return ""
        if schema.get("format") == "date-time":
            return time_text(self._answers.moment_s(self._random) * 1000)
        if known_as == "FixedPointCount" or name.endswith("_fp"):
            return count_text(self._random.randrange(100, 50_000))
        if known_as == "FixedPointDollars" or name.endswith(("_dollars", "_bid", "_ask")):
            return price_text(self._random.randrange(1, 100) * 100)
        if name in _GRID and owner == "price_ranges":
            return _GRID[name]
        if name == "ticker" or name.endswith(("_ticker", "_tickers")):
            return self._answers.ticker(self._random, owner + name if name == "ticker" else name)
        if schema.get("format") == "uuid" or name in ("id", "ids") or name.endswith(("_id", "_ids")):
            return str(UUID(int=self._random.getrandbits(128), version=4))
        if name.endswith("url"):
            return f"https://example.com/{name}"
        if name in ("open_time", "close_time"):
            return "08:00" if name == "open_time" else "23:00"
        if name == "color_code":
            return f"#{self._random.randrange(1 << 24):06x}"
        return name.replace("_", " ").capitalize() or "text"

    def _number(self, schema: Json, name: str, kind: str) -> float:
        least, most = schema.get("minimum", 0), schema.get("maximum", 10_000)
        if name == "exchange_index" or name.endswith(("subaccount", "subaccount_number", "shard")):
            return int(least)
        if name.endswith("_ms"):
            return self._answers.moment_s(self._random) * 1000
        if name.endswith("_ts") or name in ("ts", "t"):
            return self._answers.moment_s(self._random)
        if kind == "integer":
            return self._random.randint(least, max(least, most))
        return round(self._random.uniform(least, min(most, 100)), 2)

    def _list(self, schema: Json, name: str, owner: str) -> list[Any]:
        size = min(max(_ROWS, schema.get("minItems", 0)), schema.get("maxItems", _ROWS))
        return [self.value(schema.get("items", {"type": "string"}), name, owner or name) for _ in range(size)]

    def _object(self, schema: Json, name: str) -> Json:
        self._depth += 1
        made: Json = {}
        required = schema.get("required", ())
        for key, part in schema.get("properties", {}).items():
            # Schemas may hold themselves; far down only what must be there is made.
            if self._depth < _DEEPEST or key in required:
                made[key] = self.value(part, key, name)
        if isinstance(more := schema.get("additionalProperties"), dict):
            made["paper"] = self.value(more, "paper", name)
        self._depth -= 1
        return made

    def _echoed(self, name: str, owner: str) -> Any:
        """Return what the request said: a parameter of this name, or the id of the thing it asks for."""
        if name == "id":
            return self._given.get(f"{owner.removesuffix('s')}_id")
        return self._given.get(name)
