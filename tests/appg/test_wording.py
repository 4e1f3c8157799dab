"""The record's words."""

from __future__ import annotations

import pytest

from appg import wording


@pytest.mark.parametrize(
    ("title", "heading"),
    [
        ("What is a ‘left behind’ neighbourhood?", "What is a ‘left\u00a0behind’ neighbourhood?"),
        ("A ‘Left Behind’ place – and its past", "A ‘Left\u00a0Behind’ place\u00a0– and its past"),
        ("What was left behind", "What was left behind"),
    ],
)
def test_no_line_of_a_heading_ends_within_the_name_or_begins_with_a_dash(title: str, heading: str) -> None:
    assert wording.heading(title) == heading


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.reform.uk/a/?b=c", "reform.uk"),
        ("https://data.example.org:8443/", "data.example.org"),
        ("/files/1/report.pdf", ""),
    ],
)
def test_whose_site_an_address_is_on(url: str, host: str) -> None:
    assert wording.host(url) == host
