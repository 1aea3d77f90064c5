"""Exit statuses and error messages that the commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable

from scripts.regenerate.errors import StepError


def run(main: Callable[[], int]) -> int:
    """Run a command and return its exit status; after Ctrl-C, print one line and return 130."""
    try:
        return main()
    except KeyboardInterrupt:
        print("interrupted; nothing under generated/ changed", file=sys.stderr)
        return 130


def report_errors(action: Callable[[], int]) -> int:
    """Return the exit status of an action; if a step or the file system fails, print the error and return 2."""
    try:
        return action()
    except StepError as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(StepError("write", str(error), "choose a path that can be written"), file=sys.stderr)
    return 2
