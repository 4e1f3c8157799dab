"""Officers: who held which office when, as far as the sources show it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from appg.axis import Axis
from appg.fields import PartialDate
from appg.models import ARCHIVED_AT, ItemQuerySet, Person, Term
from appg.selectors import Shown, shown


@dataclass(frozen=True, slots=True)
class Bar:
    """A term on the axis of time, in per cent of its width.

    Attributes:
        start: Where the known part begins.
        width: How long it is; 0 for a single sighting.
        before: Whether the term began at an unknown time before it.
        after: Whether it went on to an unknown time after it.
    """

    start: float
    width: float
    before: bool
    after: bool

    @property
    def end(self) -> float:
        """Where the known part ends."""
        return round(self.start + self.width, 2)


@dataclass(frozen=True, slots=True)
class TermLine:
    """A person in an office for a time.

    Attributes:
        person: Who.
        term: The office and its time.
        constituency_path: The directory's page of the constituency; empty if it has none.
        axis: The years of the drawing.
    """

    person: Person
    term: Term
    constituency_path: str
    axis: Axis | None

    @property
    def span(self) -> str:
        """From when to when, in words; never empty."""
        start, end = _words(self.term.start), _words(self.term.end)
        if start and end:
            return f"{start} to {end}"
        if start:
            return f"from {start}"
        return f"until {end}" if end else "dates not known"

    @property
    def standing(self) -> str:
        """Whether the sources show that the term had ended; empty where no date is known, which says it."""
        if self.term.end:
            return "past"
        return "end not known" if self.term.start else ""

    @property
    def notes(self) -> tuple[str, ...]:
        """What is known of its beginning and end besides the dates, and what is not."""
        term = self.term
        start = "" if term.start else "The start of this term is not known."
        end = "" if term.end else "The end of this term is not known."
        seen = PartialDate.parse(term.last_seen) if term.last_seen else None
        last = f"Last seen in the office {'on' if seen.day else 'in'} {seen}." if seen else ""
        doubt = "The sources leave a doubt." if term.uncertain else ""
        return tuple(filter(None, (term.start_note or start, term.end_note or end, last, term.note, doubt)))

    @property
    def bar(self) -> Bar | None:
        """Its drawing; none where nothing about its time is known."""
        known = _known(self.term)
        if self.axis is None or not known:
            return None
        start, end = self.axis.at(min(known)), self.axis.at(max(known))
        return Bar(start, round(end - start, 2), before=not self.term.start, after=not self.term.end)


@dataclass(frozen=True, slots=True)
class OfficeGroup:
    """The terms of one office, the earliest first."""

    office: str
    lines: tuple[TermLine, ...]

    @property
    def heading(self) -> str:
        """The office, in the plural where several held it."""
        if len({line.person.slug for line in self.lines}) == 1:
            return self.office
        return "Secretaries" if self.office == Term.Office.SECRETARY else f"{self.office}s"


@dataclass(frozen=True, slots=True)
class Officer:
    """A person with the terms held and the text about them."""

    shown: Shown
    lines: tuple[TermLine, ...]

    @property
    def person(self) -> Any:
        """The person."""
        return self.shown.item


@dataclass(frozen=True, slots=True)
class Officers:
    """All officers, by office and by person."""

    offices: tuple[OfficeGroup, ...]
    people: tuple[Officer, ...]
    axis: Axis | None


def officers(people: ItemQuerySet) -> Officers:
    """Who held which office; five queries, whatever the number of people.

    A person whose entry has been withdrawn is named with the reason and without terms.
    """
    found = shown(people.order_by("title", "slug").prefetch_related("terms__constituency_area"))
    standing = [one.item for one in found if not one.item.is_withdrawn]
    terms = [term for person in standing for term in person.terms.all()]
    days = [day for term in terms for day in _known(term)]
    axis = Axis.over([*days, ARCHIVED_AT.date()]) if days else None
    paths = _constituency_paths(terms)
    lines: dict[int, list[TermLine]] = defaultdict(list)
    for person in standing:
        for term in person.terms.all():
            lines[person.pk].append(TermLine(person, term, paths.get(term.pk, ""), axis))
    every = [line for of_person in lines.values() for line in of_person]
    return Officers(
        offices=tuple(
            OfficeGroup(office.label, tuple(sorted(held, key=_order)))
            for office in Term.Office
            if (held := [line for line in every if line.term.office == office])
        ),
        people=tuple(Officer(one, tuple(sorted(lines[one.item.pk], key=_order))) for one in found),
        axis=axis,
    )


def _order(line: TermLine) -> tuple[date, str]:
    return min(_known(line.term), default=date.max), line.person.slug


def _known(term: Term) -> list[date]:
    """The days of a term that are known: its beginning, its end, the last sighting."""
    start = [PartialDate.parse(term.start).begin] if term.start else []
    return start + [PartialDate.parse(text).end for text in (term.end, term.last_seen) if text]


def _words(text: str) -> str:
    return str(PartialDate.parse(text)) if text else ""


def _constituency_paths(terms: Sequence[Term]) -> dict[int, str]:
    """The directory's pages of the terms' constituencies, by term; one query at most.

    A term may name the directory's constituency itself. Otherwise it is found by its name among those of the
    Parliaments of the group's time, within which no name occurs twice.
    """
    areas: Any = Term._meta.get_field("constituency_area").related_model
    names = {term.constituency for term in terms if term.constituency and not term.constituency_area}
    by_name = {
        area.name: area.get_absolute_url()
        for area in areas.objects.filter(
            name__in=names, drawn=areas.Drawn.Y2010, neighbourhoods__release__state="current"
        ).distinct()
    }
    return {
        term.pk: term.constituency_area.get_absolute_url()
        if term.constituency_area
        else by_name.get(term.constituency, "")
        for term in terms
    }
