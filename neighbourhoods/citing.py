"""How a neighbourhood's page is cited."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.conf import settings

from leftbehind_site.common.citation import FORMS, Citation, file_path
from leftbehind_site.common.paths import path_to
from leftbehind_site.common.site import Site
from neighbourhoods import wording
from neighbourhoods.measures import BY_KEY, HEADLINES
from neighbourhoods.models import Neighbourhood

_INDICES: Final = tuple(BY_KEY[key].source for key in HEADLINES)
"""The two publications that decide the list."""


def citation_of(neighbourhood: Neighbourhood, site: Site) -> Citation:
    """The citation of a neighbourhood's page.

    The author is the archive, since the page is; the year is that of the indices, which their publishers made
    and the note names. The address is the canonical one: a short one would hide the place's name.
    """
    name, authority = neighbourhood.name, neighbourhood.authority.in_prose
    figures = "; ".join(wording.publication(source) for source in _INDICES)
    return Citation(
        key=f"leftbehind-{neighbourhood.code}",
        title=f"{name}, {authority} ({neighbourhood.code})",
        authors=(f"Archive of the {site.group_name}",),
        address=f"{settings.SITE_URL}{neighbourhood.get_absolute_url()}",
        year=max(source.year for source in _INDICES),
        note=f"Figures: {figures}. The group was active from {site.active_from} to {site.active_to}.",
    )


def short_path(neighbourhood: Neighbourhood) -> str:
    """The permanent short address, for print and speech: it leads to the page."""
    return path_to("short", neighbourhood.code)


def citation_paths(neighbourhoods: Iterable[Neighbourhood]) -> list[str]:
    """The addresses of the citation files of some neighbourhoods' pages."""
    return [file_path(one.get_absolute_url(), form) for one in neighbourhoods for form in FORMS.values()]
