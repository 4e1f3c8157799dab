"""Texts on their pages: glossary words marked where they first occur, everything else untouched."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appg.bodies import Marker, Word, glossary, spellings_of
from appg.content_files import read_folder
from appg.html import clean
from tests.appg import items

IMD = Word("imd", spellings_of("Index of Multiple Deprivation (IMD)", ["Indices of Deprivation"]))
WARD = Word("ward", spellings_of("Ward", ["wards"]))
FUND = Word("fund", spellings_of("Community Wealth Fund", ["community wealth funds"]))
ALLIANCE = Word("alliance", spellings_of("Community Wealth Fund Alliance", []))


def link(slug: str, text: str) -> str:
    return f'<a class="term" href="/glossary/#{slug}">{text}</a>'


def show(html: str, *words: Word, below: int = 1) -> str:
    return str(Marker(words).show(html, below=below))


@pytest.mark.parametrize(
    ("title", "also", "expected"),
    [
        (
            "Index of Multiple Deprivation (IMD)",
            ["Indices"],
            ("Index of Multiple Deprivation (IMD)", "Index of Multiple Deprivation", "IMD", "Indices"),
        ),
        ("Ward", ["wards", "Ward"], ("Ward", "wards")),
    ],
)
def test_a_word_has_these_spellings(title: str, also: list[str], expected: tuple[str, ...]) -> None:
    assert spellings_of(title, also) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        pytest.param("<p>A ward.</p>", f"<p>A {link('ward', 'ward')}.</p>", id="in lower case"),
        pytest.param(
            "<p>Ward by ward.</p>", f"<p>{link('ward', 'Ward')} by ward.</p>", id="the first one only"
        ),
        pytest.param("<p>Wards</p>", f"<p>{link('ward', 'Wards')}</p>", id="another spelling"),
        pytest.param("<p>WARD</p>", "<p>WARD</p>", id="shouted"),
        pytest.param(
            "<p>The IMD’s rank</p>", f"<p>The {link('imd', 'IMD')}’s rank</p>", id="before an apostrophe"
        ),
        pytest.param("<p>imd, Imd</p>", "<p>imd, Imd</p>", id="an abbreviation has its capitals"),
        pytest.param(
            "<p>index of multiple deprivation</p>",
            "<p>index of multiple deprivation</p>",
            id="a name has, too",
        ),
        pytest.param("<p>towards, wardship, re-ward, ward-level</p>", None, id="inside a word"),
        pytest.param(
            "<h2>Ward</h2>\n<p>Ward</p>", f"<h2>Ward</h2>\n<p>{link('ward', 'Ward')}</p>", id="heading"
        ),
        pytest.param('<p><a href="/x/">a ward</a></p>', None, id="in a link"),
        pytest.param('<p><a href="/x/">a <em>ward</em></a></p>', None, id="in an element in a link"),
        pytest.param('<p><img src="/x" alt="A ward"></p>', None, id="in an attribute"),
        pytest.param(
            "<p><strong>ward</strong></p>", f"<p><strong>{link('ward', 'ward')}</strong></p>", id="strong"
        ),
        pytest.param(
            "<ul>\n<li>ward</li>\n</ul>", f"<ul>\n<li>{link('ward', 'ward')}</li>\n</ul>", id="list"
        ),
        pytest.param(
            "<p>a &lt;ward&gt; &amp; a ward</p>",
            f"<p>a &lt;{link('ward', 'ward')}&gt; &amp; a ward</p>",
            id="<",
        ),
        pytest.param(
            "<p>The Community Wealth Fund Alliance and the Community Wealth Fund</p>",
            f"<p>The {link('alliance', 'Community Wealth Fund Alliance')} and the"
            f" {link('fund', 'Community Wealth Fund')}</p>",
            id="the longest",
        ),
        pytest.param(
            "<p>Community wealth funds</p>",
            f"<p>{link('fund', 'Community wealth funds')}</p>",
            id="at the head",
        ),
        pytest.param(
            "<p>Community Wealth\nFund</p>",
            f"<p>{link('fund', 'Community Wealth' + chr(10) + 'Fund')}</p>",
            id="over a line end",
        ),
    ],
)
def test_words_are_marked_where_they_first_occur(html: str, expected: str | None) -> None:
    assert show(html, IMD, WARD, FUND, ALLIANCE) == (html if expected is None else expected)


def test_a_word_is_marked_once_on_a_page_of_many_texts() -> None:
    marker = Marker((WARD,))
    assert link("ward", "ward") in marker.show("<p>ward</p>")
    assert marker.show("<p>ward</p>") == "<p>ward</p>"


def test_a_spelling_that_two_words_have_leads_to_one() -> None:
    first, second = Word("a", ("fund",)), Word("b", ("Fund",))
    assert show("<p>A fund, a Fund.</p>", second, first).count("<a ") == 1


def test_without_a_glossary_nothing_changes() -> None:
    assert show("<p>A ward &amp; more.</p>") == "<p>A ward &amp; more.</p>"


def test_headings_follow_the_one_above_them() -> None:
    html = "<h2>A</h2>\n<h3>B</h3>\n<h4>C</h4>\n<hr>"
    assert show(html, below=2) == "<h3>A</h3>\n<h4>B</h4>\n<h5>C</h5>\n<hr>"
    assert show(html, below=9) == "<h6>A</h6>\n<h6>B</h6>\n<h6>C</h6>\n<hr>"


def test_tables_scroll_in_frames_of_their_own_name() -> None:
    shown = show("<table>\n<tr><td>1</td></tr>\n</table>\n<table>\n<tr><td>2</td></tr>\n</table>\n")
    for name in ("Table 1", "Table 2"):
        assert f'<div class="scroll" role="region" aria-label="{name}" tabindex="0"><table>' in shown
    assert shown.count("</table></div>") == 2


@pytest.mark.django_db
def test_the_glossary_is_read_in_one_query(django_assert_num_queries: object) -> None:
    items.word(title="Ward", slug="ward", also=[{"name": "wards"}])
    items.word(title="Draft", slug="draft", **items.DRAFT)
    items.word(title="Later", slug="later", **items.future())
    items.word(title="Gone", slug="gone", **items.WITHDRAWN)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert glossary() == (Word("ward", ("Ward", "wards")),)


# --- nothing but links is added


class _Text(HTMLParser):
    """A document's text."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def text_of(html: str) -> str:
    parser = _Text()
    parser.feed(html)
    parser.close()
    return "".join(parser.text)


