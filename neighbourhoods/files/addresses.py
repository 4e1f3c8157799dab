"""Where the files stand: beside the page that says the same, with the format for an ending."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from leftbehind_site.common.page import Download
from leftbehind_site.common.paths import path_to
from neighbourhoods import datapackage, listings
from neighbourhoods.files.formats import FORMATS, Format
from neighbourhoods.measures import ORDERED, ranking_path

TABLES: Final = "tables"
"""The folder of the Data Package's tables."""

ARCHIVE: Final = "left-behind-neighbourhoods-datapackage.zip"
"""The whole Data Package in one file."""


def file_path(page: str, file_format: Format) -> str:
    """The address of a page's file in a format.

    Args:
        page: The page's path. The whole directory's files stand in the folder of data.
        file_format: The format.
    """
    if page == path_to("neighbourhoods:directory"):
        page = f"{path_to('data:index')}neighbourhoods/"
    return f"{page.removesuffix('/')}.{file_format.extension}"


def downloads(page: str) -> tuple[Download, ...]:
    """The files that say what a page says."""
    return tuple(
        Download(
            path=file_path(page, file_format),
            media_type=file_format.media_type.partition(";")[0],
            label=file_format.label,
            opens_in=file_format.opens_in,
        )
        for file_format in FORMATS
    )


def package_names() -> tuple[str, ...]:
    """The files of the Data Package by their paths beside the descriptor, the whole directory's apart."""
    return (
        datapackage.DESCRIPTOR,
        ARCHIVE,
        *(f"{TABLES}/{name}" for name in datapackage.file_names()),
    )


def paths() -> Iterator[str]:
    """The address of every file of the directory as it stands; four queries."""
    pages = [
        path_to("neighbourhoods:directory"),
        *map(ranking_path, ORDERED),
        *(area.get_absolute_url() for area in listings.areas()),
    ]
    for page in pages:
        for file_format in FORMATS:
            yield file_path(page, file_format)
    for name in package_names():
        yield f"{path_to('data:index')}{name}"
