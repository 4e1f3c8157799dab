"""The group's record: items that the secretariat edits, and what keeps them public, traceable and undoable.

One queryset, ``public()``, decides what the public sees; lists, pages, feeds, the sitemap and every later use
read it. Lists of speakers, documents and sources are fields of the item itself, so that an item's history
holds all of it. Nothing here cascades from outside: an account, a neighbourhood or a session that is deleted
takes no content and no history along.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any, ClassVar, Final, Self
from urllib.parse import unquote

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Left, Length
from django.urls import NoReverseMatch, resolve
from django.utils import timezone

from appg.fields import LinesField, Part, PartialDate, PartialDateField, RichTextField, check_day
from appg.records import records
from leftbehind_site.common.paths import path_to

ARCHIVED_AT: Final = datetime(2024, 3, 31, tzinfo=UTC)
"""When an item that came with the archive counts as published: the end of the group's last month."""

SOURCE_PARTS: Final = (Part("url", required=True, address=True), Part("title"))
DOCUMENT_PARTS: Final = (
    Part("title", required=True),
    Part("type"),
    Part("pages"),
    Part("author"),
    Part("url", address=True),
    Part("note"),
)
READING_PARTS: Final = (Part("title", required=True), Part("author"), Part("url", address=True))
SPEAKER_PARTS: Final = (Part("name"), Part("role"), Part("organisation"))
FIGURE_PARTS: Final = (Part("figure", required=True), Part("meaning", required=True))
NAME_PARTS: Final = (Part("name", required=True),)
PATH_PARTS: Final = (Part("path", required=True, address=True),)

_LINES_HELP: Final = "One a line, its parts with a bar between them."


class SiteSettings(models.Model):
    """The one row of facts that every page shows: the group's name, its dates, the archive notice."""

    ONLY_KEY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY_KEY, editable=False)
    group_name = models.CharField(
        max_length=200, default="All-Party Parliamentary Group for ‘left behind’ neighbourhoods"
    )
    active_from = models.DateField(default=date(2020, 6, 1), help_text="Only the month and year are shown.")
    active_to = models.DateField(default=date(2024, 3, 31), help_text="Only the month and year are shown.")
    notice = models.CharField(
        max_length=300,
        default="This is the archived website of the group. It is no longer updated.",
        help_text="Shown on every page, before the dates. Example: This is an archived website.",
    )
    secretariat = models.CharField(max_length=200, default="Local Trust")
    contact_email = models.EmailField(
        blank=True, help_text="Where readers may write about this archive. Empty if nobody answers."
    )

    history = records()

    class Meta:
        verbose_name = "site settings"
        verbose_name_plural = "site settings"
        constraints = (
            models.CheckConstraint(condition=Q(id=1), name="sitesettings_only_one_row"),
            models.CheckConstraint(
                condition=Q(active_to__gte=models.F("active_from")), name="sitesettings_active_in_order"
            ),
        )

    def __str__(self) -> str:
        """What the row is."""
        return "Site settings"

    @classmethod
    def load(cls) -> SiteSettings:
        """The row, or its defaults while it has not been saved."""
        return cls.objects.filter(pk=cls.ONLY_KEY).first() or cls()


class State(models.TextChoices):
    """Where an item stands between a draft and the record; scheduled is published with a future time."""

    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"
    WITHDRAWN = "withdrawn", "Withdrawn"


class ItemQuerySet(models.QuerySet[Any]):
    """Items, and those that the public sees."""

    def public(self, now: datetime | None = None) -> Self:
        """Published items whose time has come, and withdrawn ones, whose pages say why they were withdrawn.

        Args:
            now: The moment to ask about; the present by default.
        """
        return self.filter(
            state__in=(State.PUBLISHED, State.WITHDRAWN), publish_at__lte=now or timezone.now()
        )

    def standing(self, now: datetime | None = None) -> Self:
        """Public items that have not been withdrawn, for places that recommend rather than record."""
        return self.public(now).exclude(state=State.WITHDRAWN)


