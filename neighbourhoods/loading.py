"""Dataset → database: compared, shown, written in one transaction, read back, recorded.

Nothing is removed before everything is proved: whatever fails, and whenever the process is killed, the
database keeps serving the figures it had. The same dataset again touches no row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db import connection, models, transaction
from django.utils import timezone

from leftbehind_site.common.rows import insert
from neighbourhoods import datapackage, similarity
from neighbourhoods.dataset import EXPECTED_NEIGHBOURHOODS, Dataset, FigureRow, check
from neighbourhoods.measures import BY_KEY
from neighbourhoods.models import (
    Boundary,
    Constituency,
    ConstituencyShare,
    Figure,
    LocalAuthority,
    Neighbourhood,
    Postcode,
    Reference,
    Region,
    Release,
    ReleaseFile,
    SimilarProfile,
    Threshold,
    WardOutcome,
)

Row = tuple[Any, ...]
Rows = dict[Row, Row]
Progress = Callable[[Sequence["Store"]], Iterable["Store"]]


class LoadError(Exception):
    """The database would not hold what the dataset says; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Store:
    """How one table of the dataset lies in the database.

    Attributes:
        name: What the rows are, for the report.
        model: The table.
        fields: Field names of the model, in the order of the rows.
        key: How many of the first fields identify a row.
        rows: The dataset's rows in that order.
        of_release: Whether rows belong to a release, and are added with it rather than kept up to date.
        listed: Whether rows are kept up to date and say which release lists them. One that is listed no
            longer stays as it is.
        removes: Which rows that the dataset lacks are removed, given the row and the listed codes; areas
            and neighbourhoods never are.
    """

    name: str
    model: type[models.Model]
    fields: tuple[str, ...]
    key: int
    rows: Callable[[Dataset], Iterable[Row]]
    of_release: bool = False
    listed: bool = False
    removes: Callable[[Row, set[str]], bool] = field(default=lambda _row, _listed: False)


def _places(figures: Sequence[FigureRow]) -> Iterator[Row]:
    """The figures, each with its place among the listed neighbourhoods.

    A ranked measure is ordered by rank, another by value, the largest first; equals share the better place.
    """
    by_measure: dict[str, list[Decimal | int]] = {}
    for row in figures:
        if (order := _order(row)) is not None:
            by_measure.setdefault(row.measure, []).append(order)
    place: dict[tuple[str, Decimal | int], tuple[int, bool]] = {}
    for measure, orders in by_measure.items():
        orders.sort()
        for position, order in enumerate(orders, start=1):
            first = place.get((measure, order), (position, False))[0]
            place[measure, order] = (first, position > first)
    for row in figures:
        order = _order(row)
        at, joint = (None, False) if order is None else place[row.measure, order]
        yield (
            row.ward_code,
            row.measure,
            row.value,
            row.category or "",
            row.rank,
            row.joint,
            row.out_of,
            at,
            joint,
        )


def _order(row: FigureRow) -> Decimal | int | None:
    if BY_KEY[row.measure].ranked:
        return row.rank
    return None if row.value is None else -row.value


