"""What the frame of every page says of the page to programs."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from leftbehind_site import structured as jsonld
from leftbehind_site.context import Site
from leftbehind_site.page import Page

register = template.Library()


@register.simple_tag
def structured(page: Page, site: Site) -> SafeString:
    """The page's JSON-LD: what it is about, the way to it, and the group whose record it belongs to.

    Args:
        page: The page, with the nodes of what it shows.
        site: The group's facts.
    """
    ways = [jsonld.breadcrumb(page.way)] if page.way else []
    return jsonld.written([*page.nodes, *ways, jsonld.group(site)])