class Item(models.Model):
    """What every item has: a title, an address, a state, its sources."""

    title = models.CharField(max_length=300)
    slug = models.SlugField(
        max_length=200,
        unique=True,
        help_text="The last part of the page's address. Changing it on a public item makes a redirect.",
    )
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    publish_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When the public sees it. A time to come schedules it; empty means now, on publishing.",
    )
    withdrawn_reason = models.TextField(
        blank=True, help_text="Shown to the public on the page of a withdrawn item. Required to withdraw it."
    )
    sources = LinesField(
        parts=SOURCE_PARTS,
        help_text=f"{_LINES_HELP} Example: https://www.example.org/report | Civil Society News, 29 June 2021",
    )
    seed_digest = models.CharField(
        max_length=64, blank=True, editable=False, help_text="Of the content file it was last loaded from."
    )

    objects = ItemQuerySet.as_manager()

    content_keys: ClassVar[tuple[str, ...]] = ()
    """Front matter keys in the order of the content file; each is a field of the same name."""

    address_fields: ClassVar[tuple[str, ...]] = ("slug",)
    """Fields that the address is made of."""

    class Meta:
        abstract = True
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=("draft", "published", "withdrawn")), name="%(class)s_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(publish_at__isnull=False), name="%(class)s_public_since"
            ),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") | ~Q(withdrawn_reason=""), name="%(class)s_withdrawn_why"
            ),
        )

    def __str__(self) -> str:
        """The title."""
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """The old address of a public item leads to its new one."""
        self.date_publishing()
        before = self.stored()
        with transaction.atomic(using=kwargs.get("using")):
            super().save(*args, **kwargs)
            if before is not None and before.is_public and before.address_differs(self):
                Redirect.keep_address(before.get_absolute_url(), self.get_absolute_url())

    def get_absolute_url(self) -> str:
        """The item's address."""
        raise NotImplementedError

    def date_publishing(self) -> None:
        """Publishing without a time means now."""
        if self.state != State.DRAFT and self.publish_at is None:
            self.publish_at = timezone.now()

    def stored(self) -> Self | None:
        """The item as the database has it; nothing for a new one."""
        if self._state.adding or self.pk is None:
            return None
        return type(self)._default_manager.filter(pk=self.pk).first()

    def address_differs(self, other: Item) -> bool:
        """Whether another version of this item has another address."""
        return any(getattr(self, name) != getattr(other, name) for name in self.address_fields)

    def clean(self) -> None:
        """A withdrawal needs its reason."""
        super().clean()
        self.date_publishing()
        if self.state == State.WITHDRAWN and not self.withdrawn_reason.strip():
            raise ValidationError({"withdrawn_reason": "Say to the public why it was withdrawn."})

    @property
    def is_public(self) -> bool:
        """Whether the public sees it now; the same rule as ``public()``."""
        return self.state != State.DRAFT and self.publish_at is not None and self.publish_at <= timezone.now()

    @property
    def is_withdrawn(self) -> bool:
        """Whether its page shows a reason instead of its text."""
        return self.state == State.WITHDRAWN

    @property
    def state_in_words(self) -> str:
        """The state as an editor knows it; scheduled is one."""
        if self.state == State.PUBLISHED and not self.is_public:
            return "Scheduled"
        return str(State(self.state).label)


class DatedItemQuerySet(ItemQuerySet):
    """Items with a date, in order of time."""

    def newest_first(self) -> Self:
        """By where they stand in time, the latest first; two on one day by slug: a fixed order."""
        return self.order_by(F("placed").desc(nulls_last=True), "slug")

    def oldest_first(self) -> Self:
        """The reverse."""
        return self.order_by(F("placed").asc(nulls_last=True), "slug")


class DatedItem(Item):
    """An item of a certain time, known to the day or less well."""

    date = PartialDateField(
        help_text="As well as it is known: 2020-09-22, 2020-09 or 2020. Empty if it is not known."
    )
    date_text = models.CharField(
        max_length=60, blank=True, help_text="Shown instead of the date. Example: summer 2020"
    )
    date_note = models.CharField(
        max_length=300, blank=True, help_text="Why the date is not better known. Shown to the public."
    )
    placed = models.DateField(
        null=True,
        blank=True,
        validators=[check_day],
        help_text="Where it stands in lists in order of time. Only needed when the day is not known.",
    )

    objects = DatedItemQuerySet.as_manager()  # type: ignore[misc]

    class Meta(Item.Meta):
        abstract = True
        ordering = (F("placed").desc(nulls_last=True), "slug")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """The item stands in time within its date: on the day that is known, else at the beginning."""
        if self.date:
            known = PartialDate.parse(self.date)
            if self.placed is None or not known.begin <= self.placed <= known.end:
                self.placed = known.begin
        super().save(*args, **kwargs)

    @property
    def when(self) -> str:
        """The date in words; never empty."""
        if self.date_text:
            return self.date_text
        return str(PartialDate.parse(self.date)) if self.date else "date not known"

    @property
    def when_machine(self) -> str:
        """The date for a machine; empty where there is none."""
        return PartialDate.parse(self.date).machine if self.date else ""

    @property
    def year(self) -> int | None:
        """The year it is listed under."""
        if self.date:
            return PartialDate.parse(self.date).year
        return self.placed.year if self.placed else None


