"""An exchange whose clock differs from ours."""

from __future__ import annotations

import logging
import re
import time
from email.utils import formatdate
from typing import Final

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from kalshi_auth import RetryPolicy
from kalshi_core.errors import ConflictError, UnauthorizedError
from tests.weather import connection_faults as faults
from tests.weather import faultserver as fs
from tests.weather.calls import KINDS, MODES, POLICY, check_orders, client_of, outcome
from tests.weather.faultserver import Fault, FaultServer

pytestmark = [pytest.mark.parametrize("mode", MODES), pytest.mark.parametrize("kind", KINDS)]

SKEWS: Final = (5.0, -5.0, 30.0, -30.0, 300.0, -300.0, 86_400.0, -86_400.0)


@pytest.mark.parametrize("policy", [POLICY, None], ids=["retry", "no retry"])
@pytest.mark.parametrize("skew_s", SKEWS)
def test_a_wrong_clock_is_corrected_once_and_for_all(
    skew_s: float,
    policy: RetryPolicy | None,
    kind: str,
    mode: str,
    private_key: RSAPrivateKey,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A refused timestamp costs one request and a warning, whatever the skew; the second call needs none."""
    with FaultServer(private_key.public_key(), skew_s=skew_s) as server, caplog.at_level("WARNING", "kalshi_core"):
        found = outcome(kind, mode, client_of(server, private_key, retry=policy), times=2)
    assert not isinstance(found[0], Exception), found[0]
    assert isinstance(found[1], ConflictError) if kind == "create" else not isinstance(found[1], Exception)
    refused = abs(skew_s) > fs.WINDOW_S
    assert len(server.seen) == (3 if refused else 2)
    assert all(each.valid for each in server.seen)
    assert len({each.signature for each in server.seen}) == len(server.seen)
    warnings = [record for record in caplog.records if record.name == "kalshi_core.clock"]
    assert [record.levelno for record in warnings] == ([logging.WARNING] if refused else [])
    if refused:
        said = re.search(r"[+-]\d+\.\d", warnings[0].getMessage())
        assert said is not None
        assert float(said[0]) == pytest.approx(skew_s, abs=5)
    check_orders(server, {"batch": 2, "create": 1, "bare create": 2, "bare batch": 3}.get(kind, 0))


def test_a_clock_that_stays_wrong_is_told_so_after_two_requests(
    kind: str, mode: str, private_key: RSAPrivateKey
) -> None:
    """A server that refuses every timestamp, with an honest Date, is asked no more than once again."""
    body = b'{"error":{"code":"header_timestamp_expired","message":"no"}}'
    day = Fault(faults.status(401, body, Date=formatdate(time.time() + 3600, usegmt=True)), executes=False)
    with FaultServer(private_key.public_key(), [day], endless=True, skew_s=0) as server:
        [seen] = outcome(kind, mode, client_of(server, private_key))
    assert isinstance(seen, UnauthorizedError)
    assert len(server.seen) <= 2
    check_orders(server, 0)