def test_every_shipped_text_stays_as_it_is_without_a_glossary() -> None:
    bodies = [file.body for file in read_folder() if file.body and "<table" not in file.body]
    assert len(bodies) > 80
    for body in bodies:
        assert show(body) == body


WORDS = st.sampled_from(
    ["ward", "Wards", "IMD", "Community Wealth Fund", "<", ">", "&", "&amp;", '"', "’", " ", "\n", "é", "a"]
)
PIECES = st.sampled_from(
    [
        *("<p>", "</p>", "<h2>", "</h2>", '<a href="/x?a=1&b=2">', "</a>", "<em>", "</em>"),
        *("<ul><li>", "</li></ul>", "<table><tr><th>", "</th><td>", "</td></tr></table>", "<br>"),
        '<img src="/i" alt="ward & <ward>">',
    ]
)


@given(st.lists(WORDS | PIECES, max_size=30).map("".join))
def test_any_clean_text_keeps_its_words_and_stays_clean(html: str) -> None:
    body = clean(html)
    shown = show(body, IMD, WARD, FUND, ALLIANCE)
    assert text_of(shown) == text_of(body)
    if "<table" not in body:
        assert clean(shown) == clean(shown.replace(' class="term"', ""))
        unmarked = shown
        for slug in ("imd", "ward", "fund", "alliance"):
            before, mark, after = unmarked.partition(f'<a class="term" href="/glossary/#{slug}">')
            assert f"#{slug}" not in after
            if mark:
                word, end, rest = after.partition("</a>")
                assert "<" not in word
                assert end
                unmarked = before + word + rest
        assert unmarked == body
