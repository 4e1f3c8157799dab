"""The kinds of item, each with its form, its list and what it belongs to."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from appg import editing
from appg.admin.base import DatedItemAdmin, ItemAdmin, StateFilter, VersionedAdmin, YearFilter
from appg.models import (
    Chapter,
    Coverage,
    GlossaryTerm,
    NewsItem,
    Page,
    Person,
    Publication,
    Question,
    Session,
    Term,
    TimelineEvent,
)
from leftbehind_site.common.admin_types import StackedInline


@admin.register(Publication)
class PublicationAdmin(DatedItemAdmin):
    """Reports, short papers, data dives, briefings."""

    says = ("title", "kind", "summary", "body", "key_figures", "documents", "authors", "partners", "licence")
    says_help = (
        "To add a document, upload it under “Documents and images” first; its page gives the line to copy."
    )
    belongs_to = ("neighbourhoods",)
    address = ("slug", "legacy_paths")
    autocomplete_fields = ("neighbourhoods",)
    list_display = ("title", "kind", "when_column", "state_column", "last_change")
    list_filter = (StateFilter, "kind", YearFilter)
    search_fields = ("title", "slug", "summary", "body")


@admin.register(Session)
class SessionAdmin(DatedItemAdmin):
    """Evidence and inquiry sessions, roundtables, launches."""

    says = (
        "title",
        "kind",
        "number",
        "inquiry_number",
        "theme",
        "summary",
        "body",
        "speakers",
        "speakers_note",
        "documents",
        "reading",
    )
    says_help = "Name community speakers by their organisation only."
    belongs_to = ("publications", "neighbourhoods")
    address = ("slug", "folder", "legacy_paths")
    autocomplete_fields = ("publications", "neighbourhoods")
    list_display = ("title", "kind", "when_column", "state_column", "last_change")
    list_filter = (StateFilter, "kind", YearFilter)
    search_fields = ("title", "slug", "theme", "summary", "body")


@admin.register(NewsItem)
class NewsItemAdmin(DatedItemAdmin):
    """News, press releases, blog posts, letters."""

    says = ("title", "kind", "author", "summary", "body")
    belongs_to = ("sessions", "publications", "neighbourhoods")
    address = ("slug", "legacy_paths")
    autocomplete_fields = ("sessions", "publications", "neighbourhoods")
    list_display = ("title", "kind", "when_column", "state_column", "last_change")
    list_filter = (StateFilter, "kind", YearFilter)
    search_fields = ("title", "slug", "author", "summary", "body")


@admin.register(Chapter)
class ChapterAdmin(ItemAdmin):
    """The chapters of the final report."""

    says = ("title", "order", "summary", "body")
    belongs_to = ("publication",)
    address = ("slug", "legacy_paths")
    autocomplete_fields = ("publication",)
    list_display = ("title", "publication", "order", "state_column", "last_change")
    list_select_related = ("publication",)
    list_filter = (StateFilter,)
    search_fields = ("title", "slug", "summary", "body")


class TermInline(StackedInline):
    """A person's terms of office, on the person's form."""

    model = Term
    extra = 0
    show_change_link = True
    verbose_name_plural = "terms of office"
    autocomplete_fields = ("constituency_area",)
    fieldsets = (
        (None, {"fields": ("office", "party", "house", "constituency", "constituency_area")}),
        ("When", {"fields": (("start", "start_note"), ("end", "end_note"), "last_seen")}),
        ("What is not certain", {"fields": ("note", "uncertain")}),
    )


@admin.register(Person)
class PersonAdmin(ItemAdmin):
    """The people who held an office, with their terms."""

    says = ("title", "also_styled", "body")
    says_help = (
        "The title is the name. Terms of office are further down: a person who changes the office, or holds"
        " two at once, has two terms."
    )
    inlines = (TermInline,)
    search_fields = ("title", "slug", "body", "terms__party", "terms__constituency")

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: ARG002
        """Give the reason to the terms too, which have a history of their own."""
        terms = formset.save(commit=False)
        for term in (*terms, *formset.deleted_objects):
            term._change_reason = form.reason  # noqa: SLF001  (the library's documented way)
        for term in terms:
            term.save()
        for term in formset.deleted_objects:
            term.delete()
        formset.save_m2m()

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The person's versions, and below them those of the terms, removed ones included."""
        self.require_key(object_id)
        entries = list(Term.history.filter(person_id=object_id).order_by("-history_date", "-history_id"))
        for entry in entries:
            before = entry.prev_record
            entry.differences = editing.differences(entry, before) if before is not None else []
        return super().history_view(
            request, object_id, {"part_entries": entries, "part_opts": Term._meta, **(extra_context or {})}
        )


@admin.register(Term)
class TermAdmin(VersionedAdmin):
    """A term of office: changed on its person's form, and here for its versions alone."""

    fieldsets = ((None, {"fields": ("person", *Term.content_keys, "constituency_area")}),)

    def has_module_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """It has no list of its own."""
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """On the person's form."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """On the person's form."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """On the person's form."""
        return False

    def may_undo(self, request: HttpRequest, obj: Any) -> bool:  # noqa: ARG002
        """Whoever may change terms may bring one back."""
        return bool(request.user.has_perm("appg.change_term"))

    def after_undo(self, item: Any) -> str:
        """To the person."""
        return reverse("admin:appg_person_change", args=[item.person_id])


@admin.register(Page)
class PageAdmin(ItemAdmin):
    """Pages about the group and this archive."""

    says = ("title", "summary", "body")
    search_fields = ("title", "slug", "summary", "body")


@admin.register(Question)
class QuestionAdmin(ItemAdmin):
    """Frequently asked questions."""

    says = ("title", "order", "body")
    says_help = "The title is the question, as a reader would ask it."
    list_display = ("title", "order", "state_column", "last_change")
    search_fields = ("title", "slug", "body")


@admin.register(GlossaryTerm)
class GlossaryTermAdmin(ItemAdmin):
    """The words that the glossary explains."""

    says = ("title", "also", "summary")
    says_help = "The title is the word."
    search_fields = ("title", "slug", "summary")


@admin.register(Coverage)
class CoverageAdmin(DatedItemAdmin):
    """What others wrote about the group's work."""

    says = ("title", "outlet", "url")
    formfield_overrides: ClassVar[Any] = {models.URLField: {"assume_scheme": "https"}}
    list_display = ("title", "outlet", "when_column", "state_column", "last_change")
    search_fields = ("title", "slug", "outlet")


@admin.register(TimelineEvent)
class TimelineEventAdmin(DatedItemAdmin):
    """The group's timeline on the home page."""

    says = ("title", "about")
    search_fields = ("title", "slug")
