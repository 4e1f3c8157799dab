"""The record as text files: in, out, and what is refused."""

from __future__ import annotations

import re
import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from appg import content_files, content_loading
from appg.content_files import CONTENT
from appg.content_loading import Outcome
from appg.models import (
    ARCHIVED_AT,
    CONTENT_MODELS,
    Chapter,
    Item,
    NewsItem,
    Person,
    Publication,
    Redirect,
    Session,
    State,
)
from leftbehind_site.common.errors import SourceError

NEWS = """---
title: A piece of news
slug: a-piece-of-news
kind: news
date: 2021-06
placed: 2021-06-15
summary: What happened, in a line.
sources:
  - url: https://www.example.org/piece
    title: A newspaper, June 2021
---
<p>The group met.</p>
"""

PERSON = """---
title: Ada Example MP
slug: ada-example-mp
terms:
  - office: Vice-chair
    start: 2020-07
    end: 2020-09
    party: Independent
    house: Commons
    constituency: Somewhere
  - office: Co-chair
    start: 2020-09
    last_seen: 2023-10-25
    uncertain: true
---
<p>She sat in the Commons.</p>
"""


def write(folder: Path, kind: str, text: str, name: str = "") -> Path:
    slug = name or re.search(r"^slug: (.*)$", text, re.MULTILINE)[1]  # type: ignore[index]
    path = folder / kind / f"{slug}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def load(folder: Path, **options: Any) -> str:
    out = StringIO()
    call_command("load_appg_content", "--from", str(folder), stdout=out, no_color=True, **options)
    return out.getvalue()


