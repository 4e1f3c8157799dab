"""What the log keeps of a request: its path, never what was asked for behind it.

Postcodes and searches are typed into addresses (``/search/?q=``), so no line may hold an address's query, nor
the message of an error that a search ran into, which may quote what it choked on.
"""

from __future__ import annotations

import logging
import re
import traceback
from typing import Final

from django.urls import reverse

_QUERY: Final = re.compile(r"\?\S*")


class WithoutQueries(logging.Filter):
    """Takes the query out of the lines that Django writes about requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record where it has to be; none is dropped."""
        if record.name == "django.server" and isinstance(record.args, tuple):
            # The development server gives the request line as it came.
            record.args = tuple(_QUERY.sub("", a) if isinstance(a, str) else a for a in record.args)
        request = getattr(record, "request", None)
        if record.exc_info and record.exc_info[1] and getattr(request, "path", "") == reverse("search"):
            record.exc_text = _without_messages(record.exc_info[1])
        return True


def _without_messages(error: BaseException) -> str:
    """A traceback that says where and what kind an error was, and what caused it, but not in its words."""
    lines: list[str] = []
    now: BaseException | None = error
    while now is not None:
        lines = [*traceback.format_tb(now.__traceback__), f"{type(now).__qualname__}\n", *lines]
        now = now.__cause__ or now.__context__
    return "".join(lines).rstrip()
