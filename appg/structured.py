"""The record as JSON-LD: what each item is, when it is from, how it was corrected.

Vocabulary: schema.org. Only a creative work can have corrections there. An item that is one (a report, a
question with its answer) bears them itself; of a person, an event or a word of the glossary it is our entry
that was corrected, and the entry is a work about it. So it is with a piece in the press: the entry is ours,
the piece is not. Dates are the item's, as well as they are known.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.urls import reverse
from django.utils.timezone import localtime

from appg.html import plain
from appg.models import Chapter, Correction, Coverage, Item, NewsItem, Publication, Session, Term
from appg.officers import Officer
from appg.selectors import Detail, Event, Shown
from leftbehind_site.common.structured import Node, address, node, the_group

_NEWS_TYPES: Final = {
    NewsItem.Kind.NEWS: "NewsArticle",
    NewsItem.Kind.PRESS_RELEASE: "NewsArticle",
    NewsItem.Kind.BLOG: "BlogPosting",
    NewsItem.Kind.LETTER: "Article",
}


# --- items with a page of their own


def item(detail: Detail) -> Node:
    """An item that has a page; a withdrawn one is named and said to be withdrawn."""
    shown: Any = detail.item
    return node(
        _type_of(shown),
        shown.get_absolute_url(),
        name=shown.title,
        description="" if shown.is_withdrawn else getattr(shown, "summary", ""),
        **_of_kind(shown),
        **_standing(shown, detail.corrections),
    )


def _type_of(item: Item) -> str:
    if isinstance(item, NewsItem):
        return _NEWS_TYPES[NewsItem.Kind(item.kind)]
    if isinstance(item, Publication):
        return "Report"
    return "Chapter" if isinstance(item, Chapter) else "WebPage"


def _of_kind(item: Item) -> Node:
    """What only some kinds have. A session is an event that its page is about."""
    if isinstance(item, NewsItem):
        return {
            "headline": item.title,
            "datePublished": item.when_machine,
            "author": item.author,
            "publisher": the_group(),
        }
    if isinstance(item, Publication):
        return {"datePublished": item.when_machine, "author": [entry["name"] for entry in item.authors]}
    if isinstance(item, Chapter):
        report = item.publication
        # A report that is not public yet has a name and no page.
        path = report.get_absolute_url() if report.is_public else ""
        return {"isPartOf": node("Report", path, name=report.title)}
    if isinstance(item, Session):
        return {"about": node("Event", name=item.title, startDate=item.when_machine)}
    return {}


# --- items on a page of many


def questions(shown: Iterable[Shown]) -> list[Node]:
    """Questions with their answers, as one page of them."""
    return _set_of("FAQPage", "questions", "mainEntity", [_question(one) for one in shown])


def _question(shown: Shown) -> Node:
    found = shown.item
    answer = "" if found.is_withdrawn else plain(found.body)
    return node(
        "Question",
        found.get_absolute_url(),
        name=found.title,
        acceptedAnswer=node("Answer", text=answer) if answer else None,
        **_standing(found, shown.corrections),
    )


def glossary_terms(shown: Iterable[Shown]) -> list[Node]:
    """The glossary: words with what they mean."""
    return _set_of("DefinedTermSet", "glossary", "hasDefinedTerm", [_word(one) for one in shown])


def _word(shown: Shown) -> Node:
    found = shown.item
    return node(
        "DefinedTerm",
        found.get_absolute_url(),
        name=found.title,
        description="" if found.is_withdrawn else found.summary,
        subjectOf=_entry(found, shown.corrections),
    )


def people(officers: Iterable[Officer]) -> list[Node]:
    """Those who held an office, with their offices."""
    return [
        node(
            "Person",
            officer.person.get_absolute_url(),
            name=officer.person.title,
            memberOf=[_office(line.term) for line in officer.lines],
            subjectOf=_entry(officer.person, officer.shown.corrections),
        )
        for officer in officers
    ]


def _office(term: Term) -> Node:
    """A person's part in the group for a time."""
    return node(
        "OrganizationRole",
        memberOf=the_group(),
        roleName=term.office,
        startDate=term.start,
        endDate=term.end,
    )


def coverage(shown: Iterable[Shown]) -> list[Node]:
    """Pieces in the press, which others wrote."""
    return [_piece(one.item, one.corrections) for one in shown]


def _piece(piece: Coverage, corrections: tuple[Correction, ...]) -> Node:
    known = {}
    if not piece.is_withdrawn:
        known = {
            "url": piece.url,
            "publisher": node("Organization", name=piece.outlet),
            "datePublished": piece.when_machine,
        }
    entry = _entry(piece, corrections)
    return node("Article", piece.get_absolute_url(), name=piece.title, subjectOf=entry) | known


def events(entries: Iterable[Event]) -> list[Node]:
    """What happened, on the timeline."""
    return [
        node(
            "Event",
            entry.event.get_absolute_url(),
            name=entry.event.title,
            startDate=entry.event.when_machine,
            subjectOf=_entry(entry.event, entry.corrections),
        )
        for entry in entries
    ]


def _set_of(kind: str, view: str, property_name: str, members: list[Node]) -> list[Node]:
    """The page that holds things of a kind; nothing where it holds none."""
    return [node(kind, reverse(f"appg:{view}"), **{property_name: members})] if members else []


# --- what has become of an item


def _standing(item: Item, corrections: Iterable[Correction]) -> Node:
    """That a work was withdrawn, and how it was corrected; empty for one that stands as it was."""
    found: Node = {"creativeWorkStatus": "Withdrawn"} if item.is_withdrawn else {}
    made = [_correction(correction) for correction in corrections]
    return {**found, "correction": made} if made else found


def _entry(item: Item, corrections: Iterable[Correction]) -> Node | None:
    """Our entry about a thing, where something is to be said of the entry itself."""
    standing = _standing(item, corrections)
    return node("WebPageElement", url=address(item.get_absolute_url()), **standing) if standing else None


def _correction(correction: Correction) -> Node:
    return node(
        "CorrectionComment",
        text=correction.text,
        datePublished=localtime(correction.made_at).date().isoformat(),
        url=address(correction.get_absolute_url()),
    )
