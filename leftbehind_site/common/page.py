"""What the frame of a page needs to know of the page inside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from leftbehind_site.common.paths import path_to
from leftbehind_site.common.structured import Node, address

SITE_NAME: Final = "Archive of the APPG for ‘left behind’ neighbourhoods"
"""The site's name as other sites and programs are told it."""


@dataclass(frozen=True, slots=True)
class Crumb:
    """A page above the present one."""

    label: str
    path: str


@dataclass(frozen=True, slots=True)
class Download:
    """What a page says, as a file.

    Attributes:
        path: The file's address.
        media_type: Its media type, without parameters.
        label: What readers call the format.
        opens_in: What opens it.
        size: How large it is, in words, where that is worth saying.
    """

    path: str
    media_type: str
    label: str
    opens_in: str
    size: str = ""


def size_in_words(size: int) -> str:
    """A number of bytes as a reader expects it: 340 KB, 1.2 MB."""
    if size < 1000:
        return f"{size} bytes"
    if size < 999_500:
        return f"{size / 1000:.0f} KB"
    return f"{size / 1_000_000:.1f} MB"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture for previews of links, 1200 × 630 pixels.

    Attributes:
        path: Its address.
        text: What it shows, for readers who cannot see it.
    """

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page's title, description, address and place in the site.

    Attributes:
        title: Unique among the site's pages; the site's name is added to it.
        description: One or two sentences for search engines and link previews.
        path: Its one canonical path; empty for pages that have none, such as errors.
        label: Its own name at the end of the breadcrumb.
        crumbs: The pages above it, from the top; the home page goes without saying.
        indexed: Whether search engines should list it.
        nodes: What it is about, for programs that read it; see ``structured``.
        files: The same as files.
        picture: Its own picture for previews of links; the site's where it has none.
        article: Whether it shows a piece of writing with a date of its own.
        published: That date as well as it is known: 2020-09-22, 2020-09 or 2020.
    """

    title: str
    description: str
    path: str = ""
    label: str = ""
    crumbs: tuple[Crumb, ...] = ()
    indexed: bool = True
    nodes: tuple[Node, ...] = ()
    files: tuple[Download, ...] = ()
    picture: Picture | None = None
    article: bool = False
    published: str = ""

    @property
    def canonical(self) -> str:
        """Its one address."""
        return address(self.path) if self.path else ""

    @property
    def preview(self) -> Picture:
        """The picture that stands beside a link to it."""
        return self.picture or Picture(
            path_to("card"), "The archive of the APPG for ‘left behind’ neighbourhoods, with a map of England"
        )

    @property
    def preview_address(self) -> str:
        """Where that picture is."""
        return address(self.preview.path)

    @property
    def site_name(self) -> str:
        """The name of the site that it belongs to."""
        return SITE_NAME

    @property
    def way(self) -> tuple[tuple[str, str], ...]:
        """Name and path of each page on the way to this one, itself last; none for the home page."""
        if not self.label:
            return ()
        above = ((crumb.label, crumb.path) for crumb in self.crumbs)
        return (("Home", path_to("home")), *above, (self.label, self.path))
