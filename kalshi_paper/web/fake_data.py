"""Fake response data for any schema of the document; the same for the same seed and request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, Final
from uuid import UUID

from kalshi_paper.engine.amounts import count_text, price_text
from kalshi_paper.web.json_text import time_text
from kalshi_paper.web.openapi import ApiDocument, Json, Operation

_ROWS: Final = 2
_MAX_DEPTH: Final = 12
_DAY_S: Final = 86_400
_GRID: Final = {"start": "0.0000", "end": "1.0000", "step": "0.0100"}


class FakeData:
    """
    Generate response bodies for the operations that the exchange does not implement.

    Args:
        document: Document that resolves references.
        seed: Seed of the data.
        now_ms: Times in the data lie in the days before it, Unix milliseconds.
        tickers: Market tickers to use; event and series tickers are derived from them.
    """

    def __init__(self, document: ApiDocument, *, seed: int, now_ms: int, tickers: Sequence[str]) -> None:
        self._document = document
        self._seed = seed
        self._now_s = now_ms // 1000
        self._tickers = tickers

    def body(self, operation: Operation, parameters: Mapping[str, Any]) -> Any:
        """
        Return a body for a successful response.

        Args:
            operation: Operation with a response schema.
            parameters: Parameters of the request; ids and tickers among them appear in the body.
        """
        assert operation.response_schema is not None
        return self.value(operation.response_schema, f"{operation.id}:{sorted(parameters.items())}", parameters)

    def value(self, schema: Json, purpose: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """Return a valid value of a schema; another `purpose` gives another value."""
        random = Random(f"{self._seed}:{purpose}")  # noqa: S311 - nothing here is a secret
        return _FakeValue(self, random, parameters or {}).value(schema, "", "")

    def resolve(self, schema: Json) -> tuple[Json, str]:
        """Follow references and the first part of an `allOf`; return the schema and the last name on the way."""
        name = ""
        while "ref" in schema or "allOf" in schema:
            if "ref" in schema:
                name = schema["ref"]
            schema = self._document.resolve(schema) if "ref" in schema else schema["allOf"][0]
        return schema, name

    def ticker(self, random: Random, field: str) -> str:
        """Return a ticker for a field: of a market, an event or a series, by the field's name."""
        market = random.choice(self._tickers)
        if "series" in field:
            return market.partition("-")[0]
        return market.rpartition("-")[0] if "event" in field else market

    def time_s(self, random: Random) -> int:
        """Return a time in the last three days, Unix seconds."""
        return self._now_s - random.randrange(3 * _DAY_S)


class _FakeValue:
    """Generator of one value; `name` is the field that the value is for, `owner` the field around it."""

    def __init__(self, data: FakeData, random: Random, parameters: Mapping[str, Any]) -> None:
        self._data = data
        self._random = random
        self._parameters = parameters
        self._depth = 0

    def value(self, schema: Json, name: str, owner: str) -> Any:
        if name == "error" and schema.get("nullable"):
            return None
        schema, schema_name = self._data.resolve(schema)
        if "enum" in schema:
            return self._random.choice([each for each in schema["enum"] if each is not None])
        kind = schema.get("type", "object" if "properties" in schema else "")
        if kind == "string":
            return self._string(schema, name, owner, schema_name)
        if kind == "array":
            return self._list(schema, name, owner)
        if kind == "object":
            return self._object(schema, name)
        if kind == "boolean":
            return self._random.random() < 1 / 2
        return self._number(schema, name, kind)

    def _string(self, schema: Json, name: str, owner: str, schema_name: str) -> str:
        parameter = self._parameter(name, owner)
        if isinstance(parameter, str):
            return parameter
        if name == "cursor":
            return ""
        if schema.get("format") == "date-time":
            return time_text(self._data.time_s(self._random) * 1000)
        if schema_name == "FixedPointCount" or name.endswith("_fp"):
            return count_text(self._random.randrange(100, 50_000))
        if schema_name == "FixedPointDollars" or name.endswith(("_dollars", "_bid", "_ask")):
            return price_text(self._random.randrange(1, 100) * 100)
        if name in _GRID and owner == "price_ranges":
            return _GRID[name]
        if name == "ticker" or name.endswith(("_ticker", "_tickers")):
            return self._data.ticker(self._random, owner + name if name == "ticker" else name)
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
        minimum, maximum = schema.get("minimum", 0), schema.get("maximum", 10_000)
        if name == "exchange_index" or name.endswith(("subaccount", "subaccount_number", "shard")):
            return int(minimum)
        if name.endswith("_ms"):
            return self._data.time_s(self._random) * 1000
        if name.endswith("_ts") or name in ("ts", "t"):
            return self._data.time_s(self._random)
        if kind == "integer":
            return self._random.randint(minimum, max(minimum, maximum))
        return round(self._random.uniform(minimum, min(maximum, 100)), 2)

    def _list(self, schema: Json, name: str, owner: str) -> list[Any]:
        size = min(max(_ROWS, schema.get("minItems", 0)), schema.get("maxItems", _ROWS))
        return [self.value(schema.get("items", {"type": "string"}), name, owner or name) for _ in range(size)]

    def _object(self, schema: Json, name: str) -> Json:
        self._depth += 1
        found: Json = {}
        required = schema.get("required", ())
        for key, part in schema.get("properties", {}).items():
            # Schemas may contain themselves; below a certain depth only required fields are generated.
            if self._depth < _MAX_DEPTH or key in required:
                found[key] = self.value(part, key, name)
        if isinstance(extra := schema.get("additionalProperties"), dict):
            found["paper"] = self.value(extra, "paper", name)
        self._depth -= 1
        return found

    def _parameter(self, name: str, owner: str) -> Any:
        """Return the request's parameter for a field: of the same name, or for `id` the id of the requested object."""
        if name == "id":
            return self._parameters.get(f"{owner.removesuffix('s')}_id")
        return self._parameters.get(name)
