"""What the frame of a page needs to know of the page inside it."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Crumb:
    """A page above the present one."""

    label: str
    path: str


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
    """

    title: str
    description: str
    path: str = ""
    label: str = ""
    crumbs: tuple[Crumb, ...] = ()
    indexed: bool = True

    @property
    def canonical(self) -> str:
        """Its one address."""
        return f"{settings.SITE_URL}{self.path}" if self.path else ""
