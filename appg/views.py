"""The pages of the group's record: an address, a selector, a template."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from appg import citing, selectors, structured, wording
from appg.access import answer, find, look, visible
from appg.html import plain
from appg.models import (
    Chapter,
    Coverage,
    GlossaryTerm,
    Item,
    NewsItem,
    Page,
    Person,
    Publication,
    Question,
    Session,
)
from appg.officers import officers as select_officers
from leftbehind_site.common.citation import FORMS, file_path, files_of
from leftbehind_site.common.headers import for_everyone
from leftbehind_site.common.page import Crumb
from leftbehind_site.common.page import Page as Frame
from leftbehind_site.common.responses import redirect_to
from leftbehind_site.common.site import current_site
from leftbehind_site.common.structured import Node

_LABEL = 60
_DESCRIPTION = 200
_FALLBACK = "From the archive of the All-Party Parliamentary Group for ‘left behind’ neighbourhoods."


def _cut(text: str, most: int) -> str:
    """A text of at most so many characters, cut between words where it can be."""
    if len(text) <= most:
        return text
    head = text[: most - 1]
    return f"{head.rpartition(' ')[0] or head}…"


def _frame(item: Item, title: str, *crumbs: Crumb) -> Frame:
    """The frame of an item's page."""
    summary = getattr(item, "summary", "") or plain(getattr(item, "body", ""))
    described = "This item has been withdrawn." if item.is_withdrawn else summary
    return Frame(
        title=title,
        description=_cut(described, _DESCRIPTION) or f"{title}. {_FALLBACK}",
        path=item.get_absolute_url(),
        label=_cut(item.title, _LABEL),
        crumbs=crumbs,
        indexed=item.is_public,
        article=isinstance(item, Chapter | NewsItem | Publication),
        published=getattr(item, "when_machine", ""),
    )


def _list_frame(
    name: str, title: str, label: str, description: str, *crumbs: Crumb, nodes: Iterable[Node] = ()
) -> Frame:
    """The frame of a page that shows many items."""
    path = reverse(f"appg:{name}")
    return Frame(title, description, path=path, label=label, crumbs=crumbs, nodes=tuple(nodes))


def _detail(request: HttpRequest, template: str, frame: Frame, detail: selectors.Detail) -> HttpResponse:
    """An item's page."""
    context: dict[str, object] = {"detail": detail, "item": detail.item}
    if citing.is_cited(detail.item):
        # The frame's own facts, read here so that they are read once.
        site = current_site()
        context |= {
            "site": site,
            "citation": citing.citation_of(detail.item, site),
            "citation_files": files_of(frame.path),
        }
    frame = replace(frame, nodes=(structured.item(detail),))
    return answer(request, template, frame, context, preview=not detail.item.is_public)


@require_safe
def citation(request: HttpRequest, folder: str, slug: str, suffix: str) -> HttpResponse:
    """A public item's page as a reference manager's file; from its former addresses the way leads there.

    A withdrawn item keeps its files, as it keeps its page, and they say that it was withdrawn.
    """
    form = FORMS[suffix.lower()]
    found = citing.FOLDERS[folder].objects.public().filter(slug=slug).first()
    path = found.get_absolute_url() if found else citing.moved(f"/{folder}/{slug}/")
    if not path:
        raise Http404
    if found is None or request.path != file_path(path, form):
        return redirect_to(request, file_path(path, form))
    text = form.write(citing.citation_of(found, current_site()))
    response = HttpResponse(text, content_type=f"{form.media_type}; charset=utf-8")
    for_everyone(response)
    return response


def _sessions_crumb() -> Crumb:
    return Crumb("Sessions", reverse("appg:sessions"))


def _news_crumb() -> Crumb:
    return Crumb("News", reverse("appg:news"))


def _publications_crumb() -> Crumb:
    return Crumb("Publications", reverse("appg:publications"))


# --- sessions


@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """All sessions in order of time."""
    frame = _list_frame(
        "sessions",
        "Sessions: evidence, inquiry, roundtables and launches",
        "Sessions",
        "The meetings of the group in order of time: evidence sessions, the inquiry into levelling up,"
        " roundtables and launches.",
    )
    listed = selectors.sessions()
    context: dict[str, object] = {"years": selectors.by_year(listed), "lanes": selectors.lanes(listed)}
    return answer(request, "appg/sessions.html", frame, {**context, "count": len(listed)})


@require_safe
def session(request: HttpRequest, slug: str, folder: str) -> HttpResponse:
    """One session; from the other folder the way leads to its own."""
    found: Session = find(request, Session.objects.all(), slug)
    if found.folder != folder:
        return redirect_to(request, found.get_absolute_url())
    detail = selectors.detail(found)
    frame = _frame(found, f"{found.title} ({wording.kind(found)}, {found.when})", _sessions_crumb())
    return _detail(request, "appg/session.html", frame, detail)


@require_safe
def inquiry(request: HttpRequest) -> HttpResponse:
    """The inquiry into levelling up: a page that editors may write, and the inquiry's sessions."""
    slug = "inquiry-into-levelling-up"
    text: Page | None = look(request, Page.objects.all(), slug)
    detail = selectors.detail(text) if text else None
    frame = _list_frame(
        "inquiry",
        "The inquiry into levelling up",
        "Inquiry into levelling up",
        "What the group’s inquiry into levelling up was, and its sessions.",
        _sessions_crumb(),
        nodes=[structured.item(detail)] if detail else [],
    )
    context: dict[str, object] = {
        "detail": detail,
        "item": text,
        "sessions": selectors.inquiry_sessions(),
    }
    preview = text is not None and not text.is_public
    return answer(request, "appg/inquiry.html", frame, context, preview=preview)


