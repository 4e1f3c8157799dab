"""Documents and images that editors put on the site: how they are described and served.

What is accepted is decided in ``inspection``, which alone needs the libraries that open files.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from typing import Final

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import condition, require_safe

from appg.models import Upload
from leftbehind_site.common.headers import for_everyone, only_for_reading
from leftbehind_site.common.page import size_in_words

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


def describe(upload: Upload) -> str:
    """Type, size and extent in words: PDF, 1.2 MB, 48 pages."""
    parts = [TYPE_NAMES.get(upload.media_type, upload.media_type), size_in_words(upload.size)]
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
        problem: OSError | None = None
        try:
            response = conditional(request)
        except OSError as error:
            problem, response = error, _missing(upload)
        if problem is not None:
            logger.error("The file of upload %s is missing from the media folder: %s", upload.pk, problem)
    response.setdefault("Cache-Control", "public, max-age=3600")
    only_for_reading(response)
    for_everyone(response)
    return response


def _missing(upload: Upload) -> HttpResponse:
    """Say that the file of an upload is not there, and what it is known by."""
    return HttpResponse(
        f"“{upload.title}” ({upload.name}) belongs to this archive, but its file cannot be found at present."
        " The fault is ours; the archive's operator is told of it.\n"
        f"A copy that you find elsewhere is the same file if it has {upload.size} bytes and the SHA-256"
        f" checksum {upload.sha256}.\n",
        status=404,
        content_type="text/plain; charset=utf-8",
        headers={"Cache-Control": "no-store"},
    )


def faults() -> Iterator[str]:
    """What is wrong with the files of the uploads that the public may have, a sentence for each."""
    for upload in Upload.objects.filter(withdrawn_reason="").order_by("pk"):
        address = upload.get_absolute_url()
        try:
            with upload.file.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            yield f"{address} (“{upload.title}”): {upload.file.name} is missing from the media folder"
        except OSError as error:
            yield f"{address} (“{upload.title}”): {upload.file.name} cannot be read: {error.strerror}"
        else:
            if found != upload.sha256:
                yield f"{address} (“{upload.title}”): {upload.file.name} is damaged: its checksum is another"


def _send(upload: Upload) -> FileResponse:
    content = upload.file.open("rb")
    media_type = upload.media_type
    return FileResponse(
        content,
        as_attachment=not upload.is_image,
        filename=upload.name,
        content_type=f"{media_type}; charset=utf-8" if media_type == "text/csv" else media_type,
    )
