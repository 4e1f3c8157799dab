"""Former addresses: after nothing else answered, the way to where the item stands now.

It comes before Django adds a slash to an address that lacks one, so that a former address leads to its item
in one step, however it is written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils.encoding import iri_to_uri
from django.utils.http import escape_leading_slashes

from appg.addresses import NUMBERED, destination

_ELSEWHERE: Final = ("/admin/", "/static/")
"""Parts of the site whose addresses never belonged to an item."""


def asks_by_number(request: HttpRequest) -> bool:
    """Whether a request names an item as the old site's numbered addresses did."""
    return any(name in request.GET for name in NUMBERED)


class FormerAddresses:
    """Middleware that turns a 404 at a former address into a permanent redirect."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request, at a former address with the way on."""
        response = self.get_response(request)
        if response.status_code != 404 or request.method not in {"GET", "HEAD"}:
            return response
        if request.path.startswith(_ELSEWHERE):
            return response
        target = _target(request)
        return HttpResponsePermanentRedirect(target) if target else response


def _target(request: HttpRequest) -> str:
    """Where a former address leads, with what was asked for behind it; empty if it is not known."""
    query = request.META.get("QUERY_STRING", "")
    parts = [part for part in query.split("&") if part]
    numbered = [part for part in parts if part.partition("=")[0] in NUMBERED]
    for part in numbered:
        if found := destination(f"{request.path}?{part}"):
            return _with_query(found, [other for other in parts if other != part])
    if numbered and request.path == "/":
        return ""
    found = destination(request.path)
    return _with_query(found, parts) if found else ""


def _with_query(path: str, parts: list[str]) -> str:
    """A path with a query, before its fragment."""
    path, mark, fragment = path.partition("#")
    query = f"?{'&'.join(parts)}" if parts else ""
    return escape_leading_slashes(iri_to_uri(f"{path}{query}{mark}{fragment}"))
