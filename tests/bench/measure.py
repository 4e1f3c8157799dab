"""Running a command and saying what it took; printing a table."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took.

    Attributes:
        seconds: Wall-clock time.
        mebibytes: Greatest resident memory.
        cpu: Seconds of the processors, of the processes that it started too.
    """

    seconds: float
    mebibytes: float
    cpu: float


def run(command: Sequence[str], environment: Mapping[str, str]) -> Cost:
    """Run a Python command to its end.

    Args:
        command: Arguments of the interpreter.
        environment: Variables to add to this process's.

    Raises:
        RuntimeError: If it fails; a failed run has no cost worth printing.
    """
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *command], env={**os.environ, **environment}, stdout=subprocess.DEVNULL
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return Cost(time.perf_counter() - started, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime)


def median(times: int, once: Callable[[], Cost]) -> Cost:
    """The median times and the greatest memory of several runs."""
    costs = [once() for _ in range(times)]
    return Cost(
        statistics.median(c.seconds for c in costs),
        max(c.mebibytes for c in costs),
        statistics.median(c.cpu for c in costs),
    )


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows in columns, the first to the left and the others to the right."""
    lines = [header, *rows]
    widths = [max(len(line[n]) for line in lines) for n in range(len(header))]
    text = [
        "  ".join(
            cell.ljust(width) if n == 0 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    ]
    return "\n".join([title, text[0], "-" * len(text[0]), *text[1:]])
