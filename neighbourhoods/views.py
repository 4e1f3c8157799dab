"""The directory's pages: an address, its one canonical form, a selector, a template."""

from __future__ import annotations

from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from leftbehind_site.page import Crumb, Page
from neighbourhoods import codes, listings, profiles, strips, wording
from neighbourhoods.measures import BY_SLUG, Unit
from neighbourhoods.models import Constituency, LocalAuthority, Region

_LONGEST_WORD = 100
"""The longest part of an address that is looked at; names end well before."""


def _redirect(request: HttpRequest, path: str) -> HttpResponsePermanentRedirect:
    """A permanent redirect to the canonical path, with what was asked for behind it."""
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(f"{path}?{query}" if query else path)


def _directory_crumb() -> Crumb:
    return Crumb("Neighbourhoods", reverse("neighbourhoods:directory"))


def _region_crumb(region: Region) -> Crumb:
    return Crumb(region.name, region.get_absolute_url())


def _authority_crumb(authority: LocalAuthority) -> Crumb:
    return Crumb(wording.authority(authority.name), authority.get_absolute_url())


@require_safe
def directory(request: HttpRequest) -> HttpResponse:
    """All neighbourhoods, by region and by name."""
    selected = listings.directory()
    page = Page(
        title="All neighbourhoods, by region and by name",
        description=(
            f"The {len(selected.listing.rows):,} wards that the group called ‘left behind’, by region, local"
            " authority and name, with their ranks for community need and deprivation."
        ),
        path=reverse("neighbourhoods:directory"),
        label="Neighbourhoods",
    )
    return render(request, "neighbourhoods/directory.html", {"page": page, "directory": selected})


@require_safe
def to_directory(request: HttpRequest) -> HttpResponse:
    """The folders of areas have no page of their own: the directory lists what is in them."""
    return _redirect(request, reverse("neighbourhoods:directory"))


@require_safe
def region(request: HttpRequest, slug: str) -> HttpResponse:
    """A region's neighbourhoods."""
    found = listings.find_region(slug)
    if found is None:
        return _not_found(request, slug)
    if request.path != found.get_absolute_url():
        return _redirect(request, found.get_absolute_url())
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
        crumbs=(_directory_crumb(),),
        indexed=bool(selected.listing.rows),
    )
    context = {"page": page, "selected": selected, "where": where}
    return render(request, "neighbourhoods/region.html", context)


@require_safe
def authority(request: HttpRequest, code: str, slug: str = "") -> HttpResponse:
    """A local authority's neighbourhoods; an abolished authority leads to the one that replaced it."""
    known = wording.codes_match(codes.AUTHORITY, code.upper())
    found = listings.find_authority(code.upper()) if known else None
    if found is None:
        return _not_found(request, code, slug)
    canonical = (found.successor or found).get_absolute_url()
    if request.path != canonical:
        return _redirect(request, canonical)
    selected = listings.authority_listing(found)
    page = Page(
        title=f"Neighbourhoods in {selected.name} ({found.code})",
        description=(
            f"{wording.count(len(selected.listing.rows), '‘left behind’ neighbourhood')} in {selected.name},"
            f" {found.region.name}, with their ranks for community need and deprivation."
        ),
        path=canonical,
        label=selected.name,
        crumbs=(_directory_crumb(), _region_crumb(found.region)),
        indexed=bool(selected.listing.rows),
    )
    context = {"page": page, "selected": selected, "region_name": wording.region(found.region.name)}
    return render(request, "neighbourhoods/authority.html", context)


@require_safe
def constituency(request: HttpRequest, code: str, slug: str = "") -> HttpResponse:
    """The neighbourhoods that lie in a constituency, wholly or partly."""
    known = wording.codes_match(codes.CONSTITUENCY, code.upper())
    found = listings.find_constituency(code.upper()) if known else None
    if found is None:
        return _not_found(request, code, slug)
    if request.path != found.get_absolute_url():
        return _redirect(request, found.get_absolute_url())
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
        crumbs=(_directory_crumb(),),
        indexed=bool(selected.listing.rows),
    )
    return render(request, "neighbourhoods/constituency.html", {"page": page, "selected": selected})


