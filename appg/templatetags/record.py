"""What templates ask of the record: what an item is, and what is said about a neighbourhood."""

from __future__ import annotations

from typing import Any

from django import template

from appg import selectors, wording

register = template.Library()

register.filter("kind_words", wording.kind)
register.filter("host", wording.host)
register.filter("heading", wording.heading)


@register.inclusion_tag("components/said_about.html")
def said_about(code: str, name: str) -> dict[str, Any]:
    """What the group said about a neighbourhood; one query.

    Args:
        code: The neighbourhood's ward code.
        name: Its name.
    """
    return {"entries": selectors.about_neighbourhood(code), "name": name}
