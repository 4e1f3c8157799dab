"""Requests that only read, and answers that both apps give."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponseNotFound, HttpResponsePermanentRedirect

READING: Final = ("GET", "HEAD")
"""Methods that change nothing."""


class Explained(HttpResponseNotFound):
    """A page about an address that is nothing else's: no former address is looked for."""


def redirect_to(request: HttpRequest, path: str) -> HttpResponsePermanentRedirect:
    """A permanent redirect to the canonical path, with what was asked for behind it."""
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(f"{path}?{query}" if query else path)
