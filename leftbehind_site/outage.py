"""When the database is away, or a disk full: what that is, and what is answered then.

Finished pages are sent as before; they ask nothing of the database (see ``serving``). Everything else ends in
an error, wherever it was raised: in a view, in a template, in what stands around the views. All of these come
to Django's handler of faults, ``views.server_error``, and from there here. Nothing has to be put right
afterwards: the next request asks the database anew.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Final

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse

from appg.models import SiteSettings
from leftbehind_site.common.page import Page
from leftbehind_site.common.responses import READING
from leftbehind_site.context import site_facts
from leftbehind_site.room import is_no_room

logger = logging.getLogger(__name__)

RETRY_AFTER: Final = 30
"""Seconds after which a visitor's program may ask again."""

RETRY_AFTER_ROOM: Final = 300
"""The same while a disk is full, which takes longer to put right."""

_NO_ROOM: Final = (
    "The disk of this site is full. If you were saving something, nothing of it was saved and nothing was"
    " changed: go back, where your browser still has what you wrote, and try again later."
)
_WHAT: Final = (
    "The archive’s database does not answer just now. Most pages can still be read;"
    " please try this one again in a minute."
)
_UNCERTAIN: Final = (
    "The archive’s database does not answer just now, and what you sent may not have been saved. Please go"
    " back, keep a copy of it, and look in a minute whether it is there before you send it again."
)


def is_away(error: BaseException | None) -> bool:
    """Whether an error says that the database cannot be asked, rather than that it was asked wrongly.

    It is away, starting or restarting, takes too long, is locked; or its file is gone or damaged, for which
    SQLite has no kind of its own.
    """
    return isinstance(error, (OperationalError, InterfaceError)) or type(error) is DatabaseError


def will_pass(error: BaseException) -> bool:
    """Whether an error is no fault in the code, but one that waiting helps against."""
    return is_no_room(error) or is_away(error)


def unavailable(request: HttpRequest, error: BaseException) -> HttpResponse:
    """The page about it, which asks nothing of the database, and one line in the log."""
    why = _in_a_line(request, error)
    # As Django itself writes one: whatever somebody has put into it, it begins no line of its own.
    path = request.path.encode("unicode_escape").decode("ascii")
    if is_no_room(error):
        logger.error("No room for %s: %s", path, why)
        title, what, retry_after = "There is no room here at present", _NO_ROOM, RETRY_AFTER_ROOM
    else:
        logger.error("No database for %s: %s", path, why)
        title, retry_after = "This page cannot be shown just now", RETRY_AFTER
        what = _WHAT if request.method in READING else _UNCERTAIN
    page = Page(title=title, description=what, indexed=False)
    context = {"page": page, "what": what, "site": site_facts(SiteSettings())}
    response = HttpResponse(
        render_to_string("error.html", context),
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        headers={"Retry-After": str(retry_after), "Cache-Control": "no-store"},
    )
    # Django would write the whole way of the error to the log, for each request of an outage.
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001
    return response


def _in_a_line(request: HttpRequest, error: BaseException) -> str:
    """What an error says. Of a search only its kind: its words may quote what somebody typed."""
    kind = type(error).__qualname__
    if request.path == reverse("search"):
        return kind
    said, _, _ = str(error).strip().partition("\n")
    return f"{kind}: {said}"
