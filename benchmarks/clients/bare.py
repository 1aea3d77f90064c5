"""The reference: httpx and cryptography, used directly."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

_MESSAGE = b"1703123456789GET/trade-api/v2/portfolio/balance"
_SHA256 = SHA256()
_PSS = PSS(mgf=MGF1(_SHA256), salt_length=32)


def signature(setup: dict[str, Any]) -> Callable[[], Any]:
    key: Any = load_pem_private_key(Path(setup["rsa"]).read_bytes(), None)
    return lambda: key.sign(_MESSAGE, _PSS, _SHA256)


def signature_ed25519(setup: dict[str, Any]) -> Callable[[], Any]:
    key: Any = load_pem_private_key(Path(setup["ed25519"]).read_bytes(), None)
    return lambda: key.sign(_MESSAGE)


def get(setup: dict[str, Any]) -> Callable[[], Any]:
    http, sign = httpx.Client(base_url=setup["base_url"]), signature(setup)

    def one() -> Any:
        sign()
        return http.get("/portfolio/balance").json()

    return one


async def aget(setup: dict[str, Any]) -> Callable[[], Awaitable[Any]]:
    http, sign = httpx.AsyncClient(base_url=setup["base_url"]), signature(setup)

    async def one() -> Any:
        sign()
        return (await http.get("/portfolio/balance")).json()

    return one
