"""Waiting for what has to happen, with patience for a busy machine."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

PATIENCE = 240
"""Seconds after which what has not happened will not happen, however slow and loaded the machine."""


def wait(
    until: Callable[[], object],
    what: str,
    *,
    process: subprocess.Popen[bytes] | None = None,
    log: Path | None = None,
    patience: float = PATIENCE,
    pause: float = 0.05,
) -> None:
    """Go on as soon as something has happened.

    Args:
        until: Whether it has.
        what: To happen, in words.
        process: Without which it cannot.
        log: What has been said meanwhile, to be told when it does not happen.
        patience: Seconds.
        pause: Seconds between two looks.

    Raises:
        AssertionError: If it does not happen.
    """
    began = time.monotonic()
    while not until():
        said = log.read_text() if log else ""
        assert process is None or process.poll() is None, f"{what}: the process has ended\n{said}"
        assert time.monotonic() - began < patience, f"{what}: not within {patience:.0f} s\n{said}"
        time.sleep(pause)


def until(page: Page, expression: str) -> None:
    """Go on as soon as an expression is true in a page.

    The policy of the site's pages evaluates no text, as Playwright's own waiting would.
    """

    def is_true() -> bool:
        if page.evaluate(expression):
            return True
        # Unlike a sleep, it lets the browser's own events through.
        page.wait_for_timeout(50)
        return False

    wait(is_true, expression, pause=0)
