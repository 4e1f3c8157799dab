"""Two to four neighbourhoods side by side: which were asked for, and what their figures say together.

The number of database queries is fixed, whatever the number of neighbourhoods.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from django.utils.text import slugify

from neighbourhoods import listings, similarity, wording
from neighbourhoods.figures import Comparison, FigureLine, comparisons_of, line_of, listed_in
from neighbourhoods.measures import MEASURES, RANKED, Measure, Theme
from neighbourhoods.models import Figure, Neighbourhood, Release
from neighbourhoods.others import MOST_COMPARED, comparison_path

FEWEST: Final = 2
"""How many it takes to compare."""

_MOST_READ: Final = 12
"""The most entries that are looked at, however many are named."""

_LONGEST: Final = 120
"""The longest entry that is looked at; names with their authorities end well before."""

_MOST_SUGGESTED: Final = 5

_CODE: Final = re.compile(r"[A-Z]\d{8}", re.ASCII | re.IGNORECASE)
_LABEL: Final = re.compile(r".*\((?P<code>[A-Z]\d{8})\)", re.ASCII | re.IGNORECASE | re.DOTALL)


# --- what was asked for


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something that was asked for cannot be compared, and what may have been meant."""

    message: str
    suggestions: tuple[Neighbourhood, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """Which neighbourhoods are to be compared.

    Attributes:
        places: Those that were found, in the order given, each once.
        problems: What stands in the way; without any, the places can be compared.
        fields: What the form's fields hold, four of them: what was chosen stays chosen.
    """

    places: tuple[Neighbourhood, ...]
    problems: tuple[Problem, ...]
    fields: tuple[str, ...]

    @property
    def path(self) -> str:
        """The address of the comparison."""
        return comparison_path(place.code for place in self.places)


def label(neighbourhood: Neighbourhood) -> str:
    """A neighbourhood as the form names it: a name alone is no key."""
    return f"{neighbourhood.name}, {neighbourhood.authority.in_prose} ({neighbourhood.code})"


def entries(values: Iterable[str]) -> list[str]:
    """The single entries of what was written: codes between commas or spaces, names as they are."""
    found: list[str] = []
    for value in values:
        text = " ".join("".join(c if c.isprintable() else " " for c in value).split())
        if not text:
            continue
        if _LABEL.fullmatch(text) or not _CODE.search(text):
            found.append(text)
            continue
        for part in filter(None, (part.strip() for part in re.split("[,;]", text))):
            words = part.split()
            found += words if all(_CODE.fullmatch(word) for word in words) else [part]
    return found


def choose(written: Sequence[str]) -> Choice:
    """The neighbourhoods that entries name, and what is wrong with the entries; two queries at most."""
    looked_at = [entry[:_LONGEST] for entry in written[:_MOST_READ]]
    known = _with_codes({_code_of(entry) for entry in looked_at})
    names = [entry for entry in looked_at if not _CODE.fullmatch(_code_of(entry))]
    listed = list(listings.everyone().with_areas()) if names else []
    places: dict[str, Neighbourhood] = {}
    problems: list[Problem] = []
    fields: list[str] = []
    for number, entry in enumerate(looked_at, start=1):
        code = _code_of(entry)
        found = known.get(code)
        if code in places:
            problems.append(Problem(f"{places[code].name} ({code}) is named twice. Each is compared once."))
        elif found is not None and found.release.state == Release.State.CURRENT:
            places[code] = found
            fields.append(label(found))
        else:
            problem = _left_the_list(found) if found else _unknown(number, entry, listed)
            problems.append(problem)
            fields.append(label(problem.suggestions[0]) if len(problem.suggestions) == 1 else entry)
    if len(written) > MOST_COMPARED:
        problems.append(
            Problem(
                f"You named {wording.number(len(written))}. Up to four fit side by side;"
                " the first four are kept below."
            )
        )
    if len(places) < FEWEST:
        problems.append(Problem("A comparison takes at least two neighbourhoods of the list."))
    fields += [""] * MOST_COMPARED
    return Choice(tuple(places.values()), tuple(problems), tuple(fields[:MOST_COMPARED]))


def _code_of(entry: str) -> str:
    """The code in an entry: the entry itself, or what stands in brackets behind a name."""
    found = _LABEL.fullmatch(entry)
    return (found["code"] if found else entry).upper()


def _with_codes(codes: set[str]) -> dict[str, Neighbourhood]:
    """The neighbourhoods with some codes, on the list or not; one query."""
    asked = [code for code in codes if _CODE.fullmatch(code)]
    found = Neighbourhood.objects.with_areas().select_related("release").filter(code__in=asked)
    return {neighbourhood.code: neighbourhood for neighbourhood in found}


def _left_the_list(found: Neighbourhood) -> Problem:
    return Problem(
        f"{found.name} ({found.code}) is not on the present list. Its figures are from an earlier release,"
        " and figures of two releases are not compared."
    )


_NUMBERS: Final = ("first", "second", "third", "fourth", "fifth", "sixth")


def _unknown(number: int, entry: str, listed: Sequence[Neighbourhood]) -> Problem:
    """What is wrong with an entry that names none of the listed neighbourhoods."""
    if guess := wording.unknown_code(_code_of(entry)):
        return Problem(guess)
    which = f"The {_NUMBERS[number - 1]} entry" if number <= len(_NUMBERS) else f"Entry {number}"
    suggestions = tuple(_suggestions(entry, listed))
    if suggestions:
        return Problem(
            f"{which} is a name. Names repeat, so please choose by code. Did you mean:", suggestions
        )
    return Problem(f"{which} is neither the code nor the name of a neighbourhood on the list.")


def _suggestions(entry: str, listed: Sequence[Neighbourhood]) -> list[Neighbourhood]:
    """The neighbourhoods that a name may mean: those of that name, or those whose name holds the words."""
    words = slugify(entry.partition(",")[0])
    if not words:
        return []
    same = [neighbourhood for neighbourhood in listed if neighbourhood.slug == words]
    return (same or [one for one in listed if f"-{words}" in f"-{one.slug}"])[:_MOST_SUGGESTED]


# --- side by side


@dataclass(frozen=True, slots=True)
class Cell:
    """One place's figure on one measure."""

    called: str
    line: FigureLine
    most: bool
    """Whether its need is the greatest of those compared."""


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """One measure for all places compared."""

    measure: Measure
    cells: tuple[Cell, ...]

    @property
    def label(self) -> str:
        """The measure's label up to its colon."""
        return self.cells[0].line.label

    @property
    def label_detail(self) -> str:
        """What stands behind the colon."""
        return self.cells[0].line.label_detail

    @property
    def of_wards_text(self) -> str:
        """What the ranks are out of."""
        totals = {cell.line.facts.out_of for cell in self.cells} - {None}
        return wording.of_wards(max(total for total in totals if total)) if totals else ""

    @property
    def spread(self) -> float:
        """How far apart the outermost marks on the strips are; negative where fewer than two have a rank."""
        at = [
            float(cell.line.strip.at)
            for cell in self.cells
            if cell.line.strip and cell.line.strip.at is not None
        ]
        return max(at) - min(at) if len(at) >= FEWEST else -1

    @property
    def extremes(self) -> tuple[Cell, Cell]:
        """The cells of the greatest and of the least need."""
        ranked = [cell for cell in self.cells if cell.line.facts.rank is not None]
        ranked.sort(key=lambda cell: cell.line.facts.rank or 0)
        return ranked[0], ranked[-1]


@dataclass(frozen=True, slots=True)
class ThemeRows:
    """The measures under one heading."""

    theme: Theme
    rows: tuple[MeasureRow, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A place that is compared.

    Attributes:
        neighbourhood: The ward.
        called: Its name, with the authority where another one has the same name.
        without_path: The comparison of the others; empty where fewer than two would be left.
    """

    neighbourhood: Neighbourhood
    called: str
    without_path: str


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Neighbourhoods with all their figures side by side.

    Attributes:
        places: The columns.
        themes: The rows.
        listed: How many neighbourhoods the release lists.
        release: The release all figures come from.
        sentences: Where the places are furthest apart and where closest, each to be quoted.
        alike: Which two profiles are the most alike; nothing where that cannot be said.
    """

    places: tuple[Place, ...]
    themes: tuple[ThemeRows, ...]
    listed: int
    release: Release | None
    sentences: tuple[str, ...]
    alike: str

    @property
    def listed_text(self) -> str:
        """How many neighbourhoods the release lists."""
        return wording.number(self.listed)

    @property
    def how(self) -> str:
        """How likeness is measured."""
        return similarity.HOW

    @property
    def sources(self) -> tuple[str, ...]:
        """The publications behind the figures, each once."""
        return tuple(dict.fromkeys(wording.publication(measure.source) for measure in MEASURES))


def side_by_side(neighbourhoods: Sequence[Neighbourhood]) -> SideBySide:
    """The figures of listed neighbourhoods side by side; three queries."""
    release = Release.objects.current()
    comparisons = comparisons_of(release.pk) if release else {}
    figures = {
        (figure.neighbourhood_id, figure.measure): figure
        for figure in Figure.objects.filter(release=release, neighbourhood__in=neighbourhoods)
    }
    called = _called(neighbourhoods)
    rows = [_row(measure, neighbourhoods, called, figures, comparisons) for measure in MEASURES]
    codes = [one.code for one in neighbourhoods]
    return SideBySide(
        places=tuple(
            Place(
                one,
                called[one.code],
                comparison_path(code for code in codes if code != one.code) if len(codes) > FEWEST else "",
            )
            for one in neighbourhoods
        ),
        themes=tuple(
            ThemeRows(theme, tuple(row for row in rows if row.measure.theme is theme)) for theme in Theme
        ),
        listed=listed_in(comparisons),
        release=release,
        sentences=_sentences(rows),
        alike=_alike(codes, called, figures),
    )


def _called(neighbourhoods: Sequence[Neighbourhood]) -> dict[str, str]:
    """The places' names, with the authority where two of them have the same."""
    times = Counter(one.name for one in neighbourhoods)
    return {
        one.code: one.name if times[one.name] == 1 else f"{one.name} ({one.authority.in_prose})"
        for one in neighbourhoods
    }


def _row(
    measure: Measure,
    neighbourhoods: Sequence[Neighbourhood],
    called: dict[str, str],
    figures: dict[tuple[str, str], Figure],
    comparisons: dict[str, Comparison],
) -> MeasureRow:
    """One measure for all of them."""
    lines = [
        line_of(measure, called[one.code], figures.get((one.code, measure.key)), comparisons.get(measure.key))
        for one in neighbourhoods
    ]
    ranks = {line.facts.rank for line in lines if line.facts.rank is not None}
    # Where all are equal, none stands out.
    first = min(ranks) if len(ranks) > 1 else None
    return MeasureRow(
        measure,
        tuple(
            Cell(line.name, line, line.facts.rank is not None and line.facts.rank == first) for line in lines
        ),
    )


def _sentences(rows: Sequence[MeasureRow]) -> tuple[str, ...]:
    """The two domains in which the places are furthest apart, and the one in which they are closest."""
    domains = sorted(
        (row for row in rows if row.measure.key in similarity.DOMAINS and row.spread >= 0),
        key=lambda row: -row.spread,
    )
    if len(domains) < 3:
        return ()
    return (
        *(_apart("furthest apart", row) for row in domains[:2] if row.spread > 0),
        _apart("closest", domains[-1]),
    )


def _apart(how: str, row: MeasureRow) -> str:
    most, least = row.extremes
    return wording.apart(how, row.measure, (most.called, most.line.facts), (least.called, least.line.facts))


def _alike(codes: Sequence[str], called: dict[str, str], figures: dict[tuple[str, str], Figure]) -> str:
    """Which two profiles are the most alike, and by how much they differ."""
    profiles = {
        code: similarity.profile_of(
            figures[code, measure.key] for measure in RANKED if (code, measure.key) in figures
        )
        for code in codes
    }
    pairs = [
        (apart.percent, one, other)
        for one, other in combinations(codes, 2)
        if (apart := similarity.distance(profiles[one], profiles[other]))
    ]
    if not pairs:
        return ""
    percent, one, other = min(pairs, key=lambda pair: pair[0])
    both = f"{called[one]} and {called[other]}"
    which = f"The profiles of {both}" if len(codes) == FEWEST else f"Most alike are {both}: their profiles"
    return f"{which} are {wording.number(percent, 1)}% of a strip’s length apart on average."