class Publication(DatedItem):
    """A report, short paper, data dive or briefing of the group or for it."""

    class Kind(models.TextChoices):
        """What it is."""

        REPORT = "report", "Report"
        POLICY_SHORT = "policy-short", "Policy short"
        DATA_DIVE = "data-dive", "Data dive"
        BRIEFING = "briefing", "Briefing"
        STATEMENT = "statement", "Statement"
        GUIDE = "guide", "Guide"

    kind = models.CharField(max_length=20, choices=Kind)
    authors = LinesField(parts=NAME_PARTS, help_text="One a line. Example: Local Trust")
    partners = LinesField(parts=NAME_PARTS, help_text="One a line.")
    licence = models.CharField(max_length=200, blank=True, help_text="Empty where none was stated.")
    key_figures = LinesField(
        parts=FIGURE_PARTS, help_text=f"{_LINES_HELP} Example: 46% | higher risk of dying from COVID-19"
    )
    documents = LinesField(
        parts=DOCUMENT_PARTS,
        help_text=f"{_LINES_HELP} title | type | pages | author | address | note. Example:"
        " Full report | PDF | 48 | | https://www.example.org/report.pdf",
    )
    summary = models.CharField(max_length=300, blank=True, help_text="One or two sentences.")
    body = RichTextField()
    neighbourhoods = models.ManyToManyField(
        "neighbourhoods.Neighbourhood", blank=True, related_name="publications"
    )
    legacy_paths = LinesField(parts=PATH_PARTS, help_text="Addresses on the old site, one a line.")

    history = records(m2m_fields=[neighbourhoods], excluded_fields=["seed_digest"])

    content_keys = (
        "title",
        "slug",
        "kind",
        "date",
        "date_text",
        "date_note",
        "placed",
        "authors",
        "partners",
        "licence",
        "key_figures",
        "documents",
        "summary",
        "neighbourhoods",
        "legacy_paths",
        "sources",
    )

    def get_absolute_url(self) -> str:
        """The publication's page."""
        return path_to("appg:publication", self.slug)


class Session(DatedItem):
    """A meeting of the group: evidence session, inquiry session, roundtable, launch."""

    class Kind(models.TextChoices):
        """What kind of meeting it was."""

        LAUNCH = "launch", "Launch"
        EVIDENCE = "evidence", "Evidence session"
        INQUIRY = "inquiry", "Inquiry session"
        ROUNDTABLE = "roundtable", "Roundtable"

    class Folder(models.TextChoices):
        """The first part of the address, which the old site chose."""

        EVIDENCE = "evidence", "/evidence/"
        SESSION = "session", "/session/"

    kind = models.CharField(max_length=20, choices=Kind)
    folder = models.CharField(
        max_length=10,
        choices=Folder,
        default=Folder.SESSION,
        help_text="Evidence sessions stood under /evidence/ on the old site, one under /session/.",
    )
    number = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Of an evidence session in the series."
    )
    inquiry_number = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Of a session of the inquiry into levelling up."
    )
    theme = models.CharField(max_length=200, blank=True)
    speakers = LinesField(
        parts=SPEAKER_PARTS,
        help_text=f"{_LINES_HELP} name | role | organisation. Community speakers without their name:"
        " | Resident | Big Local partnership",
    )
    speakers_note = models.CharField(max_length=300, blank=True, help_text="What is not known of them.")
    documents = LinesField(
        parts=DOCUMENT_PARTS,
        help_text=f"{_LINES_HELP} title | type | pages | author | address | note. Types: briefing, research,"
        " recording, report, data.",
    )
    reading = LinesField(parts=READING_PARTS, help_text=f"{_LINES_HELP} title | author | address.")
    summary = models.CharField(max_length=300, blank=True, help_text="One or two sentences.")
    body = RichTextField()
    publications = models.ManyToManyField(Publication, blank=True, related_name="sessions")
    neighbourhoods = models.ManyToManyField(
        "neighbourhoods.Neighbourhood", blank=True, related_name="sessions"
    )
    legacy_paths = LinesField(parts=PATH_PARTS, help_text="Addresses on the old site, one a line.")

    history = records(m2m_fields=[publications, neighbourhoods], excluded_fields=["seed_digest"])

    address_fields = ("slug", "folder")

    content_keys = (
        "title",
        "slug",
        "kind",
        "folder",
        "date",
        "date_text",
        "date_note",
        "placed",
        "number",
        "inquiry_number",
        "theme",
        "speakers",
        "speakers_note",
        "documents",
        "reading",
        "publications",
        "summary",
        "neighbourhoods",
        "legacy_paths",
        "sources",
    )

    def get_absolute_url(self) -> str:
        """The session's page."""
        return path_to(f"appg:session-{self.folder}", self.slug)


