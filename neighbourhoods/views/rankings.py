"""The neighbourhoods in the order of one measure, and the list of measures."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from leftbehind_site.common.page import Crumb, Page
from leftbehind_site.common.responses import redirect_to
from neighbourhoods import charts, measures, rankings, strips
from neighbourhoods.files.addresses import downloads
from neighbourhoods.views.frame import directory_crumb


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The measures by which the neighbourhoods can be put in order."""
    page = Page(
        title="Rankings: the neighbourhoods in order of each measure",
        description=(
            "The measures by which the ‘left behind’ neighbourhoods can be put in order, and what each means."
        ),
        path=reverse("neighbourhoods:rankings"),
        label="Rankings",
        crumbs=(directory_crumb(),),
    )
    if request.path != page.path:
        return redirect_to(request, page.path)
    return render(request, "neighbourhoods/rankings.html", {"page": page, "themes": rankings.rankings()})


@require_safe
def ranking(request: HttpRequest, slug: str) -> HttpResponse:
    """The neighbourhoods in the order of one measure."""
    measure = measures.find(slug)
    if measure is None:
        raise Http404
    path = measures.ranking_path(measure)
    if request.path != path:
        return redirect_to(request, path)
    selected = rankings.ranking(measure)
    page = Page(
        title=f"Ranking: {measure.label}",
        description=(
            f"The {selected.count_text} ‘left behind’ neighbourhoods in the order of one measure."
            f" {measure.label}. {selected.source_text}."
        ),
        path=path,
        label=measure.label_head,
        crumbs=(directory_crumb(), Crumb("Rankings", reverse("neighbourhoods:rankings"))),
        files=downloads(path) if selected.rows else (),
    )
    context = {
        "page": page,
        "ranking": selected,
        "strip_key": strips.KEY,
        "swarm": charts.swarm([row.line for row in selected.rows], selected.comparison),
    }
    return render(request, "neighbourhoods/ranking.html", context)
