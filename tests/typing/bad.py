"""Mistakes that a strict type checker has to find, each with the code of its error; checked, never run."""

from kalshi_trade_api.api.market import get_markets
from kalshi_trade_api.api.orders import cancel_order_v2, create_order_v2, get_orders
from kalshi_trade_api.models import CreateOrderV2Request

from kalshi_auth import Signer, public_client, signed_client


class Mute:
    key_id = "no sign method"


signed_client(Mute(), base_url="https://host")  # expect: arg-type
signed_client(object())  # expect: arg-type, call-arg
signer: Signer = Mute()  # expect: assignment

public = public_client()
public_client(retry=3, rate_limit=10)  # expect: arg-type
get_orders.sync(client=public)  # expect: arg-type
get_markets.sync(client=public, limti=5)  # expect: call-arg
get_markets.sync(client=public, limit="5")  # expect: arg-type
get_markets.sync(public)  # expect: call-arg
cancel_order_v2.sync(client=public)  # expect: arg-type, call-arg
get_markets.sync(client=public).market  # expect: attr-defined
create_order_v2.sync(client=public, body={"ticker": "T"})  # expect: arg-type
CreateOrderV2Request(ticker="T")  # expect: call-arg
CreateOrderV2Request(
    ticker="T", side="bid", count=1.5, price="0.56", time_in_force="fill_or_kill", self_trade_prevention_type="maker", post_onyl=True
)  # expect-above: arg-type, call-arg
for row in get_markets.iterate(client=public):
    row.ticker + 1  # expect: operator