class NewsItem(DatedItem):
    """A piece of news, press release, blog post or letter."""

    class Kind(models.TextChoices):
        """What it is."""

        NEWS = "news", "News"
        PRESS_RELEASE = "press-release", "Press release"
        BLOG = "blog", "Blog"
        LETTER = "letter", "Letter"

    kind = models.CharField(max_length=20, choices=Kind)
    author = models.CharField(max_length=200, blank=True)
    summary = models.CharField(max_length=300, blank=True, help_text="One or two sentences.")
    body = RichTextField()
    sessions = models.ManyToManyField(Session, blank=True, related_name="news")
    publications = models.ManyToManyField(Publication, blank=True, related_name="news")
    neighbourhoods = models.ManyToManyField("neighbourhoods.Neighbourhood", blank=True, related_name="news")
    legacy_paths = LinesField(parts=PATH_PARTS, help_text="Addresses on the old site, one a line.")

    history = records(m2m_fields=[sessions, publications, neighbourhoods], excluded_fields=["seed_digest"])

    content_keys = (
        "title",
        "slug",
        "kind",
        "date",
        "date_text",
        "date_note",
        "placed",
        "author",
        "sessions",
        "publications",
        "summary",
        "neighbourhoods",
        "legacy_paths",
        "sources",
    )

    class Meta(DatedItem.Meta):
        verbose_name = "news item"

    def get_absolute_url(self) -> str:
        """The news item's page."""
        return path_to("appg:news-item", self.slug)


class Chapter(Item):
    """A chapter of the final report, which was published as web pages."""

    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="chapters")
    order = models.PositiveSmallIntegerField(help_text="1 for the first chapter.")
    summary = models.CharField(max_length=300, blank=True, help_text="One or two sentences.")
    body = RichTextField()
    legacy_paths = LinesField(parts=PATH_PARTS, help_text="Addresses on the old site, one a line.")

    history = records(excluded_fields=["seed_digest"])

    content_keys = ("title", "slug", "publication", "order", "summary", "legacy_paths", "sources")

    class Meta(Item.Meta):
        ordering = ("publication", "order", "slug")

    def get_absolute_url(self) -> str:
        """The chapter's page."""
        return path_to("appg:chapter", self.slug)


class Person(Item):
    """Somebody who held an office in the group."""

    also_styled = LinesField(parts=NAME_PARTS, help_text="Other forms of the name and titles, one a line.")
    body = RichTextField()

    history = records(excluded_fields=["seed_digest"])

    content_keys = ("title", "slug", "also_styled", "terms", "sources")

    class Meta(Item.Meta):
        ordering = ("title", "slug")
        verbose_name_plural = "people"

    def get_absolute_url(self) -> str:
        """The person's entry on the page of officers."""
        return f"{path_to('appg:officers')}#{self.slug}"


