"""The releases for the public: files, checksums, report and differences, and nobody's name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from leftbehind_site.sitemap import page_paths
from neighbourhoods import loading, releases
from neighbourhoods.dataset import Dataset
from neighbourhoods.models import Release
from tests.appg.pages import check_frame, seen
from tests.neighbourhoods import published
from tests.neighbourhoods.published import EXPECT

pytestmark = pytest.mark.django_db

INDEX = "/data/releases/"
LOADER = "jo.surname"


def changed(data: Dataset) -> Dataset:
    """The same with one figure more and another name of a ward."""
    figures = [
        row._replace(value=row.value + 7) if row.measure == "population" and row.value else row
        for row in data.figures
    ]
    wards = [row._replace(ward_name=f"{row.ward_name} <b>") for row in data.neighbourhoods]
    return replace(data, figures=figures, neighbourhoods=wards)


def load(data: Dataset) -> Release:
    release = loading.load(data, by=LOADER, expect=EXPECT).release
    assert release is not None
    return release


@pytest.fixture
def two() -> tuple[Release, Release]:
    """An earlier release and the one in force, loaded by somebody with an account."""
    get_user_model()._default_manager.create_user(LOADER, "jo@example.org", first_name="Jo")
    first = load(published.small())
    second = load(changed(published.small()))
    first.refresh_from_db()
    return first, second


def words(client: Client, path: str) -> str:
    page = client.get(path).text
    return seen(page[page.index("<main") :])


def test_every_release_is_listed_the_latest_first_with_its_state(
    two: tuple[Release, Release], client: Client
) -> None:
    first, second = two
    check_frame(client.get(INDEX), INDEX)
    said = words(client, INDEX)

    assert said.index(f"Release {second.mark} in force") < said.index(f"Release {first.mark}")
    assert "superseded: kept, with its figures" in said
    assert f'id="release-{first.mark}"' in client.get(INDEX).text
    for release in two:
        assert release.fingerprint in said
        assert release.get_absolute_url() in page_paths()


def test_a_release_shows_its_files_with_their_checksums_and_terms(
    two: tuple[Release, Release], client: Client
) -> None:
    path = two[1].get_absolute_url()
    check_frame(client.get(path), path)
    said = words(client, path)

    assert two[1].files.count() == len(published.small().sources)
    for file in two[1].files.all():
        terms = f"{file.publisher}. Describes: {file.vintage}. {file.licence}. {file.rows:,} rows."
        assert f"{file.title} {file.file_name} {terms} Role in the load: {file.role}. {file.sha256}" in said


def test_a_release_reports_its_rows_before_and_after(two: tuple[Release, Release], client: Client) -> None:
    assert "neighbourhoods 0 4" in words(client, two[0].get_absolute_url())
    assert "neighbourhoods 4 4" in words(client, two[1].get_absolute_url())


def test_the_first_release_has_nothing_to_be_compared_with(
    two: tuple[Release, Release], client: Client
) -> None:
    assert "There was no release before it in this database" in words(client, two[0].get_absolute_url())


def test_a_release_tells_in_words_what_it_changed(two: tuple[Release, Release], client: Client) -> None:
    said = words(client, two[1].get_absolute_url())

    assert (
        "Compared with the release before it: 4 changes to neighbourhoods and 4 changes to figures." in said
    )
    assert "Grange <b> (E05000001), Population: value 3510 → 3517" in said
    assert "Grange <b> (E05000001): name Grange → Grange <b>" in said
    assert "<b> (E05000001)" not in client.get(two[1].get_absolute_url()).text


def test_its_tables_stand_in_the_same_order_on_every_database(two: tuple[Release, Release]) -> None:
    for release in two:
        report = releases.find_release(release.mark)
        assert report
        tables = [count.table for count in report.counts]
        assert tables == sorted(tables)
        assert len(tables) > 10


def test_a_release_without_changes_says_so() -> None:
    load(published.small())
    load(replace(published.small(), title="Another title"))
    latest = releases.releases()[0]

    assert latest.changes_in_words == "No row differs from the release before it."
    assert (latest.change_count, latest.untold) == (0, 0)


def test_of_very_many_changes_some_are_told_by_their_number(
    two: tuple[Release, Release], client: Client
) -> None:
    second = two[1]
    second.report["changes"] = [
        *(f"postcodes: added NP{number} 1AA" for number in range(releases.MOST_CHANGES)),
        "figures: one more",
    ]
    second.save()
    said = words(client, second.get_absolute_url())

    assert "500 changes to postcodes and 1 change to figures" in said
    assert "Figures: 1 1 more changes are told by their number alone." in said
    assert "one more" not in said


def test_nobody_who_loaded_a_release_is_named(two: tuple[Release, Release], client: Client) -> None:
    for path in (INDEX, *(release.get_absolute_url() for release in two)):
        text = client.get(path).text.lower()
        for part in (LOADER, "jo@example.org", "surname", "loaded by"):
            assert part not in text, path


def test_a_release_has_one_address_that_holds_wherever_it_is_loaded(
    two: tuple[Release, Release], client: Client
) -> None:
    release = two[0]
    path = f"/data/releases/{release.fingerprint[:12]}/"
    assert release.get_absolute_url() == path
    for other in (
        path.rstrip("/"),
        f"/data/releases/{release.fingerprint}/",
        f"/data/releases/{release.fingerprint[:12].upper()}/",
    ):
        response = client.get(other)
        assert (response.status_code, response["Location"]) == (301, path), other
    response = client.get("/data/releases")
    assert (response.status_code, response["Location"]) == (301, INDEX)


@pytest.mark.parametrize(
    "mark", ["0" * 12, "1", "-1", "../x", "ffff", "%00", "é", "٣" * 12, "f" * 10_000, "a/b"]
)
@pytest.mark.usefixtures("two")
def test_what_is_no_release_is_not_found(mark: str, client: Client) -> None:
    assert client.get(f"/data/releases/{mark}/").status_code == 404


@pytest.mark.usefixtures("two")
def test_releases_can_only_be_read(client: Client) -> None:
    assert client.post(INDEX).status_code == 405


def test_before_anything_is_loaded_the_page_says_so(client: Client) -> None:
    check_frame(client.get(INDEX), INDEX)
    assert "No figures have been loaded into the directory yet." in words(client, INDEX)


def test_a_release_without_a_report_or_files_still_has_its_page(client: Client) -> None:
    release = load(published.small())
    release.files.all().delete()
    release.report = {}
    release.save()
    said = words(client, release.get_absolute_url())

    assert "No files are recorded." in said
    assert "No report was kept." in said
