"""One neighbourhood's page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from leftbehind_site.page import Page
from neighbourhoods import charts, codes, maps, profiles, strips, wording
from neighbourhoods.files.addresses import downloads
from neighbourhoods.measures import HEADLINES
from neighbourhoods.views.frame import (
    authority_crumb,
    directory_crumb,
    not_found,
    redirect_to,
    region_crumb,
)


@require_safe
def detail(request: HttpRequest, code: str, slug: str = "") -> HttpResponse:
    """One neighbourhood."""
    known = wording.codes_match(codes.WARD, code.upper())
    found = profiles.find_neighbourhood(code.upper()) if known else None
    if found is None:
        return not_found(request, code, slug)
    if request.path != found.get_absolute_url():
        return redirect_to(request, found.get_absolute_url())
    selected = profiles.profile(found)
    page = Page(
        title=f"{found.name}, {selected.authority_name} ({found.code})",
        description=_described(selected),
        path=found.get_absolute_url(),
        label=found.name,
        crumbs=(directory_crumb(), region_crumb(selected.region), authority_crumb(selected.authority)),
        indexed=selected.current,
        files=downloads(found.get_absolute_url()),
    )
    context = {
        "page": page,
        "profile": selected,
        "region_name": wording.region(selected.region.name),
        "strip_key": strips.KEY,
        "where": maps.surroundings(found, [row.neighbourhood for row in selected.others.same_authority]),
        "field": charts.field(getattr(found, "grid", ()), selected.line("cni"), selected.line("imd")),
    }
    return render(request, "neighbourhoods/detail.html", context)


def _described(profile: profiles.Profile) -> str:
    """A neighbourhood in one sentence for those who have not opened the page yet."""
    ranks = [
        f"{line.rank_text} {line.of_wards_text} for {line.measure.subject}"
        for line in (profile.line(key) for key in HEADLINES)
        if line.facts.rank is not None
    ]
    stands = f" It ranks {wording.listing(ranks)} (1 = greatest need)." if ranks else ""
    name, region_name = profile.neighbourhood.name, wording.region(profile.region.name)
    return f"{name} is a ward in {profile.authority_name}, in {region_name}.{stands}"
