"""The addresses of public items, those they had on the old site, and where a former address leads.

One query reads them all: the record is small, and an address is looked up here only where a page names other
pages by their address, or after nothing else answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from django.db.models import CharField, F, JSONField, Value
from django.urls import Resolver404, resolve, reverse

from appg.models import Chapter, Item, NewsItem, Page, Publication, Redirect, Session, key_of

PAGED: Final[tuple[type[Item], ...]] = (Session, NewsItem, Publication, Chapter, Page)
"""The kinds of item that have a page each; the others stand on a page with their like."""

NUMBERED: Final = ("p", "page_id", "attachment_id")
"""Parameters that named an item by its number on the old site: ``/?p=1433``."""

QUERIES: Final = frozenset({"s", "feed", "m", "cat", "category_name", "tag", "author", "author_name"}) | {
    *("paged", "post_type", "name", "pagename", "news", "publication", "evidence", "session", "report")
}
"""Parameters with which the former home page was another page."""

_REDIRECT: Final = "redirect"
_BY_NAME: Final = {str(model._meta.model_name): model for model in PAGED}
_ITEM_VIEWS: Final = frozenset(
    f"appg:{name}"
    for name in (
        *("session-evidence", "session-session", "news-item", "publication", "chapter", "page"),
        # An item's citation is no page to lead anybody to.
        "citation",
    )
)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the public items stand, and stood.

    Attributes:
        paths: The path of every public item that has a page.
        former: Any address of theirs, as key, with the path that it leads to.
        moved: Redirects: the old address, as key, with the new one.
        titles: The title of every item in ``paths``.
        written: Those of ``former`` and ``moved`` as they were written, the case of their letters included.
    """

    paths: frozenset[str]
    former: dict[str, str]
    moved: dict[str, str]
    titles: dict[str, str]
    written: tuple[str, ...]

    def answers(self, address: str) -> bool:
        """Whether the public finds a page at an address of this site."""
        path, _, query = address.partition("#")[0].partition("?")
        try:
            view = resolve(path).view_name
        except Resolver404:
            return False
        if path == "/" and is_former(name for name, _ in parse_qsl(query, keep_blank_values=True)):
            return False
        return path in self.paths or view not in _ITEM_VIEWS

    def now(self, address: str) -> str:
        """Where the public finds what stood, or stands, at an address; empty if it is not known.

        Redirects come first, since an editor made them; then the addresses of the old site. A chain is
        followed to its end here, so that a reader's browser need not, and one that runs in a circle leads
        nowhere.
        """
        seen = set[str]()
        while not self.answers(address):
            path, mark, fragment = address.partition("#")
            key = key_of(path)
            target = self.moved.get(key) or self.former.get(key)
            if target is None or key in seen:
                return ""
            seen.add(key)
            address = target if "#" in target else f"{target}{mark}{fragment}"
        return address


def is_former(parameters: Iterable[str]) -> bool:
    """Whether the home page was asked for with parameters that made it another page on the former site.

    Args:
        parameters: Their names.
    """
    return any(name.lower() in QUERIES or name.lower() in NUMBERED for name in parameters)


def addresses() -> Addresses:
    """The addresses of all public items, and the redirects; one query."""
    others_of: dict[str, list[str]] = {}
    moved: dict[str, str] = {}
    titles: dict[str, str] = {}
    written: list[str] = []
    for name, folder, slug, title, legacy in _joined(*(_rows(model) for model in PAGED), _redirects()):
        if name == _REDIRECT:
            moved[key_of(slug)] = folder
            written.append(slug)
            continue
        path = _item(_BY_NAME[name], folder, slug).get_absolute_url()
        titles[path] = title
        others_of[path] = [entry["path"] for entry in legacy]
        if folder:
            names = (f"appg:session-{other}" for other in Session.Folder.values)
            others_of[path] += [reverse(name, args=[slug]) for name in names]
        written += others_of[path]
    # An address that an item has now is nobody's former one, whatever its case.
    former = {key_of(path): path for path in others_of}
    for path, others in others_of.items():
        for other in others:
            former.setdefault(key_of(other), path)
    return Addresses(frozenset(others_of), former, moved, titles, tuple(written))


def public_items(models: Mapping[str, type[Item]]) -> Iterator[tuple[Item, str, str]]:
    """The public items of some kinds: each, with no more to it than its address, its kind's name, its title.

    Args:
        models: The kinds by their models' names.

    Returns:
        By kind and slug; one query.
    """
    for name, folder, slug, title, _ in _joined(*(_rows(model) for model in models.values())):
        yield _item(models[name], folder, slug), name, title


def _item(model: type[Item], folder: str, slug: str) -> Item:
    """An item that knows its address and nothing else."""
    return model(slug=slug, **({"folder": folder} if folder else {}))


def _joined(first: Any, *rest: Any) -> list[tuple[str, str, str, str, list[Any]]]:
    """The rows of several kinds, in one order on every database."""
    return sorted(first.union(*rest, all=True), key=lambda row: row[:3])


def _rows(model: type[Item]) -> Any:
    """Kind, folder, slug, title and former addresses of a kind's public items, in columns to be joined."""
    fields = {found.name for found in model._meta.get_fields()}
    return (
        model.objects.public()
        .order_by()
        .annotate(
            row_kind=Value(model._meta.model_name, CharField()),
            row_folder=F("folder") if "folder" in fields else Value("", CharField()),
            row_legacy=F("legacy_paths") if "legacy_paths" in fields else Value([], JSONField()),
        )
        .values_list("row_kind", "row_folder", "slug", "title", "row_legacy")
    )


def _redirects() -> Any:
    """The redirects in the same columns: new address, old address."""
    return (
        Redirect.objects.order_by()
        .annotate(
            row_kind=Value(_REDIRECT, CharField()),
            row_title=Value("", CharField()),
            row_legacy=Value([], JSONField()),
        )
        .values_list("row_kind", "new_path", "old_path", "row_title", "row_legacy")
    )
