"""Two to four neighbourhoods side by side, and the form that asks which."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from leftbehind_site.common.page import Crumb, Page
from leftbehind_site.common.responses import redirect_to
from neighbourhoods import comparing, listings, strips, wording
from neighbourhoods.others import MOST_COMPARED
from neighbourhoods.views.frame import directory_crumb

_COUNTED: Final = {3: "Three neighbourhoods", 4: "Four neighbourhoods"}
"""What more than two are called at the head of the page: their names would be nine lines of a phone."""


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """The form; filled in rightly it leads to the comparison's own address, else it says what is wrong."""
    path = reverse("neighbourhoods:compare")
    if "codes" not in request.GET:
        return _form(request, None) if request.path == path else redirect_to(request, path)
    choice = comparing.choose(comparing.entries(request.GET.getlist("codes")))
    if choice.problems:
        return _form(request, choice, HTTPStatus.BAD_REQUEST)
    return HttpResponsePermanentRedirect(choice.path)


@require_safe
def comparison(request: HttpRequest, codes: str) -> HttpResponse:
    """A comparison by its address."""
    choice = comparing.choose(comparing.entries(codes.split("/")))
    if choice.problems:
        return _form(request, choice, HTTPStatus.NOT_FOUND)
    if request.path != choice.path:
        return redirect_to(request, choice.path)
    selected = comparing.side_by_side(choice.places)
    names = wording.listing([place.called for place in selected.places])
    called = _COUNTED.get(len(selected.places), names)
    page = Page(
        title=f"{names} compared ({', '.join(place.neighbourhood.code for place in selected.places)})",
        description=f"{names} side by side: ranks and figures for community need and deprivation.",
        path=choice.path,
        label=f"{called} compared",
        crumbs=(directory_crumb(), Crumb("Compare", reverse("neighbourhoods:compare"))),
        # There are millions of combinations: each is for those who ask for it.
        indexed=False,
    )
    context = {
        "page": page,
        "called": called,
        "names": names,
        "selected": selected,
        "fields": choice.fields,
        "strip_key": strips.KEY,
    }
    return render(request, "neighbourhoods/comparison.html", context)


def _form(
    request: HttpRequest, choice: comparing.Choice | None, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    """The form alone, with what was chosen and what is wrong with it."""
    page = Page(
        title="Compare neighbourhoods",
        description="Two to four ‘left behind’ neighbourhoods side by side, figure by figure.",
        path="" if choice else reverse("neighbourhoods:compare"),
        label="Compare",
        crumbs=(directory_crumb(),),
        indexed=choice is None,
    )
    context = {
        "page": page,
        "problems": choice.problems if choice else (),
        "fields": choice.fields if choice else ("",) * MOST_COMPARED,
        "options": [comparing.label(one) for one in listings.everyone().with_areas()],
    }
    return render(request, "neighbourhoods/compare.html", context, status=status)
