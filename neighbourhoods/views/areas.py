"""The whole directory and its areas: regions, local authorities, constituencies."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from leftbehind_site.common.page import Page
from leftbehind_site.common.responses import redirect_to
from neighbourhoods import listings, maps, structured, wording
from neighbourhoods.files.addresses import downloads
from neighbourhoods.views.frame import directory_crumb, not_found, region_crumb


@require_safe
def directory(request: HttpRequest) -> HttpResponse:
    """All neighbourhoods, by region and by name."""
    selected = listings.directory()
    page = Page(
        title="All neighbourhoods, by region and by name",
        description=(
            f"The {selected.listing.count_text} wards that the group called ‘left behind’, by region, local"
            " authority and name, with their ranks for community need and deprivation."
        ),
        path=reverse("neighbourhoods:directory"),
        label="Neighbourhoods",
        files=downloads(reverse("neighbourhoods:directory")) if selected.listing.rows else (),
    )
    drawn = maps.england([row.neighbourhood for row in selected.listing.rows])
    return render(
        request, "neighbourhoods/directory.html", {"page": page, "directory": selected, "map": drawn}
    )


@require_safe
def to_directory(request: HttpRequest) -> HttpResponse:
    """The folders of areas have no page of their own: the directory lists what is in them."""
    return redirect_to(request, reverse("neighbourhoods:directory"))


@require_safe
def region(request: HttpRequest, slug: str) -> HttpResponse:
    """A region's neighbourhoods."""
    found = listings.find_region(slug)
    if found is None:
        return not_found(request, slug)
    if request.path != found.get_absolute_url():
        return redirect_to(request, found.get_absolute_url())
    selected = listings.region_listing(found)
    where = wording.region(found.name)
    page = Page(
        title=f"Neighbourhoods in {where}",
        description=(
            f"{wording.count(len(selected.listing.rows), '‘left behind’ neighbourhood')} in {where}, by local"
            " authority, with their ranks for community need and deprivation."
        ),
        path=found.get_absolute_url(),
        label=found.name,
        crumbs=(directory_crumb(),),
        indexed=bool(selected.listing.rows),
        files=downloads(found.get_absolute_url()) if selected.listing.rows else (),
        nodes=(structured.region(found),),
    )
    drawn = maps.region(found.code, [row.neighbourhood for row in selected.listing.rows])
    context = {"page": page, "selected": selected, "where": where, "map": drawn}
    return render(request, "neighbourhoods/region.html", context)


@require_safe
def authority(request: HttpRequest, code: str, slug: str = "") -> HttpResponse:
    """A local authority's neighbourhoods; an abolished authority leads to the one that replaced it."""
    found = listings.find_authority(code)
    if found is None:
        return not_found(request, code, slug)
    canonical = (found.successor or found).get_absolute_url()
    if request.path != canonical:
        return redirect_to(request, canonical)
    selected = listings.authority_listing(found)
    page = Page(
        title=f"Neighbourhoods in {found.in_prose} ({found.code})",
        description=(
            f"{wording.count(len(selected.listing.rows), '‘left behind’ neighbourhood')} in {found.in_prose},"
            f" {found.region.name}, with their ranks for community need and deprivation."
        ),
        path=canonical,
        label=found.in_prose,
        crumbs=(directory_crumb(), region_crumb(found.region)),
        indexed=bool(selected.listing.rows),
        files=downloads(canonical) if selected.listing.rows else (),
        nodes=(structured.authority(found),),
    )
    drawn = maps.authority(found.code, [row.neighbourhood for row in selected.listing.rows])
    region_name = wording.region(found.region.name)
    context = {"page": page, "selected": selected, "region_name": region_name, "map": drawn}
    return render(request, "neighbourhoods/authority.html", context)


@require_safe
def constituency(request: HttpRequest, code: str, slug: str = "") -> HttpResponse:
    """The neighbourhoods that lie in a constituency, wholly or partly."""
    found = listings.find_constituency(code)
    if found is None:
        return not_found(request, code, slug)
    if request.path != found.get_absolute_url():
        return redirect_to(request, found.get_absolute_url())
    selected = listings.constituency_listing(found)
    drawn = found.get_drawn_display()
    page = Page(
        title=f"{found.name} constituency, {drawn} ({found.code})",
        description=(
            f"{wording.count(len(selected.listing.rows), '‘left behind’ neighbourhood')} in the parliamentary"
            f" constituency of {found.name}, boundaries {drawn}."
        ),
        path=found.get_absolute_url(),
        label=f"{found.name} ({drawn})",
        crumbs=(directory_crumb(),),
        indexed=bool(selected.listing.rows),
        files=downloads(found.get_absolute_url()) if selected.listing.rows else (),
    )
    return render(request, "neighbourhoods/constituency.html", {"page": page, "selected": selected})
