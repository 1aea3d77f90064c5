"""The service layer: the exchange's state, the commands that change it, the journal, users, keys and tokens."""
