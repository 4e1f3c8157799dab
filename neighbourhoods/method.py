"""How the list was made and how near it can be recomputed: what the page on the method says, gathered.

The number of database queries is fixed, whatever the number of neighbourhoods. Every figure here belongs to
the release in force; what the publishers said of the list stands in the template, with its source.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from neighbourhoods import wording
from neighbourhoods.dataset import THRESHOLD
from neighbourhoods.figures import Comparison, comparisons_of, listed_in, total, values_of
from neighbourhoods.measures import BY_KEY
from neighbourhoods.models import (
    LocalAuthority,
    Neighbourhood,
    Release,
    Threshold,
    WardOutcome,
)

CNI: Final = BY_KEY["cni"]
IMD: Final = BY_KEY["imd"]


@dataclass(frozen=True, slots=True)
class PartedWard:
    """A ward on which the list and the recomputed rule part, or that only one of the two lists names.

    Attributes:
        outcome: What each of them says of it.
        neighbourhood: Its page, if it is listed.
        deprivation: Where the tenth ends for deprivation; nothing where that is not known.
    """

    outcome: WardOutcome
    neighbourhood: Neighbourhood | None
    deprivation: Comparison | None

    @property
    def authority_name(self) -> str:
        """Its authority of 2017 as prose has it."""
        return wording.authority(self.outcome.authority_name)

    @property
    def imd_rank_text(self) -> str:
        """Its recomputed rank for deprivation."""
        return wording.position(self.outcome.imd_rank, joint=False)

    @property
    def cni_rank_text(self) -> str:
        """Its published rank of community need."""
        return wording.position(self.outcome.cni_rank, joint=False)

    @property
    def ranks_off(self) -> int | None:
        """How many ranks it stands from the line for deprivation, on whichever side."""
        tenth = self.deprivation.tenth_rank if self.deprivation else None
        if self.outcome.imd_rank is None or tenth is None:
            return None
        return abs(self.outcome.imd_rank - tenth)

    @property
    def ranks_off_text(self) -> str:
        """The same as a table prints it."""
        return wording.position(self.ranks_off, joint=False)

    @property
    def score_off_text(self) -> str:
        """By how many points its score differs from the one on the line."""
        tenth = self.deprivation.tenth_value if self.deprivation else None
        if self.outcome.imd_score is None or tenth is None:
            return wording.NO_DATA
        return wording.value(IMD, abs(self.outcome.imd_score - tenth))


@dataclass(frozen=True, slots=True)
class ThresholdLine:
    """What the recomputed rule would name if another part of the wards than a tenth counted.

    Attributes:
        percent: The part, in per cent.
        wards: How many wards it would name.
        listed: How many of them are on the published list.
        missed: How many wards of the published list it would leave out.
        most: The most wards that any part would name, which the bars are drawn against.
    """

    percent: int
    wards: int
    listed: int
    missed: int
    most: int

    @property
    def is_the_rule(self) -> bool:
        """Whether it is the rule's own threshold."""
        return self.percent == THRESHOLD

    @property
    def others(self) -> int:
        """How many of the wards are not on the published list."""
        return self.wards - self.listed

    @property
    def bar(self) -> tuple[float, float]:
        """The lengths of its bar for the listed wards and for the others, in per cent of the longest."""
        scale = 100 / self.most if self.most else 0
        return round(self.listed * scale, 1), round(self.others * scale, 1)


@dataclass(frozen=True, slots=True)
class FirstList:
    """The list of 2019 beside the one in force.

    Attributes:
        count: How many wards it named.
        joined: The wards that the list in force added, by name.
        left: The wards that the list in force no longer names, by name.
    """

    count: int
    joined: tuple[PartedWard, ...]
    left: tuple[PartedWard, ...]

    @property
    def stayed(self) -> int:
        """How many wards are on both lists."""
        return self.count - len(self.left)


@dataclass(frozen=True, slots=True)
class AuthorityChange:
    """An authority that was replaced after the list's boundaries were fixed, and its listed wards."""

    before: LocalAuthority
    after: LocalAuthority
    neighbourhoods: tuple[Neighbourhood, ...]


@dataclass(frozen=True, slots=True)
class Boundaries:
    """What is known of the listed wards' boundaries since December 2017.

    Attributes:
        known: Of how many listed wards it is known whether their code was still in use in December 2019.
        ended: Of how many of these it was not.
        changes: The authorities that were replaced by April 2019.
    """

    known: int
    ended: int
    changes: tuple[AuthorityChange, ...]


