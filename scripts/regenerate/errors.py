"""The error that ends a command."""

from __future__ import annotations


class StepError(Exception):
    """
    A step of a command cannot continue.

    Args:
        step: Name of the step.
        why: The problem, and where it was found.
        fix: How to solve it.
    """

    def __init__(self, step: str, why: str, fix: str) -> None:
        super().__init__(step, why, fix)
        self.step = step
        self.why = why
        self.fix = fix

    def __str__(self) -> str:
        return f"error: {self.step}: {self.why}\n  fix: {self.fix}"
