"""Figures in words: numbers as they are printed, and sentences that can be quoted without a second look.

Every sentence names the place, the position, the total, what rank 1 means, the publication and its date,
so that it stays true when it is lifted out of the page. Ties say "joint"; what is missing says "no data".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from neighbourhoods import codes
from neighbourhoods.measures import NO_TOWN, Measure, Sentence, Source, Unit

NO_DATA: Final = "no data"
DIRECTION: Final = "1 = greatest need"
OUR_CALCULATION: Final = "our calculation from LSOA figures"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one place on one measure.

    Attributes:
        value: The figure, where there is one and it may be printed.
        category: The class the place belongs to, for measures that are not numbers.
        rank: Among all wards; 1 is the greatest need.
        joint: Whether another ward has the same rank.
        out_of: How many wards are ranked.
        place: Among the listed neighbourhoods.
        joint_place: Whether another listed neighbourhood has the same place.
        places: How many listed neighbourhoods have a place.
        lsoas: How many LSOAs the ward has, which turns a count of them into a share.
    """

    value: Decimal | None = None
    category: str = ""
    rank: int | None = None
    joint: bool = False
    out_of: int | None = None
    place: int | None = None
    joint_place: bool = False
    places: int = 0
    lsoas: int | None = None

    @property
    def missing(self) -> bool:
        """Whether the published files hold nothing for this place."""
        return self.value is None and not self.category and self.rank is None


# --- numbers


def number(value: Decimal | float | None, decimals: int = 0) -> str:
    """A number with thousands separated, rounded half up as printed statistics are; or that there is none."""
    if value is None:
        return NO_DATA
    exact = value if isinstance(value, Decimal) else Decimal(value)
    return f"{exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP):,}"


def ordinal(position: int) -> str:
    """A position as an ordinal: 1st, 11th, 112th, 1,121st."""
    suffix = "th" if position % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(position % 10, "th")
    return f"{position:,}{suffix}"


def value(measure: Measure, amount: Decimal | None) -> str:
    """A measure's value as a table prints it.

    A figure above nothing is never rounded to nothing, and one short of everything never to everything.
    """
    if amount is None:
        return NO_DATA
    sign = "%" if measure.unit is Unit.PERCENT else ""
    text = number(amount, measure.decimals)
    step = Decimal(1).scaleb(-measure.decimals)
    if amount and not Decimal(text.replace(",", "")):
        return f"under {step}{sign}"
    if measure.unit is Unit.PERCENT and amount < 100 and Decimal(text) >= 100:
        return f"over {100 - step}%"
    return f"{text}{sign}"


def rank(position: int | None, *, joint: bool) -> str:
    """A rank or place on its own: "joint 45th"."""
    if position is None:
        return NO_DATA
    return f"joint {ordinal(position)}" if joint else ordinal(position)


def position(place: int | None, *, joint: bool) -> str:
    """A rank or place as a column of figures prints it: "joint 45"."""
    return f"joint {number(place)}" if joint and place is not None else number(place)


def of_wards(total: int | None) -> str:
    """The total that a rank is out of."""
    return f"of {total:,} wards" if total is not None else ""


def count(how_many: int, singular: str, plural: str = "") -> str:
    """A number with the noun in its right form."""
    return f"{how_many:,} {singular if how_many == 1 else plural or f'{singular}s'}"