STORES: Final = (
    Store("regions", Region, ("code", "name"), 1, lambda data: data.regions),
    Store(
        "local authorities",
        LocalAuthority,
        ("code", "name", "region_id", "successor_id"),
        1,
        lambda data: data.authorities,
    ),
    Store("constituencies", Constituency, ("code", "name", "drawn"), 1, lambda data: data.constituencies),
    Store(
        "neighbourhoods",
        Neighbourhood,
        ("code", "name", "authority_2017_id", "authority_id", "longitude", "latitude", "ward_in_2019"),
        1,
        lambda data: data.neighbourhoods,
        listed=True,
    ),
    Store(
        "constituency shares",
        ConstituencyShare,
        ("neighbourhood_id", "constituency_id", "share", "main"),
        2,
        lambda data: data.constituency_shares,
        removes=lambda row, listed: row[0] in listed,
    ),
    Store(
        "postcodes",
        Postcode,
        ("postcode", "neighbourhood_id"),
        1,
        lambda data: data.postcodes,
        removes=lambda _row, _listed: True,
    ),
    Store(
        "outlines",
        Boundary,
        ("code", "geometry"),
        1,
        lambda data: (
            (code, datapackage.compact_json(outline)) for code, outline in sorted(data.boundaries.items())
        ),
    ),
    Store(
        "figures",
        Figure,
        (
            "neighbourhood_id",
            "measure",
            "value",
            "category",
            "rank",
            "joint",
            "out_of",
            "place",
            "joint_place",
        ),
        2,
        lambda data: _places(data.figures),
        of_release=True,
    ),
    Store(
        "reference figures",
        Reference,
        (
            "measure",
            "wards",
            "median",
            "listed",
            "listed_median",
            "listed_median_rank",
            "tenth_rank",
            "tenth_value",
        ),
        1,
        lambda data: data.references,
        of_release=True,
    ),
    Store(
        "similar profiles",
        SimilarProfile,
        ("neighbourhood_id", "position", "other_id", "distance", "domains"),
        2,
        lambda data: similarity.nearest(data.figures),
        of_release=True,
    ),
    Store(
        "outcomes",
        WardOutcome,
        (
            "ward_code",
            "ward_name",
            "authority_name",
            "flagged",
            "predicted",
            "first_list",
            "imd_score",
            "imd_rank",
            "cni_rank",
        ),
        1,
        lambda data: data.outcomes,
        of_release=True,
    ),
    Store(
        "thresholds",
        Threshold,
        ("percent", "cni_rank", "imd_rank", "wards", "listed"),
        1,
        lambda data: data.thresholds,
        of_release=True,
    ),
    Store(
        "published files",
        ReleaseFile,
        ("role", "file_name", "title", "publisher", "licence", "vintage", "sha256", "rows"),
        2,
        lambda data: data.sources,
        of_release=True,
    ),
)


@dataclass(frozen=True)
class Difference:
    """What loading a dataset would do, or did, to one table.

    Attributes:
        store: The table.
        before: Its rows as the public sees them.
        after: The dataset's rows.
        added: Keys the dataset adds.
        removed: Keys it takes away.
        changed: Keys whose rows differ.
    """

    store: Store
    before: Rows
    after: Rows
    added: list[Row]
    removed: list[Row]
    changed: list[Row]


@dataclass(frozen=True)
class LoadReport:
    """What a load did, or with ``--dry-run`` would do.

    Attributes:
        changed: False when the dataset is the one in force; then nothing was touched.
        before: Rows by table before.
        after: Rows by table after.
        changes: The changes by name, in reading order; a table's first filling is told by its count alone.
        release: The release in force afterwards; None for a dry run on an empty database.
    """

    changed: bool
    before: Mapping[str, int]
    after: Mapping[str, int]
    changes: Sequence[str]
    release: Release | None


def load(
    dataset: Dataset,
    *,
    by: str,
    expect: int = EXPECTED_NEIGHBOURHOODS,
    dry_run: bool = False,
    show: Callable[[LoadReport], None] = lambda _: None,
    progress: Progress = iter,
) -> LoadReport:
    """Make a dataset the one the public sees.

    Args:
        dataset: What to load.
        by: Who loads it; recorded with the release, and linked if an account has that name.
        expect: How many neighbourhoods the list must name.
        dry_run: Work out the report and write nothing.
        show: Is given the report before anything is written.
        progress: Wraps the tables as they are written.

    Returns:
        What it changed, or would change.

    Raises:
        SourceError: If the dataset contradicts itself.
        LoadError: If what was written does not read back the same.
    """
    check(dataset, expect=expect)
    fingerprint = datapackage.fingerprint(dataset)
    with transaction.atomic():
        if not dry_run:
            _wait_for_other_loads()
        current = Release.objects.current()
        if current is not None and current.fingerprint == fingerprint:
            counts = {store.name: _rows(store, current).count() for store in STORES}
            if _whole(dataset, counts):
                return LoadReport(False, counts, counts, (), current)
        differences = [_difference(store, dataset, current) for store in STORES]
        report = _report(differences, current)
        show(report)
        if dry_run:
            return report
        release = _put_in_force(dataset, fingerprint, by, report)
        for store in progress(STORES):
            _write(next(d for d in differences if d.store is store), release)
        _verify(dataset, release)
        _tell_the_planner()
    return LoadReport(True, report.before, report.after, report.changes, release)