class Term(models.Model):
    """A person in an office for a time; two at once, or one after the other, are two terms."""

    class Office(models.TextChoices):
        """The offices of an all-party group, in order of rank."""

        CHAIR = "Chair", "Chair"
        CO_CHAIR = "Co-chair", "Co-chair"
        VICE_CHAIR = "Vice-chair", "Vice-chair"
        TREASURER = "Treasurer", "Treasurer"
        SECRETARY = "Secretary", "Secretary"
        OFFICER = "Officer", "Officer"
        MEMBER = "Member", "Member"

    class House(models.TextChoices):
        """The House of Parliament."""

        COMMONS = "Commons", "House of Commons"
        LORDS = "Lords", "House of Lords"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="terms")
    office = models.CharField(max_length=20, choices=Office)
    start = PartialDateField(help_text="As well as it is known; empty if it is not.")
    start_note = models.CharField(max_length=200, blank=True)
    end = PartialDateField(help_text="As well as it is known; empty if it is not.")
    end_note = models.CharField(max_length=200, blank=True)
    last_seen = PartialDateField(
        help_text="The latest date on which a source shows the person in the office."
    )
    party = models.CharField(max_length=60, blank=True, help_text="At the time.")
    house = models.CharField(max_length=10, choices=House, blank=True)
    constituency = models.CharField(max_length=100, blank=True, help_text="At the time.")
    constituency_area = models.ForeignKey(
        "neighbourhoods.Constituency",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The directory's page of that constituency, if it has one.",
    )
    note = models.CharField(max_length=300, blank=True)
    uncertain = models.BooleanField(default=False, help_text="Whether the sources leave a doubt.")

    history = records()

    content_keys: ClassVar[tuple[str, ...]] = (
        "office",
        "start",
        "start_note",
        "end",
        "end_note",
        "last_seen",
        "party",
        "house",
        "constituency",
        "note",
        "uncertain",
    )

    class Meta:
        ordering = ("person", "start", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(start="") | Q(end="") | Q(end__gte=Left("start", Length("end"))),
                name="term_ends_after_it_starts",
            ),
        )

    def __str__(self) -> str:
        """The office and the person."""
        return f"{self.office}: {self.person}"

    def clean(self) -> None:
        """Refuse a term that ends before it starts, as far as both are known: 2020-06-23 to 2020 is right."""
        if self.start and self.end and self.end < self.start[: len(self.end)]:
            raise ValidationError({"end": "The end lies before the start."})


class Page(Item):
    """A page about the group or this archive: about, contact, privacy."""

    summary = models.CharField(max_length=300, blank=True, help_text="One or two sentences.")
    body = RichTextField()

    history = records(excluded_fields=["seed_digest"])

    content_keys = ("title", "slug", "summary", "sources")

    views: ClassVar[frozenset[str]] = frozenset({"appg:page", "appg:inquiry"})
    """The views that show a page; that of the inquiry has its sessions too."""

    class Meta(Item.Meta):
        ordering = ("title",)

    def get_absolute_url(self) -> str:
        """The page."""
        return path_to("appg:page", self.slug)

    def clean(self) -> None:
        """Refuse an address that something else on the site already has."""
        super().clean()
        try:
            taken = resolve(self.get_absolute_url()).view_name not in self.views
        except NoReverseMatch:
            # The slug's own check says what is wrong with it.
            return
        if taken:
            message = f"/{self.slug}/ is another page of this site. Choose another word."
            raise ValidationError({"slug": message})


class Question(Item):
    """A frequently asked question with its answer."""

    order = models.PositiveSmallIntegerField(help_text="1 for the first question.")
    body = RichTextField(help_text="The answer.")

    history = records(excluded_fields=["seed_digest"])

    content_keys = ("title", "slug", "order", "sources")

    class Meta(Item.Meta):
        ordering = ("order", "slug")

    def get_absolute_url(self) -> str:
        """The question on the page of questions."""
        return f"{path_to('appg:questions')}#{self.slug}"


class GlossaryTerm(Item):
    """A word that a reader may not know."""

    also = LinesField(parts=NAME_PARTS, help_text="Other spellings in running text, one a line. Example: CNI")
    summary = models.CharField(max_length=400, help_text="The definition, in one or two sentences.")

    history = records(excluded_fields=["seed_digest"])

    content_keys = ("title", "slug", "also", "summary", "sources")

    class Meta(Item.Meta):
        ordering = ("title", "slug")

    def get_absolute_url(self) -> str:
        """The term in the glossary."""
        return f"{path_to('appg:glossary')}#{self.slug}"


class Coverage(DatedItem):
    """A piece in the press or elsewhere about the group's work."""

    outlet = models.CharField(max_length=200)
    url = models.URLField(max_length=500)

    history = records(excluded_fields=["seed_digest"])

    content_keys = ("title", "slug", "outlet", "date", "date_text", "date_note", "placed", "url", "sources")

    class Meta(DatedItem.Meta):
        verbose_name = "press coverage"
        verbose_name_plural = "press coverage"

    def get_absolute_url(self) -> str:
        """The piece in the list of coverage."""
        return f"{path_to('appg:coverage')}#{self.slug}"


