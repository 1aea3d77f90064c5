"""Tell whether a new OpenAPI document is safe to take: `python -m scripts.vet`."""
