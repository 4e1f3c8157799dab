"""The site's pages, enumerated once: for ``sitemap.xml``, and for whatever else must visit them all."""

from __future__ import annotations

from xml.sax.saxutils import escape

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from appg.addresses import addresses
from appg.selectors import news_years
from neighbourhoods import listings
from neighbourhoods.measures import ORDERED, ranking_path
from neighbourhoods.models import Release

RECORD = (
    *("officers", "sessions", "inquiry", "news", "publications"),
    *("questions", "glossary", "coverage", "corrections"),
)
"""Pages of the group's record that are always there."""


def page_paths() -> list[str]:
    """The canonical path of every page that belongs to the archive as it stands.

    Areas appear while a listed neighbourhood lies in them. A neighbourhood that has left the list keeps its
    page, for those who follow an old link, but is no part of this.
    """
    record = dict.fromkeys(
        [
            *(reverse(f"appg:{name}") for name in RECORD),
            *(reverse("appg:news-year", args=[year]) for year in news_years()),
            # The inquiry's page may be an item too.
            *sorted(addresses().paths),
        ]
    )
    return [
        reverse("home"),
        reverse("neighbourhoods:directory"),
        reverse("neighbourhoods:method"),
        reverse("neighbourhoods:rankings"),
        reverse("neighbourhoods:compare"),
        *map(ranking_path, ORDERED),
        *(area.get_absolute_url() for area in listings.areas()),
        reverse("data:index"),
        reverse("data:releases"),
        *(release.get_absolute_url() for release in Release.objects.defer("report", "grid")),
        *record,
    ]


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """``sitemap.xml``."""
    addresses = (escape(settings.SITE_URL + path) for path in page_paths())
    locations = "".join(f"<url><loc>{address}</loc></url>\n" for address in addresses)
    return HttpResponse(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{locations}</urlset>\n',
        content_type="application/xml",
    )
