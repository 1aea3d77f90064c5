"""Mutation testing: insert one fault at a time and check that a test fails: `python -m scripts.mutate`."""
