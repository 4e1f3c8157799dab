"""Figures and releases in the admin: to be looked at, by everybody alike.

They come from a release; a wrong figure is put right in the published files or in the load, never here.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string

from leftbehind_site.common.admin_types import ModelAdmin, TabularInline
from neighbourhoods.models import (
    Constituency,
    ConstituencyShare,
    Figure,
    LocalAuthority,
    Neighbourhood,
    Region,
    Release,
    ReleaseFile,
)
from neighbourhoods.releases import row_counts


class _Shown:
    """Nobody may add, change or delete, whatever the account."""

    def has_add_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        """No."""
        return False

    def has_change_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        """No."""
        return False

    def has_delete_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        """No."""
        return False


class ShownAdmin(_Shown, ModelAdmin):
    """A table that is shown."""

    actions = None
    show_full_result_count = False


class ShownInline(_Shown, TabularInline):
    """Rows that are shown with what they belong to."""

    extra = 0
    can_delete = False
    show_change_link = False


class ReleaseFileInline(ShownInline):
    """The published files of a release."""

    model = ReleaseFile
    fields = ("role", "file_name", "title", "publisher", "vintage", "licence", "rows", "sha256")


@admin.register(Release)
class ReleaseAdmin(ShownAdmin):
    """What was loaded, from which files, and what that changed."""

    list_display = ("title", "state", "loaded_at", "loaded_by_name", "wards_compared", "fingerprint")
    list_filter = ("state",)
    search_fields = ("title", "fingerprint", "files__file_name", "files__sha256")
    date_hierarchy = "loaded_at"
    fieldsets = (
        (None, {"fields": ("title", "geography", "state", "loaded_at", "loaded_by_name", "wards_compared")}),
        ("What the load changed", {"fields": ("report_in_words",)}),
        ("Proof", {"fields": ("fingerprint",)}),
    )
    readonly_fields = ("report_in_words",)
    inlines = (ReleaseFileInline,)

    @admin.display(description="report")
    def report_in_words(self, release: Release) -> str:
        """Counts before and after, and the changes by name."""
        report = {"counts": row_counts(release), "changes": release.report.get("changes", [])}
        return render_to_string("admin/neighbourhoods/report.html", {"report": report})


@admin.register(ReleaseFile)
class ReleaseFileAdmin(ShownAdmin):
    """The published files, with their checksums."""

    list_display = ("file_name", "title", "publisher", "vintage", "rows", "sha256", "release")
    list_filter = ("publisher",)
    list_select_related = ("release",)
    search_fields = ("file_name", "title", "sha256")


@admin.register(Region)
class RegionAdmin(ShownAdmin):
    """Regions."""

    list_display = ("name", "code")
    search_fields = ("name", "code")


@admin.register(LocalAuthority)
class LocalAuthorityAdmin(ShownAdmin):
    """Local authorities of 2017 and 2019."""

    list_display = ("name", "code", "region", "successor")
    list_filter = ("region",)
    list_select_related = ("region", "successor")
    search_fields = ("name", "code")


@admin.register(Constituency)
class ConstituencyAdmin(ShownAdmin):
    """Constituencies of 2010 and 2024."""

    list_display = ("name", "code", "drawn")
    list_filter = ("drawn",)
    search_fields = ("name", "code")


class ShareInline(ShownInline):
    """The constituencies of a neighbourhood."""

    model = ConstituencyShare
    fields = ("constituency", "share", "main")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the constituencies' names."""
        return super().get_queryset(request).select_related("constituency")


class FigureInline(ShownInline):
    """The figures of a neighbourhood."""

    model = Figure
    fields = ("release", "measure", "value", "category", "rank", "joint", "out_of", "place")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the releases' names."""
        return super().get_queryset(request).select_related("release")


@admin.register(Neighbourhood)
class NeighbourhoodAdmin(ShownAdmin):
    """The neighbourhoods, with their figures."""

    list_display = ("name", "code", "authority", "release")
    list_filter = ("authority__region",)
    search_fields = ("name", "code", "authority__name")
    inlines = (ShareInline, FigureInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the names of authority and release, which its own name takes in."""
        return super().get_queryset(request).select_related("authority", "release")


@admin.register(Figure)
class FigureAdmin(ShownAdmin):
    """The figures, each with the release that it comes from."""

    list_display = ("measure", "neighbourhood", "value", "category", "rank", "out_of", "place", "release")
    list_filter = ("release", "measure")
    list_select_related = ("neighbourhood__authority", "release")
    search_fields = ("neighbourhood__name", "neighbourhood__code")
