"""What can be taken away as a whole: the directory's files, the Data Package, the data dictionary."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from leftbehind_site.common.page import Download, Page, size_in_words
from leftbehind_site.common.responses import redirect_to
from leftbehind_site.common.site import current_site
from neighbourhoods import datapackage
from neighbourhoods.files import addresses, dictionary, package, selections
from neighbourhoods.files.formats import BY_EXTENSION, FORMATS
from neighbourhoods.measures import SOURCES
from neighbourhoods.models import Release
from neighbourhoods.views.files import send, unknown_format

_ATTACHED: Final = (".csv", ".gz", ".zip")
"""Endings of the package's files that a browser should save rather than show."""


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The page of data: downloads, the Data Package, the data dictionary, licences."""
    site = current_site()
    release = Release.objects.current()
    page = Page(
        title="Data to take away, and the data dictionary",
        description=(
            "The whole directory as CSV, Excel workbook, JSON and GeoJSON, the Data Package, what each figure"
            " and column means, and on what terms they may be used."
        ),
        path=reverse("data:index"),
        label="Data",
        files=_directory_downloads(release, site.archive_notice) if release else (),
    )
    context = {
        "page": page,
        "site": site,
        "release": release,
        "package": {
            "descriptor": f"{page.path}{datapackage.DESCRIPTOR}",
            "archive": f"{page.path}{addresses.ARCHIVE}",
            "folder": f"{page.path}{addresses.TABLES}/",
        },
        "dictionary": dictionary.dictionary(),
        "sources": SOURCES.values(),
        "attributions": datapackage.ATTRIBUTIONS,
    }
    return render(request, "neighbourhoods/data.html", context)


def _directory_downloads(release: Release, notice: str) -> tuple[Download, ...]:
    """The whole directory's files with their sizes."""
    made = package.directory_files(package.edition(release, notice))
    files = addresses.downloads(reverse("neighbourhoods:directory"))
    return tuple(
        replace(file, size=size_in_words(len(made[file_format.extension])))
        for file, file_format in zip(files, FORMATS, strict=True)
    )


@require_safe
def directory(request: HttpRequest, extension: str) -> HttpResponseBase:
    """The whole directory as a file."""
    page = reverse("neighbourhoods:directory")
    file_format = BY_EXTENSION.get(extension.lower())
    if file_format is None:
        return unknown_format(request, page)
    path = addresses.file_path(page, file_format)
    if request.path != path:
        return redirect_to(request, path)
    return send(
        request,
        package.directory_files(_edition())[file_format.extension],
        f"{selections.STEM}.{file_format.extension}",
        file_format.media_type,
        attached=file_format.attached,
    )


@require_safe
def package_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """A file of the Data Package, or the whole of it."""
    plain = name.rstrip("/").lower()
    if plain not in addresses.package_names():
        raise Http404
    if name != plain:
        return redirect_to(request, f"{reverse('data:index')}{plain}")
    return send(
        request,
        package.files(_edition())[name],
        name.rpartition("/")[2],
        _media_type(name),
        attached=name.endswith(_ATTACHED),
    )


def _media_type(name: str) -> str:
    """The media type of a file of the package, which is one of the directory's formats or an archive."""
    ending = name.rpartition(".")[2]
    if ending in BY_EXTENSION:
        return BY_EXTENSION[ending].media_type
    return {"gz": "application/gzip", "zip": "application/zip"}[ending]


def _edition() -> package.Edition:
    """The edition in force."""
    release = Release.objects.current()
    if release is None:
        raise Http404
    return package.edition(release, current_site().archive_notice)
