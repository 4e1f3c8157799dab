"""How the record's pages name what an item is."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import urlsplit

from appg.models import Session

_KEPT_TOGETHER: Final = re.compile(r" (?=behind’|– )", re.IGNORECASE)


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


def heading(title: str) -> str:
    """A title for large type, in which no line ends within ‘left behind’ or begins with a dash."""
    return _KEPT_TOGETHER.sub("\N{NO-BREAK SPACE}", title)
