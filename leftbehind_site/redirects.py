"""Former addresses: after nothing else answered, the way to where the item stands now.

It comes before Django adds a slash to an address that lacks one, so that a former address leads to its item
in one step, however it is written.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, HttpResponsePermanentRedirect
from django.urls import Resolver404, resolve
from django.utils.encoding import iri_to_uri
from django.utils.http import escape_leading_slashes

from leftbehind_site.common.responses import READING, Explained
from leftbehind_site.former import GONE, find, kept
from leftbehind_site.views import former_software, unknown_address


class Unanswered(HttpResponseNotFound):
    """What stands for the page about an unknown address until the former addresses have been looked up."""


def unanswered(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """The handler of 404: leave the page to ``FormerAddresses``."""
    return Unanswered()


class FormerAddresses:
    """Middleware that turns a 404 at a former address into a permanent redirect, any other into its page.

    It is the last of the middleware, so that what the others add to an answer is on these answers too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request, at a former address with the way on."""
        response = self.get_response(request)
        if response.status_code != HTTPStatus.NOT_FOUND or isinstance(response, Explained):
            return response
        found = None
        if request.method in READING and not _elsewhere(request.path):
            if GONE.match(request.path):
                return former_software(request)
            found = find(request.path, request.META.get("QUERY_STRING", ""))
        if found and found.path:
            return self._onward(_with_query(found.path, request), request)
        return unknown_address(request, found) if isinstance(response, Unanswered) else response

    def _onward(self, address: str, request: HttpRequest) -> HttpResponse:
        """The way to an address; where its view would lead on to another spelling, to that one at once."""
        asked, mark, fragment = address.partition("#")
        if _is_final(asked):
            return HttpResponsePermanentRedirect(address)
        response = self.get_response(_asking(asked, request))
        onward = response.get("Location", "")
        if response.status_code == HTTPStatus.MOVED_PERMANENTLY and onward.startswith("/"):
            address = f"{onward}{mark}{fragment}"
        return _instead_of(response, address)


def _is_final(address: str) -> bool:
    """Whether an address surely has no other spelling, so that its view need not be asked.

    An item's is its own, the desk's are not the public's, and a page without a choice has one address.
    """
    path, asked, _ = address.partition("?")
    try:
        match = resolve(unquote(path))
    except Resolver404:
        return True
    return (
        _elsewhere(path)
        or match.namespace == "appg"
        or bool(match.url_name and not match.kwargs and not asked)
    )


def _asking(address: str, request: HttpRequest) -> HttpRequest:
    """A request for another address, by a visitor whom nobody knows."""
    path, _, query = address.partition("?")
    path_info = unquote_to_bytes(path).decode("latin-1")
    return WSGIRequest({**request.META, "PATH_INFO": path_info, "QUERY_STRING": query, "HTTP_COOKIE": ""})


def _instead_of(response: HttpResponse, address: str) -> HttpResponse:
    """A permanent redirect in place of an answer.

    What that holds open, such as a file, is closed with this one. Django has no public way.
    """
    answer = HttpResponsePermanentRedirect(address)
    answer._resource_closers.append(response.close)  # type: ignore[attr-defined]  # noqa: SLF001
    return answer


def _elsewhere(path: str) -> bool:
    """Whether an address is in a part of the site whose addresses never belonged to an item."""
    return path.startswith((f"/{settings.ADMIN_PATH}/", "/static/"))


def _with_query(path: str, request: HttpRequest) -> str:
    """A path with what was asked for and still means something, before its fragment."""
    path, mark, fragment = path.partition("#")
    parts = kept(request.META.get("QUERY_STRING", ""))
    query = f"{'&' if '?' in path else '?'}{'&'.join(parts)}" if parts else ""
    return escape_leading_slashes(iri_to_uri(f"{path}{query}{mark}{fragment}"))


class FormerHosts:
    """Middleware that sends requests for the former site's host names to this site, in one step.

    It is the first of the middleware. What this site would answer is asked of the rest, as if the request had
    come to its own name; a redirect among the answers is passed on, so that there is no second one. The way
    leads to ``SITE_URL`` and nowhere else, and only from the host names that the settings name.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request, at a former host with the same page's address here."""
        host = request.META.get("HTTP_HOST", "").lower().partition(":")[0].rstrip(".")
        if host not in settings.FORMER_HOSTS or request.method not in READING:
            return self.get_response(request)
        response = self.get_response(_at_home(request))
        onward = response.get("Location", "")
        parts = urlsplit(onward)
        if onward and f"{parts.scheme}://{parts.netloc}" in ("://", settings.SITE_URL):
            path = onward.removeprefix(settings.SITE_URL)
        elif response.status_code == HTTPStatus.OK:
            path = _with_query(request.path, request)
        else:
            path = request.get_full_path()
        return _instead_of(response, f"{settings.SITE_URL}{path}")


def _at_home(request: HttpRequest) -> HttpRequest:
    """The same request as if it had come to this site's own name, and by its own scheme."""
    scheme, _, host = settings.SITE_URL.partition("://")
    environ = {**request.META, "HTTP_HOST": host, "wsgi.url_scheme": scheme}
    # Django has decoded the path; a new request expects it as the server gave it.
    environ["PATH_INFO"] = request.path_info.encode().decode("latin-1")
    if settings.SECURE_PROXY_SSL_HEADER:
        header, secure = settings.SECURE_PROXY_SSL_HEADER
        environ[header] = secure
    return WSGIRequest(environ)
