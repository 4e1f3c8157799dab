"""Django's and the history library's admin classes, in a form that the type checker understands.

The stubs' classes take a parameter, Django's own do not. All of them here answer keys that are none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin

from leftbehind_site.common.admin_keys import KeysAlone, KeysAloneInHistory

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    ModelAdmin = admin.ModelAdmin[Any]
    StackedInline = admin.StackedInline[Any, Any]
    TabularInline = admin.TabularInline[Any, Any]

    class HistoryAdmin(KeysAloneInHistory, admin.ModelAdmin[Any]):
        """What is used of the library's class."""

        history_list_per_page: int
        object_history_template: ClassVar[str]
        object_history_list_template: ClassVar[str]

        def render_history_view(
            self, request: HttpRequest, template: str, context: dict[str, Any], **kwargs: Any
        ) -> HttpResponse:
            """The answer."""
            raise NotImplementedError

else:
    from simple_history.admin import SimpleHistoryAdmin

    class HistoryAdmin(KeysAloneInHistory, SimpleHistoryAdmin):
        """The history library's admin of a model."""

    class ModelAdmin(KeysAlone, admin.ModelAdmin):
        """Django's admin of a model."""

    class StackedInline(KeysAlone, admin.StackedInline):
        """Django's rows in a form, one below the other."""

    class TabularInline(KeysAlone, admin.TabularInline):
        """Django's rows in a form, as a table."""


__all__ = ("HistoryAdmin", "ModelAdmin", "StackedInline", "TabularInline")
