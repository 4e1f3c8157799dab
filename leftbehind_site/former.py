"""Where an address of the group's former website leads: by what is known of it, and by how it was built.

Only some of the former addresses are known. The others follow patterns: WordPress made an address from a
title, had its own for lists, feeds, files and searches, and links arrive changed by the programs that passed
them on: cut off, with punctuation at their end, in capitals, with somebody's tracking parameters.

Each rule answers only where one page fits. Where several do, they are offered and none is chosen: a reader
who lands on a wrong page may not notice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from urllib.parse import parse_qsl, unquote, urlencode

from django.urls import Resolver404, resolve, reverse
from django.utils.text import slugify

from appg.addresses import NUMBERED, QUERIES, Addresses, addresses
from appg.models import Publication
from appg.selectors import news_years
from neighbourhoods.models import Neighbourhood

LONGEST: Final = 2000
"""The longest address that is looked at, in characters; more is nobody's link."""

_SHORTEST_START: Final = 5
"""How many characters of a name have to be left for it to be recognised by its beginning."""

_MANY_WORDS: Final = 3
"""A name of so many words is an item's wherever it stands; a shorter one only where items stood."""

_ENOUGH_WORDS: Final = 2
"""How many words of a file's name have to stand in a publication's title."""

_PUNCTUATION: Final = " .,;:!?*_=|~^-–—…()[]{}<>'\"`‘’“”«»\\/"
"""What e-mail programs and running text put behind an address."""

_BROKEN_OFF: Final = re.compile(r"[?#&<>\"\s]|%20|=[0-9a-f]{2}\Z")
"""Where an address ends when what follows was taken for a part of it."""

# --- the addresses of WordPress

_FOLDERS: Final = {
    "news": ("news", "blog", "blogs", "press", "press-release", "press-releases"),
    "publication": ("publication", "publications", "reports", "research", "resources"),
    "session": ("session", "sessions", "evidence", "evidence-session", "evidence-sessions", "events"),
    "report": ("report", "final-report"),
}
"""Kinds of item: the folders in which one may have stood."""

_FOLDER_OF: Final = {name: kind for kind, names in _FOLDERS.items() for name in names}

_LISTS: Final = {
    "appg:news": (*_FOLDERS["news"], "letters", "media", "latest", "latest-news", "posts", "category", "tag"),
    "appg:publications": (*_FOLDERS["publication"], "briefings", "policy-shorts", "data-dives", "documents"),
    "appg:sessions": (*_FOLDERS["session"], "event", "meetings", "roundtables"),
    "appg:inquiry": ("inquiry", "levelling-up-inquiry"),
    "appg:officers": ("officer", "people", "person", "team", "our-team", "members", "our-members", "mps"),
    "appg:questions": ("faq", "frequently-asked-questions"),
    "appg:coverage": ("media-coverage", "in-the-news"),
    "neighbourhoods:directory": ("neighbourhood", "left-behind-neighbourhoods", "areas", "map", "wards"),
    "sitemap": ("sitemap", "sitemap_index.xml", "wp-sitemap.xml", "site-map"),
    "home": ("home", "index", "index.html", "index.htm", "default.aspx"),
}
"""Pages that show many items: the words at which such a page may have stood."""

_LIST_OF: Final = {word: name for name, words in _LISTS.items() for word in words}

_FED: Final = frozenset({"appg:news", "appg:publications", "appg:sessions"})
"""Those that have a feed of their own."""

_PAGES: Final = {
    "about-us": "about",
    "about-the-appg": "about",
    "the-appg": "about",
    "who-we-are": "about",
    "what-we-do": "about",
    "contact-us": "contact",
    "privacy-policy": "privacy",
    "privacy-notice": "privacy",
    "cookies": "privacy",
    "cookie-policy": "privacy",
    "cookie-settings": "privacy",
    "accessibility-statement": "accessibility",
}
"""Words at which a page of the record may have stood, and the page's own."""

