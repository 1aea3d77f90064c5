"""A client without a key meets the weather as one that signs does: what it may send is read, and may be asked again."""

from __future__ import annotations

import time
from typing import Any, Final

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from kalshi_auth import deadline
from kalshi_core.errors import RateLimitError, ServerError
from tests.weather import connection_faults as faults
from tests.weather.calls import MODES, POLICY, outcome, public_client_of
from tests.weather.faultserver import Fault, FaultServer
from tests.weather.test_deadlines import LATE_S
from tests.weather.test_weather import DROPS, GATEWAYS, HTML, TIMEOUTS

FAULTS: Final[dict[str, tuple[Any, type[Exception]]]] = {
    **DROPS,
    **{f"{code}": (faults.status(code, HTML), ServerError) for code in GATEWAYS},
    "429": (faults.status(429, b'{"error":"too many requests"}'), RateLimitError),
}

pytestmark = pytest.mark.parametrize("mode", MODES)


@pytest.mark.parametrize("name", FAULTS)
def test_one_fault_is_not_noticed(name: str, mode: str, private_key: RSAPrivateKey) -> None:
    """A broken answer, a gateway's page or a full rate limit costs a second request, unsigned as the first."""
    with FaultServer(private_key.public_key(), [Fault(FAULTS[name][0])]) as server:
        [seen] = outcome("public get", mode, public_client_of(server, timeout=TIMEOUTS[name]))
    assert seen.trading_active is True
    assert [each.signature for each in server.seen] == ["", ""]


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_for_ever_is_what_is_raised(name: str, mode: str, private_key: RSAPrivateKey) -> None:
    """After all attempts a read ends with the error of the last one."""
    act, error = FAULTS[name]
    with FaultServer(private_key.public_key(), [Fault(act)], endless=True) as server:
        [seen] = outcome("public get", mode, public_client_of(server, timeout=TIMEOUTS[name]))
    assert isinstance(seen, error)
    assert len(server.seen) == POLICY.attempts


def test_without_retries_nothing_is_sent_twice(mode: str, private_key: RSAPrivateKey) -> None:
    """With retry=None a drop is one request, and the error."""
    with FaultServer(private_key.public_key(), [Fault(faults.drop_before)]) as server:
        [seen] = outcome("public get", mode, public_client_of(server, retry=None))
    assert isinstance(seen, httpx.RemoteProtocolError)
    assert len(server.seen) == 1


@pytest.mark.parametrize("act", [faults.half_open, faults.slow_head, faults.slow_loris])
@pytest.mark.parametrize("retry", [POLICY, None])
def test_a_deadline_is_kept_to(retry: Any, act: Any, mode: str, private_key: RSAPrivateKey) -> None:
    """Silence and trickling end with the caller's deadline, with retries and without."""
    with FaultServer(private_key.public_key(), [Fault(act)], endless=True) as server:
        client = public_client_of(server, retry=retry)
        began = time.monotonic()
        with deadline(0.5):
            [seen] = outcome("public get", mode, client)
        assert time.monotonic() - began < 0.5 + LATE_S
    assert isinstance(seen, httpx.ReadTimeout)
    assert len(server.seen) <= 1  # a busy machine's server may not have got to it