def _wait_for_other_loads() -> None:
    """Let one load at a time pass.

    SQLite's transaction has taken the write lock already (transaction_mode IMMEDIATE); PostgreSQL is asked
    for a lock that readers do not notice.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            table = connection.ops.quote_name(Release._meta.db_table)
            cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")


def _whole(dataset: Dataset, counts: Mapping[str, int]) -> bool:
    """Whether the release in force fills every table; one loaded before a table was added does not."""
    return all(counts[store.name] or not any(store.rows(dataset)) for store in STORES)


def _stored(store: Store, release: Release | None) -> Rows:
    """A table's rows as they lie in the database, of a release where they name one."""
    rows = _rows(store, release)
    return {row[: store.key]: row for row in rows.order_by().values_list(*store.fields)}


def _rows(store: Store, release: Release | None) -> models.QuerySet[Any]:
    rows = store.model._default_manager.all()
    if not (store.of_release or store.listed):
        return rows
    return rows.filter(release=release) if release else rows.none()


def _difference(store: Store, dataset: Dataset, current: Release | None) -> Difference:
    before = _stored(store, current)
    after = {tuple(row[: store.key]): tuple(row) for row in store.rows(dataset)}
    listed = {row.ward_code for row in dataset.neighbourhoods}
    return Difference(
        store,
        before,
        after,
        added=[key for key in after if key not in before],
        removed=[
            key
            for key, row in before.items()
            if key not in after and (store.of_release or store.listed or store.removes(row, listed))
        ],
        changed=[key for key, row in after.items() if key in before and before[key] != row],
    )


def _put_in_force(dataset: Dataset, fingerprint: str, by: str, report: LoadReport) -> Release:
    """A release row for the dataset, current; one that was in force before comes back into force.

    One that is in force already, and only lacks a table that came with a later version, keeps the record of
    its own load: who, when, and what it changed.
    """
    in_force = report.release is not None and report.release.fingerprint == fingerprint
    Release.objects.filter(state=Release.State.CURRENT).update(state=Release.State.SUPERSEDED)
    release, _ = Release.objects.update_or_create(
        fingerprint=fingerprint,
        defaults={
            "title": dataset.title,
            "geography": dataset.geography,
            "state": Release.State.CURRENT,
            "wards_compared": dataset.wards_compared,
            "grid": [list(row) for row in dataset.grid],
            **({} if in_force else _record(by, report)),
        },
    )
    return release


def _record(by: str, report: LoadReport) -> dict[str, Any]:
    """Who loads a release, when, and what that changes."""
    return {
        "loaded_at": timezone.now(),
        "loaded_by": get_user_model()._default_manager.filter(username=by).first(),
        "loaded_by_name": by,
        "report": {"before": report.before, "after": report.after, "changes": list(report.changes)},
    }


def _write(difference: Difference, release: Release) -> None:
    """Bring one table up to date."""
    store = difference.store
    if store.of_release:
        if not store.model._default_manager.filter(release=release).exists():
            _insert(store, difference.after.values(), {"release_id": release.pk})
        return
    if store.listed:
        _update(store, list(difference.after.values()), {"release_id": release.pk})
        return
    for key in _chunks(difference.removed, 500):
        matching = models.Q()
        for values in key:
            matching |= models.Q(**dict(zip(store.fields[: store.key], values, strict=True)))
        store.model._default_manager.filter(matching).delete()
    _insert(store, (difference.after[key] for key in difference.added), {})
    _update(store, [difference.after[key] for key in difference.changed], {})


