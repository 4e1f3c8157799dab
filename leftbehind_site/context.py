"""What every page shows: the archive notice, and whose figures they are."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date

from django.db import DatabaseError
from django.http import HttpRequest
from django.utils.dateformat import format as date_format
from django.utils.functional import SimpleLazyObject

from appg.models import SiteSettings
from neighbourhoods import measures

logger = logging.getLogger(__name__)


def month_and_year(day: date) -> str:
    """A date as the archive notice gives it: "June 2020"."""
    return date_format(day, "F Y")


@dataclass(frozen=True, slots=True)
class Site:
    """The group's standing facts as the pages print them."""

    group_name: str
    notice: str
    secretariat: str
    active_from: str
    active_to: str
    credits: tuple[str, ...]


def site_facts(settings: SiteSettings) -> Site:
    """The facts of a settings row, saved or not."""
    return Site(
        group_name=settings.group_name,
        notice=settings.notice,
        secretariat=settings.secretariat,
        active_from=month_and_year(settings.active_from),
        active_to=month_and_year(settings.active_to),
        credits=tuple(
            f"{', '.join(source.title for source in measures.SOURCES.values() if source.credit == credit)}"
            f" ({credit})"
            for credit in dict.fromkeys(source.credit for source in measures.SOURCES.values())
        ),
    )


def _load() -> Site:
    """The facts from the database, or their defaults: a page about a fault still says what the site is."""
    try:
        return site_facts(SiteSettings.load())
    except DatabaseError:
        logger.exception("The site settings could not be read; their defaults are shown")
        return site_facts(SiteSettings())


def site(request: HttpRequest) -> dict[str, object]:  # noqa: ARG001
    """The variables that ``templates/base.html`` needs; read once, and only by a page that shows them."""
    return {"site": SimpleLazyObject(_load)}
