"""Showing how far something long has come, for whoever started it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Progress = Callable[[Iterable[Any], int, str], Iterable[Any]]
"""Shows how far something has come: given the steps, their number and what is done; returns the steps."""


def silent(steps: Iterable[Any], _number: int, _what: str) -> Iterable[Any]:
    """Show nothing."""
    return steps
