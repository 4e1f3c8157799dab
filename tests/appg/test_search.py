"""The record by its words: only what is public at that moment, the closest first, with the words marked."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from appg import editing, search
from appg.models import NewsItem, State
from tests.appg import items

pytestmark = pytest.mark.django_db


def find(typed: str, *, forgiving: bool = True, some: bool = True) -> search.Found:
    with closing(search.index()) as index:
        return index.find(typed, forgiving=forgiving, some=some)


def titles(typed: str) -> list[str]:
    return [hit.item.title for hit in find(typed).hits]


FOUND = ("session", "news", "publication", "chapter", "page", "question", "word", "coverage", "person")


@pytest.mark.parametrize("kind", FOUND)
def test_every_kind_is_found_with_its_kind_and_address(kind: str) -> None:
    made = items.MAKERS[kind](title="About xylophones")
    (hit,) = find("xylophone").hits
    assert hit.item.get_absolute_url() == made.get_absolute_url()
    assert hit.kind
    assert hit.when == getattr(made, "when", "")


def test_speakers_authors_and_other_spellings_are_found() -> None:
    items.session(title="A", speakers=[{"name": "Jo Xylander", "organisation": "Big Local"}])
    items.publication(title="B", authors=[{"name": "Yarrow House"}])
    items.word(title="C", also=[{"name": "Zedland"}])
    assert (titles("xylander"), titles("yarrow"), titles("zedland")) == (["A"], ["B"], ["C"])
    assert "<mark>Xylander</mark>" in find("xylander").hits[0].excerpt


def test_drafts_and_scheduled_items_are_not_found_until_their_hour() -> None:
    items.news(title="Draft xylophone", **items.DRAFT)
    items.news(title="Scheduled xylophone", **items.future())
    assert titles("xylophone") == []
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert titles("xylophone") == ["Scheduled xylophone"]


def test_of_a_withdrawn_item_only_the_title_is_found() -> None:
    items.news(title="Xylophone", summary="yarrow", body="<p>zebra</p>", **items.WITHDRAWN)
    assert titles("xylophone") == ["Xylophone"]
    assert titles("yarrow") == titles("zebra") == []
    assert find("xylophone").hits[0].excerpt == ""


def test_edits_bulk_changes_deletions_and_undo_show_at_once() -> None:
    item = items.news(title="Xylophone")
    item.title = "Yarrow"
    item.save()
    assert (titles("xylophone"), titles("yarrow")) == ([], ["Yarrow"])
    first = NewsItem.history.filter(id=item.pk).order_by("history_id").first()
    editing.undo(first, by=None, why="a test")
    assert (titles("xylophone"), titles("yarrow")) == (["Xylophone"], [])
    NewsItem.objects.filter(pk=item.pk).update(title="Zebra")
    assert titles("zebra") == ["Zebra"]
    NewsItem.objects.filter(pk=item.pk).update(state=State.DRAFT, publish_at=None)
    assert titles("zebra") == []


def test_the_loaded_record_is_found() -> None:
    call_command("load_neighbourhoods", verbosity=0)
    call_command("load_appg_content", verbosity=0)
    assert titles("dormant assets")[0].casefold() == "dormant assets"


def test_a_title_comes_before_other_words_and_our_own_before_others() -> None:
    items.news(title="Other", body="<p>The xylophone, the xylophone.</p>")
    items.coverage(title="The xylophone and more", outlet="The Paper")
    items.news(title="The xylophone and more of it")
    items.question(title="The xylophone")
    assert titles("the xylophone")[0] == "The xylophone"
    assert titles("xylophone")[1] == "The xylophone and more of it"
    assert [hit.item.title for hit in find("The  Xylophone!").titled] == ["The xylophone"]


def test_the_words_are_marked_and_everything_else_is_text() -> None:
    items.news(title="A", body="<p>Five &lt;b&gt; <strong>xylophones</strong> &amp; a drum.</p>")
    assert find("xylophone drum").hits[0].excerpt == (
        "Five &lt;b&gt; <mark>xylophones</mark> &amp; a <mark>drum</mark>."
    )


def test_a_long_text_gives_a_short_excerpt() -> None:
    items.news(title="A", body=f"<p>{'word ' * 300} xylophone {'word ' * 300}</p>")
    excerpt = find("xylophone").hits[0].excerpt
    assert "<mark>xylophone</mark>" in excerpt
    assert len(excerpt) < 300


def test_a_slip_is_forgiven_and_named() -> None:
    items.news(title="Xylophones")
    found = find("xylohpones")
    assert found.readings == (("xylohpones", "xylophones"),)
    assert [hit.item.title for hit in found.hits] == ["Xylophones"]
    assert not find("xylohpones", forgiving=False)
    assert not found.certain


def test_where_no_item_has_all_words_some_will_do() -> None:
    items.news(title="Xylophone")
    items.news(title="Yarrow")
    found = find("xylophone yarrow")
    assert found.some
    assert {hit.item.title for hit in found.hits} == {"Xylophone", "Yarrow"}
    assert not find("xylophone yarrow", some=False)


@pytest.mark.parametrize(
    "typed", ["", "!!", '"', "a AND", "NEAR(x y)", "title:x", "x*", "-x", "^x", "the", "zz"]
)
def test_the_language_of_the_index_is_not_the_readers(typed: str) -> None:
    items.news(title="Something else")
    assert titles(typed) == []


def test_a_saint_is_found_in_either_spelling() -> None:
    items.session(title="At St George’s House")
    items.session(title="At Saint Mary’s")
    assert titles("saint georges house") == titles("St. George's house") == ["At St George’s House"]
    assert titles("st marys") == ["At Saint Mary’s"]


def test_one_query_reads_it_all(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for kind in FOUND:
        items.MAKERS[kind]()
    with django_assert_num_queries(1):
        find("anything at all")
