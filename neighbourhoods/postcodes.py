"""Whether a postcode lies in one of the listed neighbourhoods, in plain words.

A postcode is looked up and forgotten: it is kept nowhere, and no message of the log holds it (see
``leftbehind_site.logs``). What is known, and what is not, is told in docs/decisions/0005.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.db.models import QuerySet, Value
from django.db.models.functions import Left, StrIndex

from neighbourhoods.models import Neighbourhood, Postcode
from neighbourhoods.search import Place

AREAS: Final = frozenset(
    {
        *("AB", "AL", "B", "BA", "BB", "BD", "BF", "BH", "BL", "BN", "BR", "BS", "BT", "BX", "CA", "CB"),
        *("CF", "CH", "CM", "CO", "CR", "CT", "CV", "CW", "DA", "DD", "DE", "DG", "DH", "DL", "DN", "DT"),
        *("DY", "E", "EC", "EH", "EN", "EX", "FK", "FY", "G", "GL", "GU", "GY", "HA", "HD", "HG", "HP"),
        *("HR", "HS", "HU", "HX", "IG", "IM", "IP", "IV", "JE", "KA", "KT", "KW", "KY", "L", "LA", "LD"),
        *("LE", "LL", "LN", "LS", "LU", "M", "ME", "MK", "ML", "N", "NE", "NG", "NN", "NP", "NR", "NW"),
        *("OL", "OX", "PA", "PE", "PH", "PL", "PO", "PR", "RG", "RH", "RM", "S", "SA", "SE", "SG", "SK"),
        *("SL", "SM", "SN", "SO", "SP", "SR", "SS", "ST", "SW", "SY", "TA", "TD", "TF", "TN", "TQ", "TR"),
        *("TS", "TW", "UB", "W", "WA", "WC", "WD", "WF", "WN", "WR", "WS", "WV", "YO", "ZE"),
    }
)
"""The letters that postcodes begin with. Source: Royal Mail's postcode areas."""

_ELSEWHERE: Final = {
    **dict.fromkeys(
        ("AB", "DD", "EH", "FK", "G", "HS", "IV", "KA", "KW", "KY", "ML", "PA", "PH"), "Scotland"
    ),
    "ZE": "Scotland",
    **dict.fromkeys(("CF", "SA"), "Wales"),
    "BT": "Northern Ireland",
    "GY": "Guernsey",
    "JE": "Jersey",
    "IM": "the Isle of Man",
}
"""Areas with no postcode in England at all; those that cross the border are not among them."""

_GAPS: Final = re.compile(r"[\s\-\u2010-\u2015\u2212._]+")
_OUTWARD: Final = r"(?P<area>[A-Z]{1,2})(?P<district>\d[A-Z\d]?)"
_OUTWARD_CODE: Final = re.compile(_OUTWARD, re.ASCII)
_WHOLE: Final = re.compile(rf"{_OUTWARD}(?P<inward>\d[A-Z]{{2}})", re.ASCII)
_PART: Final = re.compile(rf"{_OUTWARD}(?: ?\d[A-Z]?)?", re.ASCII)
_SHAPELESS: Final = re.compile(r"(?=(?:[A-Z]*\d){2})[A-Z]{1,2}\d[A-Z\d]{3,6}", re.ASCII)
_WITHIN: Final = re.compile(r"(?<![A-Z\d])[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}(?![A-Z\d])", re.ASCII)
_NEVER_INWARD: Final = frozenset("CIKMOV")


