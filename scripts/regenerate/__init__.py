"""Build the generated client from the OpenAPI document: `python -m scripts.regenerate`."""
