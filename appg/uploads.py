"""Documents and images that editors put on the site: how they are described and served.

What is accepted is decided in ``inspection``, which alone needs the libraries that open files.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import condition, require_safe

from appg.models import Upload

logger = logging.getLogger(__name__)

WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEXT: Final = "application/vnd.oasis.opendocument.text"
SHEET: Final = "application/vnd.oasis.opendocument.spreadsheet"

EXTENSIONS: Final = {
    "application/pdf": ("pdf",),
    WORD: ("docx",),
    EXCEL: ("xlsx",),
    TEXT: ("odt",),
    SHEET: ("ods",),
    "text/csv": ("csv",),
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/webp": ("webp",),
}
"""Types that are accepted → how their names end, the usual ending first."""

TYPE_NAMES: Final = {
    "application/pdf": "PDF",
    WORD: "Word document",
    EXCEL: "Excel workbook",
    TEXT: "OpenDocument text",
    SHEET: "OpenDocument spreadsheet",
    "text/csv": "CSV",
    "image/png": "PNG image",
    "image/jpeg": "JPEG image",
    "image/webp": "WebP image",
}

ACCEPTED: Final = "PDF, Word (.docx), Excel (.xlsx), OpenDocument (.odt, .ods), CSV, PNG, JPEG or WebP"


def in_words(size: int) -> str:
    """A number of bytes as a reader expects it: 340 KB, 1.2 MB."""
    if size < 1000:
        return f"{size} bytes"
    if size < 999_500:
        return f"{size / 1000:.0f} KB"
    return f"{size / 1_000_000:.1f} MB"


def describe(upload: Upload) -> str:
    """Type, size and extent in words: PDF, 1.2 MB, 48 pages."""
    parts = [TYPE_NAMES.get(upload.media_type, upload.media_type), in_words(upload.size)]
    if upload.pages:
        parts.append(f"{upload.pages} page{'' if upload.pages == 1 else 's'}")
    if upload.width:
        parts.append(f"{upload.width} × {upload.height} pixels")
    return ", ".join(parts)


@require_safe
def serve(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """Send an uploaded file in a way in which it can do no harm.

    Another name than its own leads to it; a withdrawn file's address says why it is gone.
    """
    upload = get_object_or_404(Upload, pk=pk)
    if name != upload.name:
        return HttpResponsePermanentRedirect(upload.get_absolute_url())
    response: HttpResponseBase
    if upload.withdrawn_reason:
        response = HttpResponse(
            f"This file was withdrawn. {upload.withdrawn_reason}\n",
            status=410,
            content_type="text/plain; charset=utf-8",
        )
    else:
        conditional: Callable[..., HttpResponseBase] = condition(
            etag_func=lambda _request: f'"{upload.sha256}"',
            last_modified_func=lambda _request: upload.uploaded_at,
        )(lambda _request: _send(upload))
        response = conditional(request)
    response["Cache-Control"] = "public, max-age=3600"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _send(upload: Upload) -> FileResponse:
    try:
        content = upload.file.open("rb")
    except FileNotFoundError:
        logger.exception("The file of upload %s is missing from the media folder", upload.pk)
        raise Http404 from None
    media_type = upload.media_type
    return FileResponse(
        content,
        as_attachment=not upload.is_image,
        filename=upload.name,
        content_type=f"{media_type}; charset=utf-8" if media_type == "text/csv" else media_type,
    )
