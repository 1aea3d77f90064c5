"""Read an OpenAPI document from a file, or download the published one."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import httpx

from scripts.regenerate.document import Json, load, parse
from scripts.regenerate.errors import StepError

PUBLISHED: Final = "https://docs.kalshi.com/openapi.yaml"
_STEP: Final = "fetch"
_TIMEOUT_S: Final = 60.0


def fetch(url: str) -> tuple[str, Json]:
    """
    Download a document and return its text and content.

    Raises:
        StepError: The download failed, or the response is not an OpenAPI document.
    """
    try:
        response = httpx.get(url, timeout=_TIMEOUT_S, follow_redirects=True)
        response.raise_for_status()
        text = response.content.decode("utf-8")
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeDecodeError) as error:
        raise StepError(
            _STEP, f"{url}: {error or type(error).__name__}", "try again later, or use --spec FILE"
        ) from None
    document = parse(text, url, _STEP)
    _check_kind(document, url)
    return text, document


def read(path: Path) -> tuple[str, Json]:
    """
    Read a document and return its text, with its own line ends, and its content.

    Raises:
        StepError: The file cannot be read, or is not an OpenAPI document.
    """
    document = load(path, _STEP)
    _check_kind(document, str(path))
    return path.read_bytes().decode("utf-8"), document


def _check_kind(document: Json, name: str) -> None:
    if "openapi" not in document or "paths" not in document:
        raise StepError(
            _STEP,
            f"{name} is not an OpenAPI document: `openapi` and `paths` expected at the top level",
            "use the file or address of an OpenAPI document",
        )
