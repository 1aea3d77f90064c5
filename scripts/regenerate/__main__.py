"""
Rebuild the generated client: `python -m scripts.regenerate`.

Exit status: 0 done, 1 drift found by --check, 2 a step stopped, 130 interrupted.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from scripts.regenerate import compare_and_swap, provenance, summarise
from scripts.regenerate.document import Json, dump, load
from scripts.regenerate.errors import MARKER, ROOT, StepError, run
from scripts.regenerate.fetch import PUBLISHED, fetched, read
from scripts.regenerate.generate import generated
from scripts.regenerate.overlay import amended
from scripts.regenerate.polish import polished
from scripts.regenerate.validate import checked

_DOCUMENT = ROOT / "openapi.yaml"
_OVERLAY = ROOT / "scripts" / "regenerate" / "overlay.yaml"
_OUTPUT = ROOT / "generated"
_PACKAGE = "kalshi_trade_api"
_AMENDED = "document.yaml"
_PROVENANCE = "PROVENANCE.toml"


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    on_interrupt = signal.getsignal(signal.SIGINT)
    try:
        return _run(options)
    except StepError as stop:
        print(stop, file=sys.stderr)
    except OSError as error:
        print(StepError("write", str(error), "free the place, or name another"), file=sys.stderr)
    finally:
        signal.signal(signal.SIGINT, on_interrupt)
    return 2


def _run(options: argparse.Namespace) -> int:
    output: Path = options.output
    overlay = None if options.overlay == "none" else Path(options.overlay)
    if not options.check:
        output.parent.mkdir(parents=True, exist_ok=True)
    # Beside the output, so that renaming is enough to put it in place; a check leaves even that folder alone.
    with tempfile.TemporaryDirectory(prefix=".regenerate-", dir=None if options.check else output.parent) as aside:
        built = Path(aside) / "built"
        built.mkdir()

        source, text, document = _source(options)
        _say("fetch", source)
        changed, done = amended(document, overlay)
        _say("overlay", done)
        _say("validate", checked(changed))
        paged = generated(changed, built / options.package)
        _say("generate", f"{options.package}, {len(paged)} operations with paging")
        _say("polish", polished(built / options.package))

        version = str(document["info"]["version"])
        (built / _AMENDED).write_text(f"{MARKER}\n{dump(changed)}", "utf-8")
        (built / _PROVENANCE).write_text(provenance.provenance(text, version, overlay), "utf-8")
        names = [options.package, _AMENDED, _PROVENANCE]
        if not options.check:
            compare_and_swap.check_owned(output, names)
        before = load(output / _AMENDED, "summarise") if (output / _AMENDED).is_file() else changed
        rows = [row for name in names for row in _differences(built, output, name)]
        _say("drift", f"{len(rows)} files differ from {output}" if rows else f"none from {output}")

        if options.summary:
            options.summary.write_text(summarise.markdown(before, changed, paged=paged), "utf-8")
        _say("summarise", summarise.headline(before, changed) + (f", in {options.summary}" if options.summary else ""))
        if options.check:
            print("\n".join(rows[:20] + (["..."] if len(rows) > 20 else [])), end="\n" if rows else "")
            return 1 if rows else 0
        # Ctrl-C comes too late from here on: package and document are of one run, and what is left takes no time.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        compare_and_swap.swap(built, output, names)
        if options.fetch and output == _OUTPUT:
            _replace(_DOCUMENT, text)
    return 0


def _source(options: argparse.Namespace) -> tuple[str, str, Json]:
    if options.fetch:
        text, document = fetched(options.url)
        return options.url, text, document
    text, document = read(options.spec)
    return f"not asked for, {options.spec} is used", text, document


def _differences(built: Path, output: Path, name: str) -> list[str]:
    if (built / name).is_dir():
        return compare_and_swap.differences(built / name, output / name)
    same = (output / name).is_file() and (built / name).read_bytes() == (output / name).read_bytes()
    return [] if same else [f"changed  {name}"]


def _replace(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old one or the new one, whole."""
    beside = path.with_suffix(".new")
    beside.write_bytes(text.encode("utf-8"))
    beside.replace(path)


def _say(step: str, line: str) -> None:
    print(f"{step:<10}{line}", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scripts.regenerate", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--check", action="store_true", help="build aside, compare, write nothing, exit 1 on drift")
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--fetch", action="store_true", help="download the published document first (needs the network)"
    )
    source.add_argument("--spec", type=Path, default=_DOCUMENT, metavar="FILE", help="another document")
    parser.add_argument("--url", default=PUBLISHED, help="where --fetch downloads from")
    parser.add_argument("--output", type=Path, default=_OUTPUT, metavar="DIR", help="another place for the package")
    parser.add_argument("--package", default=_PACKAGE, metavar="NAME", help="another name for the package")
    parser.add_argument("--overlay", default=str(_OVERLAY), metavar="FILE|none", help="other corrections, or none")
    parser.add_argument("--summary", type=Path, metavar="FILE", help="write the summary of changes, as Markdown")
    return parser


if __name__ == "__main__":
    sys.exit(run(main))
