"""What a copy of the site searches: an index as files, for a script, where no server can answer.

A server of files answers every search with the search page as it stands. There ``static/js/search.js``
fetches these files, and picks the results out of the very list items that a server would have sent. On the
site itself nobody asks for them: its search page comes with its answer.
"""

from __future__ import annotations

from contextlib import closing
from typing import Any, Final

from django.http import Http404, HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from appg import search as record
from leftbehind_site.search import MOST, Results
from neighbourhoods import postcodes
from neighbourhoods import search as directory
from neighbourhoods.search import Match, Named

POSTCODE: Final = "{postcode}"
"""Stands in a prepared answer where the postcode that was typed belongs."""

AREA: Final = "{area}"
"""Stands there where the letters belong that it begins with."""


def index() -> dict[str, Any]:
    """Everything that can be found by words.

    Returns:
        ``names`` and ``record``: the HTML of all their results, and in the order of its list items the words
        by which each is found: a name's own, those of what it lies in, its spellings without spaces and its
        codes; an item's title and text. ``noise``: words that tell nothing apart, for each of them.
        ``postcodes``: the letters that postcodes begin with, the outward codes of which there is a file, and
        prepared answers to all others: whole ones by the letters that they begin with, whole ones whose
        letters none begins with, and a part of one.
        ``most``: how many results of a kind are shown.
    """
    known = directory.names()
    with closing(record.index()) as held:
        items = held.listed()
    named: tuple[Named[Any], ...] = (*known.places, *known.areas)
    found = directory.Found(tuple(map(Match, known.places)), tuple(map(Match, known.areas)))
    everything = Results("", names=found, held=record.Found(others=tuple(hit for hit, *_ in items)))
    return {
        "most": MOST,
        "noise": {"names": sorted(directory.NOISE), "record": sorted(record.NOISE)},
        "names": {
            "html": render_to_string("components/search_names.html", {"results": _All(everything)}),
            "words": [_of_name(one) for one in named],
        },
        "record": {
            "html": render_to_string("components/search_record.html", {"hits": everything.held.hits}),
            "words": [[title, text] for _, title, text in items],
        },
        "postcodes": {
            "areas": sorted(postcodes.AREAS),
            "outward": postcodes.outward_codes(),
            "unknown": {area: _prepared(answer) for area, answer in postcodes.unknown(POSTCODE).items()},
            "none": _prepared(postcodes.no_area(POSTCODE, AREA)),
            "part": _prepared(postcodes.Answer(POSTCODE, postcodes.Verdict.PART)),
        },
    }


class _All:
    """Results of which none is left out."""

    def __init__(self, results: Results) -> None:
        self.places = results.names.places
        self.areas = results.names.areas


def _of_name(named: Named[Any]) -> list[Any]:
    return [
        " ".join(named.words),
        " ".join(named.other_words),
        " ".join(named.joined),
        " ".join(named.codes),
    ]


def _prepared(answer: postcodes.Answer) -> str:
    return render_to_string("components/search_postcode.html", {"answer": answer})


def begun(outward: str) -> dict[str, Any] | None:
    """The postcodes that begin with an outward code.

    Returns:
        ``part``: the answer to the outward code by itself. ``places``: for each neighbourhood the prepared
        answer to a postcode in it, and their inward codes. Nothing where there is no such postcode.
    """
    inward = postcodes.inward_codes(outward)
    if not inward:
        return None
    places = {
        place: {
            "html": _prepared(postcodes.Answer(POSTCODE, postcodes.Verdict.YES, places=(place,))),
            "inward": " ".join(codes),
        }
        for place, codes in inward.items()
    }
    part = postcodes.Answer(outward, postcodes.Verdict.PART, places=tuple(inward))
    return {"part": _prepared(part), "places": list(places.values())}


@require_safe
def everything(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - a view's signature
    """Answer with the index."""
    return _answer(index())


@require_safe
def postcodes_of(request: HttpRequest, outward: str) -> JsonResponse:  # noqa: ARG001 - a view's signature
    """Answer with the postcodes of an outward code."""
    found = begun(outward)
    if found is None:
        raise Http404("no listed neighbourhood has a postcode that begins so")
    return _answer(found)


def _answer(contents: dict[str, Any]) -> JsonResponse:
    return JsonResponse(contents, json_dumps_params={"ensure_ascii": False, "separators": (",", ":")})
