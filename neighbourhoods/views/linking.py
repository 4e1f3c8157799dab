"""What other sites show of a neighbourhood: the picture beside a link, the card in a frame, oEmbed."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from leftbehind_site.common import pictures
from leftbehind_site.common.headers import for_everyone, framed
from leftbehind_site.common.page import Page
from leftbehind_site.common.responses import redirect_to
from leftbehind_site.common.site import current_site
from neighbourhoods import cards, codes, linking, profiles, wording
from neighbourhoods.measures import HEADLINES
from neighbourhoods.models import Boundary, Neighbourhood
from neighbourhoods.views import places
from neighbourhoods.views.frame import not_found

_LONGEST: Final = 2000
"""The longest address that is looked at, in characters."""


def _known(neighbourhood: Neighbourhood) -> profiles.Particulars:
    """What is known of a neighbourhood by itself; three queries."""
    (found,) = profiles.particulars([neighbourhood])
    return found


def _at(
    path_of: Callable[[Neighbourhood], str], request: HttpRequest, code: str, slug: str
) -> Neighbourhood | HttpResponse:
    """The neighbourhood whose address of a kind this is, or the answer that leads to it."""
    found = profiles.find_neighbourhood(code)
    if found is None:
        return not_found(request, code, slug)
    path = path_of(found)
    return found if request.path == path else redirect_to(request, path)


# --- pictures


@require_safe
def card(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """The picture beside a link to a neighbourhood."""
    found = _at(linking.card_path, request, code, slug)
    if isinstance(found, HttpResponse):
        return found
    # Fetched along by ``with_outlines``, under a name that the model itself does not have.
    outline: str | None = getattr(found, "country_outline", None)
    told = _known(found), outline, current_site()
    svg = cards.neighbourhood(*told)
    return _picture(request, svg, lambda: pictures.png(svg, *cards.pieces(*told)))


@require_safe
def site_card(request: HttpRequest) -> HttpResponse:
    """The picture beside a link to any other page."""
    listed = Neighbourhood.objects.listed().order_by("code")
    svg = cards.whole(listed, _outline(), current_site())
    return _picture(request, svg, lambda: pictures.png(svg))


def _outline() -> str | None:
    """England's outline, as GeoJSON; one query."""
    return Boundary.objects.filter(code=codes.ENGLAND).values_list("geometry", flat=True).first()


def _picture(request: HttpRequest, svg: str, draw: Callable[[], bytes]) -> HttpResponse:
    """A drawing as a PNG; who has it already is told so before anything is drawn."""
    etag = pictures.etag(svg)
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(draw(), content_type="image/png", headers={"ETag": etag})
    response["Cache-Control"] = pictures.KEPT
    for_everyone(response)
    return response


# --- the card in a frame


@require_safe
def embed(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """A neighbourhood as a light card, which other sites may frame; the only page that they may."""
    found = _at(linking.embed_path, request, code, slug)
    if isinstance(found, HttpResponse):
        return found
    known = _known(found)
    page = Page(
        title=linking.Frame.of(found).title,
        description="",
        path=found.get_absolute_url(),
        indexed=False,
    )
    context = {"page": page, "known": known, "lines": [known.line(key) for key in HEADLINES]}
    response = render(request, "neighbourhoods/embed.html", context)
    # The card alone, not the redirects to it.
    framed(response)
    return response


# --- oEmbed


@require_safe
def document(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """What oEmbed says of a neighbourhood, at an address without a query, which a copy has too."""
    found = _at(linking.oembed_path, request, code, slug)
    if isinstance(found, HttpResponse):
        return found
    return _readable_elsewhere(JsonResponse(linking.oembed(linking.Frame.of(found))))


@require_safe
def oembed(request: HttpRequest) -> HttpResponse:
    """What oEmbed says of the neighbourhood whose page is named, at the address that its rules ask for."""
    form = request.GET.get("format", "json")
    if form not in ("json", "xml"):
        # Its rules would have 501, but what a stranger writes is never a fault of the server's.
        return _refusal(HTTPStatus.BAD_REQUEST, "The formats are json and xml.")
    url = request.GET.get("url", "")
    if not url:
        return _refusal(HTTPStatus.BAD_REQUEST, "Name the page as url, for example ?url=https://….")
    try:
        widest, tallest = _pixels(request, "maxwidth"), _pixels(request, "maxheight")
        found = _of_page(url)
    except ValueError as error:
        return _refusal(HTTPStatus.BAD_REQUEST, str(error))
    if found is None:
        return _refusal(HTTPStatus.NOT_FOUND, "No neighbourhood of this site has its page at that address.")
    picture = (widest or pictures.WIDTH) >= pictures.WIDTH and (tallest or pictures.HEIGHT) >= pictures.HEIGHT
    told = linking.oembed(linking.Frame.of(found, widest, tallest), picture=picture)
    if form == "xml":
        return _readable_elsewhere(HttpResponse(linking.as_xml(told), content_type="text/xml; charset=utf-8"))
    return _readable_elsewhere(JsonResponse(told))


def _of_page(url: str) -> Neighbourhood | None:
    """The neighbourhood whose page is at an address, whatever its scheme, query, fragment or last slash.

    Raises:
        ValueError: If it is no address.
    """
    if len(url) > _LONGEST:
        raise ValueError(f"An address of at most {wording.number(_LONGEST)} characters was expected as url.")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValueError("A web address was expected as url.") from None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError("A whole web address, beginning with https://, was expected as url.")
    if parts.netloc.lower() != urlsplit(settings.SITE_URL).netloc.lower():
        return None
    try:
        match = resolve(unquote(parts.path))
    except Resolver404:
        return None
    return profiles.find_neighbourhood(match.kwargs["code"]) if match.func is places.detail else None


def _pixels(request: HttpRequest, name: str) -> int | None:
    """A number of pixels that a parameter gives; none where it is not there.

    Raises:
        ValueError: If it is no such number.
    """
    text = request.GET.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 6 and int(text)):
        raise ValueError(f"A number of pixels, 1 to 999999, was expected as {name}.")
    return int(text)


def _refusal(status: HTTPStatus, why: str) -> HttpResponse:
    """An answer for a program that asked for what there is not."""
    return _readable_elsewhere(
        HttpResponse(f"{why}\n", status=status, content_type="text/plain; charset=utf-8")
    )


def _readable_elsewhere(response: HttpResponse) -> HttpResponse:
    """Let scripts of other sites read it."""
    for_everyone(response)
    return response
