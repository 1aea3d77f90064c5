"""
Write the document that kalshi_paper carries: the repository's, as JSON, without its prose.

    python -m scripts.paper_openapi [--check]
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Final

from scripts.regenerate.document import Json, load
from scripts.regenerate.steps import ROOT

SOURCE: Final = ROOT / "openapi.yaml"
TARGET: Final = ROOT / "kalshi_paper" / "web" / "openapi.json"
_PROSE: Final = frozenset({"description", "summary"})


def main(arguments: list[str] | None = None) -> int:
    """Write the copy, or compare it."""
    summary = (__doc__ or "").split("\n\n")[0]
    parser = argparse.ArgumentParser(prog="python -m scripts.paper_openapi", description=summary)
    parser.add_argument("--check", action="store_true", help="compare, write nothing, exit 1 on a difference")
    options = parser.parse_args(arguments)
    wanted = text(SOURCE)
    if options.check:
        same = TARGET.is_file() and TARGET.read_text("utf-8") == wanted
        print(f"{TARGET.name} is {'what' if same else 'not what'} {SOURCE.name} makes")
        return 0 if same else 1
    TARGET.write_text(wanted, "utf-8")
    print(f"{TARGET.name} written")
    return 0


def text(source: Path) -> str:
    """Return the copy's text, the same way every time."""
    document = load(source, "paperdoc")
    kept = {key: document[key] for key in ("openapi", "info", "paths", "components")}
    return json.dumps(without_prose(kept), ensure_ascii=False, separators=(",", ":")) + "\n"


def without_prose(node: Any, *, names: bool = False) -> Any:
    """Return a copy without descriptions and summaries; a field may be called `description` all the same."""
    if isinstance(node, list):
        return [without_prose(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept: Json = {}
    for key, value in node.items():
        if names or key not in _PROSE or not isinstance(value, str):
            kept[key] = without_prose(value, names=key == "properties" and not names)
    return kept


if __name__ == "__main__":
    sys.exit(main())
