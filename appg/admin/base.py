"""What all parts of the editing desk share: versions, reasons, going back, looking before publishing."""

from __future__ import annotations

import re
from copy import copy
from itertools import zip_longest
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from appg import editing
from appg.access import PREVIEW
from appg.admin.forms import CORRECTION_FIELDS, PREVIEW_BUTTON, ChangeForm, ItemForm, UndoForm
from appg.models import Item, State
from appg.records import latest_version, write_version
from leftbehind_site.common.admin_types import HistoryAdmin

Fieldset = tuple[str | None, dict[str, Any]]

_BODY: Final = re.compile(rb"<body[^>]*>")
_NOTHING_KEPT: Final = (
    b'<p class="preview" role="status"><strong>Preview.</strong> This is how the page would look.'
    b" Nothing of it is saved yet: close this and save in the form.</p>"
)


def was_public(obj: Any) -> bool:
    """Whether the public saw an item when it was read, whatever a form has made of it since."""
    return bool(getattr(obj, "was_public", False))


def may_correct(request: HttpRequest, *, public: bool) -> bool:
    """Whether the visitor may publish a correction of a thing: only what the public sees is corrected."""
    return public and bool(request.user.has_perm("appg.add_correction"))


class VersionedAdmin(HistoryAdmin):
    """Anything that keeps its versions, with who, when and why."""

    form: type[ChangeForm] = ChangeForm
    history_list_per_page = 25
    object_history_template = "admin/appg/history.html"
    object_history_list_template = "admin/appg/versions.html"
    version_template = "admin/appg/version.html"
    actions: Any = ()

    class Media:
        css: ClassVar = {"all": ("admin-desk.css",)}
        js = ("admin-desk.js",)

    def get_actions(self, request: HttpRequest) -> Any:
        """No list offers to delete many at once."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    # Forms ---------------------------------------------------------------------------------------------

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form, which knows where the history of its object is, and whether it may be corrected."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        if obj is not None:
            form.history_url = reverse(self._url("history"), args=[obj.pk])
            form.correctable = may_correct(request, public=was_public(obj))
        return form

    def _url(self, name: str) -> str:
        return f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}"

    def why_fieldset(self, request: HttpRequest, obj: Any) -> list[Fieldset]:
        """The question for the reason, wherever one is needed."""
        if obj is None or not self.has_change_permission(request, obj):
            return []
        correction = CORRECTION_FIELDS if may_correct(request, public=was_public(obj)) else ()
        return [("Why", {"fields": ("why", *correction, "version")})]

    # Saving --------------------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save; the version is written when the relations are saved too.

        What has no version yet gets one of how it was, so that even its first change can be undone.
        """
        if change and not latest_version(obj):
            write_version(form.stored, by=None, why="As it was before its first change here")
        obj.skip_history_when_saving = True
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the relations, and write one version of the whole."""
        super().save_related(request, form, formsets, change)
        item = form.instance
        del item.skip_history_when_saving
        different = bool(form.changed_data) or any(formset.has_changed() for formset in formsets)
        if different or not change:
            write_version(item, by=request.user, why=form.reason, kind="~" if change else "+")
        if not form.is_preview:
            self.after_saving(request, form, different=different or not change)

    def after_saving(self, request: HttpRequest, form: Any, *, different: bool) -> None:  # noqa: ARG002
        """Say what else was done."""
        if not different:
            self.message_user(request, "Nothing was different, so no version was added.", messages.INFO)

    # History -------------------------------------------------------------------------------------------

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The versions, newest first."""
        self.require_key(object_id)
        # The item itself may be gone.
        latest = latest_version(self.model(pk=unquote(object_id)))
        context = {"latest_version": latest, "media": self.media}
        return super().history_view(request, object_id, {**context, **(extra_context or {})})

    def set_history_delta_changes(
        self, _request: HttpRequest, historical_records: Any, _foreign_keys_are_objs: bool = True
    ) -> None:
        """Give every version on the page what it changed, as lines."""
        entries = list(historical_records)
        for entry, older in zip_longest(entries, entries[1:]):
            before = older or entry.prev_record
            entry.differences = editing.differences(entry, before) if before is not None else []

    def may_undo(self, request: HttpRequest, obj: Any) -> bool:
        """Whether the visitor may bring a version back."""
        return self.has_change_permission(request, obj)

    def history_form_view(
        self,
        request: HttpRequest,
        object_id: str,
        version_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One earlier version: what bringing it back would change, and the questions before it is."""
        self.require_version(object_id, version_id)
        with transaction.atomic():
            return self._version_view(request, unquote(object_id), version_id, extra_context or {})

    def _version_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: dict[str, Any]
    ) -> HttpResponse:
        model: Any = self.model
        entry = get_object_or_404(
            model.history.model, **{self.opts.pk.attname: object_id, "history_id": version_id}
        )
        if not self.has_view_permission(request, entry.instance):
            raise PermissionDenied
        item = editing.version_of(entry)
        may_undo = self.may_undo(request, item)
        if request.method == "POST" and not may_undo:
            raise PermissionDenied
        standing = self.model._default_manager.select_for_update().filter(pk=item.pk).first()
        form = UndoForm(
            request.POST or None,
            standing=standing,
            item=item,
            history_url=reverse(self._url("history"), args=[object_id]),
            correctable=may_correct(request, public=isinstance(standing, Item) and standing.is_public),
        )
        if request.method == "POST" and form.is_valid():
            done = self._undo(request, entry, form)
            if done is not None:
                return HttpResponseRedirect(self.after_undo(done))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Version of {editing.moment(entry.history_date)}",
            "opts": self.opts,
            "original": entry.instance,
            "object_id": object_id,
            "entry": entry,
            "form": form,
            "media": self.media,
            "may_undo": may_undo,
            "changes": editing.would_change(entry),
            **extra_context,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, self.version_template, context)

    def _undo(self, request: HttpRequest, entry: Any, form: UndoForm) -> Any:
        """Bring a version back and say so; where it does not fit, the form says why and nothing is done."""
        given = form.cleaned_data
        try:
            with transaction.atomic():
                done = editing.undo(
                    entry, by=request.user, why=given["why"], correction=given.get("correction", "")
                )
        except ValidationError as error:
            form.add_error(None, ValidationError(error.messages))
            return None
        self.log_change(request, done, given["why"])
        self.message_user(
            request, f"The version of {editing.moment(entry.history_date)} is back.", messages.SUCCESS
        )
        return done

    def after_undo(self, item: Any) -> str:
        """Where to go when a version is back."""
        return reverse(self._url("change"), args=[item.pk])


class StateFilter(admin.SimpleListFilter):
    """By state as an editor knows it."""

    title = "state"
    parameter_name = "state_is"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        """The four states."""
        return [
            ("draft", "Draft"),
            ("scheduled", "Scheduled"),
            ("published", "Published"),
            ("withdrawn", "Withdrawn"),
        ]

    def queryset(self, _request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """The items in the chosen state."""
        chosen, now = self.value(), timezone.now()
        if chosen == "scheduled":
            return queryset.filter(state=State.PUBLISHED, publish_at__gt=now)
        if chosen == "published":
            return queryset.filter(state=State.PUBLISHED, publish_at__lte=now)
        return queryset.filter(state=chosen) if chosen else queryset


class YearFilter(admin.SimpleListFilter):
    """By the year in which it stands in lists."""

    title = "year"
    parameter_name = "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The years that there are."""
        years = model_admin.get_queryset(request).order_by().dates("placed", "year", order="DESC")
        return [*((str(year.year), str(year.year)) for year in years), ("none", "Date not known")]

    def queryset(self, _request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """The items of the chosen year."""
        chosen = self.value()
        if chosen == "none":
            return queryset.filter(placed__isnull=True)
        # An address may ask for a year that no database knows, such as 0000.
        known = {value for value, _ in self.lookup_choices}
        return queryset.filter(placed__year=chosen) if chosen in known else queryset


@admin.action(description="Publish the chosen drafts", permissions=["change"])
def publish_drafts(model_admin: Any, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
    """Publish drafts now; what is no draft, and what lacks something, is left alone and named."""
    published = 0
    for item in queryset:
        if item.state != State.DRAFT:
            model_admin.message_user(request, f"“{item}” is no draft and stays as it is.", messages.WARNING)
            continue
        try:
            editing.publish(item, by=request.user, why="Published")
        except ValidationError as error:
            model_admin.message_user(
                request, f"“{item}” was not published. {' '.join(error.messages)}", messages.ERROR
            )
        else:
            published += 1
    if published:
        model_admin.message_user(request, f"Published: {published}.", messages.SUCCESS)


class ItemAdmin(VersionedAdmin):
    """An item of the record, its form in the order in which an editor thinks of it."""

    form = ItemForm
    change_form_template = "admin/appg/item_form.html"
    radio_fields: ClassVar[Any] = {"state": admin.VERTICAL}
    list_display: Any = ("title", "state_column", "last_change")
    list_filter: ClassVar[Any] = (StateFilter,)
    search_fields: ClassVar[Any] = ("title", "slug")
    search_help_text = "Words of the title, the address or the text."
    list_per_page = 50
    show_full_result_count = False
    actions = (publish_drafts,)

    says: ClassVar[tuple[str, ...]] = ("title",)
    says_help = ""
    dated: ClassVar[tuple[str, ...]] = ()
    belongs_to: ClassVar[tuple[str, ...]] = ()
    address: ClassVar[tuple[str, ...]] = ("slug",)

    # The form ------------------------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """What it says, when, what it belongs to, sources, address, publishing, why."""
        asked = self.has_change_permission(request, obj) if obj else True
        why = self.why_fieldset(request, obj)
        if not was_public(obj):
            why = [(None, {"fields": ("version",)})] if asked and obj is not None else []
        fieldsets: list[Fieldset] = [
            ("What it says", {"fields": self.says, "description": self.says_help}),
            ("When", {"fields": self.dated}),
            ("What it belongs to", {"fields": self.belongs_to}),
            ("Sources", {"fields": ("sources",)}),
            ("Address", {"fields": (*self.address, *(("confirm_address",) if asked else ()))}),
            ("Publishing", {"fields": ("state", "publish_at", "withdrawn_reason")}),
            *why,
        ]
        return [fieldset for fieldset in fieldsets if fieldset[1]["fields"]]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The item; whether the public sees it is noted before a form gives it other values."""
        found: Any = super().get_object(request, object_id, from_field)
        if found is not None:
            found.was_public = found.is_public
        return found

    def get_prepopulated_fields(self, _request: HttpRequest, obj: Any = None) -> Any:
        """A new item's address follows its title."""
        return {"slug": ("title",)} if obj is None else {}

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Neighbourhoods with the names of their authorities, in one query."""
        if db_field.name == "neighbourhoods":
            kwargs["queryset"] = db_field.related_model.objects.select_related("authority")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """The form, with the button that shows what is in it."""
        return super().changeform_view(
            request,
            object_id,
            form_url,
            {"show_preview": True, "show_save_and_add_another": False, **(extra_context or {})},
        )

    # Looking before publishing -------------------------------------------------------------------------

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        """The final address; what only editors see is asked for where it stands on a page with others."""
        address = editing.address_of(obj) if obj is not None else ""
        if address and not obj.is_public:
            return address.replace("#", f"?{PREVIEW}=1#")
        return address or None

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """After saving, or instead of it the page as it would be."""
        if PREVIEW_BUTTON in request.POST:
            return self._preview(request, obj)
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """After saving, or instead of it the page as it would be."""
        if PREVIEW_BUTTON in request.POST:
            return self._preview(request, obj)
        return super().response_change(request, obj)

    def _preview(self, request: HttpRequest, item: Item) -> HttpResponse:
        """The item's page with what is in the form; what was saved for it is taken back at once."""
        path = urlsplit(editing.address_of(item)).path
        asked = copy(request)
        asked.method, asked.path, asked.path_info = "GET", path, path
        asked.GET, asked.POST = QueryDict(f"{PREVIEW}=1"), QueryDict()
        asked.META = {
            **request.META,
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "QUERY_STRING": f"{PREVIEW}=1",
        }
        match = asked.resolver_match = resolve(path)
        response: HttpResponse = match.func(asked, *match.args, **match.kwargs)
        transaction.set_rollback(True)
        response.content = _BODY.sub(lambda body: body[0] + _NOTHING_KEPT, response.content, count=1)
        response["Cache-Control"] = "private, no-store"
        response["X-Robots-Tag"] = "noindex"
        return response

    # Saving --------------------------------------------------------------------------------------------

    def after_saving(self, request: HttpRequest, form: Any, *, different: bool) -> None:
        """Publish the correction; say what became of the state and the address."""
        super().after_saving(request, form, different=different)
        item, before = form.instance, form.stored
        if form.cleaned_data.get("correction"):
            made = editing.correct(item, form.cleaned_data["correction"], by=request.user)
            self.message_user(request, f"The correction is public: “{made.text}”", messages.SUCCESS)
        if before is None or before.state_in_words != item.state_in_words:
            said = {
                "Draft": "It is a draft: only editors see it.",
                "Scheduled": f"It is scheduled: the public sees it from {editing.moment(item.publish_at)}."
                if item.publish_at
                else "",
                "Published": "It is published.",
                "Withdrawn": "It is withdrawn: its page now gives the reason.",
            }[item.state_in_words]
            where = self.get_view_on_site_url(item)
            link = format_html(' <a href="{}">See it there</a>', where) if where else mark_safe("")
            self.message_user(request, format_html("{}{}", said, link), messages.INFO)
        moved = editing.address_change(before, item)
        if moved is not None:
            self.message_user(
                request, f"The address is now {moved[1]}; {moved[0]} leads to it.", messages.INFO
            )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only what the public has never seen can be deleted, by anybody."""
        return super().has_delete_permission(request, obj) and (obj is None or not editing.ever_public(obj))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete it unless somebody has published it since its form was read."""
        standing = self.model._default_manager.select_for_update().filter(pk=obj.pk).first()
        if standing is not None and not self.has_delete_permission(request, standing):
            raise PermissionDenied("Somebody has published this in the meantime; it can only be withdrawn.")
        super().delete_model(request, obj)

    # The list ------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """The items, each with who changed it last and when."""
        model: Any = self.model
        latest = model.history.filter(id=OuterRef("pk")).order_by("-history_date", "-history_id")
        items: models.QuerySet[Any] = (
            super()
            .get_queryset(request)
            .annotate(
                changed_at=Subquery(latest.values("history_date")[:1]),
                changed_by=Subquery(latest.values("editor_name")[:1]),
            )
        )
        return items

    @admin.display(description="state", ordering="state")
    def state_column(self, item: Any) -> str:
        """The state in words, with the time of a scheduled one."""
        words = str(item.state_in_words)
        return f"{words} for {editing.moment(item.publish_at)}" if words == "Scheduled" else words

    @admin.display(description="last change", ordering="changed_at", empty_value="not recorded")
    def last_change(self, item: Any) -> str | None:
        """When and by whom."""
        if item.changed_at is None:
            return None
        return f"{editing.moment(item.changed_at)}, {item.changed_by or 'the site itself'}"


class DatedItemAdmin(ItemAdmin):
    """An item with a date."""

    date_hierarchy = "placed"
    dated = ("date", "date_text", "date_note", "placed")
    list_display: Any = ("title", "when_column", "state_column", "last_change")
    list_filter: ClassVar[Any] = (StateFilter, YearFilter)

    @admin.display(description="date", ordering="placed")
    def when_column(self, item: Any) -> str:
        """The date in words."""
        return str(item.when)
