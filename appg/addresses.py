"""The addresses of public items, those they had on the old site, and where a former address leads.

One query reads them all: the record is small, and an address is looked up here only where a page names other
pages by their address, or after nothing else answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from django.db.models import CharField, F, JSONField, Value
from django.urls import Resolver404, resolve, reverse

from appg.models import Chapter, Item, NewsItem, Page, Publication, Redirect, Session

PAGED: Final[tuple[type[Item], ...]] = (Session, NewsItem, Publication, Chapter, Page)
"""The kinds of item that have a page each; the others stand on a page with their like."""

_BY_NAME: Final = {str(model._meta.model_name): model for model in PAGED}
_ITEM_VIEWS: Final = frozenset(
    f"appg:{name}"
    for name in ("session-evidence", "session-session", "news-item", "publication", "chapter", "page")
)


def key_of(address: str) -> str:
    """An address as it is looked up: without regard to case, to a slash at its end, to how it is encoded."""
    path, mark, query = unquote(address).lower().partition("?")
    return f"{path.rstrip('/') or '/'}{mark}{query}"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the public items stand.

    Attributes:
        paths: The path of every public item that has a page.
        former: Any address of theirs, as key, with the path that it leads to.
    """

    paths: frozenset[str]
    former: dict[str, str]

    def public(self, address: str) -> str:
        """The address under which the public finds what stands at an address of this site; empty if none."""
        path, mark, fragment = address.partition("#")
        try:
            view = resolve(path.partition("?")[0]).view_name
        except Resolver404:
            view = ""
        if path in self.paths or (view and view not in _ITEM_VIEWS):
            return address
        moved = self.former.get(key_of(path), "")
        return f"{moved}{mark}{fragment}" if moved else ""


def addresses() -> Addresses:
    """The addresses of all public items; one query."""
    others_of: dict[str, list[str]] = {}
    first, *rest = (_rows(model) for model in PAGED)
    rows = sorted(first.union(*rest, all=True), key=lambda row: row[:3])
    for name, folder, slug, legacy in rows:
        item = _BY_NAME[name](slug=slug, **({"folder": folder} if folder else {}))
        path = item.get_absolute_url()
        others_of[path] = [entry["path"] for entry in legacy]
        if folder:
            others_of[path] += [
                reverse(f"appg:session-{other}", args=[slug]) for other in Session.Folder.values
            ]
    # An address that an item has now is nobody's former one, whatever its case.
    former = {key_of(path): path for path in others_of}
    for path, others in others_of.items():
        for other in others:
            former.setdefault(key_of(other), path)
    return Addresses(frozenset(others_of), former)


def _rows(model: type[Item]) -> Any:
    """Kind, folder, slug and former addresses of a kind's public items, in columns that can be joined."""
    fields = {found.name for found in model._meta.get_fields()}
    return (
        model.objects.public()
        .order_by()
        .annotate(
            row_kind=Value(model._meta.model_name, CharField()),
            row_folder=F("folder") if "folder" in fields else Value("", CharField()),
            row_legacy=F("legacy_paths") if "legacy_paths" in fields else Value([], JSONField()),
        )
        .values_list("row_kind", "row_folder", "slug", "row_legacy")
    )


def destination(address: str) -> str:
    """Where a former address leads, in one step; empty if it is not known.

    Redirects come first, since an editor made them; then the addresses of the old site. A chain of redirects
    is followed to its end here, so that a reader's browser need not, and one that runs in a circle leads
    nowhere.
    """
    known = addresses()
    moved = {key_of(old): new for old, new in Redirect.objects.values_list("old_path", "new_path")}
    key, seen = key_of(address), set[str]()
    while key not in seen:
        seen.add(key)
        target = moved.get(key) or known.former.get(key)
        if target is None:
            break
        if (found := known.public(target)) and found != address:
            return found
        key = key_of(target.partition("#")[0])
    return ""
