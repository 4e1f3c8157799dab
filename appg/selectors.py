"""What the pages of the record show, gathered with a fixed number of database queries each.

Everything starts from ``public()``; what recommends another item starts from ``standing()``, which leaves
out what has been withdrawn.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Generic, Protocol, TypeVar

from django.db.models import CharField, Count, F, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from appg.addresses import addresses
from appg.axis import Axis
from appg.bodies import Marker, glossary
from appg.fields import PartialDate
from appg.models import (
    ARCHIVED_AT,
    Chapter,
    Correction,
    DatedItem,
    Item,
    ItemQuerySet,
    NewsItem,
    Page,
    Publication,
    Session,
    TimelineEvent,
)
from leftbehind_site.common.statements import Statement

LATEST: Final = 3
MOST_NAMED: Final = 4
"""How many publications the home page shows of each choice."""

NO_YEAR: Final = "Date not known"


class HasYear(Protocol):
    """What can be listed by year."""

    @property
    def year(self) -> int | None:
        """The year, where it is known."""
        ...


Y = TypeVar("Y", bound=HasYear)


@dataclass(frozen=True, slots=True)
class Year(Generic[Y]):
    """The items of a year in a list; those without one come last.

    Attributes:
        year: The year; none for items whose year is not known.
        items: In the order of the list.
    """

    year: int | None
    items: tuple[Y, ...]

    @property
    def label(self) -> str:
        """The year as a heading."""
        return str(self.year) if self.year else NO_YEAR

    @property
    def anchor(self) -> str:
        """The year as an anchor."""
        return f"year-{self.year}" if self.year else "year-not-known"


def by_year(items: Iterable[Y]) -> tuple[Year[Y], ...]:
    """Items by year, years in the order in which they first come; no year last."""
    years: dict[int | None, list[Y]] = defaultdict(list)
    for item in items:
        years[item.year].append(item)
    unknown = years.pop(None, None)
    known = [Year(year, tuple(found)) for year, found in years.items()]
    return (*known, Year(None, tuple(unknown))) if unknown else tuple(known)


# --- items of several kinds in one list

_LISTED: Final[dict[str, type[DatedItem]]] = {
    str(model._meta.model_name): model for model in (Session, NewsItem, Publication)
}
_COLUMNS: Final = (
    *("id", "slug", "title", "kind", "date", "date_text", "placed"),
    *("summary", "state", "withdrawn_reason", "publish_at"),
)


def entries(*queries: ItemQuerySet) -> list[Any]:
    """Sessions, news and publications as lists show them, the latest first; one query for all.

    The items hold what a list needs and are not to be saved.
    """
    return _items(_joined(*queries))


def _items(rows: Iterable[Any]) -> list[Any]:
    """The items of rows of columns, the latest first."""
    found = []
    for name, folder, number, inquiry_number, *values in rows:
        item = _LISTED[name](**dict(zip(_COLUMNS, values, strict=True)))
        if isinstance(item, Session):
            item.folder, item.number, item.inquiry_number = folder, number or None, inquiry_number or None
        found.append(item)
    return sorted(found, key=lambda item: (-(item.placed or date.min).toordinal(), item.slug))


def _joined(*queries: ItemQuerySet) -> Any:
    """The columns of several kinds in one query."""
    first, *others = (_entry_rows(query) for query in queries)
    return first.union(*others, all=True) if others else first


def _entry_rows(query: ItemQuerySet) -> Any:
    """The columns of a list, the same and in the same order for each kind."""
    session = query.model is Session
    return (
        query.order_by()
        .annotate(
            row_name=Value(query.model._meta.model_name, CharField()),
            row_folder=F("folder") if session else Value("", CharField()),
            row_number=Coalesce("number", 0) if session else Value(0),
            row_inquiry=Coalesce("inquiry_number", 0) if session else Value(0),
        )
        .values_list("row_name", "row_folder", "row_number", "row_inquiry", *_COLUMNS)
    )


def about_neighbourhood(code: str) -> list[Any]:
    """What the record holds about a neighbourhood; one query."""
    return _items(_ABOUT.rows(code, timezone.now()))


_ABOUT: Final = Statement[Any](
    lambda code, now: _joined(
        *(
            model.objects.standing(now).filter(neighbourhoods=code)
            for model in (Session, NewsItem, Publication)
        )
    ),
    str,
    datetime,
)
"""What is public about a neighbourhood at a moment."""


# --- one item's page


@dataclass(frozen=True, slots=True)
class Onward:
    """The items before and after one, in the order of their series."""

    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class Detail:
    """An item with all that its page shows.

    Attributes:
        item: The item itself.
        body: Its text as HTML; empty for an item without one, and for a withdrawn one.
        related: Sessions, news and publications that belong to it, the latest first.
        neighbourhoods: Those it mentions.
        corrections: Those made to it, the latest first.
        onward: What comes before and after.
        siblings: The chapters of the same report, for a report and its chapters.
    """

    item: Any
    body: str = ""
    related: tuple[Any, ...] = ()
    neighbourhoods: tuple[Any, ...] = ()
    corrections: tuple[Correction, ...] = ()
    onward: Onward = field(default_factory=Onward)
    siblings: tuple[Any, ...] = ()

    def _related(self, model: type[DatedItem]) -> tuple[Any, ...]:
        return tuple(item for item in self.related if isinstance(item, model))

    @property
    def sessions(self) -> tuple[Session, ...]:
        """The sessions it belongs to."""
        return self._related(Session)

    @property
    def publications(self) -> tuple[Publication, ...]:
        """The publications that belong to it."""
        return self._related(Publication)

    @property
    def documents(self) -> tuple[tuple[dict[str, str], Publication | None], ...]:
        """Its documents, each with the publication of the same title that has a page here."""
        by_title = {publication.title.casefold(): publication for publication in self.publications}
        return tuple(
            (document, by_title.get(document["title"].casefold())) for document in self.item.documents
        )

    @property
    def other_publications(self) -> tuple[Publication, ...]:
        """The publications that are not among its documents."""
        named = {publication.slug for _, publication in self.documents if publication}
        return tuple(publication for publication in self.publications if publication.slug not in named)

    @property
    def news(self) -> tuple[NewsItem, ...]:
        """The news about it."""
        return self._related(NewsItem)

    @property
    def place(self) -> int | None:
        """Which of its siblings it is, from 1."""
        slugs = [sibling.slug for sibling in self.siblings]
        return slugs.index(self.item.slug) + 1 if self.item.slug in slugs else None


def detail(item: Item) -> Detail:
    """An item's page; five queries at most, or one where it has been withdrawn.

    Args:
        item: Of a kind that has pages of its own.
    """
    corrections = corrections_of(item)
    if item.is_withdrawn:
        return Detail(item, corrections=corrections)
    return Detail(item, body=_body(item), corrections=corrections, **_OF_KIND[type(item)](item))


def _of_session(session: Session) -> dict[str, Any]:
    news = NewsItem.objects.standing().filter(sessions=session)
    return {
        "related": tuple(entries(session.publications.standing(), news)),
        "neighbourhoods": _places(session),
        "onward": _onward(session, Session.objects.standing()),
    }


def _of_news(item: NewsItem) -> dict[str, Any]:
    return {
        "related": tuple(entries(item.sessions.standing(), item.publications.standing())),
        "neighbourhoods": _places(item),
        "onward": _onward(item, NewsItem.objects.standing()),
    }


def _of_publication(publication: Publication) -> dict[str, Any]:
    naming = (model.objects.standing().filter(publications=publication) for model in (Session, NewsItem))
    return {
        "related": tuple(entries(*naming)),
        "neighbourhoods": _places(publication),
        "siblings": _chapters(publication),
    }


def _of_chapter(chapter: Chapter) -> dict[str, Any]:
    siblings = _chapters(chapter.publication)
    standing = [sibling for sibling in siblings if not sibling.is_withdrawn]
    return {"siblings": siblings, "onward": _neighbours_in(standing, chapter)}


def _of_page(page: Page) -> dict[str, Any]:
    return {"siblings": tuple(Page.objects.standing().exclude(pk=page.pk).defer("body", "sources"))}


_OF_KIND: Final[dict[type[Item], Callable[[Any], dict[str, Any]]]] = {
    Session: _of_session,
    NewsItem: _of_news,
    Publication: _of_publication,
    Chapter: _of_chapter,
    Page: _of_page,
}
"""What the pages of a kind have besides text and corrections; three queries at most."""


def _body(item: Any) -> str:
    """An item's text with the glossary's words marked; one query, none without text."""
    return Marker(glossary()).show(item.body) if item.body else ""


def _places(item: Any) -> tuple[Any, ...]:
    """The neighbourhoods an item mentions, with their authorities; one query."""
    return tuple(item.neighbourhoods.select_related("authority").order_by("name", "pk"))


def _chapters(publication: Publication) -> tuple[Chapter, ...]:
    """A report's chapters in their order; one query."""
    chapters = Chapter.objects.public().filter(publication=publication).order_by("order", "slug")
    return tuple(chapters.defer("body", "sources"))


