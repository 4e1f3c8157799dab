"""Who sees an item that is not public, and how such a page is answered.

Public pages know no visitor: they touch no session and vary with no cookie. Only where nothing public stands
at an address, and the request carries a session's cookie, is it asked whether an editor wants to look at a
draft or at what is scheduled.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from appg.models import Item, ItemQuerySet
from leftbehind_site.common.editors import may_edit
from leftbehind_site.common.page import Page

PREVIEW = "preview"
"""The parameter with which an editor asks a page of many items for those that are not public yet."""

I = TypeVar("I", bound=Item)  # noqa: E741


def may_preview(request: HttpRequest, model: type[Item]) -> bool:
    """Whether the visitor is an editor who may see a kind of item before the public does.

    Without a desk there are no editors.
    """
    if not settings.DESK or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    user: Any = request.user
    return may_edit(user) and bool(user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}"))


def look(request: HttpRequest, items: ItemQuerySet, slug: str) -> Any:
    """The item at an address: a public one for everybody, any for an editor, none where there is none.

    Args:
        request: Of the visitor.
        items: Where to look.
        slug: The last part of the address.
    """
    found = items.public().filter(slug=slug).first()
    if found is None and may_preview(request, items.model):
        found = items.filter(slug=slug).first()
    return found


def find(request: HttpRequest, items: ItemQuerySet, slug: str) -> Any:
    """The same, for a page that is nothing without its item.

    Raises:
        Http404: If there is none that the visitor may see.
    """
    found = look(request, items, slug)
    if found is None:
        raise Http404
    return found


def visible(request: HttpRequest, items: ItemQuerySet) -> tuple[ItemQuerySet, bool]:
    """The items of a page that shows many, and whether those that are not public are among them.

    An editor asks for these with ``?preview=1``; without it the page is the public's, for everyone alike.
    """
    if PREVIEW in request.GET and may_preview(request, items.model):
        return items.all(), True
    return items.public(), False


def answer(
    request: HttpRequest, template: str, page: Page, context: dict[str, object], *, preview: bool = False
) -> HttpResponse:
    """A page; one that only editors see is kept by no cache and listed by no search engine."""
    response = render(request, template, {"page": page, "preview": preview, **context})
    if preview:
        response["Cache-Control"] = "private, no-store"
        response["X-Robots-Tag"] = "noindex"
    return response