_ARCHIVES: Final = frozenset({"category", "tag", "author", "topic", "type"})
"""Folders of lists that WordPress made by itself."""

EVERYTHING_UNDER: Final = ("author", "category", "tag", "topic", "type", "wp-json")
"""Folders under which any address leads to the same page, unless its last part names a list."""

_FEEDS: Final = frozenset({"feed", "rss", "rss2", "rdf", "atom"})
_ADDITIONS: Final = _FEEDS | {"amp", "embed", "print", "trackback", "comments"}
"""What WordPress answered behind the address of a page."""

_BEFORE: Final = frozenset({"index.php", "archives", "archive", "en"})
"""What may stand before an address without a meaning."""

_DROPPED: Final = re.compile(
    r"(?:amp;)?(?:utm_\w+|mtm_\w+|pk_\w+|hsa_\w+|_?hs\w+|__hs\w+|fbclid|gclid|gbraid|wbraid|dclid|msclkid|yclid|twclid"
    r"|ttclid|igshid|igsh|li_fat_id|mc_cid|mc_eid|mkt_tok|_ga|_gl|vero_id|oly_\w+_id|s_cid|ref_src|ref_url"
    r"|preview(?:_id|_nonce)?|replytocom|amp|share|nb|usqp|ver)\Z",
    re.IGNORECASE,
)
"""Parameters of tracking and of WordPress, which mean nothing at the new address."""

GONE: Final = re.compile(
    r"/+(?:wp-(?:admin|includes|login|cron|signup|activate|trackback|config|mail)\b"
    r"|wp-content/(?:plugins|themes|cache)\b|xmlrpc\.php|wp-links-opml\.php)",
    re.IGNORECASE,
)
"""Addresses of the former site's software. They held nothing of the record, and nothing stands for them."""

# --- the words of a file's name