def share(part: Decimal | None) -> str:
    """A share of 0 to 1 as whole per cent, never rounding a part down to none or up to all."""
    if part is None:
        return NO_DATA
    if part >= 1:
        return "all"
    percent = int((part * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return "under 1%" if percent < 1 else "over 99%" if percent > 99 else f"{percent}%"


def listing(names: list[str]) -> str:
    """Names as a sentence lists them: "A", "A and B", "A, B and C"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def authority(name: str) -> str:
    """An authority's name as prose has it: official lists put "City of" behind a comma."""
    return re.sub(r", (City|County) of$", "", name)


def region(name: str) -> str:
    """A region's name after "in": "the North East", but "London"."""
    return f"the {name}" if name.split(maxsplit=1)[0] in ("North", "East", "South", "West") else name


_HEADINGS: Final = {
    Unit.PEOPLE: "Residents",
    Unit.LSOAS: "LSOAs",
    Unit.SCORE: "Score",
    Unit.PERCENT: "Share",
    Unit.CATEGORY: "Class",
}


def heading(measure: Measure) -> str:
    """What stands over a column of a measure's values."""
    return _HEADINGS[measure.unit]


# --- where a figure comes from


def publication(source: Source) -> str:
    """A publication with its year and whom to credit."""
    return f"{source.title}, {source.credit}"


def moment(measure: Measure) -> str:
    """What moment a figure describes, where its publication's title does not say so."""
    return "" if measure.period in measure.source.title else f"Describes {measure.period}."


def source_of(measure: Measure) -> str:
    """The publication with its year, the moment it describes if that is another one, and whom to credit."""
    source = measure.source
    when = "" if measure.period in source.title else f", describing {measure.period}"
    return f"{source.title}{when}, {source.credit}"


def reference(measure: Measure, *, ranked: bool = False) -> str:
    """The bracket that closes a quotable sentence."""
    parts = [source_of(measure)]
    if measure.ours:
        parts.append(OUR_CALCULATION)
    if ranked:
        parts.append(DIRECTION)
    return f"({'; '.join(parts)})"


# --- sentences


def _highest(facts: Facts, noun: str) -> str:
    """The place of a share among all wards: "the joint 45th highest share of 7,427 wards"."""
    if facts.rank is None:
        return ""
    joint = "joint " if facts.joint else ""
    nth = "" if facts.rank == 1 else f"{ordinal(facts.rank)} "
    return f", the {joint}{nth}highest {noun} {of_wards(facts.out_of)}"


def _shared_by(facts: Facts) -> str:
    """How many wards share the lowest value: all from this rank on, since tied wards take the first rank."""
    if facts.rank is None or facts.out_of is None or not facts.joint:
        return ""
    return f"; the same is true of {number(facts.out_of - facts.rank + 1)} {of_wards(facts.out_of)}"


def _rank_sentence(measure: Measure, name: str, facts: Facts) -> str:
    score = f", with an average score of {value(measure, facts.value)}" if facts.value is not None else ""
    return (
        f"{name} ranks {rank(facts.rank, joint=facts.joint)} {of_wards(facts.out_of)} for"
        f" {measure.subject}{score} {reference(measure, ranked=True)}."
    )


def _people(measure: Measure, name: str, facts: Facts) -> str:
    if not facts.value:
        return f"No {measure.who} of {name} {measure.state} {reference(measure)}."
    return (
        f"{_capital(value(measure, facts.value))} of {measure.who} of {name}"
        f" {measure.state}{_highest(facts, 'share')} {reference(measure)}."
    )


def _tenth(measure: Measure, name: str, facts: Facts) -> str:
    where = "among England’s most deprived tenth" + (f" for {measure.field}" if measure.field else "")
    if not facts.value:
        return f"None of the LSOAs in {name} is {where}{_shared_by(facts)} {reference(measure)}."
    amount = "All" if facts.value >= 100 else _capital(value(measure, facts.value))
    return f"{amount} of the LSOAs in {name} are {where}{_highest(facts, 'share')} {reference(measure)}."


def _largest(facts: Facts, noun: str) -> str:
    """The place of a count among the listed: "the joint 3rd largest population of the 225 listed wards"."""
    if facts.place is None or not facts.value:
        return ""
    joint = "joint " if facts.joint_place else ""
    nth = "" if facts.place == 1 else f"{ordinal(facts.place)} "
    return f", the {joint}{nth}largest {noun} of the {facts.places:,} listed neighbourhoods"


def _lsoas(measure: Measure, name: str, facts: Facts) -> str:
    how_many = count(int(facts.value or 0), "LSOA")
    largest = _largest(facts, "number")
    return f"{name} is made up of {how_many}, by best fit{largest} {reference(measure)}."


def deprived_lsoas(deprived: int, lsoas: int, place: str = "") -> str:
    """How many of a ward's LSOAs are among the most deprived tenth: "5 of its 6 LSOAs are among …"."""
    where = "among England’s most deprived tenth"
    within = f" in {place}" if place else ""
    its = "the" if place else "its"
    if lsoas == 1:
        return f"{its.capitalize()} only LSOA{within} is {'' if deprived else 'not '}{where}"
    if deprived == 0:
        return f"None of {its} {lsoas:,} LSOAs{within} is {where}"
    if deprived == lsoas:
        return f"{f'Both of {its}' if lsoas == 2 else f'All of {its} {lsoas:,}'} LSOAs{within} are {where}"
    return f"{deprived:,} of {its} {lsoas:,} LSOAs{within} {'is' if deprived == 1 else 'are'} {where}"


def domains(name: str, ranked: int, in_tenth: int, within_median: int) -> str:
    """In how many of the ranked domains a place stands where; nothing where none is ranked.

    "No more deprived than the median ward" rather than "in the less deprived half": on some domains most
    wards share the lowest value.
    """
    if not ranked:
        return ""
    of = f"of the {ranked} domains" if ranked > 1 else "of one domain"
    first = f"{name} is among the most deprived tenth of wards in {in_tenth or 'none'} {of}"
    if not within_median:
        return f"{first}."
    return f"{first}, and no more deprived than the median ward in {within_median}."


def _deprived_lsoas(measure: Measure, name: str, facts: Facts) -> str:
    deprived = int(facts.value or 0)
    largest = _largest(facts, "number")
    if facts.lsoas:
        return f"{deprived_lsoas(deprived, facts.lsoas, name)}{largest} {reference(measure)}."
    which = count(deprived, "LSOA") if deprived else "No LSOA"
    verb = "are" if deprived > 1 else "is"
    return f"{which} in {name} {verb} among England’s most deprived tenth{largest} {reference(measure)}."


def _population(measure: Measure, name: str, facts: Facts) -> str:
    residents = count(int(facts.value or 0), "resident")
    largest = _largest(facts, "population")
    return f"{name} had {residents} in {measure.period}{largest} {reference(measure)}."


def _rural_urban(measure: Measure, name: str, facts: Facts) -> str:
    return f"Most residents of {name} live in areas classed as ‘{facts.category}’ {reference(measure)}."


def _town(measure: Measure, name: str, facts: Facts) -> str:
    where = "outside the major towns and cities" if facts.category == NO_TOWN else f"in {facts.category}"
    return f"Most residents of {name} live {where} {reference(measure)}."


_SENTENCES: Final[dict[Sentence, Callable[[Measure, str, Facts], str]]] = {
    Sentence.RANK: _rank_sentence,
    Sentence.PEOPLE: _people,
    Sentence.TENTH: _tenth,
    Sentence.LSOAS: _lsoas,
    Sentence.DEPRIVED_LSOAS: _deprived_lsoas,
    Sentence.POPULATION: _population,
    Sentence.AREAS: _rural_urban,
    Sentence.TOWN: _town,
}


def sentence(measure: Measure, name: str, facts: Facts) -> str:
    """One figure of one place as a sentence that can be quoted."""
    if facts.missing:
        return f"There is {NO_DATA} for {name} on ‘{measure.label}’ {reference(measure)}."
    return _SENTENCES[measure.sentence](measure, name, facts)


def apart(how: str, measure: Measure, most: tuple[str, Facts], least: tuple[str, Facts]) -> str:
    """How far apart the greatest and the least need of several places are on a measure."""
    (one, here), (other, there) = most, least
    ranks = rank(here.rank, joint=here.joint), rank(there.rank, joint=there.joint)
    stand = (
        f"{one} and {other} both rank {ranks[0]} {of_wards(here.out_of)}"
        if here.rank == there.rank
        else f"{one} ranks {ranks[0]} {of_wards(here.out_of)} and {other} ranks {ranks[1]}"
    )
    return f"They are {how} for {measure.subject}: {stand} {reference(measure, ranked=True)}."


def place_among_listed(facts: Facts) -> str:
    """The place among the listed neighbourhoods: "joint 3rd of the 225"."""
    if facts.place is None:
        return NO_DATA
    return f"{rank(facts.place, joint=facts.joint_place)} of the {facts.places:,}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# --- addresses that lead nowhere

_KINDS: Final = (
    (
        codes.WARD,
        (
            "is shaped like the code of an electoral ward in England, but that ward is not on the list."
            " The list uses ward codes of December 2017; a ward whose boundaries were drawn again later has"
            " another code."
        ),
    ),
    (codes.LSOA, "is the code of a small area (LSOA), not of a ward. A ward is made up of several of them."),
    (r"^E02\d{6}$", "is the code of a middle-layer super output area, not of a ward."),
    (codes.AUTHORITY, "is the code of a local authority, not of a ward."),
    (r"^E10\d{6}$", "is the code of a county, not of a ward."),
    (codes.REGION, "is the code of a region, not of a ward."),
    (codes.CONSTITUENCY, "is the code of a parliamentary constituency, not of a ward."),
    (r"^W\d{8}$", "is the code of a place in Wales. The list covers England only."),
    (r"^S\d{8}$", "is the code of a place in Scotland. The list covers England only."),
    (r"^N\d{8}$", "is the code of a place in Northern Ireland. The list covers England only."),
    (r"^E\d{8}$", "is the code of a place in England, but not of a ward."),
    (r"^\d{2}[A-Z]{2}[A-Z0-9]{0,2}$", "looks like a code of the system used before 2011."),
    (
        r"^[A-Z]{1,2}\d[A-Z\d]?[ +-]?(\d[A-Z]{2})?$",
        "looks like a postcode. The address of a neighbourhood holds its ward code.",
    ),
)


def unknown_code(code: str) -> str:
    """What a code that leads nowhere probably is; nothing when it looks like no code at all."""
    text = code.upper()
    for pattern, explanation in _KINDS:
        if codes.matches(pattern, text):
            return f"{text} {explanation}"
    return ""
