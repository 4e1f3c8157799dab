"""An item as JSON-LD, for programs that read a page: what it is, when it is from, how it was corrected.

Vocabulary: schema.org. Dates are the item's, as well as they are known; nothing depends on the clock.
"""

from __future__ import annotations

import json
from typing import Any, Final

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from appg.models import Chapter, Correction, Item, NewsItem, Publication, Session
from appg.selectors import Detail

_ESCAPES: Final = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}
"""What could end the script element, or be read as markup, is written as JSON may write it."""

_NEWS_TYPES: Final = {
    NewsItem.Kind.NEWS: "NewsArticle",
    NewsItem.Kind.PRESS_RELEASE: "NewsArticle",
    NewsItem.Kind.BLOG: "BlogPosting",
    NewsItem.Kind.LETTER: "Article",
}


def structured(detail: Detail) -> SafeString:
    """The content of a page's JSON-LD script element.

    Args:
        detail: The item with its corrections; a withdrawn one is named and said to be withdrawn.
    """
    item = detail.item
    described: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": _type_of(item),
        "name": item.title,
        "url": _address(item),
        **_of_kind(item),
    }
    if item.is_withdrawn:
        described["creativeWorkStatus"] = "Withdrawn"
    elif getattr(item, "summary", ""):
        described["description"] = item.summary
    if detail.corrections:
        described["correction"] = [_correction(correction) for correction in detail.corrections]
    text = json.dumps(described, ensure_ascii=False, separators=(",", ":"))
    return mark_safe(text.translate(_ESCAPES))  # noqa: S308  (what matters to HTML has just been escaped)


def _type_of(item: Item) -> str:
    if isinstance(item, NewsItem):
        return _NEWS_TYPES[NewsItem.Kind(item.kind)]
    if isinstance(item, Publication):
        return "Report"
    return "Chapter" if isinstance(item, Chapter) else "WebPage"


def _of_kind(item: Item) -> dict[str, Any]:
    """What only some kinds have. A session is an event that its page is about; events have no corrections."""
    found: dict[str, Any] = {}
    if isinstance(item, NewsItem | Publication) and item.when_machine:
        found["datePublished"] = item.when_machine
    if isinstance(item, NewsItem) and item.author:
        found["author"] = item.author
    if isinstance(item, Publication) and item.authors:
        found["author"] = [entry["name"] for entry in item.authors]
    if isinstance(item, Chapter):
        found["isPartOf"] = {
            "@type": "Report",
            "name": item.publication.title,
            "url": _address(item.publication),
        }
    if isinstance(item, Session):
        event = {"@type": "Event", "name": item.title}
        found["about"] = event | ({"startDate": item.when_machine} if item.when_machine else {})
    return found


def _correction(correction: Correction) -> dict[str, str]:
    return {
        "@type": "CorrectionComment",
        "text": correction.text,
        "datePublished": correction.made_at.date().isoformat(),
        "url": f"{settings.SITE_URL}{correction.get_absolute_url()}",
    }


def _address(item: Item) -> str:
    return f"{settings.SITE_URL}{item.get_absolute_url()}"
