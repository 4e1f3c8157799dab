"""A page for developers that shows every component of the templates, as it stands on the site's own pages.

Only a process with DEBUG has it. Nothing on it is made up for show: a sample of the site's pages is rendered,
and of what each component came to there the shortest and the longest is kept. What no page happens to show,
such as the marks of drafts, is rendered from items that are never saved.
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.base import Template
from django.template.loader import render_to_string
from django.urls import resolve, reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from appg.models import Correction, NewsItem, State
from leftbehind_site.common.page import Page
from leftbehind_site.enumeration import Kind, addresses
from leftbehind_site.finishing import answer
from neighbourhoods.models import Neighbourhood

FOLDER: Final = settings.BASE_DIR / "templates" / "components"

PAGES: Final = frozenset({Kind.PAGE, Kind.COMPARISON, Kind.EMBED, Kind.SEARCH, Kind.UNKNOWN})
"""Kinds of addresses at which a page stands."""

ASKED: Final = (
    "/search/?q=grange",
    "/search/?q=levelling+up",
    "/search/?q=TS6+6UH",
    "/search/?q=TS6",
    "/nowhere/",
)
"""Addresses beyond the enumerated ones, for what only an answer to a question shows."""

_HEAD: Final = re.compile(r"{% comment %}\n(?P<text>.*?){% endcomment %}", re.DOTALL)
_PARAMETER: Final = re.compile(r"^(?P<name>[a-z_]+) {1,}(?P<what>\S.*)$")

_rendering = threading.Lock()


@dataclass(frozen=True, slots=True)
class Sample:
    """What a component came to.

    Attributes:
        html: Its rendering.
        path: The page it stood on; empty where it was rendered for the gallery.
    """

    html: SafeString
    path: str


@dataclass(frozen=True, slots=True)
class Component:
    """A component with its description.

    Attributes:
        name: Of its file, without the ending.
        purpose: What the head of the file says it is for.
        parameters: Names with what they hold, from the same place.
        samples: The shortest and the longest rendering; one if they are the same.
    """

    name: str
    purpose: str
    parameters: tuple[tuple[str, str], ...]
    samples: tuple[Sample, ...]


def described(text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Purpose and parameters that a component's file tells at its head.

    A parameter is a name of one word and what it holds; a line that is indented goes on with the one before.
    The purpose is what stands before the first empty line.

    Raises:
        ValueError: If the file has no such head.
    """
    found = _HEAD.search(text)
    if found is None:
        raise ValueError("a component begins with a comment that says what it is for")
    purpose, _, rest = found["text"].strip().partition("\n\n")
    parameters: list[tuple[str, str]] = []
    for line in rest.splitlines():
        named = _PARAMETER.match(line)
        if named:
            parameters.append((named["name"], named["what"]))
        elif parameters:
            name, what = parameters[-1]
            parameters[-1] = (name, f"{what} {line.strip()}")
    return " ".join(purpose.split()), tuple(parameters)


def sample_paths() -> list[str]:
    """Of each view that has pages, the shortest and the longest address; and some questions."""
    by_view: dict[str, list[str]] = defaultdict(list)
    for address in addresses():
        if address.kind in PAGES and address.path.endswith(("/", ".html")):
            by_view[resolve(address.path).view_name].append(address.path)
    ends = (end for paths in by_view.values() for end in (min(paths, key=len), max(paths, key=len)))
    return [*dict.fromkeys(ends), *ASKED]


@contextlib.contextmanager
def _watched(seen: dict[str, dict[str, str]]) -> Iterator[list[str]]:
    """Keep what every component renders to, by its name, with the page that is named at the time.

    Args:
        seen: Renderings by component, each with the first page it stood on.
    """
    at = [""]
    # Django's own test tools watch templates in the same place.
    watched: Any = Template
    original = watched._render  # noqa: SLF001

    def watching(template: Template, context: Any) -> str:
        text: str = original(template, context)
        folder, _, name = str(template.name or "").rpartition("/")
        if folder == "components" and text.strip():
            seen[name.removesuffix(".html")].setdefault(text, at[0])
        return text

    with _rendering:
        watched._render = watching  # noqa: SLF001
        try:
            yield at
        finally:
            watched._render = original  # noqa: SLF001


def _made() -> Iterator[tuple[str, dict[str, object]]]:
    """Components that the shipped site has no case of, or shows to editors alone, with items never saved."""
    hour = datetime(2024, 3, 1, 9, tzinfo=UTC)
    draft = NewsItem(title="A draft", slug="a-draft")
    withdrawn = NewsItem(
        title="Withdrawn",
        slug="withdrawn",
        state=State.WITHDRAWN,
        publish_at=hour,
        withdrawn_reason="It was wrong.",
    )
    yield "preview_banner", {"preview": True}
    yield "preview_banner", {"preview": True, "item": draft}
    yield "state_note", {"item": draft}
    yield "state_note", {"item": withdrawn}
    correction = Correction(pk=1, title="A title", text="It said 2021. It was 2022.", made_at=hour)
    yield "corrections", {"corrections": [correction]}
    yield "entry_corrections", {"corrections": [correction]}
    yield "places", {"places": Neighbourhood.objects.listed().select_related("authority")[:3]}


def components() -> list[Component]:
    """Every component in the order of their names."""
    seen: dict[str, dict[str, str]] = defaultdict(dict)
    with _watched(seen) as at:
        for path in sample_paths():
            at[0] = path
            answer(path)
        at[0] = ""
        for name, context in _made():
            render_to_string(f"components/{name}.html", context)
    found = []
    for file in sorted(FOLDER.glob("*.html")):
        purpose, parameters = described(file.read_text(encoding="utf-8"))
        texts = seen[file.stem]
        ends = dict.fromkeys((min(texts, key=len), max(texts, key=len))) if texts else {}
        samples = tuple(Sample(mark_safe(text), texts[text]) for text in ends)  # noqa: S308 - our own templates'
        found.append(Component(file.stem, purpose, parameters, samples))
    return found


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """The page."""
    page = Page(
        title="Components",
        description="Every component of this site’s templates, with its parameters.",
        path=reverse("gallery"),
        label="Components",
        indexed=False,
    )
    return render(request, "gallery.html", {"page": page, "components": components()})
