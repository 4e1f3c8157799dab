"""What the directory's views share: breadcrumbs, the helpful 404."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify

from leftbehind_site.common.page import Crumb, Page
from leftbehind_site.common.paths import path_to
from neighbourhoods import listings, wording
from neighbourhoods.models import Constituency, LocalAuthority, Region

_LONGEST_WORD = 100
"""The longest part of an address that is looked at; names end well before."""


def directory_crumb() -> Crumb:
    """The directory, above every page of it."""
    return Crumb("Neighbourhoods", path_to("neighbourhoods:directory"))


def region_crumb(region: Region) -> Crumb:
    """A region above what lies in it."""
    return Crumb(region.name, region.get_absolute_url())


def authority_crumb(authority: LocalAuthority) -> Crumb:
    """A local authority above its neighbourhoods."""
    return Crumb(authority.in_prose, authority.get_absolute_url())


def not_found(request: HttpRequest, *words: str) -> HttpResponse:
    """The helpful 404: what the directory covers, what the code may be, and places of the same name."""
    page = Page(
        title="This is not one of the listed neighbourhoods",
        description="What the directory covers, and how to find a neighbourhood in it.",
        crumbs=(directory_crumb(),),
        indexed=False,
    )
    asked = [word for word in words if 0 < len(word) <= _LONGEST_WORD]
    area = _area_with_code(words[0])
    context = {
        "page": page,
        "area": area,
        "area_name": area.in_prose if isinstance(area, LocalAuthority) else area and area.name,
        "guess": wording.unknown_code(words[0]) if words[0] in asked else "",
        "same_name": listings.listed_with_slug({slugify(word) for word in asked} - {""}),
        "regions": listings.regions(),
    }
    return render(request, "neighbourhoods/not_found.html", context, status=HTTPStatus.NOT_FOUND)


def _area_with_code(code: str) -> LocalAuthority | Constituency | None:
    """The area that a code belongs to, when it stands where a ward's should."""
    if authority := listings.find_authority(code):
        return authority.successor or authority
    return listings.find_constituency(code)
