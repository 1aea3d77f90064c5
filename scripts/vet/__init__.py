"""Tell whether a document is safe to take, before it is taken: `python -m scripts.vet`."""
