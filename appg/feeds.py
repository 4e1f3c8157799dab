"""The record as Atom feeds.

A feed is a page like any other: the same data gives the same bytes. Its times come from the record, never
from the clock, and an entry keeps its id wherever the archive is served and whatever its item's address
becomes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from xml.etree import ElementTree as ET

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from appg import selectors, wording
from appg.fields import PartialDate
from appg.models import ARCHIVED_AT, Correction, NewsItem, Publication, Redirect, Session, SiteSettings
from leftbehind_site.common.site import month_and_year

ATOM: Final = "http://www.w3.org/2005/Atom"
TAG: Final = "tag:appg-leftbehindneighbourhoods.org.uk,2024:"
"""The beginning of every id: the group's own domain, in the year its work ended (RFC 4151)."""

_NOT_XML = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that no XML document may hold. An expression of all those that it may takes long to compile."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed.

    Attributes:
        key: What makes its id.
        title: Its title.
        path: Where it stands on the site.
        kind: What it is, in words.
        summary: What it says, as plain text.
        updated: When the archive's page of it last changed in a way a reader should know of.
        published: The day it is of, where that is known.
    """

    key: str
    title: str
    path: str
    kind: str
    summary: str
    updated: datetime
    published: datetime | None = None


@require_safe
def everything(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Corrections, news, sessions and publications together."""
    return _feed("", "all entries", "home", _corrections() + _items(NewsItem, Session, Publication))


@require_safe
def news(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """News."""
    return _feed("news", "news", "appg:news", _items(NewsItem))


@require_safe
def sessions(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Sessions."""
    return _feed("sessions", "sessions", "appg:sessions", _items(Session))


@require_safe
def publications(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Publications."""
    return _feed("publications", "publications", "appg:publications", _items(Publication))


@require_safe
def corrections(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Corrections."""
    return _feed("corrections", "corrections", "appg:corrections", _corrections())


def _items(*models: Any) -> list[Entry]:
    """The public items of some kinds, the latest first; three queries."""
    first_paths = _first_paths()
    corrected: dict[tuple[str, int], datetime] = {}
    for name, pk, made_at in Correction.objects.order_by("made_at").values_list(
        "content_type__model", "object_id", "made_at"
    ):
        corrected[name, pk] = made_at
    return [
        Entry(
            key=first_paths.get(item.get_absolute_url(), item.get_absolute_url()),
            title=item.title,
            path=item.get_absolute_url(),
            kind=wording.kind(item),
            summary=f"Withdrawn. {item.withdrawn_reason}" if item.is_withdrawn else item.summary,
            updated=max(item.publish_at, corrected.get((item._meta.model_name, item.pk), item.publish_at)),
            published=_day(item.date),
        )
        for item in selectors.entries(*(model.objects.public() for model in models))
    ]


def _corrections() -> list[Entry]:
    """All corrections, the latest first; one query."""
    return [
        Entry(
            key=f"/corrections/{one.pk}",
            title=f"Correction: {one.title}",
            path=one.get_absolute_url(),
            kind="Correction",
            summary=one.text,
            updated=one.made_at,
            published=one.made_at,
        )
        for one in Correction.objects.all()
    ]


def _first_paths() -> dict[str, str]:
    """Where items stood first, by where they stand now, of those that have moved; one query."""
    moved = Redirect.objects.filter(stood_first=True).order_by("-pk")
    return dict(moved.values_list("new_path", "old_path"))


def _day(date: str) -> datetime | None:
    whole = PartialDate.parse(date).whole if date else None
    return datetime(whole.year, whole.month, whole.day, tzinfo=UTC) if whole else None


def _feed(folder: str, name: str, about: str, entries: Iterable[Entry]) -> HttpResponse:
    """A feed as a document; one query, for the archive notice.

    Args:
        folder: The part of the site it belongs to; empty for the whole.
        name: What it holds, for its title.
        about: The name of the page that it is the feed of.
        entries: In the order of the feed.
    """
    site = SiteSettings.load()
    active = f"from {month_and_year(site.active_from)} to {month_and_year(site.active_to)}"
    entries = list(entries)
    path = reverse(f"appg:{folder}-feed" if folder else "appg:feed")
    feed = ET.Element("feed", {"xmlns": ATOM, "xml:lang": "en-GB"})
    _text(feed, "id", f"{TAG}{path}")
    _text(feed, "title", f"{site.group_name}: {name} (archive)")
    _text(feed, "subtitle", f"Archive. {site.notice} The group was active {active}.")
    _text(feed, "updated", _moment(max((entry.updated for entry in entries), default=ARCHIVED_AT)))
    ET.SubElement(feed, "link", rel="self", type="application/atom+xml", href=_address(path))
    ET.SubElement(feed, "link", rel="alternate", type="text/html", href=_address(reverse(about)))
    _text(ET.SubElement(feed, "author"), "name", site.group_name)
    for entry in entries:
        _entry(feed, entry)
    ET.indent(feed, "")
    document = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return HttpResponse(document + b"\n", content_type="application/atom+xml; charset=utf-8")


def _entry(feed: ET.Element, entry: Entry) -> None:
    element = ET.SubElement(feed, "entry")
    _text(element, "id", f"{TAG}{entry.key}")
    _text(element, "title", entry.title)
    _text(element, "updated", _moment(entry.updated))
    if entry.published:
        _text(element, "published", _moment(entry.published))
    ET.SubElement(element, "link", rel="alternate", type="text/html", href=_address(entry.path))
    ET.SubElement(element, "category", term=entry.kind)
    _text(element, "summary", entry.summary or entry.title)


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = _NOT_XML.sub("", text)


def _address(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