class Verdict(StrEnum):
    """What there is to say."""

    YES = "yes"
    NO = "no"
    PART = "part"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search that looks like a postcode is told.

    Attributes:
        postcode: The postcode in its usual spelling, or what was typed instead of one.
        verdict: In one of the listed neighbourhoods, in none, only part of a postcode, or no postcode.
        why: What makes it no postcode, or what is known of where it lies.
        places: The neighbourhood it lies in; for a part of a postcode, those it may lie in.
    """

    postcode: str
    verdict: Verdict
    why: str = ""
    places: tuple[Place, ...] = ()

    @property
    def settled(self) -> bool:
        """Whether it answers the search as a whole, so that nothing else can have been meant."""
        return self.verdict in (Verdict.YES, Verdict.NO)


def _flat(typed: str) -> str:
    """Upper case and the plain forms of letters and digits."""
    return unicodedata.normalize("NFKC", typed).upper()


def answer(typed: str) -> Answer | None:
    """What to say of a search that looks like a postcode, or holds one; nothing of any other. One query.

    Args:
        typed: In any case and spacing.
    """
    text = _flat(typed)
    code = _GAPS.sub("", text)
    if not _WHOLE.fullmatch(code) and (within := _WITHIN.search(text)):
        code = _GAPS.sub("", within[0])
    if whole := _WHOLE.fullmatch(code):
        return _of_whole(whole)
    # Where there is a space it tells the outward code: "TS3 7" begins postcodes of TS3, "TS37" those of TS37.
    part = _PART.fullmatch(_GAPS.sub(" ", text).strip()) or _PART.fullmatch(code)
    if part and part["area"] in AREAS:
        return _of_part(part)
    # A ward's code begins as the postcodes of E0 would, which there are none of.
    if _SHAPELESS.fullmatch(code) and not re.match(r"[ESWNK]\d{8}", code) and _area(code) in AREAS:
        return Answer(text, Verdict.NONE, "A postcode ends in a digit and two letters, such as 9XX.")
    return None


def _area(code: str) -> str:
    """The letters that a code begins with."""
    return re.split(r"\d", code, maxsplit=1)[0]


def _of_whole(found: re.Match[str]) -> Answer:
    """Of a text with the shape of a postcode."""
    area, inward = found["area"], found["inward"]
    postcode = f"{area}{found['district']} {inward}"
    if area not in AREAS:
        return no_area(postcode, area)
    if never := _NEVER_INWARD.intersection(inward):
        letters = " or ".join(sorted(never))
        return Answer(postcode, Verdict.NONE, f"The last two letters of a postcode are never {letters}.")
    known = (
        None
        if area in _ELSEWHERE
        else _listed().filter(postcode=postcode).select_related("neighbourhood__authority__region").first()
    )
    if known is None:
        return _unknown(postcode, area)
    return Answer(postcode, Verdict.YES, places=(Place(known.neighbourhood),))


def outward_codes() -> list[str]:
    """The outward codes of all postcodes that are known, sorted; one query."""
    gap = StrIndex("postcode", Value(" "))
    codes = _listed().annotate(outward=Left("postcode", gap - 1)).order_by("outward")
    return list(codes.values_list("outward", flat=True).distinct())


def inward_codes(outward: str) -> dict[Place, list[str]]:
    """The inward codes of an outward one, sorted, by the neighbourhood that they lie in; one query.

    Args:
        outward: As it is spelt officially; of any other there are none, whatever a database takes for equal.
    """
    found: dict[Place, list[str]] = {}
    if not _OUTWARD_CODE.fullmatch(outward):
        return found
    of_it = _listed().filter(postcode__startswith=f"{outward} ").order_by("neighbourhood__name", "postcode")
    for known in of_it.select_related("neighbourhood__authority__region"):
        found.setdefault(Place(known.neighbourhood), []).append(known.postcode.partition(" ")[2])
    return found


def unknown(postcode: str) -> dict[str, Answer]:
    """What is said of a postcode that is not known.

    Args:
        postcode: In whatever spelling the answers shall have it.

    Returns:
        The answer by the letters that it begins with: each area outside England, and without letters all
        others.
    """
    return {area: _unknown(postcode, area) for area in ("", *sorted(_ELSEWHERE))}


def no_area(postcode: str, area: str) -> Answer:
    """What is said of a text with the shape of a postcode whose letters none begins with.

    Args:
        postcode: In its usual spelling.
        area: The letters that it begins with, which are none of ``AREAS``.
    """
    return Answer(postcode, Verdict.NONE, f"No postcode in the United Kingdom begins with {area}.")


def _listed() -> QuerySet[Postcode]:
    return Postcode.objects.filter(neighbourhood__in=Neighbourhood.objects.listed())


def _unknown(postcode: str, area: str) -> Answer:
    where = _ELSEWHERE.get(area)
    why = f"Postcodes that begin with {area} are in {where}, and the list covers England only."
    return Answer(postcode, Verdict.NO, why if where else "")


def _of_part(found: re.Match[str]) -> Answer:
    """Of the beginning of a postcode."""
    outward = f"{found['area']}{found['district']}"
    begins = Neighbourhood.objects.listed().filter(postcodes__postcode__startswith=f"{outward} ")
    places = begins.select_related("authority__region").order_by("name", "code").distinct()
    return Answer(outward, Verdict.PART, places=tuple(Place(one) for one in places))
