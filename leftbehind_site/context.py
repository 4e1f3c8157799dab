"""What every page shows: the archive notice, and whose figures they are."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Final

from django.db import Error
from django.db.models import Exists
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from appg.models import Page, SiteSettings
from leftbehind_site.common.page import Crumb
from leftbehind_site.common.site import Site, month_and_year
from leftbehind_site.common.statements import Statement
from neighbourhoods import measures

logger = logging.getLogger(__name__)

PAGES = {
    "about": "About the group",
    "what-is-a-left-behind-neighbourhood": "What ‘left behind’ means",
    "contact": "Contact",
    "privacy": "Privacy",
    "accessibility": "Accessibility",
}
"""Pages of the record that every page's foot names, while the public can see them: slug → label."""


_CREDITS: Final = tuple(
    f"{', '.join(source.title for source in measures.SOURCES.values() if source.credit == credit)} ({credit})"
    for credit in dict.fromkeys(source.credit for source in measures.SOURCES.values())
)


def _there(slug: str) -> str:
    """The name under which a settings row says whether a page is there."""
    return f"page_{slug.replace('-', '_')}"


def site_facts(settings: SiteSettings) -> Site:
    """The facts of a settings row, saved or not; the pages at the foot only where the row came with them."""
    return Site(
        group_name=settings.group_name,
        notice=settings.notice,
        secretariat=settings.secretariat,
        contact_email=settings.contact_email,
        active_from=month_and_year(settings.active_from),
        active_to=month_and_year(settings.active_to),
        founded=f"{settings.active_from:%Y-%m}",
        ended=f"{settings.active_to:%Y-%m}",
        credits=_CREDITS,
        pages=tuple(
            Crumb(label, Page(slug=slug).get_absolute_url())
            for slug, label in PAGES.items()
            if getattr(settings, _there(slug), False)
        ),
    )


_ROW: Final = Statement(
    lambda now: SiteSettings.objects.filter(pk=SiteSettings.ONLY_KEY).annotate(
        **{_there(slug): Exists(Page.objects.public(now).filter(slug=slug)) for slug in PAGES}
    ),
    datetime,
)
"""The settings with the pages that there are at a moment."""


def facts() -> Site:
    """The facts from the database, or their defaults where nobody has set them; what ``SITE_FACTS`` names.

    Raises:
        django.db.Error: If the database cannot be asked. A page with the defaults instead could be published.
    """
    row = _ROW.first(timezone.now())
    return site_facts(row or SiteSettings())


def site_or_defaults() -> Site:
    """The same for a page about an error, which still says what the site is if the database is away."""
    try:
        return facts()
    except Error as error:
        logger.warning(
            "The site’s settings could not be read; their defaults are shown (%s)", type(error).__name__
        )
        return site_facts(SiteSettings())


def site(request: HttpRequest) -> dict[str, object]:  # noqa: ARG001
    """The variables that ``templates/base.html`` needs; read once, and only by a page that shows them."""
    return {"site": SimpleLazyObject(facts)}
