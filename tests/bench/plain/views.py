"""The plain page's view."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import F, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from appg.models import NewsItem, Page, Publication, Session, SiteSettings
from leftbehind_site.context import PAGES
from neighbourhoods import maps, measures, similarity, wording
from neighbourhoods.dataset import GRID_SIZE
from neighbourhoods.files.formats import FORMATS
from neighbourhoods.measures import MEASURES, Measure, Theme
from neighbourhoods.models import (
    Boundary,
    Figure,
    Neighbourhood,
    Reference,
    Release,
    SimilarProfile,
    WardOutcome,
)


@dataclass
class Row:
    """A figure of the page: its measure, its row, and what the measure is like elsewhere."""

    measure: Measure
    figure: Figure
    reference: Reference
    lsoas: int

    @property
    def label(self) -> str:
        """The measure's label up to its colon."""
        return self.measure.label.partition(": ")[0]

    @property
    def detail(self) -> str:
        """What stands behind the colon."""
        return self.measure.label.partition(": ")[2]

    @property
    def in_tenth(self) -> bool:
        """Whether it is among the most deprived tenth."""
        tenth = self.reference.tenth_rank
        return self.figure.rank is not None and tenth is not None and self.figure.rank <= tenth

    @property
    def within_median(self) -> bool:
        """Whether it is no more deprived than the median ward."""
        figure, median = self.figure, self.reference.median
        if figure.rank is None or figure.value is None or median is None:
            return 2 * (figure.rank or 0) > (figure.out_of or 0)
        return figure.value <= median


def group(_request: HttpRequest) -> dict[str, Any]:
    """What every page shows of the group."""
    return {
        "site": SiteSettings.load(),
        "foot": [
            {"path": page.get_absolute_url(), "label": PAGES[page.slug]}
            for page in sorted(
                Page.objects.public().filter(slug__in=PAGES), key=lambda page: list(PAGES).index(page.slug)
            )
        ],
        "credits": [
            {"titles": [s.title for s in measures.SOURCES.values() if s.credit == credit], "credit": credit}
            for credit in dict.fromkeys(source.credit for source in measures.SOURCES.values())
        ],
    }


def neighbourhood(request: HttpRequest, code: str) -> HttpResponse:
    """One neighbourhood."""
    place = get_object_or_404(
        Neighbourhood.objects.select_related("authority__region", "authority_2017", "release"), code=code
    )
    outcome = WardOutcome.objects.filter(release=place.release, ward_code=place.code).first()
    figures = {figure.measure: figure for figure in place.figures.filter(release=place.release)}
    references = {reference.measure: reference for reference in place.release.references.all()}
    lsoas = int(figures["lsoas"].value or 0)
    rows = [
        Row(measure, figures[measure.key], references[measure.key], lsoas)
        for measure in MEASURES
        if measure.key in figures
    ]
    of_theme = {theme: [row for row in rows if row.measure.theme is theme] for theme in Theme}
    shares = place.constituency_shares.select_related("constituency").order_by(
        "-main", F("share").desc(nulls_last=True), "constituency"
    )
    same_authority = (
        Neighbourhood.objects.listed()
        .filter(authority=place.authority)
        .exclude(code=place.code)
        .select_related("authority", "release")
        .prefetch_related(
            Prefetch("figures", Figure.objects.filter(measure__in=["cni", "imd", "population"]))
        )
        .order_by("name", "code")
    )
    others = [(one, {figure.measure: figure for figure in one.figures.all()}) for one in same_authority]
    similar = list(
        SimilarProfile.objects.filter(release=place.release, neighbourhood=place)
        .select_related("other__authority", "other__release")
        .order_by("position")
    )
    said = [
        item
        for model in (Session, NewsItem, Publication)
        for item in model.objects.standing().filter(neighbourhoods=place.code)
    ]
    squares = [
        {"left": index * 18 + 1, "deprived": index < (figures["deprived_lsoas"].value or 0)}
        for index in range(lsoas)
    ]
    domains = [row for row in rows if row.measure.domain]
    context = {
        "place": place,
        "outcome": outcome,
        "rows": rows,
        "by_measure": {row.measure.key: row for row in rows},
        "headlines": of_theme[Theme.OVERALL],
        "community": _noted(of_theme[Theme.COMMUNITY]),
        "deprivation": _noted(of_theme[Theme.DEPRIVATION]),
        "small_areas": _noted(of_theme[Theme.SMALL_AREAS]),
        "kind": _noted(of_theme[Theme.PLACE]),
        "domains": domains,
        "in_tenth": sum(row.in_tenth for row in domains),
        "within_median": sum(row.within_median for row in domains),
        "squares": squares,
        "lsoas_width": lsoas * 18,
        "lsoas_finding": wording.deprived_lsoas(int(figures["deprived_lsoas"].value or 0), lsoas),
        "shares": list(shares),
        "listed": max(reference.listed for reference in references.values()),
        "near": [_near(place, row) for row in of_theme[Theme.OVERALL]],
        "same_authority": others,
        "authority_offer": _offer(
            place, _nearest([(one, its["cni"]) for one, its in others], figures["cni"])
        ),
        "similar": similar,
        "similar_offer": _offer(place, [like.other for like in similar]),
        "how_similar": similarity.HOW,
        "said": sorted(said, key=lambda item: (item.placed is not None, item.placed), reverse=True),
        "files": [(form, f"{place.get_absolute_url().rstrip('/')}.{form.extension}") for form in FORMATS],
        "sources": list(dict.fromkeys(row.measure.source for row in rows)),
        "deciding": [row.measure.source for row in of_theme[Theme.OVERALL]],
        "site_url": settings.SITE_URL,
        "field": _field(place.release, figures["cni"], figures["imd"], references),
        **_maps(place, [one for one, _ in others]),
    }
    context["about"] = json.dumps(_about(place, rows), ensure_ascii=False)
    return render(request, "plain/neighbourhood.html", context)


