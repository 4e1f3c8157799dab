"""Do something in a process of its own that is killed at a certain step: kill -9, nothing tidied up."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any

from django.db import connection

from leftbehind_site.export.writing import _let_go_of_the_database

CHANGING = frozenset(
    {"os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree", "os.utime"}
)
"""What Python tells its auditors of changes in the file system; a file opened to be written is one too."""


def _in_child(do: Callable[[], object]) -> bool:
    """Whether a process was killed while it did something; it must not fail in another way."""
    _let_go_of_the_database()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        try:
            do()
        except BaseException:  # noqa: BLE001  (whatever it is, the child ends here)
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return os.WTERMSIG(status) == signal.SIGKILL
    if os.WEXITSTATUS(status):
        raise RuntimeError("it failed by itself, see above")
    return False


def killed_at_statement(step: int, do: Callable[[], object]) -> bool:
    """Do something, and be killed before the statement of that number.

    Returns:
        Whether it came that far; if not, it was done to its end.
    """
    left = step

    def count(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        nonlocal left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        return execute(sql, parameters, many, context)

    def counted() -> None:
        with connection.execute_wrapper(count):
            do()

    return _in_child(counted)


def _changes(event: str, details: tuple[Any, ...]) -> bool:
    written = event == "open" and isinstance(details[1], str) and any(sign in details[1] for sign in "wxa")
    return written or event in CHANGING


def killed_at_change(step: int, do: Callable[[], object]) -> bool:
    """Do something, and be killed before the change to a file or folder of that number."""
    left = step

    def count(event: str, details: tuple[Any, ...]) -> None:
        nonlocal left
        if _changes(event, details):
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1

    def counted() -> None:
        sys.addaudithook(count)
        do()

    return _in_child(counted)


def number_of_changes(do: Callable[[], object]) -> int:
    """How many changes to files and folders something makes; it is done."""
    reading, writing = os.pipe()
    changes = 0

    def count(event: str, details: tuple[Any, ...]) -> None:
        nonlocal changes
        changes += _changes(event, details)

    def counted() -> None:
        sys.addaudithook(count)
        do()
        os.write(writing, str(changes).encode())

    _in_child(counted)
    os.close(writing)
    with os.fdopen(reading) as said:
        return int(said.read())
