"""Every public address of the site, enumerated once.

The sitemap, the publisher, the export and the tests that compare them all read this list. An address that
answers a question of the visitor's (a search, a postcode, places to compare) is none of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import quote, unquote

from django.contrib.staticfiles.finders import FileSystemFinder
from django.contrib.staticfiles.storage import staticfiles_storage
from django.urls import reverse

from appg.addresses import addresses as record_addresses
from appg.citing import citation_paths as record_citations
from appg.models import Upload
from leftbehind_site.sitemap import page_paths
from neighbourhoods import citing, linking
from neighbourhoods.files.addresses import paths as file_paths
from neighbourhoods.models import Neighbourhood
from neighbourhoods.others import offered_paths
from neighbourhoods.postcodes import outward_codes


class Kind(StrEnum):
    """What stands at an address."""

    PAGE = "page"
    """A page with its own canonical address; the sitemap lists these and nothing else."""
    FEED = "feed"
    SITEMAP = "sitemap"
    TEXT = "text"
    FILE = "file"
    CARD = "card"
    ICON = "icon"
    EMBED = "embed"
    """A card that other sites may frame, or the document that tells of it."""
    COMPARISON = "comparison"
    """Neighbourhoods side by side, as another page offers them."""
    STATIC = "static"
    MEDIA = "media"
    SEARCH = "search"
    """The search before anything is typed, and what a copy of the site searches."""
    UNKNOWN = "unknown"
    """The page about an address that nobody knows, for whichever it is."""
    REDIRECT = "redirect"


@dataclass(frozen=True, slots=True)
class Address:
    """One public address.

    Attributes:
        path: As in a link: escaped, beginning with a slash, without host. Only a former address has a query.
        kind: What stands there.
    """

    path: str
    kind: Kind


FEEDS: Final = ("feed", "news-feed", "sessions-feed", "publications-feed", "corrections-feed")


def addresses() -> Iterator[Address]:
    """Every public address, pages first; each once."""
    seen = set[str]()
    for address in _all():
        if address.path not in seen:
            seen.add(address.path)
            yield address


def _all() -> Iterator[Address]:
    yield from (Address(path, Kind.PAGE) for path in page_paths())
    yield from (Address(path, Kind.STATIC) for path in _static_paths())
    yield from (Address(reverse(f"appg:{name}"), Kind.FEED) for name in FEEDS)
    yield Address(reverse("search"), Kind.SEARCH)
    yield Address(reverse("search-index"), Kind.SEARCH)
    codes = outward_codes()
    yield from (Address(reverse("search-postcodes", args=[code]), Kind.SEARCH) for code in codes)
    yield Address(reverse("unknown"), Kind.UNKNOWN)
    yield Address(reverse("sitemap"), Kind.SITEMAP)
    yield Address(reverse("robots"), Kind.TEXT)
    yield Address(reverse("security"), Kind.TEXT)
    yield Address(reverse("favicon"), Kind.ICON)
    listed = list(Neighbourhood.objects.listed().order_by("code"))
    yield from (Address(path, Kind.EMBED) for path in linking.embed_paths(listed))
    yield from (Address(path, Kind.COMPARISON) for path in offered_paths())
    yield from (Address(path, Kind.CARD) for path in linking.card_paths(listed))
    yield from (Address(path, Kind.FILE) for path in (*record_citations(), *citing.citation_paths(listed)))
    yield from (Address(path, Kind.FILE) for path in file_paths())
    uploads = Upload.objects.filter(withdrawn_reason="")
    yield from (Address(upload.get_absolute_url(), Kind.MEDIA) for upload in uploads)
    yield from (Address(citing.short_path(one), Kind.REDIRECT) for one in listed)
    yield from (Address(path, Kind.REDIRECT) for path in _former_paths())


def _static_paths() -> Iterator[str]:
    """The files of the project's static folder, under the names that pages link them by."""
    for name, _ in FileSystemFinder().list([]):
        yield staticfiles_storage.url(name)


def _former_paths() -> Iterator[str]:
    """Addresses that lead to an item's present one, with a slash at their end and otherwise as they were."""
    known = record_addresses()
    for written in known.written:
        target = known.now(written)
        if target and target.partition("#")[0] != written:
            path, mark, query = written.partition("?")
            yield f"{quote(unquote(path.rstrip('/')), safe='/:@!$&()*+,;=~')}/{mark}{query}"
