"""What commands that finish every address have in common: how many processes share the work, and a bar."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from leftbehind_site.common.progress import Progress


def add_processes(parser: CommandParser) -> None:
    """Let the caller say how many processes share the work."""
    parser.add_argument(
        "--processes",
        type=int,
        default=os.cpu_count() or 1,
        help="How many processes share the work (default: as many as there are processors).",
    )


def processes_of(options: dict[str, Any]) -> int:
    """How many processes share the work.

    Raises:
        CommandError: If the caller said none, or fewer.
    """
    number: int = options["processes"]
    if number < 1:
        raise CommandError(f"--processes is {number}: it has to be 1 or more")
    return number


def bar_of(options: dict[str, Any]) -> Progress:
    """A progress bar where the output is a terminal, and none where the caller wants silence."""
    quiet = True if options["verbosity"] == 0 else None

    def progress(steps: Iterable[Any], number: int, what: str) -> Iterable[Any]:
        return tqdm(steps, total=number, desc=what, disable=quiet, leave=False)

    return progress