class TimelineEvent(DatedItem):
    """Something that happened, on the group's timeline."""

    about = models.CharField(
        max_length=300,
        blank=True,
        help_text="The page of ours that tells more. Example: /news/a-piece-of-news/",
    )

    history = records(excluded_fields=["seed_digest"])

    content_keys = ("title", "slug", "date", "date_text", "date_note", "placed", "about", "sources")

    def get_absolute_url(self) -> str:
        """The event on the timeline of the home page."""
        return f"{path_to('home')}#{self.slug}"


CONTENT_MODELS: Final[dict[str, type[Item]]] = {
    "publications": Publication,
    "sessions": Session,
    "news": NewsItem,
    "chapters": Chapter,
    "people": Person,
    "pages": Page,
    "questions": Question,
    "glossary": GlossaryTerm,
    "coverage": Coverage,
    "timeline": TimelineEvent,
}
"""Folder of content files → model, in an order in which no item refers to a later one."""


class Correction(models.Model):
    """A public correction of a public item: what was wrong, what is right. It stays.

    The item's title and address are kept as they were, so that the record stands when the item moves.
    """

    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    object_id = models.PositiveBigIntegerField()
    item = GenericForeignKey("content_type", "object_id")
    title = models.CharField(max_length=300)
    path = models.CharField(max_length=300)
    text = models.TextField(help_text="What was wrong and what is right, for the public.")
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    history = records()

    class Meta:
        ordering = ("-made_at", "-pk")
        indexes = (models.Index(fields=("content_type", "object_id"), name="correction_of_item"),)

    def __str__(self) -> str:
        """What was corrected."""
        return f"{self.title}: {self.text[:60]}"

    def get_absolute_url(self) -> str:
        """The correction in the register of corrections."""
        return f"{path_to('appg:corrections')}#correction-{self.pk}"


def key_of(address: str) -> str:
    """An address as it is looked up: without regard to case, to a slash at its end, to how it is encoded."""
    path, mark, query = unquote(address).lower().partition("?")
    return f"{path.rstrip('/') or '/'}{mark}{query}"


def _key_of_target(address: str) -> str:
    """The key of the page that an address leads to, wherever in the page."""
    return key_of(address.partition("#")[0])


