"""After other published files were loaded, what is given away is what they say."""

from __future__ import annotations

import dataclasses
import io
import json

import pandas as pd
import pytest
from django.test import Client

from neighbourhoods import datapackage, loading
from neighbourhoods.dataset import AuthorityRow, ConstituencyRow
from tests.neighbourhoods.files.conftest import taken
from tests.neighbourhoods.published import EXPECT, small

pytestmark = pytest.mark.django_db


def test_after_other_files_were_loaded_the_downloads_are_those(client: Client) -> None:
    earlier = dataclasses.replace(
        small(),
        title="An earlier one, whose areas stay in the database",
        authorities=[*small().authorities, AuthorityRow("E09999999", "Elsewhere", "E12000001", None)],
        constituencies=[*small().constituencies, ConstituencyRow("E14999999", "Elsewhere", 2024)],
    )
    loading.load(earlier, by="tests", expect=EXPECT)
    dataset = small()
    loading.load(dataset, by="tests", expect=EXPECT)

    for name, content in datapackage.to_files(dataset).items():
        if name != datapackage.DESCRIPTOR:
            assert taken(client, f"/data/tables/{name}") == content, name
    listed = pd.read_csv(io.BytesIO(taken(client, "/data/neighbourhoods.csv")))
    assert list(listed["ward_code"].sort_values()) == [row.ward_code for row in dataset.neighbourhoods]
    descriptor = json.loads(taken(client, "/data/datapackage.json"))
    assert descriptor["fingerprint"] == datapackage.fingerprint(dataset)
