"""The JSON-LD of a page, as a program finds it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

DATA_BLOCK = r'<script type="application/ld\+json">([^<]*)</script>'
"""A script element that holds data, which nothing runs."""


ENHANCEMENT = r'<script src="/static/[\w./-]+" defer></script>'
"""A file of ours that adds to a page which is whole without it."""


def without_data(html: str) -> str:
    """A page without the data in it: any script element that is left would be a script."""
    return re.sub(DATA_BLOCK, "", html)


def graph_of(html: str) -> list[dict[str, Any]]:
    """The nodes of a page's one graph."""
    (found,) = re.findall(DATA_BLOCK, html)
    document = json.loads(found)
    assert set(document) == {"@context", "@graph"}
    assert document["@context"] == "https://schema.org"
    return list(document["@graph"])


def nodes_of(html: str, kind: str) -> list[dict[str, Any]]:
    """The nodes of a type at the top of a page's graph."""
    return [one for one in graph_of(html) if one["@type"] == kind]


def _walk(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _walk(one)


def node_of(html: str, identity: str) -> dict[str, Any]:
    """The one node, at whatever depth, that says what the thing with an identity is."""
    (found,) = (one for one in _walk(graph_of(html)) if one.get("@id") == identity and "@type" in one)
    return found
