"""What the file of a neighbourhood, an area, a ranking or the whole directory holds.

Each selection is the one that the page of the same name shows, in the same order. The number of database
queries is fixed, whatever the number of neighbourhoods.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

from django.db.models import QuerySet
from django.urls import reverse

from leftbehind_site.common.statements import Statement
from neighbourhoods import listings, profiles, wording
from neighbourhoods.files.contents import Contents, Provenance
from neighbourhoods.measures import SOURCES, Measure, ranking_path
from neighbourhoods.models import (
    Boundary,
    Constituency,
    LocalAuthority,
    Neighbourhood,
    Region,
    Release,
)
from neighbourhoods.profiles import Particulars

STEM: Final = "left-behind-neighbourhoods"
"""The name of the whole directory's files; those of its parts begin with it."""

DIRECTORY: Final = "neighbourhoods"
"""The name of the whole directory's files in their addresses."""


_IN_REGION: Final = Statement(lambda code: listings.in_region(code).with_particulars(), str)
_IN_AUTHORITY: Final = Statement(lambda code: listings.in_authority(code).with_particulars(), str)
_IN_CONSTITUENCY: Final = Statement(lambda code: listings.in_constituency(code).with_particulars(), str)
_EVERYONE: Final = Statement(lambda: listings.everyone().with_particulars())


def of_neighbourhood(neighbourhood: Neighbourhood, notice: str, *, outlines: bool) -> Contents:
    """One neighbourhood, listed or not, that ``profiles.find_neighbourhood`` returned; four queries."""
    places = tuple(profiles.particulars([neighbourhood]))
    return Contents(
        stem=f"left-behind-neighbourhood-{neighbourhood.code}-{neighbourhood.slug}",
        path=neighbourhood.get_absolute_url(),
        title=f"{neighbourhood.name}, {places[0].authority.in_prose} ({neighbourhood.code})",
        about="A ‘left behind’ neighbourhood: its figures, ranks and areas, one row per measure.",
        provenance=Provenance(notice, neighbourhood.release, tuple(SOURCES.values())),
        places=places,
        single=True,
        outlines=_outlines(places) if outlines else {},
    )


def of_region(region: Region, release: Release, notice: str, *, outlines: bool) -> Contents:
    """The neighbourhoods of a region; five queries."""
    return _list(
        _IN_REGION.rows(region.code),
        release,
        notice,
        outlines=outlines,
        name=region.slug,
        path=region.get_absolute_url(),
        where=wording.region(region.name),
    )


def of_authority(authority: LocalAuthority, release: Release, notice: str, *, outlines: bool) -> Contents:
    """The neighbourhoods of a local authority; five queries."""
    return _list(
        _IN_AUTHORITY.rows(authority.code),
        release,
        notice,
        outlines=outlines,
        name=f"{authority.code}-{authority.slug}",
        path=authority.get_absolute_url(),
        where=authority.in_prose,
    )


def of_constituency(constituency: Constituency, release: Release, notice: str, *, outlines: bool) -> Contents:
    """The neighbourhoods that lie in a constituency, wholly or partly; five queries."""
    return _list(
        _IN_CONSTITUENCY.rows(constituency.code),
        release,
        notice,
        outlines=outlines,
        name=f"{constituency.code}-{constituency.slug}",
        path=constituency.get_absolute_url(),
        where=f"the constituency of {constituency.name}, {constituency.get_drawn_display()}",
    )


def of_directory(release: Release, notice: str, *, outlines: bool) -> Contents:
    """All neighbourhoods; five queries."""
    return _list(
        _EVERYONE.rows(),
        release,
        notice,
        outlines=outlines,
        name="",
        path=reverse("neighbourhoods:directory"),
        where="England",
    )


def of_ranking(measure: Measure, release: Release, notice: str, *, outlines: bool) -> Contents:
    """The neighbourhoods in the order of one measure, those without a figure last; five queries."""

    def order(place: Particulars) -> tuple[bool, int, str, str]:
        at = place.line(measure.key).facts.place
        return at is None, at or 0, place.neighbourhood.name, place.neighbourhood.code

    places = tuple(sorted(profiles.particulars(_EVERYONE.rows(), (measure.key,)), key=order))
    return Contents(
        stem=f"{STEM}-ranking-{measure.slug}",
        path=ranking_path(measure),
        title=f"Ranking: {measure.label}",
        about=f"{_counted(len(places))} in the order of one measure. {wording.source_of(measure)}.",
        provenance=Provenance(notice, release, (measure.source,)),
        places=places,
        measures=(measure,),
        figures_first=True,
        outlines=_outlines(places) if outlines else {},
    )


def _list(
    neighbourhoods: Sequence[Neighbourhood],
    release: Release,
    notice: str,
    *,
    outlines: bool,
    name: str,
    path: str,
    where: str,
) -> Contents:
    places = tuple(profiles.particulars(neighbourhoods))
    return Contents(
        stem=f"{STEM}-{name}" if name else STEM,
        path=path,
        title=f"‘Left behind’ neighbourhoods in {where}",
        about=f"{_counted(len(places))} in {where}, one row each, with their figures, ranks and areas.",
        provenance=Provenance(notice, release, tuple(SOURCES.values())),
        places=places,
        outlines=_outlines(places) if outlines else {},
    )


def _counted(how_many: int) -> str:
    return wording.count(how_many, "‘left behind’ neighbourhood")


def _outlines(places: tuple[Particulars, ...]) -> dict[str, str]:
    """Their outlines by ward code; one query, by codes only where there are few, and none for none."""
    if not places:
        return {}
    wanted = listings.codes_of([place.neighbourhood for place in places])
    return dict(_boundaries(len(wanted)).rows(*wanted))


@cache
def _boundaries(wards: int) -> Statement[tuple[str, str]]:
    """Code and outline of so many wards or of all."""

    def query(*wanted: str) -> QuerySet[Boundary, tuple[str, str]]:
        found = Boundary.objects.filter(code__startswith="E05")
        found = Boundary.objects.filter(code__in=wanted) if wanted else found
        return found.values_list("code", "geometry")

    return Statement(query, *[str] * wards)
