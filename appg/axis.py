"""An axis of time for small drawings: whole years from left to right."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from appg.fields import PartialDate


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


def begin_of(text: str) -> date:
    """The first day that a partial date may mean."""
    known = PartialDate.parse(text)
    return date(known.year, known.month or 1, known.day or 1)


def end_of(text: str) -> date:
    """The last day that a partial date may mean."""
    known = PartialDate.parse(text)
    month = known.month or 12
    return date(known.year, month, known.day or calendar.monthrange(known.year, month)[1])