def _chunks(keys: Sequence[Row], size: int) -> Iterator[Sequence[Row]]:
    for start in range(0, len(keys), size):
        yield keys[start : start + size]


def _insert(store: Store, rows: Iterable[Row], extra: Mapping[str, Any]) -> None:
    """Add rows, each with the same values besides its own."""
    added = tuple(extra.values())
    insert(store.model, (*store.fields, *extra), ((*row, *added) for row in rows))


def _update(store: Store, rows: Sequence[Row], extra: Mapping[str, Any]) -> None:
    """Write rows over those with the same key, or add them."""
    names = (*store.fields, *extra)
    instances = [store.model(**dict(zip(store.fields, row, strict=True)), **extra) for row in rows]
    if instances:
        store.model._default_manager.bulk_create(
            instances,
            update_conflicts=True,
            unique_fields=[name.removesuffix("_id") for name in store.fields[: store.key]],
            update_fields=[name.removesuffix("_id") for name in names[store.key :]],
        )


def _tell_the_planner() -> None:
    """Let PostgreSQL count its rows anew: until it does, it plans for empty tables."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for store in STORES:
                cursor.execute(f"ANALYZE {connection.ops.quote_name(store.model._meta.db_table)}")


def _verify(dataset: Dataset, release: Release) -> None:
    """Read everything back and compare; an exception here undoes the transaction."""
    for store in STORES:
        stored, rows = _stored(store, release), list(store.rows(dataset))
        for row in rows:
            key = tuple(row[: store.key])
            if stored.get(key) != tuple(row):
                raise LoadError(f"{store.name}: wrote {tuple(row)!r}, read back {stored.get(key)!r}.")
        if (store.of_release or store.listed) and len(stored) != len(rows):
            raise LoadError(f"{store.name}: wrote {len(rows):,} rows, read back {len(stored):,}.")


# The report -------------------------------------------------------------------------------------------


def _report(differences: Sequence[Difference], current: Release | None) -> LoadReport:
    names = {d.store.name: d for d in differences}
    listed = names["neighbourhoods"]
    called = {key[0]: row[1] for rows in (listed.before, listed.after) for key, row in rows.items()}
    name = partial(_name, called)
    changes: list[str] = []
    for difference in differences:
        if not difference.before:
            continue
        what = difference.store.name
        changes += [f"{what}: added {name(key)}" for key in difference.added]
        changes += [f"{what}: removed {name(key)}" for key in difference.removed]
        changes += [f"{what}: {name(key)}: {_changes(difference, key)}" for key in difference.changed]
    return LoadReport(
        changed=True,
        before={what: len(d.before) for what, d in names.items()},
        after={what: len(d.before) + len(d.added) - len(d.removed) for what, d in names.items()},
        changes=changes,
        release=current,
    )


def _name(called: Mapping[str, str], key: Row) -> str:
    """A row's key in words: a ward by name and code, a measure by its label."""
    return ", ".join(
        f"{called[part]} ({part})" if part in called else BY_KEY[part].label if part in BY_KEY else str(part)
        for part in key
    )


def _changes(difference: Difference, key: Row) -> str:
    """What differs in a row, field by field; long values are only said to differ."""
    fields = difference.store.fields
    parts = []
    for field_name, old, new in zip(fields, difference.before[key], difference.after[key], strict=True):
        if old != new:
            told = field_name == "geometry"
            parts.append(f"{field_name} differs" if told else f"{field_name} {_shown(old)} → {_shown(new)}")
    return "; ".join(parts)


def _shown(value: object) -> str:
    if value is None or value == "":
        return "no data"
    # Without the zeros that the database fills decimals up with.
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