def _onward(item: Any, series: ItemQuerySet) -> Onward:
    """The items before and after one in time; one query."""
    listed = series.order_by(F("placed").asc(nulls_last=True), "slug")
    return _neighbours_in(list(listed.only(*_onward_fields(series.model))), item)


def _onward_fields(model: Any) -> tuple[str, ...]:
    return ("slug", "title", "date", "date_text", "placed", *(("folder",) if model is Session else ()))


def _neighbours_in(series: Sequence[Any], item: Any) -> Onward:
    """What stands beside an item in its series; nothing for one that is not in it."""
    for index, other in enumerate(series):
        if other.slug == item.slug:
            before = series[index - 1] if index else None
            after = series[index + 1] if index + 1 < len(series) else None
            return Onward(before, after)
    return Onward()


# --- corrections


def corrections_of(item: Item) -> tuple[Correction, ...]:
    """The corrections made to an item, the latest first; one query."""
    return _corrections(type(item), item.pk).get(item.pk, ())


def _corrections(model: type[Item], pk: Any = None) -> dict[int, tuple[Correction, ...]]:
    """Corrections by the item they were made to; one query."""
    made = Correction.objects.filter(
        content_type__app_label=model._meta.app_label, content_type__model=model._meta.model_name
    )
    found: dict[int, list[Correction]] = defaultdict(list)
    for correction in made.filter(object_id=pk) if pk else made:
        found[correction.object_id].append(correction)
    return {key: tuple(values) for key, values in found.items()}


