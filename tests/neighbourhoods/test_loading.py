"""What a load changes, what it leaves alone, and what it tells."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection

from leftbehind_site.common.errors import SourceError
from neighbourhoods import datapackage, loading
from neighbourhoods.dataset import Dataset, PostcodeRow
from neighbourhoods.loading import LoadError, LoadReport
from neighbourhoods.measures import MEASURES
from neighbourhoods.models import (
    ConstituencyShare,
    Figure,
    LocalAuthority,
    Neighbourhood,
    Postcode,
    Reference,
    Region,
    Release,
    SimilarProfile,
    Threshold,
    WardOutcome,
)
from tests.neighbourhoods import published
from tests.neighbourhoods.database import everything, versions, writes
from tests.neighbourhoods.published import EXPECT, Published, square, ward

pytestmark = pytest.mark.django_db

PEOPLE = "Total population: mid 2015 (excluding prisoners)"


def load(dataset: Dataset, *, expect: int = EXPECT, by: str = "somebody", **options: Any) -> LoadReport:
    return loading.load(dataset, by=by, expect=expect, **options)


def altered(**values: Any) -> Dataset:
    return dataclasses.replace(published.small(), **values)


def with_figure(number: int, measure: str, **values: Any) -> Dataset:
    """The small dataset with another figure in it."""
    return altered(
        figures=[
            row._replace(**values) if (row.ward_code, row.measure) == (ward(number), measure) else row
            for row in published.small().figures
        ]
    )


def without_ward(number: int) -> Dataset:
    """The small dataset after a ward has left the list, as the published files would make it."""
    files = Published()
    files["cni"].put(number + 1, "Left Behind Area?", "FALSE")
    return build(files, EXPECT - 1)


def with_ward(number: int) -> Dataset:
    """The small dataset after a ward has come onto the list."""
    files = Published()
    files["cni"].put(number + 1, "Left Behind Area?", "TRUE")
    return build(files, EXPECT + 1)


def build(files: Published, expect: int) -> Dataset:
    return files.build(expect)


def listed() -> set[str]:
    return set(Neighbourhood.objects.listed().values_list("code", flat=True))


def figure(release: Release | None, number: int, measure: str) -> Figure:
    return Figure.objects.get(release=release, neighbourhood=ward(number), measure=measure)


@pytest.fixture
def first() -> Release:
    """The release of the small dataset, in force."""
    release = load(published.small()).release
    assert release is not None
    return release


# --- the first load


def test_the_first_load_fills_every_table() -> None:
    report = load(published.small())
    small = published.small()
    assert report.changed
    assert set(report.before.values()) == {0}
    assert report.after == {
        "regions": 2,
        "local authorities": 4,
        "constituencies": 5,
        "neighbourhoods": 4,
        "constituency shares": 10,
        "postcodes": 8,
        "outlines": 10,
        "figures": 4 * len(MEASURES),
        "reference figures": len(MEASURES),
        "similar profiles": 12,
        "outcomes": 6,
        "thresholds": 11,
        "published files": 17,
    }
    # What is new altogether is told by its count.
    assert report.changes == []
    assert listed() == {row.ward_code for row in small.neighbourhoods}


def test_a_release_says_what_it_came_from_when_and_by_whom(first: Release) -> None:
    small = published.small()
    assert first.title == small.title
    assert first.grid == [list(row) for row in small.grid]
    assert first.geography == small.geography
    assert first.fingerprint == datapackage.fingerprint(small)
    assert first.wards_compared == 20
    assert (first.loaded_by, first.loaded_by_name) == (None, "somebody")
    assert {(file.role, file.sha256, file.rows) for file in first.files.all()} == {
        (row.role, row.sha256, row.rows) for row in small.sources
    }
    assert first.report["after"]["neighbourhoods"] == EXPECT


def test_an_account_of_that_name_is_linked() -> None:
    user = get_user_model()._default_manager.create_user("editor")
    release = load(published.small(), by="editor").release
    assert release is not None
    assert release.loaded_by == user


def test_every_value_is_in_the_database_as_the_dataset_has_it(first: Release) -> None:
    for row in published.small().figures:
        stored = Figure.objects.get(release=first, neighbourhood=row.ward_code, measure=row.measure)
        assert (stored.value, stored.rank, stored.joint, stored.out_of) == (
            row.value,
            row.rank,
            row.joint,
            row.out_of,
        )
        assert stored.category == (row.category or "")


def test_a_missing_figure_stays_missing_and_is_never_nought(first: Release) -> None:
    missing = figure(first, published.WITHOUT_WORKERS, "employment")
    assert (missing.value, missing.rank, missing.out_of, missing.place) == (None, None, None, None)
    nought = figure(first, published.WITHOUT_WORKERS, "education")
    assert nought.value == 0
    assert nought.value is not None


def test_places_among_the_listed_follow_the_ranks_and_equals_share_them(first: Release) -> None:
    def places(measure: str) -> dict[str, tuple[int | None, bool]]:
        rows = Figure.objects.filter(release=first, measure=measure)
        return {row.neighbourhood_id: (row.place, row.joint_place) for row in rows}

    assert places("imd") == {
        ward(1): (1, False),
        ward(2): (2, False),
        ward(16): (3, False),
        ward(9): (4, False),
    }
    # Three LSOAs, and two, two and two.
    assert places("lsoas") == {
        ward(1): (1, False),
        ward(2): (2, True),
        ward(9): (2, True),
        ward(16): (2, True),
    }
    assert places("employment")[ward(16)] == (None, False)
    assert sorted(place for place, _ in places("employment").values() if place) == [1, 2, 3]
    assert set(places("town").values()) == {(None, False)}


def test_a_ward_keeps_its_authority_of_2017_and_lies_in_that_of_2019(first: Release) -> None:
    old_mill = Neighbourhood.objects.get(code=ward(16))
    assert (old_mill.authority.name, old_mill.authority_2017.name) == ("Newshire", "Oldshire")
    assert old_mill.authority_2017.successor == old_mill.authority
    assert old_mill.release == first


# --- the same again


def test_the_same_dataset_again_touches_no_row(first: Release) -> None:
    content = everything()
    rows = versions() if connection.vendor == "postgresql" else writes()
    report = load(Published().build(), by="somebody else")
    assert (versions() if connection.vendor == "postgresql" else writes()) == rows
    assert everything() == content
    assert not report.changed
    assert report.changes == ()
    assert report.before == report.after
    assert report.after["neighbourhoods"] == EXPECT
    assert report.release == first


# --- changes


def test_a_release_of_an_earlier_version_gets_the_table_that_it_lacks(first: Release) -> None:
    whole = everything()
    SimilarProfile.objects.all().delete()
    get_user_model().objects.create(username="somebody else")
    report = load(published.small(), by="somebody else")
    assert report.changed
    assert report.changes == []
    assert report.release == first
    assert everything()["neighbourhoods_figure"] == whole["neighbourhoods_figure"]
    assert SimilarProfile.objects.filter(release=first).count() == 12
    # Who loaded it, when, and what that changed.
    assert everything()["neighbourhoods_release"] == whole["neighbourhoods_release"]
    assert not load(published.small()).changed


def test_only_rows_that_differ_are_touched(first: Release) -> None:  # noqa: ARG001 - it is there before
    """Areas, postcodes, outlines and shares stay as they lie; only wards move to the new release."""
    before = everything()
    load(with_figure(1, "population", value=Decimal(3511)))
    after = everything()
    assert {table for table in after if after[table] != before[table]} == {
        "neighbourhoods_release",
        "neighbourhoods_neighbourhood",
        "neighbourhoods_figure",
        "neighbourhoods_reference",
        "neighbourhoods_similarprofile",
        "neighbourhoods_wardoutcome",
        "neighbourhoods_threshold",
        "neighbourhoods_releasefile",
        "leftbehind_site_change",
    } | {table for table in after if table == "sqlite_sequence"}


def test_a_changed_figure_is_named_with_both_values_and_the_old_release_keeps_its_own(first: Release) -> None:
    before = figure(first, 1, "population").value
    report = load(with_figure(1, "population", value=Decimal(3511)))
    assert report.changes == [f"figures: Grange ({ward(1)}), Population: value 3510 → 3511"]
    assert figure(report.release, 1, "population").value == 3511
    first.refresh_from_db()
    assert first.state == Release.State.SUPERSEDED
    assert figure(first, 1, "population").value == before
    assert Release.objects.current() == report.release
    for model in (Figure, Reference, WardOutcome, Threshold):
        counts = [model._default_manager.filter(release=release).count() for release in Release.objects.all()]
        assert counts[0] == counts[1] > 0


def test_a_figure_that_is_lost_is_told_as_no_data(first: Release) -> None:  # noqa: ARG001
    report = load(with_figure(1, "town", category=None))
    assert report.changes == [
        f"figures: Grange ({ward(1)}), Major town or city: category Northport → no data"
    ]


def test_a_renamed_ward_keeps_its_identity(first: Release) -> None:  # noqa: ARG001
    files = Published()
    files["cni"].put(3, "ward17_name", "St John’s")
    report = load(files.build())
    assert f"neighbourhoods: St John’s ({ward(2)}): name St John's & Quay → St John’s" in report.changes
    assert Neighbourhood.objects.get(code=ward(2)).name == "St John’s"
    assert Neighbourhood.objects.count() == EXPECT


def test_a_new_ward_is_named_with_what_comes_with_it(first: Release) -> None:  # noqa: ARG001
    report = load(with_ward(3), expect=EXPECT + 1)
    assert f"neighbourhoods: added Ward 3 ({ward(3)})" in report.changes
    assert "postcodes: added NP3 1AA" in report.changes
    assert f"figures: added Ward 3 ({ward(3)}), Population" in report.changes
    assert (report.before["neighbourhoods"], report.after["neighbourhoods"]) == (4, 5)
    assert (report.before["figures"], report.after["figures"]) == (4 * len(MEASURES), 5 * len(MEASURES))
    assert ward(3) in listed()


def test_a_dropped_ward_leaves_the_list_and_keeps_its_page_and_its_last_release(first: Release) -> None:
    report = load(without_ward(9), expect=EXPECT - 1)
    assert f"neighbourhoods: removed Grange ({ward(9)})" in report.changes
    assert (report.before["neighbourhoods"], report.after["neighbourhoods"]) == (4, 3)
    assert listed() == {ward(1), ward(2), ward(16)}
    dropped = Neighbourhood.objects.get(code=ward(9))
    assert dropped.release == first
    assert dropped.constituency_shares.count() == 3
    assert figure(first, 9, "population").value
    assert not Figure.objects.filter(release=report.release, neighbourhood=dropped).exists()
    # Nobody's postcode leads to a ward that is not listed.
    assert not Postcode.objects.filter(neighbourhood=dropped).exists()
    assert "postcodes: removed KB1A 1AA" in report.changes


def test_a_ward_may_come_back(first: Release) -> None:
    load(without_ward(9), expect=EXPECT - 1)
    report = load(with_figure(1, "population", value=Decimal(3511)))
    assert f"neighbourhoods: added Grange ({ward(9)})" in report.changes
    assert listed() == {row.ward_code for row in published.small().neighbourhoods}
    assert Neighbourhood.objects.get(code=ward(9)).release == report.release
    assert Postcode.objects.filter(neighbourhood=ward(9)).exists()
    assert figure(first, 9, "population").value


def test_a_postcode_may_be_added_moved_and_removed(first: Release) -> None:  # noqa: ARG001
    postcodes = {row.postcode: row for row in published.small().postcodes}
    del postcodes["NP1 1AB"]
    postcodes["NP1 1AA"] = PostcodeRow("NP1 1AA", ward(2))
    postcodes["NP1 1AZ"] = PostcodeRow("NP1 1AZ", ward(1))
    report = load(altered(postcodes=sorted(postcodes.values())))
    assert report.changes == [
        "postcodes: added NP1 1AZ",
        "postcodes: removed NP1 1AB",
        f"postcodes: NP1 1AA: neighbourhood_id {ward(1)} → {ward(2)}",
    ]
    assert dict(Postcode.objects.values_list("postcode", "neighbourhood")) == {
        row.postcode: row.ward_code for row in postcodes.values()
    }


def test_thousands_of_postcodes_may_go_at_once() -> None:
    codes = [f"NP{a}{b} {c}A{d}" for a in range(1, 10) for b in range(10) for c in range(5) for d in "ABDE"]
    load(altered(postcodes=[PostcodeRow(code, ward(1)) for code in codes]))
    assert Postcode.objects.count() == 1_800
    report = load(published.small())
    assert (report.before["postcodes"], report.after["postcodes"]) == (1_800, 8)
    assert Postcode.objects.count() == 8


def test_a_constituency_may_come_go_and_change_its_share(first: Release) -> None:  # noqa: ARG001
    shares = [
        row._replace(share=Decimal("0.7")) if row.constituency_code == "E14000001" else row
        for row in published.small().constituency_shares
        if row.constituency_code != "E14001002"
    ]
    report = load(altered(constituency_shares=shares))
    assert f"constituency shares: removed Grange ({ward(9)}), E14001002" in report.changes
    assert f"constituency shares: St John's & Quay ({ward(2)}), E14000001: share 0.75 → 0.7" in report.changes
    assert ConstituencyShare.objects.get(neighbourhood=ward(2), constituency="E14000001").share == Decimal(
        "0.7"
    )
    assert not ConstituencyShare.objects.filter(constituency="E14001002").exists()
    load(published.small())
    assert ConstituencyShare.objects.count() == 10


def test_areas_may_be_renamed_and_never_go(first: Release) -> None:  # noqa: ARG001
    small = published.small()
    report = load(
        altered(
            regions=[small.regions[0]._replace(region_name="The North East"), small.regions[1]],
            authorities=[
                row._replace(authority_name=row.authority_name.upper()) for row in small.authorities
            ],
        )
    )
    assert "regions: E12000001: name North East → The North East" in report.changes
    assert "local authorities: E06000058: name Newshire → NEWSHIRE" in report.changes
    assert Region.objects.get(code="E12000001").name == "The North East"
    assert set(LocalAuthority.objects.values_list("code", flat=True)) == {
        row.authority_code for row in small.authorities
    }


def test_a_changed_outline_is_said_to_differ_and_not_printed(first: Release) -> None:  # noqa: ARG001
    outlines = {**published.small().boundaries, ward(1): square(-2.5, 53.0, 0.01)}
    report = load(altered(boundaries=outlines))
    assert report.changes == [f"outlines: Grange ({ward(1)}): geometry differs"]


def test_an_earlier_dataset_brings_its_release_back_with_its_figures(first: Release) -> None:
    loaded_at = first.loaded_at
    second = load(with_figure(1, "population", value=Decimal(3511))).release
    report = load(published.small(), by="restorer")
    assert report.changed
    assert report.release == first
    assert Release.objects.count() == 2
    assert Release.objects.current() == first
    first.refresh_from_db()
    assert first.loaded_by_name == "restorer"
    assert first.loaded_at > loaded_at
    assert figure(first, 1, "population").value == 3510
    assert figure(second, 1, "population").value == 3511
    assert set(Neighbourhood.objects.values_list("release", flat=True)) == {first.pk}


# --- looking without touching


def test_a_dry_run_tells_the_same_and_writes_nothing(first: Release) -> None:
    dataset = with_ward(3)
    before = everything()
    dry = load(dataset, expect=EXPECT + 1, dry_run=True)
    assert everything() == before
    assert dry.release == first
    wet = load(dataset, expect=EXPECT + 1)
    assert (dry.before, dry.after, dry.changes) == (wet.before, wet.after, wet.changes)


def test_a_dry_run_on_an_empty_database_has_no_release() -> None:
    before = everything()
    report = load(published.small(), dry_run=True)
    assert report.release is None
    assert report.changed
    assert everything() == before


def test_the_differences_are_shown_before_anything_is_written(first: Release) -> None:  # noqa: ARG001
    before = everything()
    seen: list[LoadReport] = []

    def show(report: LoadReport) -> None:
        assert everything() == before
        seen.append(report)

    report = load(with_figure(1, "population", value=Decimal(3511)), show=show)
    assert [told.changes for told in seen] == [report.changes]
    load(with_figure(1, "population", value=Decimal(3511)), show=show)
    assert len(seen) == 1


def test_progress_passes_by_every_table() -> None:
    names: list[str] = []

    def progress(stores: Iterable[loading.Store]) -> Iterable[loading.Store]:
        for store in stores:
            names.append(store.name)
            yield store

    load(published.small(), progress=progress)
    assert names == [store.name for store in loading.STORES]


# --- what fails


def test_another_number_of_wards_than_expected_is_refused(first: Release) -> None:  # noqa: ARG001
    before = everything()
    with pytest.raises(SourceError, match="found '4', expected 225 listed wards"):
        loading.load(published.small(), by="somebody")
    assert everything() == before


def trap(table: str, action: str) -> None:
    """Make the database itself lose or change what is written to a table."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            body = "RETURN NULL;" if action == "lose" else "NEW.value := 7; RETURN NEW;"
            cursor.execute(
                f"CREATE FUNCTION trap() RETURNS trigger AS $$ BEGIN {body} END $$ LANGUAGE plpgsql"
            )
            when = "WHEN (NEW.measure = 'population')" if table.endswith("figure") else ""
            cursor.execute(
                f"CREATE TRIGGER trap BEFORE INSERT ON {table} FOR EACH ROW {when} EXECUTE FUNCTION trap()"
            )
        else:
            when = "WHEN NEW.measure = 'population'" if table.endswith("figure") else ""
            key = "rowid"
            body = (
                f"DELETE FROM {table} WHERE {key} = NEW.{key};"
                if action == "lose"
                else f"UPDATE {table} SET value = 7 WHERE {key} = NEW.{key};"
            )
            cursor.execute(f"CREATE TRIGGER trap AFTER INSERT ON {table} {when} BEGIN {body} END")


