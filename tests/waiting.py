"""Waiting inside a page whose policy evaluates no text, as Playwright's own waiting would."""

from __future__ import annotations

import time

from playwright.sync_api import Page

PATIENCE = 60
"""Seconds that anything may take on a slow, loaded machine."""


def until(page: Page, expression: str) -> None:
    """Go on as soon as an expression is true in a page."""
    began = time.monotonic()
    while not page.evaluate(expression):
        assert time.monotonic() - began < PATIENCE, f"not within {PATIENCE} s: {expression}"
        page.wait_for_timeout(50)
