"""An axis of time for small drawings: whole years from left to right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Axis:
    """The years of a drawing.

    Attributes:
        first: Where it begins.
        last: The year at whose end it ends.
    """

    first: int
    last: int

    @classmethod
    def over(cls, days: Iterable[date]) -> Axis:
        """The axis that holds some days, one at least."""
        years = [day.year for day in days]
        return cls(min(years), max(years))

    def at(self, day: date) -> float:
        """How far along a day lies, in per cent."""
        begin, end = date(self.first, 1, 1), date(self.last + 1, 1, 1)
        return round(100 * (day - begin).days / (end - begin).days, 2)

    @property
    def years(self) -> tuple[tuple[int, float], ...]:
        """Each year and where it begins."""
        return tuple((year, self.at(date(year, 1, 1))) for year in range(self.first, self.last + 1))