def outcomes(folder: Path, **options: Any) -> dict[str, Outcome]:
    done = content_loading.load(content_files.read_folder(folder), **options)
    return {loaded.file.slug: loaded.outcome for loaded in done}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one piece of news and one person."""
    write(tmp_path, "news", NEWS)
    write(tmp_path, "people", PERSON)
    return tmp_path


@pytest.fixture
def shipped(db: None) -> None:  # noqa: ARG001  (the fixture's own database)
    """The shipped content in a database that has the directory too."""
    call_command("load_neighbourhoods", verbosity=0)
    call_command("load_appg_content", verbosity=0)


class TestTheShippedContent:
    @pytest.mark.usefixtures("shipped")
    def test_loads_whole_and_comes_out_as_the_same_bytes(self, tmp_path: Path) -> None:
        written = content_loading.dump(tmp_path)

        shipped_files = sorted(path.relative_to(CONTENT) for path in CONTENT.rglob("*.md"))
        assert sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.md")) == shipped_files
        assert len(written) == len(shipped_files)
        for path in shipped_files:
            assert (tmp_path / path).read_bytes() == (CONTENT / path).read_bytes(), path

    @pytest.mark.usefixtures("shipped")
    def test_loaded_again_changes_nothing_and_makes_no_history(self) -> None:
        before = {model: model.history.count() for model in CONTENT_MODELS.values()}  # type: ignore[attr-defined]
        out = StringIO()
        call_command("load_appg_content", stdout=out)
        assert "Nothing changed" in out.getvalue()
        assert before == {model: model.history.count() for model in CONTENT_MODELS.values()}  # type: ignore[attr-defined]

    @pytest.mark.usefixtures("shipped")
    def test_gives_each_item_one_version_that_holds_its_relations(self) -> None:
        for model in CONTENT_MODELS.values():
            assert model.history.count() == model._default_manager.count()  # type: ignore[attr-defined]
        session = Session.objects.get(slug="nhs-neighbourhood-health-services")
        assert session.history.get().publications.count() == session.publications.count() > 0

    @pytest.mark.usefixtures("shipped")
    def test_is_public_and_every_item_names_a_source(self) -> None:
        for name, model in CONTENT_MODELS.items():
            items = list(model._default_manager.all())
            assert items, name
            assert model._default_manager.public().count() == len(items), name
            for item in items:
                assert item.sources or name in ("pages", "coverage"), f"{name}/{item.slug} names no source"

    @pytest.mark.usefixtures("shipped")
    def test_every_link_between_its_items_leads_to_one(self) -> None:
        known = {
            item.get_absolute_url()
            for model in (Session, NewsItem, Publication, Chapter)
            for item in model.objects.all()
        }
        for model in CONTENT_MODELS.values():
            for item in model._default_manager.all():
                for path in re.findall(
                    r'href="(/(?:evidence|session|news|publication|report)/[^"#]*)"',
                    getattr(item, "body", ""),
                ):
                    assert path in known, f"{item.slug} links to {path}"

    @pytest.mark.usefixtures("shipped")
    def test_old_addresses_belong_to_one_item_each(self) -> None:
        seen: dict[str, str] = {}
        for model in (Session, NewsItem, Publication, Chapter):
            for item in model.objects.all():
                for entry in item.legacy_paths:
                    path = entry["path"].rstrip("/")
                    assert seen.setdefault(path, item.slug) == item.slug, path


@pytest.mark.django_db
class TestLoading:
    def test_gives_an_item_its_values_and_the_state_of_an_archived_one(self, folder: Path) -> None:
        load(folder)

        item = NewsItem.objects.get()
        assert (item.title, item.kind, item.when, item.state) == (
            "A piece of news",
            "news",
            "June 2021",
            State.PUBLISHED,
        )
        assert item.publish_at == ARCHIVED_AT
        assert item.sources == [{"url": "https://www.example.org/piece", "title": "A newspaper, June 2021"}]
        assert item.history.get().history_change_reason == content_loading.REASON

    def test_gives_a_person_their_terms_in_order(self, folder: Path) -> None:
        load(folder)
        terms = list(Person.objects.get().terms.order_by("id"))
        assert [(term.office, term.start, term.end) for term in terms] == [
            ("Vice-chair", "2020-07", "2020-09"),
            ("Co-chair", "2020-09", ""),
        ]
        assert [term.uncertain for term in terms] == [False, True]

    def test_a_changed_file_changes_the_item_and_shows_the_difference(self, folder: Path) -> None:
        load(folder)
        write(folder, "news", NEWS.replace("What happened", "What came to pass"))
        told = load(folder)
        assert NewsItem.objects.get().summary == "What came to pass, in a line."
        assert "-summary: What happened, in a line." in told
        assert "+summary: What came to pass, in a line." in told

    def test_a_term_taken_out_of_a_file_goes_and_one_changed_is_changed(self, folder: Path) -> None:
        load(folder)
        kept = Person.objects.get().terms.order_by("id").first()
        shorter = PERSON[: PERSON.index("  - office: Co-chair")] + PERSON[PERSON.index("---\n<p>") :]
        write(folder, "people", shorter.replace("end: 2020-09", "end: 2020-10"))
        assert outcomes(folder)["ada-example-mp"] is Outcome.CHANGED
        term = Person.objects.get().terms.get()
        assert (term.pk, term.end) == (kept.pk if kept else None, "2020-10")

    def test_a_file_spelt_in_another_way_is_the_same(self, folder: Path) -> None:
        load(folder)
        other = NEWS.replace("title: A piece of news", 'title: "A piece of news"').replace(
            "<p>The group met.</p>", '<p class="x">The  group met.</p><script>alert(1)</script>'
        )
        write(folder, "news", other)
        assert set(outcomes(folder).values()) == {Outcome.SAME}
        assert NewsItem.objects.get().history.count() == 1

    def test_keeps_what_an_editor_changed_and_says_so(self, folder: Path) -> None:
        load(folder)
        item = NewsItem.objects.get()
        item.summary = "An editor's words."
        item.save()
        write(folder, "news", NEWS.replace("What happened", "What came to pass"))

        told = load(folder)

        assert "kept: changed by an editor" in told
        assert NewsItem.objects.get().summary == "An editor's words."

    def test_keeps_an_editors_change_when_the_file_has_not_changed(self, folder: Path) -> None:
        load(folder)
        NewsItem.objects.update(summary="An editor's words.")
        assert outcomes(folder)["a-piece-of-news"] is Outcome.KEPT

    def test_overwrites_only_when_told_and_says_so(self, folder: Path) -> None:
        load(folder)
        NewsItem.objects.update(summary="An editor's words.")
        told = load(folder, overwrite=True)
        assert "overwritten" in told
        assert NewsItem.objects.get().summary == "What happened, in a line."
        assert set(outcomes(folder).values()) == {Outcome.SAME}

    def test_an_editors_change_written_out_and_loaded_again_is_the_same(self, folder: Path) -> None:
        load(folder)
        NewsItem.objects.update(summary="An editor's words.")
        call_command("dump_appg_content", "--to", str(folder), verbosity=0)
        assert set(outcomes(folder).values()) == {Outcome.SAME}

    def test_a_dry_run_tells_and_writes_nothing(self, folder: Path) -> None:
        told = load(folder, dry_run=True)
        assert "2 new" in told
        assert "nothing was written" in told
        assert not NewsItem.objects.exists()
        assert not Person.objects.exists()

    def test_draft_scheduled_and_withdrawn_items_go_out_and_come_in(
        self, folder: Path, tmp_path: Path
    ) -> None:
        load(folder)
        NewsItem.objects.update(
            state=State.WITHDRAWN, withdrawn_reason="It was wrong.", publish_at=timezone.now()
        )
        Person.objects.update(state=State.DRAFT, publish_at=None)
        before = list(NewsItem.objects.values("state", "publish_at", "withdrawn_reason"))
        out = tmp_path / "out"
        content_loading.dump(out)
        NewsItem.objects.all().delete()
        for person in Person.objects.all():
            person.terms.all().delete()
            person.delete()

        load(out)

        assert list(NewsItem.objects.values("state", "publish_at", "withdrawn_reason")) == before
        assert Person.objects.get().state == State.DRAFT

    def test_a_title_with_everything_that_yaml_and_html_mind_survives(
        self, folder: Path, tmp_path: Path
    ) -> None:
        title = "- “No”: a 'title' # with <b>, & and \"quotes\": yes | no, 2021-01-01 ‘…’"
        load(folder)
        NewsItem.objects.update(title=title)
        out = tmp_path / "out"
        content_loading.dump(out)
        NewsItem.objects.all().delete()
        load(out)
        assert NewsItem.objects.get().title == title

    def test_costs_the_same_queries_for_each_item_however_many_there_are(self, tmp_path: Path) -> None:
        for number in range(3):
            write(tmp_path, "news", NEWS.replace("a-piece-of-news", f"news-{number}"))
        load(tmp_path)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            load(tmp_path)
        assert len(queries) <= 3 * 5 + 2


FAULTS: list[tuple[str, str, str, int, str, str]] = [
    ("kind that is not one", "kind: news", "kind: gossip", 4, "kind", "not a valid choice"),
    ("date that does not exist", "date: 2021-06\n", "date: 2021-02-30\n", 5, "date", "a date that exists"),
    ("year mistyped", "date: 2021-06\n", "date: 0202-06\n", 5, "date", "a year between 1900 and 2100"),
    ("place mistyped", "placed: 2021", "placed: 9999", 6, "placed", "a day between 1900 and 2100"),
    ("date in words", "date: 2021-06\n", "date: June 2021\n", 5, "date", "2020-09-22, 2020-09 or 2020"),
    ("key that is not known", "summary:", "sumary:", 7, "sumary", "expected one of title, slug"),
    (
        "source without address",
        "  - url: https://www.example.org/piece\n    title:",
        "  - title:",
        8,
        "sources",
        "lacks its url",
    ),
    (
        "source that is no address",
        "https://www.example.org/piece",
        "javascript:alert(1)",
        8,
        "sources",
        "not a web address",
    ),
    (
        "text where a list belongs",
        "sources:\n  - url: https://www.example.org/piece\n    title: A newspaper, June 2021\n",
        "sources: none\n",
        8,
        "sources",
        "a list of entries",
    ),
    (
        "list where text belongs",
        "summary: What happened, in a line.",
        "summary:\n  - What happened",
        7,
        "summary",
        "expected text",
    ),
    ("no title", "title: A piece of news\n", "", 1, "title", "expected a value"),
    (
        "slug that is not the file's name",
        "slug: a-piece-of-news",
        "slug: another",
        3,
        "slug",
        "the file's own name",
    ),
    (
        "reference to nothing",
        "summary:",
        "sessions:\n  - no-such-session\nsummary:",
        7,
        "sessions",
        "the slug of a session",
    ),
    (
        "ward that is not known",
        "summary:",
        "neighbourhoods:\n  - E05999999\nsummary:",
        7,
        "neighbourhoods",
        "the code of a neighbourhood",
    ),
    ("the same key twice", "kind: news\n", "kind: news\nkind: blog\n", 5, "kind", "each key only once"),
    ("broken YAML", "kind: news", "kind: [news", 5, "", "well-formed YAML"),
    (
        "publish_at that is no time",
        "summary:",
        "publish_at: tomorrow\nsummary:",
        7,
        "publish_at",
        "a time such as",
    ),
    (
        "withdrawn without reason",
        "summary:",
        "state: withdrawn\nsummary:",
        1,
        "withdrawn_reason",
        "why it was withdrawn",
    ),
    ("summary that is too long", "What happened, in a line.", "x" * 301, 7, "summary", "at most 300"),
]


@pytest.mark.django_db
class TestRefusals:
    @pytest.mark.parametrize(
        ("old", "new", "line", "key", "expected"),
        [fault[1:] for fault in FAULTS],
        ids=[fault[0] for fault in FAULTS],
    )
    def test_name_file_line_key_and_expectation_and_change_nothing(
        self, tmp_path: Path, old: str, new: str, line: int, key: str, expected: str
    ) -> None:
        write(tmp_path, "people", PERSON)
        assert old in NEWS
        write(tmp_path, "news", NEWS.replace(old, new, 1), "a-piece-of-news")

        with pytest.raises(CommandError) as caught:
            load(tmp_path)

        told = str(caught.value)
        assert told.startswith(f"news/a-piece-of-news.md, line {line}"), told
        assert f"“{key}”" in told or not key
        assert expected in told
        assert told.endswith("Nothing was changed.")
        assert not Person.objects.exists()
        assert not NewsItem.objects.exists()

    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            ("office: Vice-chair", "office: Emperor", "not a valid choice"),
            ("    end: 2020-09", "    end: 2020-06", "before the start"),
            ("    uncertain: true", "    uncertain: maybe", "uncertain: true"),
            ("    party: Independent", "    colour: grey", "colour"),
        ],
    )
    def test_name_the_terms_of_a_person(self, tmp_path: Path, old: str, new: str, expected: str) -> None:
        write(tmp_path, "people", PERSON.replace(old, new, 1))
        with pytest.raises(
            CommandError, match=r"people/ada-example-mp\.md, line 4, column “terms”"
        ) as caught:
            load(tmp_path)
        assert expected in str(caught.value)

    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            (b"no front matter", "front matter between two lines"),
            (b"---\ntitle: x\n", "front matter between two lines"),
            (b"---\n---\n", "front matter between two lines"),
            (b"---\n\n---\n", "keys with values"),
            (b"---\n- a\n- b\n---\n", "keys with values"),
            (b"---\ntitle: \xff\n---\n", "a readable text file in UTF-8"),
        ],
    )
    def test_name_a_file_that_is_none(self, tmp_path: Path, content: bytes, expected: str) -> None:
        (tmp_path / "news").mkdir()
        (tmp_path / "news" / "x.md").write_bytes(content)
        with pytest.raises(SourceError, match=r"news/x\.md") as caught:
            content_files.read_folder(tmp_path)
        assert expected in str(caught.value)

    @pytest.mark.parametrize("kind", ["news", "pages"])
    def test_name_a_slug_that_makes_no_address(self, tmp_path: Path, kind: str) -> None:
        text = NEWS if kind == "news" else "---\ntitle: A page\nslug: a-piece-of-news\n---\n"
        write(tmp_path, kind, text.replace("a-piece-of-news", "a piece"), "a piece")
        with pytest.raises(CommandError, match=rf"{kind}/a piece\.md, line 3, column “slug”"):
            load(tmp_path)

    @pytest.mark.parametrize(
        ("old", "new", "key", "expected"),
        [
            ("summary:", "state: draft\nsummary:", "state", "Withdraw it instead"),
            ("summary:", "publish_at: 2999-01-01T00:00:00+00:00\nsummary:", "publish_at", "in the future"),
        ],
    )
    @pytest.mark.parametrize("overwrite", [False, True])
    def test_name_what_would_vanish_from_the_public(
        self, folder: Path, old: str, new: str, key: str, expected: str, *, overwrite: bool
    ) -> None:
        load(folder)
        write(folder, "news", NEWS.replace(old, new, 1))
        with pytest.raises(CommandError, match=f"line 7, column “{key}”") as caught:
            load(folder, overwrite=overwrite)
        assert expected in str(caught.value)
        assert NewsItem.objects.get().is_public

    def test_a_draft_that_an_editor_has_published_since_is_no_reason_to_refuse(self, folder: Path) -> None:
        write(folder, "news", NEWS.replace("summary:", "state: draft\nsummary:", 1))
        load(folder)
        NewsItem.objects.update(state=State.PUBLISHED, publish_at=timezone.now())
        assert outcomes(folder)["a-piece-of-news"] is Outcome.KEPT

    @pytest.mark.parametrize(
        ("slug", "expected"),
        [("2021", "a page that the site makes itself"), ("moved", "it leads to /news/elsewhere/")],
    )
    def test_name_an_address_that_is_taken(self, tmp_path: Path, slug: str, expected: str) -> None:
        Redirect.objects.create(old_path="/news/moved", new_path="/news/elsewhere/")
        write(tmp_path, "news", NEWS.replace("a-piece-of-news", slug))
        with pytest.raises(CommandError, match=rf"news/{slug}\.md, line 3, column “slug”") as caught:
            load(tmp_path)
        assert expected in str(caught.value)
        assert not NewsItem.objects.exists()

    def test_name_an_empty_folder(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="content files in publications, sessions"):
            load(tmp_path)

    def test_name_text_where_a_kind_has_none(self, tmp_path: Path) -> None:
        write(tmp_path, "glossary", "---\ntitle: X\nslug: x\nsummary: A letter.\n---\n<p>More.</p>\n")
        with pytest.raises(CommandError, match="no text after the front matter"):
            load(tmp_path)

    def test_a_folder_that_cannot_be_written_is_named(self, tmp_path: Path) -> None:
        blocked = tmp_path / "file"
        blocked.write_text("in the way")
        with pytest.raises(CommandError, match="file"):
            call_command("dump_appg_content", "--to", str(blocked))


@pytest.mark.django_db
def test_a_file_half_written_by_a_dump_is_never_taken_for_content(tmp_path: Path) -> None:
    write(tmp_path, "news", NEWS)
    load(tmp_path)
    shutil.copy(tmp_path / "news" / "a-piece-of-news.md", tmp_path / "news" / "a-piece-of-news.new")
    assert len(content_files.read_folder(tmp_path)) == 1


def test_every_kind_has_its_keys_in_the_model() -> None:
    for model in CONTENT_MODELS.values():
        assert issubclass(model, Item)
        for key in model.content_keys:
            assert content_files.shape_of(model, key) in ("text", "list", "entries")
