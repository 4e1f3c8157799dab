"""The home page and the error pages."""

from __future__ import annotations

from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from appg import selectors as record
from appg import structured
from appg.access import answer, visible
from appg.models import SiteSettings, TimelineEvent
from leftbehind_site.context import site_facts
from leftbehind_site.page import Page
from leftbehind_site.redirects import asks_by_number
from neighbourhoods import listings
from neighbourhoods.measures import ORDERED


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Who the group was, the ways to a neighbourhood, what the group published, and when it did what.

    The old site's numbered addresses are the home page's with a number behind it. They are no home page; a
    known one leads on to its item (see ``redirects``).
    """
    if asks_by_number(request):
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
        nodes=tuple(structured.events(entry for year in found.timeline for entry in year.items)),
    )
    context: dict[str, object] = {
        "overview": listings.overview(),
        "measures": ORDERED,
        "record": found,
    }
    return answer(request, "home.html", page, context, preview=preview)


def _error(request: HttpRequest, status: HTTPStatus, title: str, what: str) -> HttpResponse:
    """An error page in the frame of all pages."""
    page = Page(title=title, description=what, indexed=False)
    return render(request, "error.html", {"page": page, "what": what}, status=status)


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


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """An address that leads nowhere."""
    return _error(
        request,
        HTTPStatus.NOT_FOUND,
        "There is no page at this address",
        "The address may be mistyped, or the page may never have been part of this archive.",
    )


def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """A fault of ours. The page asks nothing of the database, which may be what failed."""
    what = "The fault is ours. Please try again in a little while."
    page = Page(title="Something went wrong here", description=what, indexed=False)
    context = {"page": page, "what": what, "site": site_facts(SiteSettings())}
    return HttpResponse(render_to_string("error.html", context), status=HTTPStatus.INTERNAL_SERVER_ERROR)
