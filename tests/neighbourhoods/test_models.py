"""What the database itself refuses, whoever writes to it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from neighbourhoods import loading
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
    Threshold,
    WardOutcome,
)
from tests.neighbourhoods import published
from tests.neighbourhoods.database import everything
from tests.neighbourhoods.published import EXPECT


@pytest.fixture(autouse=True)
def release(db: None) -> Release:  # noqa: ARG001 - the database
    found = loading.load(published.small(), by="somebody", expect=EXPECT).release
    assert found is not None
    return found


def refused(write: Callable[[], object]) -> None:
    """Prove that the database refuses, at once or at the end of the transaction, and changes nothing."""

    def write_and_check() -> None:
        with transaction.atomic():
            write()
            connection.check_constraints()

    before = everything()
    with pytest.raises(IntegrityError):
        write_and_check()
    assert everything() == before


def update(model: Any, **values: Any) -> Callable[[], object]:
    """Change one row, past every check but the database's."""
    return lambda: model._default_manager.filter(pk=model._default_manager.first().pk).update(**values)


def create(model: Any, **values: Any) -> Callable[[], object]:
    return lambda: model._default_manager.create(**values)


def figure(**values: Any) -> Callable[[], object]:
    """Change the deprivation of one ward."""
    one = Figure.objects.filter(measure="imd", neighbourhood="E05000001")
    return lambda: one.update(**values)


