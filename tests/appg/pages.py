"""What holds for every page of the site, asked of an answer."""

from __future__ import annotations

import gzip
import re
from html import unescape
from itertools import pairwise
from typing import Any

from tests.structured import ENHANCEMENT, without_data

SITE = "https://leftbehind.test"


def only(pattern: str, text: str) -> str:
    """The one thing in a page that a pattern finds."""
    found = re.findall(pattern, text, re.DOTALL)
    assert len(found) == 1, (pattern, found)
    return unescape(re.sub(r"\s+", " ", found[0])).strip()


def seen(html: str) -> str:
    """What a reader sees of a page or a part of it, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def title_of(text: str) -> str:
    # Marks on a map have titles too.
    return only(r"<title>(.*?)</title>", text.partition("</head>")[0])


def check_frame(response: Any, path: str, *, indexed: bool = True) -> None:
    """Title, description, address, h1, breadcrumb, notice; no script, no cookie, nothing that varies."""
    text = response.text
    assert response.status_code == 200, path
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert title_of(text).endswith(" – archive of the APPG for ‘left behind’ neighbourhoods")
    assert len(only(r'<meta name="description" content="([^"]*)">', text)) > 10
    assert only(r'<link rel="canonical" href="([^"]*)">', text) == f"{SITE}{path}"
    assert ('<meta name="robots" content="noindex">' in text) is not indexed
    assert only(r"<h1[^>]*>(.*?)</h1>", text)
    if path != "/":
        assert only(r'<nav class="breadcrumb" aria-label="(.*?)">', text) == "Breadcrumb"
        assert only(r'<li aria-current="page">(.*?)</li>', text)
    assert '<div class="archive-notice">' in text
    plain = re.sub(ENHANCEMENT, "", without_data(text))
    for word in ("<script", "javascript:", " style=", "onclick"):
        assert word not in plain, (path, word)
    assert not response.cookies
    assert not response.has_header("Vary"), path
    check_outline(text, path)


def check_outline(text: str, path: str) -> None:
    """Headings go down one level at a time; no id occurs twice; every fragment leads somewhere."""
    levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", text)]
    assert levels[0] == 1, path
    for before, after in pairwise(levels):
        assert after <= before + 1, (path, levels)
    ids = re.findall(r'\sid="([^"]*)"', text)
    assert len(ids) == len(set(ids)), (path, [one for one in ids if ids.count(one) > 1])
    for fragment in re.findall(r'href="#([^"]*)"', text):
        assert fragment in ids, (path, fragment)
    for names in re.findall(r'aria-labelledby="([^"]*)"', text):
        assert set(names.split()) <= set(ids), (path, names)


def compressed(response: Any) -> int:
    """How many bytes the answer's body takes on the wire."""
    return len(gzip.compress(response.content, 9))
