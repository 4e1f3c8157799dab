"""Charts that say more than one rank at a time: all wards as a field, the listed ones as a swarm of dots.

They read like the position strip: the greatest need is at the left, the most deprived tenth is shaded,
brick is this place or the listed ones, teal their median. Each repeats what a sentence or a table beside it
says, so it is hidden from assistive technology.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Final

from django.utils.safestring import SafeString, mark_safe

from neighbourhoods import strips
from neighbourhoods.dataset import GRID_SIZE
from neighbourhoods.figures import Comparison, FigureLine

Cell = tuple[int, ...]
"""Cell along community need, cell along deprivation, wards in it."""

_CELL: Final = 10
"""One side of a cell of the field, in units."""

_SIDE: Final = GRID_SIZE * _CELL

_SHADES: Final = (1, 8, 12, 18)
"""The fewest wards of each shade of the field; 7,433 wards would be 12 to the cell if they lay evenly."""

_BINS: Final = 100
"""How many heaps the dots of a swarm lie in, from the greatest need to the least."""

_DOT: Final = 8
"""From the middle of a dot to that of the next one, on the heap and beside it, in units of the drawing."""

_TALLEST: Final = 40
"""Dots that stand on each other; more at one place stand beside them, and the next heaps make room."""


def _svg(inner: str, attributes: str) -> SafeString:
    # Only numbers of our own making go into the markup.
    return mark_safe(f'<svg {attributes} aria-hidden="true" focusable="false">{inner}</svg>')  # noqa: S308


# --- the field of all wards


@lru_cache(maxsize=4)
def _field(cells: tuple[Cell, ...]) -> str:
    """All wards by both ranks, the stronger a shade the more; a run of one shade in a row is one line."""
    shade_of = {
        (need, deprivation): sum(wards >= least for least in _SHADES) for need, deprivation, wards in cells
    }
    runs: dict[int, list[str]] = defaultdict(list)
    for row in range(GRID_SIZE):
        start = 0
        for column in range(1, GRID_SIZE + 1):
            shade = shade_of.get((start, row), 0)
            if column == GRID_SIZE or shade_of.get((column, row), 0) != shade:
                if shade:
                    runs[shade].append(
                        f"M{start * _CELL} {row * _CELL + _CELL // 2}h{(column - start) * _CELL}"
                    )
                start = column
    return "".join(f'<path class="field-{shade}" d="{"".join(runs[shade])}"/>' for shade in sorted(runs))


@lru_cache(maxsize=4)
def cells_of(grid: str) -> tuple[Cell, ...]:
    """The cells of a release's grid, which comes as JSON along with each of its neighbourhoods."""
    return tuple(map(tuple, json.loads(grid)))


def _across(rank: Decimal | int, out_of: int) -> float:
    """A rank's way along a side of the field, in units."""
    return float(Decimal(_SIDE) * (Decimal(rank) - Decimal("0.5")) / out_of)


def field(cells: Iterable[Sequence[int]], need: FigureLine, deprivation: FigureLine) -> SafeString:
    """All wards by community need and deprivation, with one place marked.

    Args:
        cells: How many wards there are in each cell of ranks.
        need: The place's rank for community need.
        deprivation: Its rank for deprivation.

    Returns:
        The drawing; nothing where a rank or the cells are missing.
    """
    known = tuple(map(tuple, cells))
    ends = _end(need), _end(deprivation)
    if not known or need.facts.rank is None or deprivation.facts.rank is None or None in ends:
        return SafeString()
    across = _across(need.facts.rank, need.facts.out_of or 1)
    down = _across(deprivation.facts.rank, deprivation.facts.out_of or 1)
    right, bottom = (f"{end:.1f}" for end in ends if end is not None)
    return _svg(
        f"{_field(known)}"
        f'<path class="field-tenth" d="M{right} 0V{_SIDE}M0 {bottom}H{_SIDE}"/>'
        f'<path class="field-both" d="M0 0H{right}V{bottom}H0z"/>'
        f'<circle class="strip-at" cx="{across:.1f}" cy="{down:.1f}" r="6"/>',
        f'class="field" viewBox="-1 -1 {_SIDE + 2} {_SIDE + 2}"',
    )


def _end(line: FigureLine) -> float | None:
    """Where the most deprived tenth ends on the field."""
    tenth = line.comparison.tenth_rank if line.comparison else None
    return None if tenth is None or not line.facts.out_of else _across(tenth, line.facts.out_of)


# --- the swarm of the listed neighbourhoods


def swarm(lines: Sequence[FigureLine], comparison: Comparison | None) -> SafeString:
    """The listed neighbourhoods as dots along one measure, heaped where they are many.

    A ranked measure runs over the ranks of all wards, the greatest need at the left; a count over the values,
    the largest at the left, down to none at the right.

    Args:
        lines: Their figures.
        comparison: Where the medians and the most deprived tenth are.

    Returns:
        The drawing; nothing where there is no figure.
    """
    ranked = any(line.measure.ranked for line in lines)
    most = max((line.facts.value or Decimal(0) for line in lines), default=Decimal(0))
    places = [
        _along(line.facts.rank, line.facts.out_of) if ranked else _value_along(line.facts.value, most)
        for line in lines
    ]
    heaps = Counter(min(int(place), _BINS - 1) for place in places if place is not None)
    if not heaps or comparison is None:
        return SafeString()
    height = (min(max(heaps.values()), _TALLEST) + 1) * _DOT + _DOT
    base = height - _DOT
    out_of = next((line.facts.out_of for line in lines if line.facts.out_of), None)
    parts = []
    if (end := _along(comparison.tenth_rank, out_of)) is not None:
        parts.append(f'<rect class="strip-tenth" width="{end:.2f}%" height="{height}"/>')
    parts.append(f'<line class="strip-all" x2="100%" y1="{base}" y2="{base}"/>')
    parts += [
        f'<line class="swarm" x1="{at + 0.5}%" x2="{at + 0.5}%" y1="{base - _DOT}"'
        f' y2="{base - _DOT * dots - 0.1}"/>'
        for at, dots in _columns(heaps)
    ]
    ticks = (
        (_along(comparison.listed_median_rank, out_of), Decimal(50))
        if ranked
        else (_value_along(comparison.listed_median, most), _value_along(comparison.median, most))
    )
    for name, at in zip(("strip-median", "strip-middle"), ticks, strict=True):
        if at is not None:
            parts.append(
                f'<line class="{name}" x1="{at:.2f}%" x2="{at:.2f}%" y1="{base - 6}" y2="{height}"/>'
            )
    # Drawn to scale, so that on a narrow screen the dots become smaller and do not run into each other.
    return _svg("".join(parts), f'class="swarm-strip" viewBox="0 0 {_BINS * _DOT} {height}"')


def _columns(heaps: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """Where each column of dots stands and how many it has: as near its heap as the earlier ones let it."""
    free = 0
    for heap in sorted(heaps):
        columns = -(-heaps[heap] // _TALLEST)
        first = max(free, min(heap - (columns - 1) // 2, _BINS - columns))
        for column in range(columns):
            yield first + column, min(_TALLEST, heaps[heap] - column * _TALLEST)
        free = first + columns


def _along(rank: Decimal | int | None, out_of: int | None) -> Decimal | None:
    """A rank's way from the greatest need to the least, in per cent; nothing where there is none."""
    return None if rank is None or out_of is None else strips.along(rank, out_of)


def _value_along(value: Decimal | None, most: Decimal) -> Decimal | None:
    """A value's way from the largest to none, in per cent."""
    return None if value is None or not most else 100 - Decimal(100) * value / most
