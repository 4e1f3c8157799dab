"""Waiting for what has to happen, with patience for a busy machine."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

PATIENCE = 240
"""Seconds after which what has not happened will not happen, however slow and loaded the machine."""


def until(page: Page, expression: str) -> None:
    """Go on as soon as an expression is true in a page.

    The policy of the site's pages evaluates no text, as Playwright's own waiting would.
    """
    began = time.monotonic()
    while not page.evaluate(expression):
        assert time.monotonic() - began < PATIENCE, f"not within {PATIENCE} s: {expression}"
        page.wait_for_timeout(50)