@dataclass(frozen=True, slots=True)
class Registered:
    """A correction in the register, and where its item stands now; empty while it is not public."""

    correction: Correction
    path: str


def register() -> tuple[Registered, ...]:
    """All corrections, the latest first; two queries."""
    made = tuple(Correction.objects.all())
    known = addresses() if made else None
    return tuple(Registered(one, known.now(one.path) if known else "") for one in made)


# --- lists


def sessions() -> tuple[Session, ...]:
    """All sessions in order of time; one query."""
    return tuple(Session.objects.public().oldest_first().defer("body", "sources"))


def inquiry_sessions() -> tuple[Session, ...]:
    """The sessions of the inquiry in their order; one query."""
    found = Session.objects.public().filter(kind=Session.Kind.INQUIRY).defer("body", "sources")
    return tuple(found.order_by(F("inquiry_number").asc(nulls_last=True), "placed", "slug"))


def news() -> tuple[NewsItem, ...]:
    """All news, the latest first; one query."""
    return tuple(NewsItem.objects.public().newest_first().defer("body", "sources"))


@dataclass(frozen=True, slots=True)
class Shelf:
    """The publications of a kind."""

    kind: str
    label: str
    publications: tuple[Publication, ...]


_PLURALS: Final = {
    Publication.Kind.REPORT: "Reports",
    Publication.Kind.POLICY_SHORT: "Policy shorts",
    Publication.Kind.DATA_DIVE: "Data dives",
    Publication.Kind.BRIEFING: "Briefings",
    Publication.Kind.STATEMENT: "Statements",
    Publication.Kind.GUIDE: "Guides",
}


