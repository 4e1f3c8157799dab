"""The releases of the directory's data: files, checksums, what the load reported, what it changed."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from leftbehind_site.common.page import Crumb, Page
from leftbehind_site.common.responses import redirect_to
from neighbourhoods import releases as selectors


def _data_crumb() -> Crumb:
    return Crumb("Data", reverse("data:index"))


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All releases, the latest first."""
    page = Page(
        title="Releases of the directory’s data",
        description=(
            "Every release of the figures in the directory: when it was loaded, its fingerprint, and what it"
            " changed."
        ),
        path=reverse("data:releases"),
        label="Releases",
        crumbs=(_data_crumb(),),
    )
    if request.path != page.path:
        return redirect_to(request, page.path)
    context = {"page": page, "releases": selectors.releases()}
    return render(request, "neighbourhoods/releases.html", context)


@require_safe
def release(request: HttpRequest, mark: str) -> HttpResponse:
    """One release, with its files, their checksums and the report of its load."""
    found = selectors.find_release(mark.lower())
    if found is None:
        raise Http404
    path = found.release.get_absolute_url()
    if request.path != path:
        return redirect_to(request, path)
    page = Page(
        title=f"Release {found.release.mark} of the directory’s data",
        description=(
            f"The release of the directory’s figures with the fingerprint {found.release.mark}: the files it"
            " was built from, their checksums, its row counts and what it changed."
        ),
        path=path,
        label=f"Release {found.release.mark}",
        crumbs=(_data_crumb(), Crumb("Releases", reverse("data:releases"))),
    )
    return render(request, "neighbourhoods/release.html", {"page": page, "report": found})
