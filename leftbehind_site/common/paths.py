"""The addresses that pages name again and again."""

from __future__ import annotations

from functools import lru_cache

from django.urls import reverse


@lru_cache(maxsize=8192)
def path_to(view: str, *parts: str | int) -> str:
    """The path of a view, as ``reverse`` has it.

    A neighbourhood's page names ninety addresses, most of them the same as on other pages, and nothing that
    happens while a process lives gives a view another one.

    Args:
        view: The view's name.
        parts: What stands in the path, in order.
    """
    return reverse(view, args=parts)
