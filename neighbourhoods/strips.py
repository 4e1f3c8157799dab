"""The position strip: one small drawing for every rank, the same wherever a rank is shown.

A line stands for the ranks of all wards, the greatest need on the left. The most deprived tenth is shaded, a
tick marks the median rank of the listed neighbourhoods, a shorter one the middle of all ranks, and a dot this
place. Tied wards share their best rank, so where many tie the median ward stands left of that middle. The
drawing repeats what the words beside it say, so it is hidden from assistive technology.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.utils.safestring import SafeString, mark_safe

_HEIGHT: Final = 16


@dataclass(frozen=True, slots=True)
class Strip:
    """Where a place stands on the line, in per cent from the greatest need.

    Attributes:
        at: The place itself; nothing on a strip that only explains the idiom.
        tenth: Where the most deprived tenth ends.
        median: The median rank of the listed neighbourhoods.
    """

    at: Decimal | None
    tenth: Decimal | None
    median: Decimal | None

    @property
    def svg(self) -> SafeString:
        """The drawing, as wide as what it stands in."""
        middle = _HEIGHT // 2
        parts = [f'<svg class="strip" width="100%" height="{_HEIGHT}" aria-hidden="true" focusable="false">']
        if self.tenth is not None:
            parts.append(f'<rect class="strip-tenth" width="{self.tenth}%" height="{_HEIGHT}"/>')
        parts.append(f'<line class="strip-all" x2="100%" y1="{middle}" y2="{middle}"/>')
        parts.append(f'<line class="strip-middle" x1="50%" x2="50%" y1="{middle - 4}" y2="{middle + 4}"/>')
        if self.median is not None:
            parts.append(
                f'<line class="strip-median" x1="{self.median}%" x2="{self.median}%" y2="{_HEIGHT}"/>'
            )
        if self.at is not None:
            parts.append(f'<circle class="strip-at" cx="{self.at}%" cy="{middle}" r="5"/>')
        parts.append("</svg>")
        # Only numbers of our own making go into the markup.
        return mark_safe("".join(parts))  # noqa: S308


def along(rank: Decimal | int, out_of: int) -> Decimal:
    """A rank's way along the line, from the greatest need to the least, in per cent."""
    return Decimal(100) * (Decimal(rank) - 1) / max(out_of - 1, 1)


def _drawn(rank: Decimal | int, out_of: int) -> Decimal:
    """The same to two decimals: a hair's breadth on any screen."""
    return along(rank, out_of).quantize(Decimal("0.01"))


def strip(
    rank: int | None,
    out_of: int | None,
    *,
    tenth_rank: int | None = None,
    median_rank: Decimal | None = None,
) -> Strip | None:
    """The strip of a rank; none where there is no rank to show."""
    if rank is None or out_of is None:
        return None
    return Strip(
        at=_drawn(rank, out_of),
        tenth=None if tenth_rank is None else _drawn(tenth_rank, out_of),
        median=None if median_rank is None else _drawn(median_rank, out_of),
    )


KEY: Final = Strip(at=Decimal("3.5"), tenth=Decimal(10), median=Decimal(6))
"""The strip that stands in the explanation of the idiom."""
