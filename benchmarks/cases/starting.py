"""Imports and first requests, each in a fresh process."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Final

from benchmarks.cases import OTHER, OURS, Bench, Measured, Row, compared
from benchmarks.paired import ROOT, Sample, environment

_FLOOR: Final = "httpx, attrs, cryptography"
_HAND: Final = "by hand"
_BARE: Final = """\
import attrs, httpx
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives import hashes, serialization
"""
_IMPORTS: Final = {
    _FLOOR: _BARE,
    OURS: """\
from kalshi_auth import signed_client, signer_from_file
from kalshi_trade_api.api.portfolio import get_balance
""",
    "official": "from kalshi_python_sync import ApiClient, Configuration, KalshiAuth, PortfolioApi\n",
    "kalshi-sdk": "from kalshi import KalshiClient\n",
    "kalshi-py": """\
from kalshi_py import create_client
from kalshi_py.api.portfolio import get_balance
""",
    "pykalshi": "from pykalshi import KalshiClient\n",
}
_REQUESTS: Final = {
    _HAND: """\
import base64, time
import httpx
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives import hashes, serialization
key = serialization.load_pem_private_key(open(rsa, "rb").read(), None)
timestamp = str(time.time_ns() // 1000000)
signature = key.sign(
    (timestamp + "GET/trade-api/v2/portfolio/balance").encode(),
    padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256(),
)
httpx.Client(base_url=base_url).get("/portfolio/balance", headers={
    "KALSHI-ACCESS-KEY": key_id, "KALSHI-ACCESS-TIMESTAMP": timestamp,
    "KALSHI-ACCESS-SIGNATURE": base64.b64encode(signature).decode(),
}).json()["balance"]
""",
    OURS: _IMPORTS[OURS] + "get_balance.sync(client=signed_client(signer_from_file(key_id, rsa), base_url=base_url))\n",
    "official": _IMPORTS["official"] + """\
client = ApiClient(Configuration(host=base_url))
client.kalshi_auth = KalshiAuth(key_id, open(rsa).read())
PortfolioApi(client).get_balance()
""",
    "kalshi-sdk": _IMPORTS["kalshi-sdk"] + """\
KalshiClient(key_id=key_id, private_key_path=rsa, base_url=base_url).portfolio.balance()
""",
    "kalshi-py": _IMPORTS["kalshi-py"] + """\
get_balance.sync(client=create_client(base_url=base_url, access_key_id=key_id, private_key_path=rsa))
""",
    "pykalshi": _IMPORTS["pykalshi"] + """\
KalshiClient(api_key_id=key_id, private_key_path=rsa, api_base=base_url).portfolio.get_balance()
""",
}  # fmt: skip
# httpx also loads its command line where click and rich are: in a development environment, seldom beside a bot. The
# fast JSON libraries count as not installed, as in the other rows.
_AROUND: Final = """\
import sys, time
sys.modules["click"] = sys.modules["msgspec"] = sys.modules["orjson"] = None
base_url, key_id, rsa = sys.argv[1:]
wall, cpu = time.perf_counter_ns(), time.process_time_ns()
{}
wall, cpu = time.perf_counter_ns() - wall, time.process_time_ns() - cpu
print('{{"wall_ns": %d, "cpu_ns": %d, "value": %d}}' % (wall, cpu, len(sys.modules)))
"""


def _fresh(bench: Bench, codes: dict[str, str]) -> dict[str, list[Sample]]:
    setup = bench.setup
    labels = [label for label in codes if bench.peers or label in (_FLOOR, _HAND, OURS)]
    trees = dict.fromkeys(labels, ROOT)
    if bench.against is not None:
        codes, trees = {OURS: codes[OURS], OTHER: codes[OURS]}, {OURS: ROOT, OTHER: bench.against}
        labels = list(trees)
    samples: dict[str, list[Sample]] = {label: [] for label in labels}
    for number in range(bench.few(12 if bench.against is None else 40) + 1):
        for label in labels if number % 2 else reversed(labels):
            command = [
                bench.python,
                "-c",
                _AROUND.format(codes[label]),
                setup["base_url"],
                setup["key_id"],
                setup["rsa"],
            ]
            done = subprocess.run(  # noqa: S603
                command, capture_output=True, text=True, check=False, cwd=trees[label], env=environment(trees[label])
            )
            if done.returncode:
                print(f"  {label}: {done.stderr.strip()[-300:]}", file=sys.stderr)
            elif number:  # The first one compiles, and reads from the disk.
                samples[label].append(json.loads(done.stdout))
    return {label: each for label, each in samples.items() if each}


def _imports(bench: Bench) -> Measured | None:
    samples = _fresh(bench, _IMPORTS)
    modules = ", ".join(f"{label} {each[0]['value']}" for label, each in samples.items())
    return compared(samples, _FLOOR if bench.against is None else OTHER, "cpu_ns", note=f"modules loaded: {modules}")


def _first(bench: Bench) -> Measured | None:
    return compared(_fresh(bench, _REQUESTS), _HAND if bench.against is None else OTHER, "wall_ns")


ROWS = (
    Row("import", "import of client and one endpoint / of httpx, attrs, cryptography", "CPU", 1.12, _imports),
    Row("first", "first signed request in a fresh process / by hand with httpx", "wall", 1.10, _first),
)