@dataclass(frozen=True, slots=True)
class Method:
    """What the page on the method says in numbers.

    Attributes:
        cni, imd: The two deciding measures among all wards and among the listed.
        listed: How many wards the published list names.
        predicted: How many the recomputed rule names.
        missed: On the list, not named by the rule; the nearest to the line first.
        found: Named by the rule, not on the list; the nearest to the line first.
        thresholds: What it would name with other thresholds.
        first_list: The list of 2019, if it is known.
        boundaries: What has become of the wards and their authorities.
        lsoas: How many LSOAs the listed wards are made of, by best fit.
        deprived_lsoas: How many of them are among England's most deprived tenth.
    """

    cni: Comparison | None
    imd: Comparison | None
    listed: int
    predicted: int
    missed: tuple[PartedWard, ...]
    found: tuple[PartedWard, ...]
    thresholds: tuple[ThresholdLine, ...]
    first_list: FirstList | None
    boundaries: Boundaries
    lsoas: int | None
    deprived_lsoas: int | None

    @property
    def agreed(self) -> int:
        """How many wards both name."""
        return self.listed - len(self.missed)

    @property
    def missed_within_cni(self) -> bool:
        """Whether all wards that the rule misses are within the tenth for community need."""
        last = self.cni.tenth_rank if self.cni else None
        return last is not None and all((ward.outcome.cni_rank or last + 1) <= last for ward in self.missed)

    @property
    def missed_off_text(self) -> str:
        """How far beyond the line the missed wards stand: "13 to 53"."""
        return _span(self.missed)

    @property
    def found_off_text(self) -> str:
        """How far inside the line the wards stand that only the rule names."""
        return _span(self.found)

    @property
    def furthest(self) -> PartedWard | None:
        """The parted ward that stands furthest from the line, where it stands far from all the others."""
        far = sorted((ward for ward in (*self.missed, *self.found)), key=lambda ward: ward.ranks_off or 0)
        if len(far) < 2 or (far[-1].ranks_off or 0) < 2 * (far[-2].ranks_off or 0):
            return None
        return far[-1]

    @property
    def line_score_text(self) -> str:
        """The average score where the tenth ends for deprivation."""
        return wording.value(IMD, self.imd.tenth_value if self.imd else None)

    @property
    def rule(self) -> ThresholdLine | None:
        """What the rule's own threshold names."""
        return self._at(THRESHOLD)

    @property
    def narrower(self) -> ThresholdLine | None:
        """What one per cent less would name."""
        return self._at(THRESHOLD - 1)

    @property
    def wider(self) -> ThresholdLine | None:
        """What one per cent more would name."""
        return self._at(THRESHOLD + 1)

    @property
    def whole(self) -> ThresholdLine | None:
        """The narrowest threshold that takes in the whole published list."""
        return next((line for line in self.thresholds if not line.missed), None)

    def _at(self, percent: int) -> ThresholdLine | None:
        return next((line for line in self.thresholds if line.percent == percent), None)


def _span(wards: Sequence[PartedWard]) -> str:
    """The least and the greatest distance from the line: "13 to 53 ranks", "1 rank"."""
    off = sorted(ward.ranks_off for ward in wards if ward.ranks_off is not None)
    if not off:
        return wording.NO_DATA
    last = wording.count(off[-1], "rank")
    return last if off[0] == off[-1] else f"{wording.number(off[0])} to {last}"


def method() -> Method | None:
    """The method in numbers; six queries, and one where nothing is loaded."""
    release = Release.objects.current()
    if release is None:
        return None
    comparisons = comparisons_of(release.pk, (CNI.key, IMD.key))
    neighbourhoods = {
        one.code: one
        for one in Neighbourhood.objects.filter(release=release)
        .select_related("authority", "authority_2017")
        .order_by("name", "code")
    }
    imd = comparisons.get(IMD.key)
    wards = [
        PartedWard(outcome, neighbourhoods.get(outcome.ward_code), imd)
        for outcome in WardOutcome.objects.filter(release=release).order_by("ward_name", "ward_code")
    ]
    listed = [ward for ward in wards if ward.outcome.flagged]
    values = values_of(("lsoas", "deprived_lsoas"))
    return Method(
        cni=comparisons.get(CNI.key),
        imd=imd,
        listed=listed_in(comparisons),
        predicted=sum(ward.outcome.predicted for ward in wards),
        missed=_nearest_first(ward for ward in listed if not ward.outcome.predicted),
        found=_nearest_first(ward for ward in wards if ward.outcome.predicted and not ward.outcome.flagged),
        thresholds=_thresholds(release, len(listed)),
        first_list=_first_list(wards),
        boundaries=_boundaries(list(neighbourhoods.values())),
        lsoas=total(values["lsoas"].values()),
        deprived_lsoas=total(values["deprived_lsoas"].values()),
    )


def _nearest_first(wards: Iterable[PartedWard]) -> tuple[PartedWard, ...]:
    """Wards by how far they stand from the line."""
    return tuple(sorted(wards, key=lambda ward: ward.ranks_off or 0))


def _thresholds(release: Release, listed: int) -> tuple[ThresholdLine, ...]:
    """The rule with other thresholds, the narrowest first; one query."""
    rows = list(Threshold.objects.filter(release=release).order_by("percent"))
    most = max((row.wards for row in rows), default=0)
    return tuple(ThresholdLine(row.percent, row.wards, row.listed, listed - row.listed, most) for row in rows)


def _first_list(wards: Sequence[PartedWard]) -> FirstList | None:
    """The first list beside the second; nothing unless it is known of every ward that is named."""
    if not wards or any(ward.outcome.first_list is None for ward in wards):
        return None
    return FirstList(
        count=sum(bool(ward.outcome.first_list) for ward in wards),
        joined=tuple(ward for ward in wards if ward.outcome.flagged and not ward.outcome.first_list),
        left=tuple(ward for ward in wards if ward.outcome.first_list and not ward.outcome.flagged),
    )


def _boundaries(neighbourhoods: Sequence[Neighbourhood]) -> Boundaries:
    """What has become of wards and authorities since December 2017."""
    known = [one.ward_in_2019 for one in neighbourhoods if one.ward_in_2019 is not None]
    moved: dict[LocalAuthority, list[Neighbourhood]] = defaultdict(list)
    for one in neighbourhoods:
        if one.authority_2017_id != one.authority_id:
            moved[one.authority_2017].append(one)
    return Boundaries(
        known=len(known),
        ended=known.count(False),
        changes=tuple(
            AuthorityChange(before, moved[before][0].authority, tuple(moved[before]))
            for before in sorted(moved, key=lambda authority: (authority.name, authority.code))
        ),
    )