def _each(words: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(words.split())


_OF_A_FILE: Final = _each(
    "a an and appg areas by copy compressed covid digital document download draft executive final findings"
    " for full group high in key left behind lbn local low lr hr neighbourhood neighbourhoods ocsi of on"
    " online paper pdf print recommendations report res scaled single spreads summary the to trust update"
    " updated v version web why with january february march april may june july august september october"
    " november december"
)
"""Words that say nothing about which publication a file is."""

_OF_A_KIND: Final = _each("briefing data dive policy short session pack slides presentation")
"""Words that say what kind of publication it is, which is not enough to know it."""

_DOCUMENTS: Final = re.compile(r"(.*)\.(?:pdf|docx?|pptx?|xlsx?|csv|rtf|odt|txt|html?)\Z")
_LABEL: Final = re.compile(r"(?:blog|policy short|letter|(?:inquiry )?session \w+)\s*[:–-]\s*", re.IGNORECASE)
"""What stood before a title on the former site, and not always in its address."""

_WARD: Final = re.compile(r"/neighbourhoods/(e05[0-9]{6})(?:/[^/]*)?")


_Fits = Callable[[str, str], bool]
"""Whether an item fits, by a name that it may have had and by its path."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of an address.

    Attributes:
        path: Where it leads; empty if that is not certain.
        fitting: Paths of the items that fit where more than one does.
    """

    path: str = ""
    fitting: tuple[str, ...] = ()


def _choose(paths: list[str]) -> Found | None:
    """The one path, or all of them to be offered; nothing for none."""
    different = tuple(dict.fromkeys(paths))
    if len(different) == 1:
        return Found(different[0])
    return Found(fitting=different) if different else None


class Asked:
    """An address that nothing answers, taken apart.

    Args:
        path: The path, decoded.
        query: What follows its question mark, as it came.
    """

    def __init__(self, path: str, query: str = "") -> None:
        self.path = path[:LONGEST]
        self.query = query[:LONGEST]

    @cached_property
    def clean(self) -> str:
        """The path without what programs and writers add, in lower case, without a slash at its end."""
        text = re.sub(r"/{2,}", "/", unquote(self.path).strip().lower())
        return f"/{_BROKEN_OFF.split(text.lstrip('/ '), maxsplit=1)[0].rstrip(_PUNCTUATION)}"

    @cached_property
    def parameters(self) -> dict[str, str]:
        """What was asked with the address, the question mark encoded or not; names in lower case."""
        behind = unquote(self.path).partition("?")[2]
        pairs = parse_qsl(f"{self.query}&{behind}", keep_blank_values=True)
        return {name.lower().removeprefix("amp;"): value.strip() for name, value in pairs}

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The parts of the path that name something."""
        parts = [part for part in self.clean.split("/") if part and "=" not in part]
        while parts and parts[0] in _BEFORE:
            parts = parts[1:]
        while parts and (parts[-1] in _ADDITIONS or parts[-1].startswith("comment-page-")):
            parts = parts[:-1]
        if len(parts) > 1 and parts[-2] == "page" and parts[-1].isdecimal():
            parts = parts[:-2]
        return tuple(parts)

    @cached_property
    def feed(self) -> bool:
        """Whether a feed was asked for."""
        return not _FEEDS.isdisjoint(self.clean.split("/"))


def find(path: str, query: str = "") -> Found:
    """Where an address leads that no page of this site answers.

    Args:
        path: The path, decoded.
        query: What follows its question mark, as it came.

    Returns:
        The one page that it leads to, or all that fit; two queries at most.
    """
    asked, book = Asked(path, query), addresses()
    rules = (_moved, _numbered, _spelled, _queried, _filed, _made, _listed, _named)
    found = next((found for rule in rules if (found := rule(asked, book)) is not None), Found())
    return Found(fitting=found.fitting) if found.path == asked.path else found


def kept(query: str) -> list[str]:
    """The parts of a query that still mean something at the new address, as they came."""
    known = QUERIES | set(NUMBERED)
    return [
        part
        for part in query.split("&")
        if part
        and not _DROPPED.match(name := unquote(part.partition("=")[0]))
        and name.lower().removeprefix("amp;") not in known
    ]


def likely(book: Addresses) -> Iterator[str]:
    """Addresses at which the pages of the record are likely to have stood, whether or not anybody noted them.

    By the same words as the rules below: for copies of this site that have no rules, only a list. Some of
    these may lead nowhere.
    """
    yield from (
        f"/{word}/" for word in (*_LIST_OF, *_PAGES, "wp-json", *_FOLDERS["report"]) if "." not in word
    )
    yield from (
        f"/{folder}/{word}/" for folder in ("category", "tag") for word in _LIST_OF if "." not in word
    )
    yield from (f"/page/{number}/" for number in range(2, 10))
    for kind, name, path in _names(book):
        yield f"/{name}/"
        for folder in _FOLDERS.get(kind, ())[:3]:
            if (address := f"/{folder}/{name}/") != path:
                yield address


# --- the rules, in their order


def _moved(asked: Asked, book: Addresses) -> Found | None:
    """A redirect, or a former address that an item carries, word for word."""
    query = f"?{asked.query}" if asked.query else ""
    for address in dict.fromkeys((f"{asked.path}{query}", asked.path, asked.clean)):
        # A number is for the next rule: the path before it would lead nowhere, or home.
        if address == "/" or not (found := book.now(address)) or found == address:
            continue
        return Found(found)
    return None


def _numbered(asked: Asked, book: Addresses) -> Found | None:
    """The number of an item: ``/?p=1433``, or in place of a name, as WordPress did for want of a title."""
    numbers = [asked.parameters[name] for name in NUMBERED if name in asked.parameters]
    for number in (*(number.strip(_PUNCTUATION) for number in numbers), *asked.parts[-1:]):
        if re.fullmatch(r"[0-9]{1,9}", number):
            known = (book.now(f"/?{name}={int(number)}") for name in NUMBERED)
            if found := next(filter(None, known), ""):
                return Found(found)
    return Found() if numbers and not asked.parts else None


def _spelled(asked: Asked, book: Addresses) -> Found | None:
    """A page of this site, in another case or with punctuation behind it.

    The former site had nothing like the directory, so no more than that is forgiven there. A neighbourhood is
    known by its code, whatever its name's place says.
    """
    clean = asked.clean
    if directory := asked.path.lower().startswith("/neighbourhoods"):
        clean = asked.path.rstrip(_PUNCTUATION).lower()
    if ward := _WARD.fullmatch(clean):
        place = Neighbourhood.objects.filter(code=ward[1].upper()).first()
        return Found(place.get_absolute_url()) if place else Found()
    for address in (f"{clean.rstrip('/')}/", clean):
        if address != asked.path and _answers(address, book):
            return Found(address)
    return Found() if directory else None


def _answers(address: str, book: Addresses) -> bool:
    """Whether a page certainly answers: an item's, or one that needs nothing to be found in the database.

    Addresses without a name are unfinished ones, which lead on.
    """
    try:
        match = resolve(address)
    except Resolver404:
        return False
    return address in book.paths or bool(match.url_name and not match.kwargs)


def _queried(asked: Asked, book: Addresses) -> Found | None:
    """The former home page with a parameter: a search, a feed, a list, an item by its name."""
    if asked.parts:
        return None
    given = asked.parameters
    if "s" in given:
        return _search(given["s"])
    if "feed" in given:
        return Found(reverse("appg:feed"))
    for name in ("name", "pagename", "news", "publication", "evidence", "session", "report"):
        if name in given:
            return _named(Asked(f"/{name if name in _FOLDER_OF else ''}/{given[name]}"), book)
    if "m" in given:
        return _year(given["m"][:4])
    words = (given[name] for name in ("post_type", "category_name", "tag") if name in given)
    return _list(next(words, "news")) if QUERIES & given.keys() else None


def _filed(asked: Asked, book: Addresses) -> Found | None:
    """A file of the former site: the publication whose title has the words of the file's name."""
    if not asked.clean.startswith("/wp-content/uploads/"):
        return None
    # Not the clean path: a file's name may have spaces.
    named = _DOCUMENTS.match(unquote(asked.path).lower().rstrip(_PUNCTUATION).rpartition("/")[2])
    if not named:
        return Found()
    of_path = {
        path: set(_words(f"{title} {path}")) - _OF_A_FILE
        for path, title in book.titles.items()
        if path.startswith(reverse("appg:publications").removesuffix("s/"))
    }
    # A number behind the name may be the edition's, or WordPress's for a name that was taken.
    for stem in dict.fromkeys((named[1], re.sub(r"[-_ ]v?[0-9.]+\Z", "", named[1]))):
        words = {word for word in _words(stem) if not re.fullmatch(r"20[12][0-9]", word)} - _OF_A_FILE
        for wanted in (words, words - _OF_A_KIND):
            if len(wanted) >= _ENOUGH_WORDS and wanted - _OF_A_KIND:
                fitting = [path for path, title in of_path.items() if wanted <= title]
                if found := _choose(fitting):
                    return found
    return Found()


def _made(asked: Asked, book: Addresses) -> Found | None:  # noqa: ARG001 - a rule's signature
    """What WordPress made by itself: feeds, searches, lists by subject, author, date and page.

    Its interface for programs had the items as data; this site's data stands at one address.
    """
    first, last = (asked.parts[0], asked.parts[-1]) if asked.parts else ("", "")
    made: Found | None = None
    if first == "wp-json":
        made = Found(reverse("data:index"))
    elif asked.feed and (len(asked.parts) <= 1 or first in _ARCHIVES):
        made = _feed(last)
    elif first in _ARCHIVES:
        made = _list(last)
    elif first == "search" and last != first:
        made = _search(last)
    elif not asked.parts:
        made = Found(reverse("appg:news" if re.match("/(page|archive)", asked.clean) else "home"))
    elif all(part.isdecimal() for part in asked.parts):
        made = _year(first)
    elif first == "news" and all(part.isdecimal() for part in asked.parts[1:]) and last != first:
        # Here a year stands at this address too, and one without news may have some yet.
        made = _year(asked.parts[1]) if int(asked.parts[1]) in news_years() else Found()
    return made


def _listed(asked: Asked, book: Addresses) -> Found | None:
    """A list or a page under another word."""
    if len(asked.parts) != 1:
        return None
    word = asked.parts[0]
    if word in _FOLDERS["report"]:
        return _final_report()
    if word in _PAGES:
        page = reverse("appg:page", args=[_PAGES[word]])
        return Found(page if page in book.paths else reverse("home"))
    return Found(reverse(_LIST_OF[word])) if word in _LIST_OF else None


def _named(asked: Asked, book: Addresses) -> Found | None:
    """An item by its name: whole, made from its title, or the beginning of it."""
    parts = [part for part in asked.parts if not part.isdecimal()]
    if not parts:
        return None
    folder, name = _FOLDER_OF.get(parts[0], ""), parts[-1]
    stood = len(parts) == 1 or (len(parts) == 2 and folder)
    if not stood and name.count("-") < _MANY_WORDS - 1:
        return None
    names = list(_names(book))
    exact: tuple[_Fits, ...] = (
        lambda _, path: path.endswith(f"/{name}/"),
        lambda whole, _: whole == name,
    )
    begun: tuple[_Fits, ...] = (lambda whole, _: whole.startswith(name),)
    for tests in (exact, begun if stood and len(name) >= _SHORTEST_START else ()):
        for kinds in ({folder}, {kind for kind, _, _ in names}):
            for fits in tests:
                fitting = [path for kind, whole, path in names if kind in kinds and fits(whole, path)]
                if found := _choose(fitting):
                    return found
    return None


def _names(book: Addresses) -> Iterator[tuple[str, str, str]]:
    """Every item's kind, a name that it may have had, and its path.

    A chapter of the final report is known by its address alone: several stood at an address made of another
    one's title, so that a title would lead to the wrong one.
    """
    for path, title in book.titles.items():
        *folder, slug = path.strip("/").split("/")
        kind = _FOLDER_OF.get(folder[0], "") if folder else ""
        yield kind, slug, path
        if kind != "report":
            for words in {title, _LABEL.sub("", title, count=1)}:
                if (name := slugify(words)) and name != slug:
                    yield kind, name, path


# --- what the rules lead to


def _words(text: str) -> list[str]:
    """The words and numbers of a text."""
    return re.findall(r"[a-z]+|[0-9]+", text.lower().replace("’", ""))


def _search(words: str) -> Found:
    """The search, filled in."""
    return Found(f"{reverse('search')}?{urlencode({'q': words.replace('+', ' ')})}")


def _list(word: str) -> Found:
    """The list that a word names; news were most of what WordPress listed."""
    return Found(reverse(_LIST_OF.get(word.lower(), "appg:news")))


def _feed(word: str) -> Found:
    """The feed of the list that a word names, or of everything."""
    name = _LIST_OF.get(word)
    return Found(reverse(f"{name}-feed" if name in _FED else "appg:feed"))


def _year(year: str) -> Found:
    """The news of a year, or all news."""
    if year.isdecimal() and int(year) in news_years():
        # Written as a number is: it may have come in other digits, or with a nought before it.
        return Found(reverse("appg:news-year", args=[int(year)]))
    return Found(reverse("appg:news"))


def _final_report() -> Found:
    """The one publication that has chapters, or all publications."""
    reports = Publication.objects.public().filter(chapters__isnull=False).distinct()[:2]
    return Found(reports[0].get_absolute_url() if len(reports) == 1 else reverse("appg:publications"))
