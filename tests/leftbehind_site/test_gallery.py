"""The components of the templates: described at their heads, and all on the page for developers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import NoReverseMatch, reverse

from leftbehind_site import gallery
from leftbehind_site.gallery import components, described

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
FILES = sorted((TEMPLATES / "components").glob("*.html"))
_INCLUDE = re.compile(r'{% include "components/(?P<name>\w+)\.html"(?: with (?P<given>.*?))?(?: only)? %}')


def _includes() -> Iterator[tuple[str, str, set[str]]]:
    """The template that includes, the component, and what it is given by name."""
    for file in TEMPLATES.rglob("*.html"):
        for found in _INCLUDE.finditer(file.read_text(encoding="utf-8")):
            given = set(re.findall(r"(\w+)=", found["given"] or ""))
            yield str(file.relative_to(TEMPLATES)), found["name"], given


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_its_head_says_what_it_is_for_and_what_it_takes(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    purpose, parameters = described(text)
    assert purpose.endswith(".")
    body = text.partition("{% endcomment %}")[2]
    # A tag's own variables are not seen in the file that calls it.
    unused = [name for name, _ in parameters if not re.search(rf"\b{name}\b", body)]
    assert unused == []


def test_what_a_component_is_given_is_in_its_head() -> None:
    heads = {file.stem: dict(described(file.read_text(encoding="utf-8"))[1]) for file in FILES}
    unknown = [
        f"{where}: {name} is given {parameter}"
        for where, name, given in _includes()
        for parameter in sorted(given - set(heads[name]))
    ]
    assert unknown == []


def test_a_head_is_read() -> None:
    text = "{% comment %}\nWhat it is\nfor.\n\none   the first,\n      and more\ntwo_b  B\n{% endcomment %}"
    assert described(text) == ("What it is for.", (("one", "the first, and more"), ("two_b", "B")))
    with pytest.raises(ValueError, match="begins with a comment"):
        described("<p>no head</p>")


@pytest.mark.django_db
def test_every_component_is_shown_with_its_parameters(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    call_command("load_neighbourhoods", verbosity=0)
    call_command("load_appg_content", verbosity=0)
    found = components()
    assert [component.name for component in found] == [file.stem for file in FILES]
    assert [component.name for component in found if not component.samples] == []
    assert all(len(component.samples) <= 2 for component in found)

    monkeypatch.setattr(gallery, "components", lambda: found)
    monkeypatch.setattr(gallery, "reverse", lambda _name: "/components/")
    request = client.get("/").wsgi_request
    html = gallery.gallery(request).content.decode()
    assert "neighbourhoods.figures.FigureLine" in html
    assert 'name="robots" content="noindex"' in html


@pytest.mark.django_db
def test_the_public_has_no_such_page(client: Client) -> None:
    assert client.get("/components/").status_code == 404
    with pytest.raises(NoReverseMatch):
        reverse("gallery")