# --- news


@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """All news by year."""
    frame = _list_frame(
        "news",
        "News, press releases, blogs and letters",
        "News",
        "What the group announced and wrote: news, press releases, blogs and letters, by year.",
    )
    return answer(
        request, "appg/news.html", frame, {"years": selectors.by_year(selectors.news()), "year": None}
    )


@require_safe
def news_year(request: HttpRequest, year: str) -> HttpResponse:
    """The news of one year."""
    years = selectors.by_year(selectors.news())
    found = next((one for one in years if one.label == year), None)
    if found is None:
        raise Http404
    frame = Frame(
        title=f"News of {year}",
        description=f"What the group announced and wrote in {year}: news, press releases, blogs and letters.",
        path=reverse("appg:news-year", args=[year]),
        label=year,
        crumbs=(_news_crumb(),),
    )
    return answer(request, "appg/news.html", frame, {"years": years, "year": found})


@require_safe
def news_item(request: HttpRequest, slug: str) -> HttpResponse:
    """One piece of news."""
    found: NewsItem = find(request, NewsItem.objects.all(), slug)
    frame = _frame(found, f"{found.title} ({wording.kind(found)}, {found.when})", _news_crumb())
    return _detail(request, "appg/news_item.html", frame, selectors.detail(found))


# --- publications


@require_safe
def publications(request: HttpRequest) -> HttpResponse:
    """All publications by kind."""
    frame = _list_frame(
        "publications",
        "Publications: reports, policy shorts, data dives and briefings",
        "Publications",
        "What the group published or had written for it: reports, policy shorts, data dives, briefings.",
    )
    return answer(request, "appg/publications.html", frame, {"shelves": selectors.publications()})


@require_safe
def publication(request: HttpRequest, slug: str) -> HttpResponse:
    """One publication."""
    found: Publication = find(request, Publication.objects.all(), slug)
    frame = _frame(found, f"{found.title} ({wording.kind(found)}, {found.when})", _publications_crumb())
    return _detail(request, "appg/publication.html", frame, selectors.detail(found))


@require_safe
def chapter(request: HttpRequest, slug: str) -> HttpResponse:
    """One chapter of the final report."""
    found: Chapter = find(request, Chapter.objects.select_related("publication"), slug)
    report = found.publication
    crumbs = [_publications_crumb()]
    if report.is_public:
        crumbs.append(Crumb(_cut(report.title, _LABEL), report.get_absolute_url()))
    frame = _frame(found, f"{found.title} (chapter of “{report.title}”)", *crumbs)
    return _detail(request, "appg/chapter.html", frame, selectors.detail(found))


# --- pages of many items


@require_safe
def officers(request: HttpRequest) -> HttpResponse:
    """Who held which office when."""
    people, preview = visible(request, Person.objects.all())
    found = select_officers(people)
    frame = _list_frame(
        "officers",
        "Officers of the group",
        "Officers",
        "Who chaired the group and who its other officers were, with party, House and constituency at the"
        " time, and what is not known.",
        nodes=structured.people(found.people),
    )
    return answer(request, "appg/officers.html", frame, {"officers": found}, preview=preview)


@require_safe
def questions(request: HttpRequest) -> HttpResponse:
    """Questions and answers."""
    items, preview = visible(request, Question.objects.all())
    found = selectors.questions(items)
    frame = _list_frame(
        "questions",
        "Questions and answers",
        "Questions",
        "Questions often asked about the group and about ‘left behind’ neighbourhoods, with answers.",
        nodes=structured.questions(found),
    )
    return answer(request, "appg/questions.html", frame, {"questions": found}, preview=preview)


@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    """The words that need explaining."""
    items, preview = visible(request, GlossaryTerm.objects.all())
    found = selectors.glossary_terms(items)
    frame = _list_frame(
        "glossary",
        "Glossary",
        "Glossary",
        "Words and abbreviations of the group’s record, explained.",
        nodes=structured.glossary_terms(found),
    )
    return answer(request, "appg/glossary.html", frame, {"terms": found}, preview=preview)


@require_safe
def coverage(request: HttpRequest) -> HttpResponse:
    """What others wrote about the group’s work."""
    items, preview = visible(request, Coverage.objects.all())
    found = selectors.coverage(items)
    frame = _list_frame(
        "coverage",
        "Press coverage",
        "Press coverage",
        "What newspapers and others wrote about the group’s work, with links to the pieces.",
        nodes=structured.coverage(found),
    )
    return answer(request, "appg/coverage.html", frame, {"coverage": found}, preview=preview)


@require_safe
def corrections(request: HttpRequest) -> HttpResponse:
    """The register of corrections."""
    frame = _list_frame(
        "corrections",
        "Corrections to this archive",
        "Corrections",
        "What was wrong on a page of this archive, and what is right: every correction, the latest first.",
    )
    return answer(request, "appg/corrections.html", frame, {"register": selectors.register()})


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """A page about the group or this archive."""
    found: Page = find(request, Page.objects.all(), slug)
    return _detail(request, "appg/page.html", _frame(found, found.title), selectors.detail(found))
