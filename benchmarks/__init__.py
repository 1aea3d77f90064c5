"""Runs that take long: nothing here is a test."""

import sys
from pathlib import Path

# The client is in a folder of its own, which is not on the path unless the project is installed.
sys.path.insert(0, str(Path(__file__).parents[1] / "generated"))