@pytest.mark.parametrize(
    ("table", "action", "told"),
    [
        (
            "neighbourhoods_figure",
            "lose",
            r"^figures: wrote \('E05000001', 'population', .*read back None\.$",
        ),
        (
            "neighbourhoods_figure",
            "change",
            r"^figures: wrote .*Decimal\('3510'\).*read back .*Decimal\('7\.0+'\)",
        ),
        (
            "neighbourhoods_postcode",
            "lose",
            r"^postcodes: wrote \('NP1 1AZ', 'E05000001'\), read back None\.$",
        ),
    ],
)
def test_what_does_not_read_back_the_same_is_undone(
    table: str,
    action: str,
    told: str,
    first: Release,  # noqa: ARG001 - it is there before
) -> None:
    dataset = altered(postcodes=[*published.small().postcodes, PostcodeRow("NP1 1AZ", ward(1))])
    before = everything()
    trap(table, action)
    with pytest.raises(LoadError, match=told):
        load(dataset)
    assert everything() == before


def test_a_release_that_somebody_tampered_with_does_not_come_back(first: Release) -> None:
    load(with_figure(1, "population", value=Decimal(3511)))
    Figure.objects.filter(release=first, measure="population", neighbourhood=ward(1)).update(value=1)
    before = everything()
    with pytest.raises(LoadError, match=r"^figures: wrote .*read back "):
        load(published.small())
    assert everything() == before


def test_nor_does_one_with_further_rows(first: Release) -> None:
    load(with_figure(1, "population", value=Decimal(3511)))
    WardOutcome.objects.create(
        release=first,
        ward_code="E05999999",
        ward_name="Nowhere",
        authority_name="Nowhere",
        flagged=False,
        predicted=True,
    )
    before = everything()
    with pytest.raises(LoadError, match=r"^outcomes: wrote \d+ rows, read back \d+\.$"):
        load(published.small())
    assert everything() == before


def test_what_the_database_refuses_is_undone(first: Release) -> None:  # noqa: ARG001
    small = published.small().constituency_shares
    before = everything()
    with pytest.raises(IntegrityError):
        load(altered(constituency_shares=[small[0]._replace(share=Decimal(0)), *small[1:]]))
    assert everything() == before


def test_more_decimals_than_the_database_keeps_are_not_lost_in_silence(first: Release) -> None:  # noqa: ARG001
    before = everything()
    with pytest.raises(LoadError, match=r"^figures: wrote .*1\.23456"):
        load(with_figure(1, "imd", value=Decimal("1.23456")))
    assert everything() == before
