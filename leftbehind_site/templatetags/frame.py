"""What the frame of every page says of the page to programs."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from leftbehind_site.common import structured as jsonld
from leftbehind_site.common.page import Page
from leftbehind_site.common.site import Site

register = template.Library()


@register.simple_tag
def structured(page: Page, site: Site) -> SafeString:
    """The page's JSON-LD: what it is about, the way to it, and the group whose record it belongs to.

    Args:
        page: The page, with the nodes of what it shows.
        site: The group's facts.
    """
    group = jsonld.group(site.group_name, site.founded, site.ended)
    ways = [jsonld.breadcrumb(page.way)] if page.way else []
    return jsonld.written([*page.nodes, *ways, group])