REFUSED: dict[str, Callable[[], Callable[[], object]]] = {
    # Codes.
    "a region with a code of another kind": lambda: create(Region, code="W92000004", name="Wales"),
    "a region with a code too short": lambda: create(Region, code="E1200003", name="Yorkshire"),
    "two regions of one name": lambda: create(Region, code="E12000009", name="North East"),
    "an authority with a code of another kind": lambda: create(
        LocalAuthority, code="E10000001", name="A county", region_id="E12000001"
    ),
    "an authority in no region": lambda: create(
        LocalAuthority, code="E06000099", name="Lost", region_id="E12000009"
    ),
    "an authority that replaced itself": lambda: create(
        LocalAuthority, code="E06000099", name="Odd", region_id="E12000001", successor_id="E06000099"
    ),
    "a constituency with a code of another kind": lambda: create(
        Constituency, code="W07000041", name="Ynys Môn", drawn=2010
    ),
    "a constituency of another year": lambda: create(
        Constituency, code="E14009999", name="Old Sarum", drawn=1831
    ),
    "a ward with a code in lower case": lambda: create(
        Neighbourhood,
        code="e05000099",
        name="Ward",
        authority_id="E06000001",
        authority_2017_id="E06000001",
        longitude=-2,
        latitude=53,
        release=Release.objects.get(),
    ),
    "a ward in the sea": lambda: update(Neighbourhood, longitude=Decimal("-9.5")),
    "a ward in Scotland": lambda: update(Neighbourhood, latitude=Decimal("57.1")),
    "a ward of no release": lambda: update(Neighbourhood, release=None),
    "a ward in no authority": lambda: update(Neighbourhood, authority="E06000099"),
    "an outline of another nation": lambda: create(Boundary, code="W92000004", geometry="{}"),
    "a postcode without its space": lambda: create(Postcode, postcode="NP11AZ", neighbourhood_id="E05000001"),
    "a postcode in lower case": lambda: create(Postcode, postcode="np1 1az", neighbourhood_id="E05000001"),
    "a postcode in two wards": lambda: create(Postcode, postcode="NP1 1AA", neighbourhood_id="E05000002"),
    "a postcode in no ward": lambda: create(Postcode, postcode="NP1 1AZ", neighbourhood_id="E05000099"),
    # Shares.
    "a share of nothing": lambda: update(ConstituencyShare, share=0),
    "a share of more than the whole": lambda: update(ConstituencyShare, share=Decimal("1.1")),
    "a negative share": lambda: update(ConstituencyShare, share=Decimal("-0.1")),
    "a ward twice in a constituency": lambda: create(
        ConstituencyShare, neighbourhood_id="E05000001", constituency_id="E14000001", main=False
    ),
    # Releases.
    "two current releases": lambda: create(
        Release,
        title="Another",
        geography="Wards",
        fingerprint="1" * 64,
        state=Release.State.CURRENT,
        loaded_by_name="somebody",
        wards_compared=1,
        report={},
    ),
    "the same data twice": lambda: create(
        Release,
        title="Another",
        geography="Wards",
        fingerprint=Release.objects.get().fingerprint,
        state=Release.State.SUPERSEDED,
        loaded_by_name="somebody",
        wards_compared=1,
        report={},
    ),
    "a fingerprint that is none": lambda: update(Release, fingerprint="Z" * 64),
    "a state that nobody knows": lambda: update(Release, state="draft"),
    "a checksum that is none": lambda: update(ReleaseFile, sha256="f" * 63),
    # Figures.
    "a rank beyond its total": lambda: figure(rank=21),
    "a rank of nought": lambda: figure(rank=0),
    "a rank without a total": lambda: figure(out_of=None),
    "a total without a rank": lambda: figure(rank=None),
    "a joint rank that is none": lambda: figure(rank=None, out_of=None, joint=True),
    "a place of nought": lambda: figure(place=0),
    "a joint place that is none": lambda: figure(place=None, joint_place=True),
    "a negative value": lambda: figure(value=Decimal(-1)),
    "a value and a class at once": lambda: figure(category="Urban"),
    "a figure twice": lambda: figure(neighbourhood="E05000002"),
    "a comparison twice": lambda: create(
        Reference, release=Release.objects.get(), measure="imd", wards=1, listed=1
    ),
    # Outcomes.
    "a rank of need of a ward that is not listed": lambda: (
        lambda: WardOutcome.objects.filter(flagged=False).update(cni_rank=2)
    ),
    "an outcome that neither names": lambda: (
        lambda: WardOutcome.objects.filter(flagged=False).update(predicted=False, first_list=False)
    ),
    "an outcome that neither names and of which the first list is not known": lambda: (
        lambda: WardOutcome.objects.filter(flagged=False).update(predicted=False, first_list=None)
    ),
    # Thresholds.
    "a threshold twice": lambda: update(Threshold, percent=10),
    "a threshold of nought": lambda: create(
        Threshold, release=Release.objects.get(), percent=0, cni_rank=0, imd_rank=0, wards=0, listed=0
    ),
    "more listed wards than there are within a threshold": lambda: update(Threshold, wards=0, listed=1),
    "an outcome twice": lambda: (
        lambda: WardOutcome.objects.filter(flagged=False).update(ward_code="E05000001")
    ),
    "an outcome with a code of another kind": lambda: update(WardOutcome, ward_code="W05000001"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_the_database_refuses(fault: str) -> None:
    refused(REFUSED[fault]())


@pytest.mark.parametrize(
    "model", [Region, LocalAuthority, Constituency, Neighbourhood, Release], ids=lambda model: model.__name__
)
def test_nothing_that_others_rest_on_can_be_deleted(model: Any) -> None:
    before = everything()
    with pytest.raises(ProtectedError):
        model._default_manager.all().delete()
    assert everything() == before


@pytest.mark.parametrize(
    "table",
    [
        "neighbourhoods_region",
        "neighbourhoods_localauthority",
        "neighbourhoods_constituency",
        "neighbourhoods_neighbourhood",
        "neighbourhoods_release",
    ],
)
def test_not_even_past_the_models(table: str) -> None:
    def delete() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table}")

    refused(delete)


def test_deleting_the_account_of_who_loaded_it_keeps_the_release_and_the_name() -> None:
    user = get_user_model()._default_manager.create_user("somebody")
    Release.objects.update(loaded_by=user)
    user.delete()
    release = Release.objects.get()
    assert release.loaded_by is None
    assert release.loaded_by_name == "somebody"
    assert Neighbourhood.objects.listed().count() == EXPECT


def test_each_row_has_a_name_a_person_can_read(release: Release) -> None:
    assert str(release) == f"{release.title} ({release.fingerprint[:8]})"
    assert str(Neighbourhood.objects.get(code="E05000016")) == "Old Mill, Newshire"
    assert str(Region.objects.get(code="E12000001")) == "North East"
    assert str(LocalAuthority.objects.get(code="E08000001")) == "Kingsbridge, City of"
    assert str(Constituency.objects.get(code="E14001002")) == "New Seat 2"
    assert str(ConstituencyShare.objects.get(constituency="E14000002")) == "E05000002 in E14000002"
    assert str(Figure.objects.get(measure="imd", neighbourhood="E05000001")) == "imd of E05000001"
    assert str(Reference.objects.get(measure="imd")) == "imd"
    assert str(WardOutcome.objects.get(ward_code="E05000003")) == "Ward 3, Northport"
    assert str(Boundary.objects.get(code="E05000001")) == "E05000001"
    assert str(Postcode.objects.get(postcode="NP1 1AA")) == "NP1 1AA"
    assert str(ReleaseFile.objects.get(role="cni")) == "cni2019_england_ward17.csv"


def test_only_wards_of_the_current_release_are_listed(release: Release) -> None:
    assert Neighbourhood.objects.listed().count() == EXPECT
    Release.objects.filter(pk=release.pk).update(state=Release.State.SUPERSEDED)
    assert not Neighbourhood.objects.listed().exists()
    assert Release.objects.current() is None


def test_areas_come_along_in_one_query(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        names = {(str(ward), ward.authority.region.name) for ward in Neighbourhood.objects.with_areas()}
    assert ("Old Mill, Newshire", "North West") in names
