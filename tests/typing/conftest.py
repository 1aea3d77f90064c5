"""Code that is checked, never run."""

collect_ignore = ["good.py", "bad.py"]
