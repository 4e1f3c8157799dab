"""One search box for everything: postcodes, neighbourhoods, areas, rankings, the group's record.

What is typed is answered and forgotten. It is written nowhere: see ``leftbehind_site.logs`` and the format of
the server's access log in ``deploy/serve.py``.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import Truncator
from django.views.decorators.http import require_safe

from appg import search as record
from leftbehind_site.common import words
from leftbehind_site.common.headers import searching
from leftbehind_site.common.page import Page
from neighbourhoods import listings, postcodes, wording
from neighbourhoods import search as directory
from neighbourhoods.models import Region

MOST: Final = 20
"""Results of one kind that a page shows."""

_TITLE: Final = 60
_READINGS: Final = 3


@dataclass(frozen=True, slots=True)
class Browse:
    """The ways to a neighbourhood for those whom a search does not lead there."""

    regions: tuple[Region, ...]
    letters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """What is shown for a search.

    Attributes:
        typed: What was typed.
        postcode: What there is to say of it as a postcode, if it looks like one.
        names: What the directory has.
        held: What the group's record has.
        record_first: Whether the record is meant rather than a place.
    """

    typed: str
    postcode: postcodes.Answer | None = None
    names: directory.Found = field(default_factory=directory.Found)
    held: record.Found = field(default_factory=record.Found)
    record_first: bool = False

    @property
    def places(self) -> tuple[directory.Match[directory.Place], ...]:
        """The neighbourhoods that are shown."""
        return self.names.places[:MOST]

    @property
    def areas(self) -> tuple[directory.Match[directory.Area], ...]:
        """The areas and rankings that are shown."""
        return self.names.areas[:MOST]

    @property
    def hits(self) -> tuple[record.Hit, ...]:
        """The items of the record that are shown."""
        return self.held.hits[:MOST]

    @property
    def empty(self) -> bool:
        """Whether nothing bears the words."""
        return not (self.names or self.held)

    @property
    def summary(self) -> str:
        """How much there is: "2 neighbourhoods and 3 items of the group’s record"."""
        parts = (
            (len(self.names.places), "neighbourhood", ""),
            (len(self.names.areas), "area or ranking", "areas and rankings"),
            (len(self.held.hits), "item of the group’s record", "items of the group’s record"),
        )
        return wording.listing([wording.count(number, one, many) for number, one, many in parts if number])

    @property
    def cut(self) -> bool:
        """Whether there is more than is shown."""
        return any(len(found) > MOST for found in (self.names.places, self.names.areas, self.held.hits))

    @property
    def slips(self) -> tuple[tuple[str, str], ...]:
        """What was taken for a typing error, with what it was read as: "‘pier’ or ‘meir’"."""
        read: dict[str, dict[str, None]] = {}
        for typed, taken in (*self.names.readings, *self.held.readings):
            read.setdefault(typed, {})[f"‘{taken}’"] = None
        return tuple((typed, " or ".join(list(taken)[:_READINGS])) for typed, taken in read.items())

    @property
    def some(self) -> bool:
        """Whether each result bears only some of the words."""
        partial = self.names.some or not self.names
        return not self.empty and partial and (self.held.some or not self.held)


def results(typed: str) -> Results:
    """What there is for a search; six queries at most."""
    answer = postcodes.answer(typed)
    if answer and answer.settled:
        return Results(typed, answer)
    with closing(record.index()) as index:
        found = joined(typed, directory.names(), index, answer)
    # A 7 that many an item holds says nothing of TS3 7.
    return Results(typed, answer) if answer and found.some else found


def joined(
    typed: str, known: directory.Names, index: record.Index, answer: postcodes.Answer | None = None
) -> Results:
    """What the directory and the record have for a search, together.

    Places come before the record, unless an item's title was typed and no place's name, or the record knows
    the words while the directory only has names that are near; a whole name of several words with a slip in
    it is not taken for anything else.
    """
    names = known.find(typed)
    whole = names.whole
    held = index.find(
        typed,
        meant=dict(reversed(whole.readings)),
        forgiving=not names.certain and not whole,
        some=not names or names.some,
    )
    one_word = len(words.fold(typed).split()) == 1
    near_only = (
        not names.certain and bool(held) and not held.some and (not whole or (held.certain and one_word))
    )
    first = near_only or (bool(held.titled) and not names.exact)
    return Results(typed, answer, whole if near_only else names, held, first)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The search page; with something to look for, its results."""
    try:
        typed = words.read(request.GET.getlist("q"))
    except words.UnreadableError as problem:
        return _answer(request, problem=problem)
    return _answer(request, results(typed) if typed else None)


def _answer(
    request: HttpRequest, found: Results | None = None, problem: words.UnreadableError | None = None
) -> HttpResponse:
    """The page. No cache keeps an answer."""
    page = Page(
        title=f"Search: {Truncator(found.typed).chars(_TITLE)}" if found else "Search",
        description="Find a neighbourhood by name or postcode, an area, or anything in the group’s record.",
        label="Search",
        indexed=False,
    )
    browse = None
    if found is None or found.empty:
        browse = Browse(tuple(listings.regions()), listings.letters())
    response = render(
        request,
        "search.html",
        {"page": page, "results": found, "problem": problem, "browse": browse, "most": MOST},
        status=problem.status if problem else HTTPStatus.OK,
    )
    searching(response)
    if found or problem:
        response["Cache-Control"] = "no-store"
    return response