class Redirect(models.Model):
    """An address that leads elsewhere for good; looked up only after nothing else answered."""

    old_path = models.CharField(
        "old address",
        max_length=300,
        unique=True,
        help_text="Without the site's name. Examples: /old-news/a-piece/ or /?p=123",
    )
    new_path = models.CharField(
        "new address",
        max_length=300,
        help_text="An address of this site that answers, without the site's name. Example: /news/a-piece/",
    )
    made_at = models.DateTimeField(auto_now_add=True)
    automatic = models.BooleanField(
        default=False, editable=False, help_text="Made by the site when an item's address changed."
    )
    stood_first = models.BooleanField(
        default=False,
        editable=False,
        help_text="Whether an item's first address was the old one: the feeds know the item by it.",
    )

    history = records()

    class Meta:
        ordering = ("old_path",)
        constraints = (
            models.CheckConstraint(condition=~Q(old_path=F("new_path")), name="redirect_leads_elsewhere"),
            models.CheckConstraint(
                condition=Q(old_path__startswith="/", new_path__startswith="/"), name="redirect_within_site"
            ),
        )

    def __str__(self) -> str:
        """From where to where."""
        return f"{self.old_path} → {self.new_path}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep every way one step long, whoever else is writing.

        Whatever led to the old address leads on to the new one. Where the new address was itself redirected,
        its target is taken; where that would come back here, the latest word counts and the way back goes.
        """
        with transaction.atomic():
            # Redirects are written one at a time: two could each be right, and a circle together.
            SiteSettings.objects.select_for_update().filter(pk=SiteSettings.ONLY_KEY).first()
            self._straighten()
            super().save(*args, **kwargs)

    def clean(self) -> None:
        """Refuse addresses elsewhere, fragments, a second way from one address, a chain and a circle."""
        problems: dict[str, str] = {}
        for name in ("old_path", "new_path"):
            path = getattr(self, name)
            if not path.startswith("/") or path.startswith("//") or re.search(r"[\s\\]", path):
                problems[name] = "An address of this site begins with one / and has no spaces."
        if "#" in self.old_path:
            problems["old_path"] = "What follows a # never reaches the site, so it cannot be redirected."
        if not problems:
            problems = self._conflicts()
        if problems:
            raise ValidationError(problems)

    def _others(self) -> dict[str, Redirect]:
        """All other redirects, by the key of the address that each is for."""
        return {key_of(other.old_path): other for other in Redirect.objects.exclude(pk=self.pk)}

    def _conflicts(self) -> dict[str, str]:
        """What the other redirects have against this one, by field."""
        others, old, new = self._others(), key_of(self.old_path), _key_of_target(self.new_path)
        if old == new:
            return {"new_path": "The new address is the old one."}
        if old in others:
            return {
                "old_path": f"That address already leads to {others[old].new_path}. Change that redirect."
            }
        if new not in others:
            return {}
        if _key_of_target(others[new].new_path) == old:
            return {"new_path": "That address leads back to the old one. Delete its redirect first."}
        return {"new_path": f"That address is itself redirected. Write {others[new].new_path} here."}

    def _straighten(self) -> None:
        others, old = self._others(), key_of(self.old_path)
        if beyond := others.get(_key_of_target(self.new_path)):
            if _key_of_target(beyond.new_path) == old:
                beyond.delete()
            else:
                self.new_path = beyond.new_path
        for other in others.values():
            if other.pk and _key_of_target(other.new_path) == old:
                other.new_path = self.new_path
                other.save()

    @classmethod
    def at(cls, address: str) -> list[Redirect]:
        """The redirects of an address, however that is written; the forms allow one at most."""
        key = key_of(address)
        return [found for found in cls.objects.order_by("pk") if key_of(found.old_path) == key]

    @classmethod
    def keep_address(cls, old: str, new: str) -> None:
        """Let an item's old address lead to its new one, and remember the one at which it stood first.

        An address within a page (with a #) never reaches the server, so there is nothing to redirect.
        """
        if "#" in old or old == new:
            return
        # Asked before the way back goes, which may be the one that says where it stood first.
        stood_first = not cls.objects.filter(new_path=old, stood_first=True).exists()
        for found in (*cls.at(new), *cls.at(old)):
            found.delete()
        cls.objects.create(old_path=old, new_path=new, automatic=True, stood_first=stood_first)


def stored_name(upload: Upload, _given: str) -> str:
    """Where an uploaded file lies: by its checksum, whatever it was called."""
    return f"{upload.sha256[:2]}/{upload.sha256}"


class Upload(models.Model):
    """A document or an image that an editor has put on the site, at an address that stays.

    The file itself never changes: a new edition is a new upload.
    """

    name = models.CharField(
        "file name", max_length=120, editable=False, help_text="The last part of its address."
    )
    title = models.CharField(max_length=200, help_text="What it is. Example: Full report, summary edition")
    file = models.FileField(upload_to=stored_name, max_length=120)
    media_type = models.CharField("type", max_length=100, editable=False)
    size = models.PositiveBigIntegerField(editable=False, help_text="In bytes.")
    pages = models.PositiveIntegerField(null=True, editable=False)
    width = models.PositiveIntegerField(null=True, editable=False)
    height = models.PositiveIntegerField(null=True, editable=False)
    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    alternative_text = models.CharField(
        max_length=300,
        blank=True,
        help_text="What an image shows, for readers who cannot see it. Required for an image. Example: Twelve"
        " people around a table in a community hall in Grimsby",
    )
    caption = models.CharField(max_length=300, blank=True, help_text="Shown under an image, if you want one.")
    withdrawn_reason = models.TextField(
        blank=True,
        help_text="Fill this in to take the file off the site. Its address then gives this reason.",
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    history = records()

    class Meta:
        ordering = ("-uploaded_at", "-pk")
        verbose_name = "document or image"
        verbose_name_plural = "documents and images"
        constraints = (
            models.CheckConstraint(
                condition=~Q(media_type__startswith="image/") | ~Q(alternative_text=""),
                name="upload_image_has_text",
            ),
        )

    def __str__(self) -> str:
        """The title."""
        return self.title

    def get_absolute_url(self) -> str:
        """Where the file is served."""
        return path_to("file", self.pk, self.name)

    @property
    def is_image(self) -> bool:
        """Whether it is shown rather than handed over."""
        return self.media_type.startswith("image/")
