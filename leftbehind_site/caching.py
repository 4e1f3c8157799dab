"""How long browsers may keep an answer: until they have asked again, unless the answer itself says more."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class Revalidated:
    """Middleware: an answer may be kept, and is asked for again each time; unchanged, that costs no body."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-cache")
        return response