def _noted(rows: Sequence[Row]) -> dict[str, Any]:
    """The rows of a theme, with sentences of their notes that several share said once."""
    notes = [row.measure.note.replace(". ", ".\n").split("\n") for row in rows]
    said = Counter(sentence for note in notes for sentence in note)
    sources = {row.measure.source for row in rows}
    return {
        "rows": [
            (row, " ".join(sentence for sentence in note if said[sentence] == 1))
            for row, note in zip(rows, notes, strict=True)
        ],
        "shared": " ".join(sentence for sentence, times in said.items() if times > 1),
        "source": sources.pop() if len(sources) == 1 else None,
        "reference": rows[0].reference,
    }


def _near(place: Neighbourhood, row: Row) -> dict[str, Any]:
    """The neighbours in rank on a measure."""
    at = row.figure.place or 0
    near = list(
        Figure.objects.filter(release=place.release, measure=row.measure.key, place__range=(at - 2, at + 2))
        .select_related("neighbourhood__authority", "neighbourhood__release")
        .order_by("place", "neighbourhood__name", "neighbourhood")
    )
    others = [(one.neighbourhood, one) for one in near if one.neighbourhood_id != place.code]
    return {
        "measure": row.measure,
        "figures": near,
        "offer": _offer(place, _nearest(others, row.figure)),
    }


def _nearest(others: Iterable[tuple[Neighbourhood, Figure]], here: Figure) -> list[Neighbourhood]:
    """Others by how few places lie between."""
    by_gap = sorted(
        others, key=lambda one: (abs((one[1].place or 0) - (here.place or 0)), one[0].name, one[0].code)
    )
    return [one for one, _ in by_gap]


def _offer(place: Neighbourhood, others: Sequence[Neighbourhood]) -> dict[str, Any] | None:
    """A comparison with the first three of others."""
    if not others or place.release.state != Release.State.CURRENT:
        return None
    codes = "/".join([place.code, *(one.code for one in others[:3])])
    return {
        "path": reverse("neighbourhoods:comparison", args=[codes]),
        "names": wording.listing([one.name for one in others[:3]]),
    }


