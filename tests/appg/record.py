"""A record with everything in it, and the pages that show it."""

from __future__ import annotations

from typing import Any

from tests.appg import items

EMPTY = {
    "/officers/": "This archive names no officer yet.",
    "/sessions/": "This archive holds no session yet.",
    "/inquiry-into-levelling-up/": "This archive holds no session of the inquiry yet.",
    "/news/": "This archive holds no news yet.",
    "/publications/": "This archive holds no publication yet.",
    "/faqs/": "This archive holds no question yet.",
    "/glossary/": "This archive explains no word yet.",
    "/press-coverage/": "This archive holds no press coverage yet.",
    "/corrections/": "No correction has been made.",
}
ODD = "A “very” <b>odd</b> 'title' & \"more\" – ‘left behind’"
LONG = "Unbroken" * 12 + " " + "many words and then some more of them " * 5
SOURCES = [
    {"url": "https://www.example.org/?a=1&b=2", "title": "A <source> & “more”"},
    {"url": "https://x.org/"},
]


def full_record() -> dict[str, Any]:
    """An item of every kind with something in every field, all tied to one another."""
    place = items.neighbourhood()
    other = items.neighbourhood("E05000002", "Grange")
    words = {"summary": "A summary with <words> & “quotes”.", "sources": SOURCES}
    body = (
        "<p>A ward is <strong>here</strong>, a ward is there.</p>\n<h2>Findings</h2>\n<h3>More</h3>\n"
        "<ul>\n<li>One</li>\n</ul>\n<blockquote>\n<p>Said.</p>\n</blockquote>\n"
        '<table>\n<tr><th scope="col">A</th></tr>\n<tr><td>1</td></tr>\n</table>\n'
    )
    publication = items.publication(
        title="The report",
        slug="the-report",
        body=body,
        authors=[{"name": "The group"}, {"name": "OCSI"}],
        partners=[{"name": "Reform"}],
        licence="Open Government Licence v3.0",
        key_figures=[{"figure": "46%", "meaning": "higher risk"}, {"figure": "£7.77", "meaning": "a head"}],
        documents=[
            {
                "title": "The whole",
                "type": "PDF",
                "pages": "48",
                "url": "https://x.org/a.pdf",
                "note": "A copy.",
            },
            {"title": "The summary", "type": "PDF", "pages": "1"},
        ],
        neighbourhoods=[place, other],
        date_note="The month is known.",
        **words,
    )
    session = items.session(
        title="The session",
        slug="the-session",
        number=5,
        theme="Transport",
        body=body,
        speakers=[
            {"name": "Ada Example", "role": "Director", "organisation": "An Institute"},
            {"role": "resident", "organisation": "A Big Local area"},
            {"role": "A student"},
            {"name": "Ben Example"},
        ],
        speakers_note="There were others.",
        documents=[{"title": "THE REPORT", "type": "report"}, {"title": "A film", "type": "recording"}],
        reading=[{"title": "A book", "author": "An author"}, {"title": "A page", "url": "https://x.org/p"}],
        publications=[publication, items.publication(title="Another one")],
        neighbourhoods=[place],
        **words,
    )
    news = items.news(
        title="The news",
        slug="the-news",
        body=body,
        author="The co-chairs",
        sessions=[session],
        publications=[publication],
        neighbourhoods=[place],
        **words,
    )
    chapters = [
        items.chapter(title=f"Chapter {name}", publication=publication, order=order, body=body, **words)
        for order, name in ((20, "two"), (10, "one"), (30, "three"))
    ]
    made: dict[str, Any] = {
        "place": place,
        "publication": publication,
        "session": session,
        "news": news,
        "chapter": chapters[0],
        "page": items.page(slug="about", title="About", body=body, **words),
        "other_page": items.page(slug="contact", title="Contact"),
        "inquiry": items.session(kind="inquiry", inquiry_number=1, date="2022", placed="2022-04-01"),
        "question": items.question(slug="why", title="Why?", body=body, sources=SOURCES),
        "word": items.word(title="Ward (W)", slug="ward", also=[{"name": "wards"}], sources=SOURCES[:1]),
        "coverage": items.coverage(date_note="A note."),
        "event": items.event(slug="an-event", about=news.get_absolute_url()),
        "person": items.person(
            {"start": "2020"}, {"last_seen": "2021"}, slug="ada", body=body, sources=SOURCES
        ),
    }
    for key in (
        "publication",
        "session",
        "news",
        "chapter",
        "page",
        "question",
        "word",
        "coverage",
        "person",
    ):
        items.correction(made[key], f"What was <wrong> about the {key}.\nWhat is right.")
    return made


def paths_of(record: dict[str, Any]) -> list[str]:
    paged = [record[kind].get_absolute_url() for kind in (*items.PAGED, "inquiry", "other_page", "place")]
    return ["/", *EMPTY, "/news/2021/", *paged]
