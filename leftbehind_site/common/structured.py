"""JSON-LD, for programs that read a page: what the page is about, as nodes of one graph.

Vocabulary: schema.org. This module knows no model; each app builds the nodes of what it shows. Nothing in
them depends on the clock.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

Node = dict[str, Any]

_ESCAPES: Final = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}
"""What could end the script element, or be read as markup, is written as JSON may write it."""

_NOTHING: Final[tuple[Any, ...]] = (None, "", [], (), {})


def address(path: str) -> str:
    """A path of this site as a whole address."""
    return f"{settings.SITE_URL}{path}"


def node(kind: str, path: str = "", **properties: Any) -> Node:
    """A thing: its type, where this site tells of it, and what is known of it.

    Args:
        kind: Its type in schema.org.
        path: Its address on this site, which is its identity and its web address; empty for a thing that is
            only told of along with another.
        properties: What is known, by name; what is not known is left out.
    """
    here = {"@id": address(path), "url": address(path)} if path else {}
    known = {name: value for name, value in properties.items() if value not in _NOTHING}
    return {"@type": kind, **here, **known}


GROUP: Final = "/#group"
"""The group's identity on this site, under which other nodes name it."""


def group(name: str, founded: str, ended: str) -> Node:
    """The group: each page's graph holds it, so that nodes of the graph can name it by its identity.

    Args:
        name: Of the group.
        founded: The month in which it began, 2020-06.
        ended: The month in which it ended.
    """
    return {
        **node("Organization", GROUP, name=name),
        "url": address("/"),
        "foundingDate": founded,
        "dissolutionDate": ended,
    }


def the_group() -> Node:
    """The group as another node names it."""
    return {"@id": address(GROUP)}


def site(name: str, home: str, search: str) -> Node:
    """The site, and how to search it.

    Args:
        name: Of the site.
        home: The path of its home page.
        search: The path of its search, whose parameter is ``q``.
    """
    action = node(
        "SearchAction",
        target=node("EntryPoint", urlTemplate=f"{address(search)}?q={{words}}"),
        **{"query-input": "required name=words"},
    )
    return node("WebSite", f"{home}#site", name=name, publisher=the_group(), potentialAction=action) | {
        "url": address(home)
    }


def breadcrumb(steps: Iterable[tuple[str, str]]) -> Node:
    """The way from the home page to a page.

    Args:
        steps: The name and the path of each page on it, the present one last.
    """
    return node(
        "BreadcrumbList",
        itemListElement=[
            {"@type": "ListItem", "position": position, "name": name, "item": address(path)}
            for position, (name, path) in enumerate(steps, start=1)
        ],
    )


def written(nodes: Iterable[Node]) -> SafeString:
    """The content of a page's one JSON-LD script element."""
    graph = {"@context": "https://schema.org", "@graph": list(nodes)}
    text = json.dumps(graph, ensure_ascii=False, separators=(",", ":"))
    return mark_safe(text.translate(_ESCAPES))  # noqa: S308  (what matters to HTML has just been escaped)
