"""The releases of the directory's data for the public: what each came from, and what it changed.

Who loaded a release is kept for the staff alone (see ``admin``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from neighbourhoods import wording
from neighbourhoods.models import Release, ReleaseFile

MOST_CHANGES: Final = 500
"""How many changes a page tells one by one; the rest is told by its number."""


@dataclass(frozen=True, slots=True)
class RowCount:
    """How many rows one table had before a release and has with it."""

    table: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class TableChanges:
    """What a release changed in one table, in words.

    Attributes:
        table: What its rows are.
        count: How many changes there are.
        changes: The changes, as many as are told.
    """

    table: str
    count: int
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReleaseReport:
    """A release with its files and what the load of it reported."""

    release: Release
    files: tuple[ReleaseFile, ...]
    counts: tuple[RowCount, ...]
    changes: tuple[TableChanges, ...]

    @property
    def change_count(self) -> int:
        """How many single changes it made to the release before it."""
        return sum(table.count for table in self.changes)

    @property
    def untold(self) -> int:
        """How many of them are told by their number alone."""
        return self.change_count - sum(len(table.changes) for table in self.changes)

    @property
    def is_first(self) -> bool:
        """Whether there was nothing before it."""
        return not any(count.before for count in self.counts)

    @property
    def changes_in_words(self) -> str:
        """What it changed, in one sentence."""
        if self.is_first:
            return "There was no release before it in this database, so there is nothing to compare it with."
        if not self.changes:
            return "No row differs from the release before it."
        parts = [f"{wording.count(table.count, 'change')} to {table.table}" for table in self.changes]
        return f"Compared with the release before it: {wording.listing(parts)}."


def releases() -> list[ReleaseReport]:
    """Every release, the latest loaded first; two queries."""
    return [_report(release) for release in Release.objects.prefetch_related("files")]


def find_release(mark: str) -> ReleaseReport | None:
    """The release whose fingerprint begins so; at most two queries.

    Args:
        mark: As many of its digits as name a release (see ``Release.mark``), or more.
    """
    if not re.fullmatch(r"[0-9a-f]{12,64}", mark):
        return None
    found = Release.objects.filter(fingerprint__startswith=mark).prefetch_related("files").first()
    return _report(found) if found else None


def row_counts(release: Release) -> tuple[RowCount, ...]:
    """How many rows each table had before a release and has with it, as the load of it reported."""
    before, after = release.report.get("before", {}), release.report.get("after", {})
    # By name: PostgreSQL does not keep the order in which the load wrote them.
    names = sorted({**before, **after})
    return tuple(RowCount(name, before.get(name, 0), after.get(name, 0)) for name in names)


def _report(release: Release) -> ReleaseReport:
    return ReleaseReport(
        release=release,
        files=tuple(release.files.all()),
        counts=row_counts(release),
        changes=_by_table(release.report.get("changes", [])),
    )


def _by_table(changes: Sequence[str]) -> tuple[TableChanges, ...]:
    """Changes under the table that each begins with; the first ones in full."""
    told: dict[str, list[str]] = {}
    counts: dict[str, int] = {}
    for number, change in enumerate(changes):
        table, _, what = change.partition(": ")
        counts[table] = counts.get(table, 0) + 1
        told.setdefault(table, [])
        if number < MOST_CHANGES:
            told[table].append(what)
    return tuple(TableChanges(table, counts[table], tuple(told[table])) for table in counts)
