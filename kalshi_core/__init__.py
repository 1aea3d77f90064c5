"""
What every generated package stands on: clients, operations, models, errors, retries and rate limits.

Written by hand. It knows no key, no signature, no generated package and no endpoint: those are passed in.
"""
