"""The files beside the pages: an address, its one canonical form, a selection, a format."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from leftbehind_site.common.headers import for_everyone
from leftbehind_site.common.page import Page
from leftbehind_site.common.responses import Explained, redirect_to
from leftbehind_site.common.site import current_site
from neighbourhoods import listings, measures, profiles
from neighbourhoods.files import addresses, selections
from neighbourhoods.files.contents import Contents
from neighbourhoods.files.formats import BY_EXTENSION
from neighbourhoods.models import Release
from neighbourhoods.views.frame import directory_crumb, not_found

Selection = Callable[..., Contents]

_KEPT: Final = "public, max-age=3600"
"""How long a file may be kept before it is asked for again, which costs nothing while it is the same."""


@require_safe
def neighbourhood(request: HttpRequest, code: str, extension: str, slug: str = "") -> HttpResponseBase:
    """One neighbourhood as a file."""
    found = profiles.find_neighbourhood(code)
    if found is None:
        return not_found(request, code, slug)
    select = partial(selections.of_neighbourhood, found)
    return _answer(request, extension, found.get_absolute_url(), select)


@require_safe
def region(request: HttpRequest, slug: str, extension: str) -> HttpResponseBase:
    """A region's neighbourhoods as a file."""
    found = listings.find_region(slug)
    if found is None:
        return not_found(request, slug)
    return _answer(request, extension, found.get_absolute_url(), _listed(selections.of_region, found))


@require_safe
def authority(request: HttpRequest, code: str, extension: str, slug: str = "") -> HttpResponseBase:
    """A local authority's neighbourhoods as a file; an abolished authority leads to its successor's."""
    found = listings.find_authority(code)
    if found is None:
        return not_found(request, code, slug)
    standing = found.successor or found
    select = _listed(selections.of_authority, standing)
    return _answer(request, extension, standing.get_absolute_url(), select)


@require_safe
def constituency(request: HttpRequest, code: str, extension: str, slug: str = "") -> HttpResponseBase:
    """A constituency's neighbourhoods as a file."""
    found = listings.find_constituency(code)
    if found is None:
        return not_found(request, code, slug)
    select = _listed(selections.of_constituency, found)
    return _answer(request, extension, found.get_absolute_url(), select)


@require_safe
def ranking(request: HttpRequest, slug: str, extension: str) -> HttpResponseBase:
    """The neighbourhoods in the order of one measure, as a file."""
    measure = measures.find(slug)
    if measure is None:
        raise Http404
    select = _listed(selections.of_ranking, measure)
    return _answer(request, extension, measures.ranking_path(measure), select)


def _listed(select: Selection, of: object) -> Selection:
    """A selection from the release in force, which is looked up when the file is really made."""

    def selected(notice: str, *, outlines: bool) -> Contents:
        release = Release.objects.current()
        if release is None:
            raise Http404
        return select(of, release, notice, outlines=outlines)

    return selected


def _answer(request: HttpRequest, extension: str, page: str, select: Selection) -> HttpResponseBase:
    """The file of a page in a format, at its one address."""
    file_format = BY_EXTENSION.get(extension.lower())
    if file_format is None:
        return unknown_format(request, page)
    path = addresses.file_path(page, file_format)
    if request.path != path:
        return redirect_to(request, path)
    contents = select(current_site().archive_notice, outlines=file_format.outlined)
    return send(
        request,
        file_format.write(contents),
        f"{contents.stem}.{file_format.extension}",
        file_format.media_type,
        attached=file_format.attached,
    )


def send(
    request: HttpRequest, content: bytes, name: str, media_type: str, *, attached: bool
) -> HttpResponseBase:
    """Send a file under a name, or say that the reader's copy is still good.

    The entity tag is the content's checksum: equal bytes are equal wherever and whenever they were made.
    There is no Last-Modified, because a file also changes with the archive notice, which has no date.
    """
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(attached, name) or "inline"
    response["Cache-Control"] = _KEPT
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    response["ETag"] = etag
    answer: HttpResponseBase = get_conditional_response(request, etag=etag, response=response) or response
    for_everyone(answer)
    return answer


def unknown_format(request: HttpRequest, of: str) -> HttpResponse:
    """The 404 of a file that a page has not got, with those that it has.

    Args:
        request: What was asked.
        of: The page's path.
    """
    page = Page(
        title="There is no file of this kind",
        description="The formats in which this archive gives its figures away.",
        crumbs=(directory_crumb(),),
        indexed=False,
    )
    context = {"page": page, "of": of, "files": addresses.downloads(of)}
    return Explained(render_to_string("neighbourhoods/no_such_file.html", context, request))
