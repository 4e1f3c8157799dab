"""Prove an export by itself: its files are those of its manifest, and every link within the site lands."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urljoin, urlsplit

import brotli

from leftbehind_site.enumeration import Kind
from leftbehind_site.export import links
from leftbehind_site.export.links import Links
from leftbehind_site.export.manifest import NAME, Exported, File, Manifest, file_at

COMPARISONS: Final = "/neighbourhoods/compare/"

DYNAMIC: Final = ("/oembed",)
"""Beginnings of addresses that pages name and that only a server can answer."""

_UNPACK: Final[dict[str, Callable[[bytes], bytes]]] = {"gzip": gzip.decompress, "br": brotli.decompress}

_READERS: Final[dict[str, Callable[[str], Links]]] = {
    "text/html": links.of_page,
    "text/css": links.of_style_sheet,
    "application/atom+xml": links.of_feed,
    "application/xml": links.of_feed,
}
"""Types that have links, and how they are read."""

_SEARCHED: Final = (Kind.SEARCH, "application/json")
"""What a copy searches, whose strings are HTML; in other JSON an address is a fact like any."""


# --- files


def problems_of_files(folder: Path, manifest: Manifest) -> Iterator[str]:
    """What is wrong with the files of an export, in words."""
    for file in manifest.files():
        try:
            found = file_at(folder, file.name)
        except OSError as error:
            yield f"{file.name} cannot be read: {error.strerror}"
            continue
        if found != file:
            yield _difference(file, found)
    known = {NAME, *(file.name for file in manifest.files())}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or (path.is_file() and name not in known):
            yield f"{name} is in the folder and not in the manifest"
    for address in manifest.addresses:
        yield from _problems_of_codings(folder, address)


def _difference(file: File, found: File) -> str:
    if file.size != found.size:
        return f"{file.name} has {found.size} bytes, where the manifest has {file.size}"
    return f"{file.name} has the digest {found.sha256}, where the manifest has {file.sha256}"


def _problems_of_codings(folder: Path, address: Exported) -> Iterator[str]:
    """Whether the compressed forms hold what they are the forms of."""
    for coding, unpack in _UNPACK.items():
        if coding not in address.files:
            continue
        name = address.files[coding].name
        try:
            same = unpack((folder / name).read_bytes()) == (folder / address.files[""].name).read_bytes()
        except (OSError, EOFError, zlib.error, brotli.error):
            same = False
        if not same:
            yield f"{name} does not hold what {address.files[''].name} holds"


# --- links


class Web:
    """The links between the addresses of an export.

    Args:
        folder: The export, with its files as they should be.
        manifest: Its manifest.
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self._site = manifest.site_url
        self._redirects = manifest.redirects
        self._moved = {_key(one.source): one.target for one in manifest.redirects}
        # Comparisons come last, so that the page that a link is found on is another one if there is any.
        ordered = sorted(manifest.addresses, key=lambda one: one.kind is Kind.COMPARISON)
        self._links = {one.path: _links_of(folder, one) for one in ordered}
        self._comparisons = {one.path for one in manifest.addresses if one.kind is Kind.COMPARISON}
        self._known = {unquote(one.path): one.path for one in manifest.addresses}

    def problems(self) -> Iterator[str]:
        """Links that lead nowhere, in words; each target is named once, with the first page that has it."""
        for target, page in self.followed().items():
            if self._is_another_choice(page, target):
                continue
            if problem := self._problem(target):
                yield f"{page} links to {target}: {problem}"
        for one in self._redirects:
            if problem := self._problem_of_redirect(one.target):
                yield f"{one.source} is redirected to {one.target}: {problem}"

    def followed(self) -> dict[str, str]:
        """Every link within the site, as a path with what follows it, with the first page that has it."""
        found: dict[str, str] = {}
        for page, known in self._links.items():
            for address in sorted(known.to):
                whole = urljoin(f"{self._site}{page}", address.strip())
                if whole == self._site or whole.startswith((f"{self._site}/", f"{self._site}?")):
                    found.setdefault(whole.removeprefix(self._site) or "/", page)
        return found

    def _is_another_choice(self, page: str, target: str) -> bool:
        """Whether a link of a comparison's leads to one of others, which only a server can answer."""
        return page in self._comparisons and target.startswith(COMPARISONS)

    def _problem(self, target: str) -> str:
        """Why a link does not land; empty if it does."""
        parts = urlsplit(target)
        path = self._known.get(unquote(parts.path))
        if path is not None:
            known = self._links[path].ids
            if parts.fragment and known and unquote(parts.fragment) not in known:
                return f"nothing there is named {unquote(parts.fragment)}"
            return ""
        if _key(parts.path) in self._moved or parts.path.startswith(DYNAMIC):
            return ""
        return "there is nothing"

    def _problem_of_redirect(self, target: str) -> str:
        """Why a redirect does not lead to a page in one step; empty if it does, or leads to another site."""
        if not target.startswith("/"):
            return ""
        path = urlsplit(target).path
        further = "" if unquote(path) in self._known else self._moved.get(_key(path), "")
        return f"that leads on to {further}" if further else self._problem(target)


def _key(address: str) -> str:
    return unquote(address).rstrip("/")


def _links_of(folder: Path, address: Exported) -> Links:
    """The links of an address's body, if it is of a kind that has any."""
    content_type = dict(address.headers).get("content-type", "").partition(";")[0]
    reader = links.of_search if (address.kind, content_type) == _SEARCHED else _READERS.get(content_type)
    if reader is None:
        return Links()
    return reader((folder / address.files[""].name).read_text(encoding="utf-8"))
