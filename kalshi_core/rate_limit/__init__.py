"""Rate limiting on the client's side, by the exchange's token buckets."""