def publications() -> tuple[Shelf, ...]:
    """All publications by kind, the latest first; one query."""
    shelves: dict[str, list[Publication]] = {kind: [] for kind in Publication.Kind.values}
    for publication in Publication.objects.public().newest_first().defer("body", "sources"):
        shelves[publication.kind].append(publication)
    return tuple(
        Shelf(kind, _PLURALS[Publication.Kind(kind)], tuple(found))
        for kind, found in shelves.items()
        if found
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """An item on a page of many, with its text and its corrections."""

    item: Any
    body: str
    corrections: tuple[Correction, ...]


def shown(items: ItemQuerySet, *, below: int = 2) -> tuple[Shown, ...]:
    """The items of a page of many; three queries, two for kinds without text.

    Args:
        items: Which, in their order.
        below: The level of the heading above each item's text.
    """
    found = tuple(items)
    corrected = _corrections(items.model) if found else {}
    marker = Marker(glossary()) if any(getattr(item, "body", "") for item in found) else None
    return tuple(
        Shown(
            item,
            marker.show(item.body, below=below) if marker and not item.is_withdrawn else "",
            corrected.get(item.pk, ()),
        )
        for item in found
    )


def questions(items: ItemQuerySet) -> tuple[Shown, ...]:
    """Questions in their order, with their answers."""
    return shown(items.order_by("order", "slug"))


def glossary_terms(items: ItemQuerySet) -> tuple[Shown, ...]:
    """The glossary by the alphabet, whatever the case and without regard to quotation marks."""
    return tuple(
        sorted(shown(items), key=lambda one: (one.item.title.casefold().lstrip("‘“"), one.item.slug))
    )


def coverage(items: Any) -> tuple[Shown, ...]:
    """Press coverage, the latest first."""
    return shown(items.newest_first())


# --- the home page


@dataclass(frozen=True, slots=True)
class Event:
    """Something on the timeline.

    Attributes:
        event: The event.
        day: Its date beneath the heading of its year.
        path: The page that tells more; empty where there is none that the public can see.
        corrections: Those made to it, the latest first.
    """

    event: TimelineEvent
    day: str
    path: str
    corrections: tuple[Correction, ...]

    @property
    def year(self) -> int | None:
        """The year it is listed under."""
        return self.event.year


@dataclass(frozen=True, slots=True)
class Overview:
    """What the home page says of the record.

    Attributes:
        timeline: Events by year, the earliest first.
        latest: The latest publications.
        most_named: Those that most sessions and news items name, without the latest.
    """

    timeline: tuple[Year[Event], ...]
    latest: tuple[Publication, ...]
    most_named: tuple[Publication, ...]


def overview(events: Any) -> Overview:
    """The record on the home page; four queries.

    Args:
        events: Those of the timeline.
    """
    found = list(
        Publication.objects.standing()
        .annotate(named=_naming(Session) + _naming(NewsItem))
        .newest_first()
        .defer("body", "sources")
    )
    latest = found[:LATEST]
    others = [publication for publication in found[LATEST:] if publication.named]
    listed = list(events.oldest_first().defer("sources"))
    known = addresses() if any(event.about for event in listed) else None
    corrected = _corrections(TimelineEvent) if listed else {}
    timeline = [
        Event(
            event,
            _day(event),
            known.now(event.about) if known and event.about else "",
            corrected.get(event.pk, ()),
        )
        for event in listed
    ]
    return Overview(
        timeline=by_year(timeline),
        latest=tuple(latest),
        most_named=tuple(sorted(others, key=lambda one: -one.named)[:MOST_NAMED]),
    )


def _naming(model: Any) -> Coalesce:
    """How many standing items of a kind name a publication."""
    naming = model.objects.standing().filter(publications=OuterRef("pk")).order_by().values("publications")
    return Coalesce(Subquery(naming.annotate(count=Count("pk")).values("count")), 0)


def _day(event: TimelineEvent) -> str:
    """An event's date without the year that stands above it; empty where only that is known."""
    if event.date_text:
        return event.date_text
    if not event.date:
        return ""
    known = PartialDate.parse(event.date)
    return str(known).removesuffix(str(known.year)).strip()


# --- drawings


@dataclass(frozen=True, slots=True)
class Lane:
    """The sessions of a kind on an axis of time.

    Attributes:
        label: The kind.
        marks: How far along each stands, and whether its day is known.
    """

    label: str
    marks: tuple[tuple[float, bool], ...]


@dataclass(frozen=True, slots=True)
class Lanes:
    """When the group met, drawn by kind."""

    axis: Axis
    lanes: tuple[Lane, ...]


_MEETINGS: Final = {
    Session.Kind.LAUNCH: "Launches",
    Session.Kind.EVIDENCE: "Evidence sessions",
    Session.Kind.INQUIRY: "Inquiry sessions",
    Session.Kind.ROUNDTABLE: "Roundtables",
}


def _day_known(item: DatedItem) -> bool:
    return bool(item.date and PartialDate.parse(item.date).whole)


def lanes(listed: Sequence[Session]) -> Lanes | None:
    """A drawing of sessions over time, to the end of the group; none where no date is known."""
    placed = [(session.placed, session) for session in listed if session.placed]
    if not placed:
        return None
    axis = Axis.over([*(day for day, _ in placed), ARCHIVED_AT.date()])
    drawn = []
    for kind in Session.Kind:
        marks = tuple((axis.at(day), _day_known(one)) for day, one in placed if one.kind == kind)
        if marks:
            drawn.append(Lane(_MEETINGS[kind], marks))
    return Lanes(axis, tuple(drawn))


# --- for the sitemap


def news_years() -> list[int]:
    """The years that have a page of news; one query."""
    listed = NewsItem.objects.public().only("date", "placed")
    return sorted({item.year for item in listed if item.year})
