"""The rest of the editing desk: files, corrections, redirects, the settings that every page shows."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.html import format_html

from appg import editing, uploads
from appg.addresses import addresses
from appg.admin.base import VersionedAdmin
from appg.admin.forms import UploadForm
from appg.models import Correction, Redirect, SiteSettings, Upload
from leftbehind_site.common.admin_types import ModelAdmin

MOST_IMAGES: Final = 60
"""How many images an editor is shown at once to choose from; the page says how to find the others."""


@admin.register(SiteSettings)
class SiteSettingsAdmin(VersionedAdmin):
    """The one row: it can be changed, neither added to nor removed."""

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """What every page shows, the contact, and why it changes."""
        return [
            ("The group", {"fields": ("group_name", "active_from", "active_to")}),
            ("The notice on every page", {"fields": ("notice",)}),
            ("Contact", {"fields": ("secretariat", "contact_email")}),
            *self.why_fieldset(request, obj),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is one row, made by a migration; only a database without it may be given one."""
        return super().has_add_permission(request) and not SiteSettings.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Every page needs it."""
        return False


@admin.register(Redirect)
class RedirectAdmin(VersionedAdmin):
    """Former addresses and where they lead."""

    list_display = ("old_path", "new_path", "automatic", "made_at")
    list_filter = ("automatic",)
    search_fields = ("old_path", "new_path")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """From where to where, and why it changes."""
        return [
            (
                None,
                {
                    "fields": ("old_path", "new_path"),
                    "description": "For an address of this site that no longer answers. When you change the"
                    " address of an item, the site makes its redirect itself.",
                },
            ),
            *self.why_fieldset(request, obj),
        ]

    def after_saving(self, request: HttpRequest, form: Any, *, different: bool) -> None:
        """Say of a redirect that it leads nobody anywhere; its page may be published tomorrow."""
        super().after_saving(request, form, different=different)
        old, new, book = form.instance.old_path, form.instance.new_path, addresses()
        if any(book.answers(address) for address in (old, f"{old}/")):
            said = f"{old} is a page of this site, which is shown: nobody is led on to {new} from there."
            self.message_user(request, said, messages.WARNING)
        if not book.now(new):
            said = f"Nothing that the public sees stands at {new}: {old} leads nowhere until something does."
            self.message_user(request, said, messages.WARNING)


@admin.register(Correction)
class CorrectionAdmin(ModelAdmin):
    """The public corrections: made on the form of the item that was wrong, kept for good."""

    list_display = ("title", "text", "made_at", "made_by")
    search_fields = ("title", "text")
    date_hierarchy = "made_at"
    list_select_related = ("made_by",)
    fields = ("title", "path", "text", "made_at", "made_by")

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """A correction belongs to a change: tick “This is a public correction” on the item's form."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """It stays as it was published; a wrong one is followed by another."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """It stays."""
        return False


class KindFilter(admin.SimpleListFilter):
    """Documents or images."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        """The two kinds."""
        return [("document", "Documents"), ("image", "Images")]

    def queryset(self, _request: HttpRequest, queryset: Any) -> Any:
        """The files of the chosen kind."""
        if self.value() == "image":
            return queryset.filter(media_type__startswith="image/")
        return queryset.exclude(media_type__startswith="image/") if self.value() else queryset


@admin.register(Upload)
class UploadAdmin(VersionedAdmin):
    """Documents and images on the site."""

    form = UploadForm
    list_display = ("title", "described", "name", "uploaded_at", "withdrawn")
    list_filter = (KindFilter,)
    search_fields = ("title", "name", "alternative_text")
    date_hierarchy = "uploaded_at"
    readonly_shown: ClassVar[tuple[str, ...]] = ("described", "shown", "address", "line", "uploaded")

    def get_readonly_fields(self, _request: HttpRequest, obj: Any = None) -> Any:
        """The file is chosen once; what follows from it is shown."""
        return self.readonly_shown if obj is not None else ()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The file and its words; for one that is there already also what it is and how to use it."""
        words: tuple[str, ...] = ("title", "alternative_text", "caption")
        if obj is None:
            help_text = (
                f"{uploads.ACCEPTED}. Documents up to 40 MB, images up to 10 MB. A file is public as soon as"
                " it is uploaded, and it cannot be exchanged: a new edition is a new file."
            )
            return [("The file", {"fields": ("file", *words), "description": help_text})]
        shown = ("shown",) if obj.is_image else ()
        if not obj.is_image:
            words = ("title",)
        return [
            ("The file", {"fields": (*shown, "described", "address", "uploaded")}),
            ("How to use it", {"fields": ("line",)}),
            ("Its words", {"fields": words}),
            ("Taking it off the site", {"fields": ("withdrawn_reason",)}),
            *self.why_fieldset(request, obj),
        ]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Keep who uploaded it."""
        if not change:
            obj.uploaded_by = request.user
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Its address stays; a file that must go is withdrawn."""
        return False

    @admin.display(description="type and size")
    def described(self, upload: Upload) -> str:
        """Type, size, pages or pixels."""
        return uploads.describe(upload)

    @admin.display(description="on the site", boolean=True)
    def withdrawn(self, upload: Upload) -> bool:
        """Whether the public can have it."""
        return not upload.withdrawn_reason

    @admin.display(description="image")
    def shown(self, upload: Upload) -> str:
        """The image itself."""
        return format_html(
            '<img class="desk-thumbnail" src="{}" alt="{}" width="{}" height="{}">',
            upload.get_absolute_url(),
            upload.alternative_text,
            upload.width,
            upload.height,
        )

    @admin.display(description="address")
    def address(self, upload: Upload) -> str:
        """Where the public has it."""
        return format_html('<a href="{0}">{0}</a>', upload.get_absolute_url())

    @admin.display(description="uploaded")
    def uploaded(self, upload: Upload) -> str:
        """When and by whom."""
        by = upload.uploaded_by
        name = (by.get_full_name() or by.get_username()) if by else "an account that is gone"
        return f"{editing.moment(upload.uploaded_at)}, {name}"

    @admin.display(description="copy this")
    def line(self, upload: Upload) -> str:
        """What to do with it."""
        if upload.is_image:
            return "In a text, click on the image button, then on “Browse…”, and choose this image."
        parts = (
            upload.title.replace("|", "/"),
            uploads.TYPE_NAMES[upload.media_type],
            str(upload.pages or ""),
            "",
            upload.get_absolute_url(),
        )
        return format_html(
            "<code>{}</code><br>Copy this line into the “Documents” of a publication or session.",
            " | ".join(parts),
        )

    # Choosing an image in a text -----------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        """The list from which the text editor takes an image."""
        return [
            path("choose/", self.admin_site.admin_view(self.choose), name="appg_upload_pick"),
            *super().get_urls(),
        ]

    def choose(self, request: HttpRequest) -> HttpResponse:
        """The newest images, and how many there are; a click hands one to the text."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        words = request.GET.get("q", "").strip()
        images = Upload.objects.filter(media_type__startswith="image/", withdrawn_reason="")
        if words:
            images, _ = self.get_search_results(request, images, words)
        context = {
            **self.admin_site.each_context(request),
            "title": "Choose an image",
            "is_popup": True,
            "images": images[:MOST_IMAGES],
            "found": images.count(),
            "words": words,
            "number": request.GET.get("CKEditorFuncNum", ""),
        }
        return TemplateResponse(request, "admin/appg/choose.html", context)
