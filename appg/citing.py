"""How a publication, a piece of news, a session and a chapter of a report are cited."""

from __future__ import annotations

from typing import Final

from django.conf import settings

from appg import wording
from appg.addresses import Addresses, addresses
from appg.fields import PartialDate
from appg.models import Chapter, DatedItem, Item, NewsItem, Publication, Session
from leftbehind_site.common.citation import CHAPTER, FORMS, REPORT, WEB_PAGE, Citation, Kind, file_path
from leftbehind_site.common.site import Site

FOLDERS: Final[dict[str, type[Item]]] = {
    "publication": Publication,
    "news": NewsItem,
    "evidence": Session,
    "session": Session,
    "report": Chapter,
}
"""The kinds of item that are cited, by the first part of their addresses."""

_KINDS: Final[dict[type[Item], Kind]] = {Publication: REPORT, Chapter: CHAPTER}


def is_cited(item: Item) -> bool:
    """Whether an item's page says how to cite it: a page that the public has, of a kind that is cited."""
    return type(item) in FOLDERS.values() and item.is_public


def citation_of(item: DatedItem | Chapter, site: Site) -> Citation:
    """The citation of an item's page.

    The authors are those that the record names, or else the group; the archive is the publisher, since the
    page is its own. The year is that of the item's date. Where no date is known, or only between which years
    it lies, there is none, and the note says what is known. A chapter takes all of this from its report.

    Args:
        item: A public item of a kind that is cited.
        site: The facts of the site, of which the group's name and the archive's are taken.
    """
    dated = item.publication if isinstance(item, Chapter) else item
    what = "Chapter" if isinstance(item, Chapter) else wording.kind(item)
    withdrawn = " Withdrawn." if item.is_withdrawn else ""
    path = item.get_absolute_url()
    return Citation(
        key=f"leftbehind{path.rstrip('/').replace('/', '-')}",
        title=item.title,
        authors=_authors(dated) or (site.group_name,),
        address=f"{settings.SITE_URL}{path}",
        year=PartialDate.parse(dated.date).year if dated.date else None,
        publisher=f"Archive of the {site.group_name}",
        note=f"{what}, {dated.when}.{withdrawn}",
        kind=_KINDS.get(type(item), WEB_PAGE),
        part_of=dated.title if isinstance(item, Chapter) else "",
    )


def _authors(item: DatedItem) -> tuple[str, ...]:
    """Those that the record names; a report that is not public yet does not tell its own."""
    if isinstance(item, Publication) and item.is_public:
        return tuple(entry["name"] for entry in item.authors)
    return (item.author,) if isinstance(item, NewsItem) and item.author else ()


def _has_files(path: str, known: Addresses) -> bool:
    return path in known.paths and path.split("/")[1] in FOLDERS


def moved(path: str) -> str:
    """Where the item now stands whose citation is asked for at a path of old, or at one written otherwise.

    Args:
        path: That of the item's page.

    Returns:
        The path of a public item that is cited; empty if there is none. One query.
    """
    known = addresses()
    now = known.now(path)
    return now if _has_files(now, known) else ""


def citation_paths() -> list[str]:
    """The addresses of the citation files of all public items; one query."""
    known = addresses()
    cited = sorted(path for path in known.paths if _has_files(path, known))
    return [file_path(path, form) for path in cited for form in FORMS.values()]
