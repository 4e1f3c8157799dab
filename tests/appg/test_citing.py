"""How the record's items are cited, read back by programs that are not our own."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client

from appg.citing import citation_paths
from leftbehind_site.common.citation import FORMS, file_path
from tests.appg import items
from tests.appg.pages import SITE
from tests.leftbehind_site.test_citation import bibtex_fields, check_csl, ris_fields

pytestmark = pytest.mark.django_db

CITED = ("session", "news", "publication", "chapter")
GROUP = "All-Party Parliamentary Group for ‘left behind’ neighbourhoods"
ARCHIVE = f"Archive of the {GROUP}"
AWKWARD = 'Smith & Sons "Ltd", and O\'Neill'


def paths_of(item: Any) -> dict[str, str]:
    return {suffix: file_path(item.get_absolute_url(), form) for suffix, form in FORMS.items()}


def text_of(client: Client, item: Any, suffix: str) -> str:
    return str(client.get(paths_of(item)[suffix]).text)


@pytest.mark.parametrize(
    ("kind", "values", "words", "types"),
    [
        ("session", {"number": 5}, "Evidence session 5, 26 January 2021.", ("misc", "ELEC", "webpage")),
        ("news", {"kind": "blog"}, "Blog, 29 June 2021.", ("misc", "ELEC", "webpage")),
        ("publication", {}, "Report, March 2021.", ("techreport", "RPRT", "report")),
        ("chapter", {}, "Chapter, March 2021.", ("incollection", "CHAP", "chapter")),
    ],
)
def test_the_page_and_its_files_say_the_same(
    client: Client, kind: str, values: dict[str, Any], words: str, types: tuple[str, str, str]
) -> None:
    item = items.MAKERS[kind](title="A title", slug="a-title", **values)
    path = item.get_absolute_url()
    page = client.get(path).text
    whole = f" In: {item.publication.title}." if kind == "chapter" else ""

    cited = f"{GROUP} (2021). A title.{whole} {ARCHIVE}. {words} {SITE}{path}"
    assert f'<span data-copy="the citation">{cited}</span>' in page
    for suffix, file in paths_of(item).items():
        form = FORMS[suffix]
        assert f'<a href="{file}" type="{form.media_type}">{form.label}</a>' in page
        response = client.get(file)
        assert response["Content-Type"] == f"{form.media_type}; charset=utf-8"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert not response.cookies
        assert client.head(file).status_code == 200
        assert client.post(file).status_code == 405

    entry_type, key, bibtex = bibtex_fields(text_of(client, item, "bib"))
    ris, csl = ris_fields(text_of(client, item, "ris")), check_csl(text_of(client, item, "csl.json"))
    assert (entry_type, ris["type_of_reference"], csl["type"]) == types
    assert key == ris["id"] == csl["id"] == f"leftbehind{path.rstrip('/').replace('/', '-')}"
    assert bibtex["title"].strip("{}") == ris["title"] == csl["title"] == "A title"
    assert (bibtex["year"], ris["year"], csl["issued"]) == ("2021", "2021", {"date-parts": [[2021]]})
    assert bibtex["url"] == csl["URL"] == f"{SITE}{path}"
    assert ris["urls"] == [f"{SITE}{path}"]
    house = "institution" if kind == "publication" else "publisher"
    assert bibtex[house] == ris["publisher"] == csl["publisher"] == ARCHIVE
    assert bibtex["note"] == csl["note"] == words
    if kind == "chapter":
        assert bibtex["booktitle"] == csl["container-title"] == item.publication.title
        assert ris["secondary_title"] == item.publication.title


def test_authors_come_through_whatever_they_are_called(client: Client) -> None:
    report = items.publication(authors=[{"name": AWKWARD}, {"name": "Local Trust"}])
    chapter = items.chapter(publication=report)
    for item in (report, chapter):
        page = client.get(item.get_absolute_url()).text
        assert f"{escape(AWKWARD)}; Local Trust (2021)" in page
        assert ris_fields(text_of(client, item, "ris"))["authors"] == [AWKWARD, "Local Trust"]
        csl = check_csl(text_of(client, item, "csl.json"))
        assert [author["literal"] for author in csl["author"]] == [AWKWARD, "Local Trust"]
        bibtex = text_of(client, item, "bib")
        assert bibtex_fields(bibtex)[2]["author"] == f"{AWKWARD} and Local Trust"
        # Each in braces of its own: its commas and its "and" part no names.
        assert "and O'Neill} and {Local Trust}}" in bibtex
    piece = items.news(author=AWKWARD)
    assert ris_fields(text_of(client, piece, "ris"))["authors"] == [AWKWARD]


@pytest.mark.parametrize(
    ("values", "said"),
    [({}, "date not known"), ({"date_text": "2022 or 2023", "placed": "2022-12-31"}, "2022 or 2023")],
)
def test_a_year_that_is_not_known_is_none(client: Client, values: dict[str, Any], said: str) -> None:
    item = items.publication(**{"date": "", "placed": None, **values})

    page = client.get(item.get_absolute_url()).text
    assert f"{GROUP} (n.d.). {item.title}. {ARCHIVE}. Report, {said}." in page
    assert "year" not in bibtex_fields(text_of(client, item, "bib"))[2]
    assert "year" not in ris_fields(text_of(client, item, "ris"))
    assert "issued" not in check_csl(text_of(client, item, "csl.json"))


@pytest.mark.parametrize("kind", CITED)
@pytest.mark.parametrize("state", ["draft", "future"])
def test_what_is_not_public_is_not_cited(client: Client, kind: str, state: str) -> None:
    item = items.MAKERS[kind](**(items.DRAFT if state == "draft" else items.future()))

    client.force_login(User.objects.create_superuser("editor"))
    assert 'id="cite"' not in client.get(item.get_absolute_url()).text
    for path in paths_of(item).values():
        response = client.get(path)
        assert response.status_code == 404
        assert item.title not in response.text
    assert not set(paths_of(item).values()) & set(citation_paths())


def test_a_report_that_is_not_public_does_not_tell_its_authors(client: Client) -> None:
    report = items.publication(authors=[{"name": "Nobody Yet"}], **items.DRAFT)
    chapter = items.chapter(publication=report)

    assert ris_fields(text_of(client, chapter, "ris"))["authors"] == [GROUP]
    assert "Nobody Yet" not in client.get(chapter.get_absolute_url()).text


@pytest.mark.parametrize("kind", CITED)
def test_a_withdrawn_item_keeps_its_files_and_they_say_so(client: Client, kind: str) -> None:
    item = items.MAKERS[kind](**items.WITHDRAWN)

    assert " Withdrawn. https" in client.get(item.get_absolute_url()).text
    assert bibtex_fields(text_of(client, item, "bib"))[2]["note"].endswith(" Withdrawn.")
    assert ris_fields(text_of(client, item, "ris"))["notes"][0].endswith(" Withdrawn.")
    assert check_csl(text_of(client, item, "csl.json"))["note"].endswith(" Withdrawn.")


@pytest.mark.parametrize(
    "written", ["/session/talk.bib", "/evidence/TALK.bib", "/evidence/talk.BIB", "/evidence/talk.bib/"]
)
def test_other_spellings_lead_to_the_file(client: Client, written: str) -> None:
    items.session(slug="talk")

    response = client.get(f"{written}?a=b")
    assert (response.status_code, response["Location"]) == (301, "/evidence/talk.bib?a=b")


def test_a_former_address_leads_to_the_file(client: Client) -> None:
    item = items.news(slug="old-name")
    item.slug = "new-name"
    item.save()

    response = client.get("/news/old-name.csl.json")
    assert (response.status_code, response["Location"]) == (301, "/news/new-name.csl.json")


@pytest.mark.parametrize(
    "path", ["/news/none-of-these.bib", "/news/%00.ris", f"/report/{'x' * 10_000}.bib", "/about.bib"]
)
def test_where_nothing_is_cited_a_page_says_so(client: Client, path: str) -> None:
    items.page(slug="about")

    assert client.get(path).status_code == 404


def test_pages_about_the_group_are_not_cited(client: Client) -> None:
    assert 'id="cite"' not in client.get(items.page().get_absolute_url()).text


def test_the_files_are_enumerated_and_cost_little(client: Client, django_assert_max_num_queries: Any) -> None:
    made = [items.MAKERS[kind]() for kind in CITED]
    items.page()

    paths = citation_paths()
    assert {path for item in made for path in paths_of(item).values()} <= set(paths)
    assert len(paths) == len(set(paths)) == 3 * (len(CITED) + 1)  # the chapter's report too
    for path in paths:
        with django_assert_max_num_queries(3):
            assert client.get(path).status_code == 200


def test_nothing_depends_on_the_clock(client: Client) -> None:
    made = [items.MAKERS[kind](**({} if kind == "chapter" else {"date": ""})) for kind in CITED]
    paths = [path for item in made for path in (item.get_absolute_url(), *paths_of(item).values())]
    today = {path: client.get(path).content for path in paths}

    with time_machine.travel(datetime(2031, 5, 6, 7, 8, tzinfo=UTC)):
        assert {path: client.get(path).content for path in paths} == today
    assert not any(b"2031" in content for content in today.values())
