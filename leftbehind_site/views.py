"""The home page and the error pages."""

from __future__ import annotations

import sys
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from appg import selectors as record
from appg import structured
from appg.access import answer, visible
from appg.addresses import is_former
from appg.models import SiteSettings, TimelineEvent
from leftbehind_site.common.page import SITE_NAME, Page
from leftbehind_site.common.structured import site
from leftbehind_site.context import site_facts, site_or_defaults
from leftbehind_site.environment import FORMER_HOSTS
from leftbehind_site.former import Found
from leftbehind_site.logs import NO_ID, request_id
from leftbehind_site.nearest import nearest, words_of
from leftbehind_site.outage import unavailable, will_pass
from neighbourhoods import maps
from neighbourhoods.measures import ORDERED
from neighbourhoods.overview import overview

_WEB_ARCHIVE: Final = "https://web.archive.org/web/2024*/"
"""The list of all copies that the web archive has of an address, opened at the year the group ended."""

_LONGEST_ADDRESS: Final = 500

_UNKNOWN_TITLE: Final = "There is no page at this address"
_UNKNOWN: Final = "The address may be mistyped, or the page may never have been part of this archive."


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Who the group was, the ways to a neighbourhood, what the group published, and when it did what.

    Some of the old site's addresses are the home page's with a parameter behind it: a number, a search, a
    list. They are no home page, and lead on to what they stood for (see ``redirects``).
    """
    if is_former(request.GET):
        raise Http404
    events, preview = visible(request, TimelineEvent.objects.all())
    found = record.overview(events)
    page = Page(
        title="The ‘left behind’ neighbourhoods of England",
        description=(
            "Archive of the All-Party Parliamentary Group for ‘left behind’ neighbourhoods, with a directory"
            " of the wards it spoke for and where each of them stands."
        ),
        path=reverse("home"),
        nodes=(
            site(SITE_NAME, reverse("home"), reverse("search")),
            *structured.events(entry for year in found.timeline for entry in year.items),
        ),
    )
    total = overview()
    context: dict[str, object] = {
        "overview": total,
        "map": maps.england(total.listed) if total.listed else "",
        "measures": ORDERED,
        "record": found,
    }
    return answer(request, "home.html", page, context, preview=preview)


def _error(request: HttpRequest, status: HTTPStatus, title: str, what: str) -> HttpResponse:
    """An error page in the frame of all pages. It is shown even if the database is away."""
    page = Page(title=title, description=what, indexed=False)
    context = {"page": page, "what": what, "site": site_or_defaults()}
    return render(request, "error.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """A request that cannot be read."""
    return _error(
        request,
        HTTPStatus.BAD_REQUEST,
        "This request could not be read",
        "Something in the address or in what was sent with it is not what this site expects.",
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """A page that this visitor may not see."""
    what = "It is for the site’s editors."
    return _error(request, HTTPStatus.FORBIDDEN, "This page is not open to you", what)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """A form that was not opened here, or has stood open for too long."""
    what = "Go back, load the page again, and send the form once more."
    return _error(request, HTTPStatus.FORBIDDEN, "This form could not be accepted", what)


def unknown_address(request: HttpRequest, found: Found | None) -> HttpResponse:
    """An address that nobody knows: what this site is, what comes closest, and where copies of it may be.

    Args:
        request: Of the visitor.
        found: What is known of the address; none where nobody has looked, and then nothing else is asked.
    """
    page = Page(
        title=_UNKNOWN_TITLE,
        description=_UNKNOWN,
        indexed=False,
    )
    address = quote(request.get_full_path()[:_LONGEST_ADDRESS], safe="/?&=%;,:@!$'()*+~")
    context = {
        "page": page,
        "closest": nearest(request.path, found.fitting) if found else [],
        "words": " ".join(words_of(request.path)),
        "several": bool(found and found.fitting),
        "copies": _copies(address),
    }
    return render(request, "not_found.html", context, status=HTTPStatus.NOT_FOUND)


def _copies(address: str) -> list[tuple[str, str]]:
    """Each former host name with the web archive's list of copies of an address there."""
    return [(host, f"{_WEB_ARCHIVE}https://{host}{address}") for host in FORMER_HOSTS]


@require_safe
def unknown(request: HttpRequest) -> HttpResponse:
    """The page about an address that nobody knows, for whichever it is: what a server of files sends then."""
    page = Page(title=_UNKNOWN_TITLE, description=_UNKNOWN, indexed=False)
    context = {"page": page, "copies": _copies("/"), "anywhere": True}
    return render(request, "not_found.html", context, status=HTTPStatus.NOT_FOUND)


def former_software(request: HttpRequest) -> HttpResponse:
    """An address of the software that the former site ran on. It will not come back."""
    what = "It belonged to the software of the group’s former website and held nothing of the group’s record."
    return _error(request, HTTPStatus.GONE, "Nothing stands at this address any more", what)


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours, and under which id the log has it; or a database that is away, or a disk that is full.

    The page asks nothing of the database, which may be what failed.
    """
    error = sys.exception()
    if error is not None and will_pass(error):
        return unavailable(request, error)
    what = "The fault is ours. Please try again in a little while."
    page = Page(title="Something went wrong here", description=what, indexed=False)
    logged = request_id()
    context = {
        "page": page,
        "what": what,
        "site": site_facts(SiteSettings()),
        "request_id": "" if logged == NO_ID else logged,
    }
    return HttpResponse(render_to_string("error.html", context), status=HTTPStatus.INTERNAL_SERVER_ERROR)
