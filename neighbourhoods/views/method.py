"""How the list was made, and how near it can be recomputed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from leftbehind_site.common.page import Page
from leftbehind_site.common.responses import redirect_to
from neighbourhoods import method as selectors
from neighbourhoods import similarity
from neighbourhoods.views.frame import directory_crumb


@require_safe
def method(request: HttpRequest) -> HttpResponse:
    """How the neighbourhoods were identified, and what their figures cannot say."""
    page = Page(
        title="How the list of ‘left behind’ neighbourhoods was made",
        description=(
            "The rule behind the list, what its two indices measure and who made them, our recomputation and"
            " where it parts from the list, and what the figures cannot say."
        ),
        path=reverse("neighbourhoods:method"),
        label="How the list was made",
        crumbs=(directory_crumb(),),
    )
    if request.path != page.path:
        return redirect_to(request, page.path)
    context = {
        "page": page,
        "method": selectors.method(),
        "how_similar": similarity.HOW,
        "domains": similarity.DOMAINS,
        "most_similar": similarity.NEAREST,
    }
    return render(request, "neighbourhoods/method.html", context)