def _maps(place: Neighbourhood, others: Sequence[Neighbourhood]) -> dict[str, Any]:
    """Outlines in the units of the drawings; the template draws them."""
    codes = {"ward": place.code, "authority": place.authority_id, "country": "E92000001"}
    stored = dict(Boundary.objects.filter(code__in=codes.values()).values_list("code", "geometry"))
    if len(stored) < len(codes):
        return {}
    ward, area, country = (maps.rings(json.loads(stored[code])) for code in codes.values())
    ground, whole = maps._ground(
        maps.extent(point for ring in ward for point in ring),
        maps.extent(point for ring in area for point in ring),
    )
    frame = maps.Frame.around(ground)
    small = maps.Frame.around(
        maps.extent(point for ring in country for point in ring), 100, shortest=0, tallest=200
    )
    dots = [maps.point_of(one) for one in others]
    shown = [frame.at(dot) for dot in dots if frame.ground.holds(maps._around(dot, 0))]
    corners = maps.extent(frame.at(point) for ring in ward for point in ring)
    taken = [corners, *(maps._around(at, 5) for at in shown)]
    towns: list[dict[str, Any]] = []
    for town in maps._nearest(frame.ground.middle):
        if len(towns) < 3 and maps._label(town, frame, taken):
            box, dot = taken[-2], taken[-1]
            towns.append({"name": town.name, "dot": dot.middle, "box": box})
    return {
        "map": {
            "size": frame.size,
            "authority": _drawn(area, frame, 2),
            "ward": _drawn(ward, frame, 1),
            "others": shown,
            "towns": towns,
            "kilometres": round(frame.ground.width),
            "whole": whole,
        },
        "locator": {
            "size": small.size,
            "country": _drawn(country, small, 2),
            "at": small.at(maps.point_of(place)),
        },
    }


def _drawn(outline: maps.Rings, frame: maps.Frame, step: int) -> list[list[tuple[int, int]]]:
    """Rings in the units of a drawing, without points that lie too close together."""
    rings = [
        maps._thinned((frame.at(point) for point in ring), step)
        for ring in outline
        if maps.extent(ring).meets(frame.ground)
    ]
    return [ring for ring in rings if len(ring) > 3]


def _field(
    release: Release, need: Figure, deprivation: Figure, references: dict[str, Reference]
) -> dict[str, Any] | None:
    """All wards by both ranks: the runs of cells of one shade, and where the place and the tenths are."""
    if not release.grid or need.rank is None or deprivation.rank is None:
        return None
    shades = {
        (across, down): sum(wards >= least for least in (1, 8, 12, 18))
        for across, down, wards in release.grid
    }
    runs: dict[int, list[dict[str, int]]] = defaultdict(list)
    for down in range(GRID_SIZE):
        start = 0
        for across in range(1, GRID_SIZE + 1):
            shade = shades.get((start, down), 0)
            if across == GRID_SIZE or shades.get((across, down), 0) != shade:
                if shade:
                    runs[shade].append({"x": start * 10, "y": down * 10 + 5, "width": (across - start) * 10})
                start = across

    def units(rank: int, figure: Figure) -> float:
        return GRID_SIZE * 10 * (rank - 0.5) / (figure.out_of or 1)

    return {
        "shades": sorted(runs.items()),
        "x": units(need.rank, need),
        "y": units(deprivation.rank, deprivation),
        "tenth_x": units(references["cni"].tenth_rank or 0, need),
        "tenth_y": units(references["imd"].tenth_rank or 0, deprivation),
        "side": GRID_SIZE * 10,
    }


def _about(place: Neighbourhood, rows: Sequence[Row]) -> dict[str, Any]:
    """The page for programs."""
    page = f"{settings.SITE_URL}{place.get_absolute_url()}"
    return {
        "@context": "https://schema.org",
        "@graph": [
            {
                "@type": "Place",
                "@id": f"{page}#place",
                "name": place.name,
                "geo": {
                    "@type": "GeoCoordinates",
                    "latitude": float(place.latitude),
                    "longitude": float(place.longitude),
                },
                "containedInPlace": {
                    "@type": "AdministrativeArea",
                    "name": place.authority.name,
                    "url": f"{settings.SITE_URL}{place.authority.get_absolute_url()}",
                },
            },
            {
                "@type": "Dataset",
                "@id": f"{page}#figures",
                "name": f"Figures for {place.name}, {place.authority.name}",
                "variableMeasured": [
                    {"@type": "PropertyValue", "name": row.measure.label, "unitText": row.measure.unit.value}
                    for row in rows
                ],
            },
        ],
    }