@require_safe
def detail(request: HttpRequest, code: str, slug: str = "") -> HttpResponse:
    """One neighbourhood."""
    known = wording.codes_match(codes.WARD, code.upper())
    found = profiles.find_neighbourhood(code.upper()) if known else None
    if found is None:
        return _not_found(request, code, slug)
    if request.path != found.get_absolute_url():
        return _redirect(request, found.get_absolute_url())
    selected = profiles.profile(found)
    page = Page(
        title=f"{found.name}, {selected.authority_name} ({found.code})",
        description=_described(selected),
        path=found.get_absolute_url(),
        label=found.name,
        crumbs=(_directory_crumb(), _region_crumb(selected.region), _authority_crumb(selected.authority)),
        indexed=selected.current,
    )
    context = {
        "page": page,
        "profile": selected,
        "region_name": wording.region(selected.region.name),
        "strip_key": strips.KEY,
    }
    return render(request, "neighbourhoods/detail.html", context)


def _described(profile: profiles.Profile) -> str:
    """A neighbourhood in one sentence for those who have not opened the page yet."""
    ranks = [
        f"{line.rank_text} {line.of_wards_text} for {line.measure.subject}"
        for line in (profile.line(key) for key in profiles.HEADLINES)
        if line.facts.rank is not None
    ]
    stands = f" It ranks {wording.listing(ranks)} (1 = greatest need)." if ranks else ""
    name, region_name = profile.neighbourhood.name, wording.region(profile.region.name)
    return f"{name} is a ward in {profile.authority_name}, in {region_name}.{stands}"


@require_safe
def rankings(request: HttpRequest) -> HttpResponse:
    """The measures by which the neighbourhoods can be put in order."""
    page = Page(
        title="Rankings: the neighbourhoods in order of each measure",
        description=(
            "The measures by which the ‘left behind’ neighbourhoods can be put in order, and what each means."
        ),
        path=reverse("neighbourhoods:rankings"),
        label="Rankings",
        crumbs=(_directory_crumb(),),
    )
    if request.path != page.path:
        return _redirect(request, page.path)
    return render(request, "neighbourhoods/rankings.html", {"page": page, "themes": listings.rankings()})


@require_safe
def ranking(request: HttpRequest, slug: str) -> HttpResponse:
    """The neighbourhoods in the order of one measure."""
    measure = BY_SLUG.get(slug.lower().replace("_", "-"))
    if measure is None or not measure.ordered:
        raise Http404
    path = reverse("neighbourhoods:ranking", args=[measure.slug])
    if request.path != path:
        return _redirect(request, path)
    selected = listings.ranking(measure)
    page = Page(
        title=f"Ranking: {measure.label}",
        description=(
            f"The {len(selected.rows):,} ‘left behind’ neighbourhoods in the order of one measure."
            f" {measure.label}. {selected.source_text}."
        ),
        path=path,
        label=measure.label,
        crumbs=(_directory_crumb(), Crumb("Rankings", reverse("neighbourhoods:rankings"))),
    )
    context = {
        "page": page,
        "ranking": selected,
        "strip_key": strips.KEY,
        "counts_people": measure.unit is Unit.PEOPLE,
    }
    return render(request, "neighbourhoods/ranking.html", context)


def _not_found(request: HttpRequest, *words: str) -> HttpResponse:
    """The helpful 404: what the directory covers, what the code may be, and places of the same name."""
    page = Page(
        title="This is not one of the listed neighbourhoods",
        description="What the directory covers, and how to find a neighbourhood in it.",
        crumbs=(_directory_crumb(),),
        indexed=False,
    )
    asked = [word for word in words if 0 < len(word) <= _LONGEST_WORD]
    context = {
        "page": page,
        "area": _area_with_code(words[0].upper()),
        "guess": wording.unknown_code(words[0]) if words[0] in asked else "",
        "same_name": listings.listed_with_slug({slugify(word) for word in asked} - {""}),
        "regions": listings.regions(),
    }
    return render(request, "neighbourhoods/not_found.html", context, status=HTTPStatus.NOT_FOUND)


def _area_with_code(code: str) -> LocalAuthority | Constituency | None:
    """The area that a code belongs to, when it stands where a ward's should."""
    if wording.codes_match(codes.AUTHORITY, code):
        found = listings.find_authority(code)
        return found.successor or found if found else None
    if wording.codes_match(codes.CONSTITUENCY, code):
        return listings.find_constituency(code)
    return None
