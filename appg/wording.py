"""How the record's pages name what an item is."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from appg.models import Session


def kind(item: Any) -> str:
    """What an item is, a session with its number in the series: "Evidence session 5"."""
    label = str(item.get_kind_display())
    if isinstance(item, Session):
        number = item.number or item.inquiry_number
        return f"{label} {number}" if number else label
    return label


def host(url: str) -> str:
    """Whose site an address is on: "reform.uk"; empty for this archive's own files."""
    return (urlsplit(url).hostname or "").removeprefix("www.")
