"""One neighbourhood's page, its short address, and the files that cite it."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from leftbehind_site.common.citation import FORMS, file_path, files_of
from leftbehind_site.common.headers import for_everyone
from leftbehind_site.common.page import Page, Picture
from leftbehind_site.common.responses import redirect_to
from leftbehind_site.common.site import current_site
from neighbourhoods import charts, citing, linking, maps, profiles, strips, structured, wording
from neighbourhoods.files.addresses import downloads
from neighbourhoods.measures import HEADLINES
from neighbourhoods.views.frame import authority_crumb, directory_crumb, not_found, region_crumb


@require_safe
def detail(request: HttpRequest, code: str, slug: str = "") -> HttpResponse:
    """One neighbourhood."""
    found = profiles.find_neighbourhood(code)
    if found is None:
        return not_found(request, code, slug)
    if request.path != found.get_absolute_url():
        return redirect_to(request, found.get_absolute_url())
    selected = profiles.profile(found)
    description = _described(selected)
    files = downloads(found.get_absolute_url())
    page = Page(
        title=f"{found.name}, {selected.authority.in_prose} ({found.code})",
        description=description,
        path=found.get_absolute_url(),
        label=found.name,
        crumbs=(directory_crumb(), region_crumb(selected.region), authority_crumb(selected.authority)),
        indexed=selected.current,
        files=files,
        nodes=tuple(structured.neighbourhood(selected, description, files)),
        picture=Picture(linking.card_path(found), f"{description} A map of England marks it."),
    )
    # The frame's own facts, read here so that they are read once.
    site = current_site()
    variables = {
        "page": page,
        "profile": selected,
        "region_name": wording.region(selected.region.name),
        "strip_key": strips.KEY,
        "where": maps.surroundings(found, [row.neighbourhood for row in selected.others.same_authority]),
        "field": charts.field(
            charts.cells_of(getattr(found, "grid", "[]")), selected.line("cni"), selected.line("imd")
        ),
        "site": site,
        "citation": citing.citation_of(found, site),
        "citation_files": files_of(page.path),
        "short": f"{settings.SITE_URL}{citing.short_path(found)}",
        "frame": linking.Frame.of(found),
    }
    return render(request, "neighbourhoods/detail.html", variables)


@require_safe
def short(request: HttpRequest, code: str) -> HttpResponse:
    """The short address of a neighbourhood's page; browsers keep the fragment, and so the figure."""
    found = profiles.find_neighbourhood(code)
    return redirect_to(request, found.get_absolute_url()) if found else not_found(request, code)


@require_safe
def citation(request: HttpRequest, code: str, suffix: str, slug: str = "") -> HttpResponse:
    """A neighbourhood's page as a reference manager's file."""
    found = profiles.find_neighbourhood(code)
    if found is None:
        return not_found(request, code, slug)
    form = FORMS[suffix.lower()]
    path = file_path(found.get_absolute_url(), form)
    if request.path != path:
        return redirect_to(request, path)
    text = form.write(citing.citation_of(found, current_site()))
    response = HttpResponse(text, content_type=f"{form.media_type}; charset=utf-8")
    for_everyone(response)
    return response


def _described(profile: profiles.Profile) -> str:
    """A neighbourhood in one sentence for those who have not opened the page yet."""
    ranks = [
        f"{line.rank_text} {line.of_wards_text} for {line.measure.subject}"
        for line in (profile.line(key) for key in HEADLINES)
        if line.facts.rank is not None
    ]
    stands = f" It ranks {wording.listing(ranks)} (1 = greatest need)." if ranks else ""
    name, region_name = profile.neighbourhood.name, wording.region(profile.region.name)
    return f"{name} is a ward in {profile.authority.in_prose}, in {region_name}.{stands}"
