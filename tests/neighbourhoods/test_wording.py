"""Figures in words."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from neighbourhoods import codes, wording
from neighbourhoods.measures import BY_KEY, MEASURES, NO_TOWN, RANKED, Measure
from neighbourhoods.wording import Facts

ARABIC_DIGITS = "".join(chr(0x660 + digit) for digit in (0, 0, 0, 0, 2, 8))
"""Digits to a regular expression, but not to those who give out codes."""


FOR_OPERATORS = {"dataset.py", "loading.py", "index_data", "management", "wording.py"}
"""What writes no page, and the module itself."""


def test_no_other_module_formats_the_numbers_of_pages() -> None:
    package = Path(wording.__file__).parent
    others = [
        file
        for file in package.rglob("*.py")
        if not FOR_OPERATORS.intersection(file.relative_to(package).parts)
        and ":,}" in file.read_text("utf-8")
    ]

    assert others == []


def test_a_number_that_is_not_known_is_said_to_be_none() -> None:
    assert wording.number(None) == wording.position(None, joint=True) == wording.NO_DATA


@pytest.mark.parametrize(
    ("position", "words"),
    [
        (1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (10, "10th"), (11, "11th"), (12, "12th"),
        (13, "13th"), (20, "20th"), (21, "21st"), (22, "22nd"), (23, "23rd"), (101, "101st"),
        (111, "111th"), (112, "112th"), (113, "113th"), (121, "121st"), (1011, "1,011th"),
        (1112, "1,112th"), (1121, "1,121st"), (7433, "7,433rd"),
    ],
)  # fmt: skip
def test_ordinals(position: int, words: str) -> None:
    assert wording.ordinal(position) == words


@pytest.mark.parametrize(
    ("amount", "decimals", "text"),
    [
        ("1234567", 0, "1,234,567"),
        ("0.05", 1, "0.1"),
        ("26.75", 1, "26.8"),
        ("2.5", 0, "3"),
        ("0", 1, "0.0"),
        ("999.96", 1, "1,000.0"),
    ],
)
def test_numbers_are_rounded_half_up_and_grouped(amount: str, decimals: int, text: str) -> None:
    assert wording.number(Decimal(amount), decimals) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, "no data"),
        ("0", "0.0%"),
        ("0.01", "under 0.1%"),
        ("0.06", "0.1%"),
        ("50", "50.0%"),
        ("99.97", "over 99.9%"),
        ("100", "100.0%"),
    ],
)
def test_a_share_is_never_rounded_to_nothing_or_to_everything(amount: str | None, text: str) -> None:
    assert wording.value(BY_KEY["crime"], None if amount is None else Decimal(amount)) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (None, "no data"),
        ("1", "all"),
        ("0.9999", "over 99%"),
        ("0.625", "63%"),
        ("0.004", "under 1%"),
        ("0.01", "1%"),
    ],
)
def test_a_part_of_a_ward(share: str | None, text: str) -> None:
    assert wording.share(None if share is None else Decimal(share)) == text


def test_a_tie_is_called_joint_everywhere() -> None:
    tied = Facts(rank=45, joint=True, out_of=7433, place=3, joint_place=True, places=225)

    assert wording.rank(45, joint=True) == "joint 45th"
    assert wording.position(1045, joint=True) == "joint 1,045"
    assert wording.place_among_listed(tied) == "joint 3rd of the 225"
    assert "ranks joint 45th of 7,433 wards" in wording.sentence(BY_KEY["cni"], "Becontree", tied)


@pytest.mark.parametrize(
    ("ranked", "in_tenth", "within_median", "words"),
    [
        (10, 4, 2, "in 4 of the 10 domains, and no more deprived than the median ward in 2."),
        (10, 10, 0, "in 10 of the 10 domains."),
        (9, 0, 1, "in none of the 9 domains, and no more deprived than the median ward in 1."),
        (1, 1, 0, "in 1 of one domain."),
    ],
)
def test_the_domains_in_one_sentence(ranked: int, in_tenth: int, within_median: int, words: str) -> None:
    assert (
        wording.domains("Ely", ranked, in_tenth, within_median)
        == f"Ely is among the most deprived tenth of wards {words}"
    )


def test_of_domains_without_ranks_nothing_is_said() -> None:
    assert not wording.domains("Ely", 0, 0, 0)


def test_what_is_missing_has_no_rank_and_no_place() -> None:
    assert wording.rank(None, joint=False) == wording.position(None, joint=False) == "no data"
    assert wording.place_among_listed(Facts()) == "no data"
    assert wording.of_wards(None) == ""


IOD = "English indices of deprivation 2019, Ministry of Housing, Communities and Local Government"
IOD_2015 = (
    "English indices of deprivation 2019, describing 2015–16, Ministry of Housing, Communities and Local"
    " Government"
)
OURS = "our calculation from LSOA figures"

SENTENCES = {
    "cni": (
        Facts(rank=12, out_of=7433),
        (
            "Becontree ranks 12th of 7,433 wards for community need "
            "(Community Needs Index 2019, OCSI and Local Trust; 1 = greatest need)."
        ),
    ),
    "imd": (
        Facts(value=Decimal("45.06"), rank=1121, out_of=7427),
        (
            "Becontree ranks 1,121st of 7,427 wards for deprivation, with an average score of 45.1 "
            f"({IOD}; {OURS}; 1 = greatest need)."
        ),
    ),
    "cni_engagement": (
        Facts(rank=2, joint=True, out_of=7433),
        (
            "Becontree ranks joint 2nd of 7,433 wards for lack of an active and engaged community "
            "(Community Needs Index 2019, OCSI and Local Trust; 1 = greatest need)."
        ),
    ),
    "income": (
        Facts(value=Decimal("26.8"), rank=45, joint=True, out_of=7427),
        (
            "26.8% of residents of Becontree live in income deprivation, the joint 45th highest share of "
            "7,427 wards "
            f"({IOD_2015}; {OURS})."
        ),
    ),
    "employment": (
        Facts(value=Decimal(31), rank=1, out_of=7427),
        (
            "31.0% of working-age residents of Becontree are out of work and counted as "
            "employment-deprived, the highest share of 7,427 wards "
            f"({IOD_2015}; {OURS})."
        ),
    ),
    "crime": (
        Facts(value=Decimal(100), rank=1, joint=True, out_of=7427),
        (
            "All of the LSOAs in Becontree are among England’s most deprived tenth for crime, the joint "
            "highest share of 7,427 wards "
            f"({IOD}; {OURS})."
        ),
    ),
    "health": (
        Facts(value=Decimal(0), rank=1331, joint=True, out_of=7427),
        (
            "None of the LSOAs in Becontree is among England’s most deprived tenth for health and "
            "disability; the same is true of 6,097 of 7,427 wards "
            f"({IOD}; {OURS})."
        ),
    ),
    "lsoas": (
        Facts(value=Decimal(1)),
        (
            "Becontree is made up of 1 LSOA, by best fit "
            "(Best-fit lookup of LSOAs (2011) to wards (December 2017), Office for National Statistics; "
            f"{OURS})."
        ),
    ),
    "deprived_lsoas": (
        Facts(value=Decimal(5), lsoas=6),
        (f"5 of the 6 LSOAs in Becontree are among England’s most deprived tenth ({IOD}; {OURS})."),
    ),
    "population": (
        Facts(value=Decimal(15261), place=39, places=225),
        (
            "Becontree had 15,261 residents in mid-2019, the 39th largest population of the 225 listed"
            " neighbourhoods "
            f"(Small area population estimates, mid-2019, Office for National Statistics; {OURS})."
        ),
    ),
    "rural_urban": (
        Facts(category="Urban city and town"),
        (
            "Most residents of Becontree live in areas classed as ‘Urban city and town’ "
            f"(Rural Urban Classification 2011 of LSOAs, Office for National Statistics; {OURS})."
        ),
    ),
    "town": (
        Facts(category=NO_TOWN),
        (
            "Most residents of Becontree live outside the major towns and cities "
            "(Lookup of LSOAs (2011) to major towns and cities (December 2015), Office for National "
            f"Statistics; {OURS})."
        ),
    ),
}


@pytest.mark.parametrize("key", SENTENCES)
def test_sentences_that_can_be_quoted(key: str) -> None:
    facts, expected = SENTENCES[key]

    assert wording.sentence(BY_KEY[key], "Becontree", facts) == expected


@pytest.mark.parametrize(
    ("key", "facts", "told"),
    [
        (
            "population",
            Facts(value=Decimal(9000), place=3, joint_place=True, places=225),
            "3rd largest population",
        ),
        ("lsoas", Facts(value=Decimal(9), place=1, places=225), "the largest number"),
        (
            "deprived_lsoas",
            Facts(value=Decimal(9), place=1, joint_place=True, places=225, lsoas=9),
            "joint largest",
        ),
        ("deprived_lsoas", Facts(value=Decimal(9), place=2, places=225), "2nd largest number"),
    ],
)
def test_a_count_has_its_place_among_the_listed(key: str, facts: Facts, told: str) -> None:
    said = wording.sentence(BY_KEY[key], "Becontree", facts)

    assert told in said
    assert "of the 225 listed neighbourhoods (" in said


def test_nothing_is_not_the_largest_of_anything() -> None:
    facts = Facts(value=Decimal(0), place=200, joint_place=True, places=225, lsoas=6)

    assert "largest" not in wording.sentence(BY_KEY["deprived_lsoas"], "Becontree", facts)


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.key)
def test_every_measure_says_when_there_is_no_data(measure: Measure) -> None:
    said = wording.sentence(measure, "Becontree", Facts())

    assert said.startswith(f"There is no data for Becontree on ‘{measure.label}’ (")
    assert " 0" not in said


@pytest.mark.parametrize("measure", RANKED, ids=lambda measure: measure.key)
def test_every_sentence_about_a_rank_names_place_position_total_and_source(measure: Measure) -> None:
    amount = Decimal("12.5") if measure.value_published else None
    said = wording.sentence(measure, "Becontree", Facts(value=amount, rank=112, out_of=7433))

    for part in ("Becontree", "112th", "of 7,433 wards", measure.source.title, measure.source.credit):
        assert part in said
    assert "1 = greatest need" in said or "highest" in said
    assert ("our calculation" in said) == measure.ours


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.key)
def test_nothing_of_something_reads_sensibly(measure: Measure) -> None:
    said = wording.sentence(measure, "Becontree", Facts(value=Decimal(0), category="", rank=None))

    assert "highest" not in said
    assert "None, " not in said


def test_a_share_without_a_rank_claims_no_place() -> None:
    said = wording.sentence(BY_KEY["crime"], "Becontree", Facts(value=Decimal(50)))

    assert said.startswith(
        "50.0% of the LSOAs in Becontree are among England’s most deprived tenth for crime ("
    )


def test_a_single_place_without_shares_the_floor_with_nobody() -> None:
    said = wording.sentence(BY_KEY["crime"], "Becontree", Facts(value=Decimal(0), rank=7427, out_of=7427))

    assert said.startswith(
        "None of the LSOAs in Becontree is among England’s most deprived tenth for crime ("
    )


@pytest.mark.parametrize(
    ("deprived", "lsoas", "words"),
    [
        (5, 6, "5 of its 6 LSOAs are"),
        (1, 6, "1 of its 6 LSOAs is"),
        (0, 6, "None of its 6 LSOAs is"),
        (6, 6, "All of its 6 LSOAs are"),
        (2, 2, "Both of its LSOAs are"),
        (1, 1, "Its only LSOA is among"),
        (0, 1, "Its only LSOA is not among"),
    ],
)
def test_small_areas_in_words(deprived: int, lsoas: int, words: str) -> None:
    assert wording.deprived_lsoas(deprived, lsoas).startswith(words)


@pytest.mark.parametrize(
    ("deprived", "words"),
    [(0, "No LSOA in X is"), (1, "1 LSOA in X is"), (2, "2 LSOAs in X are")],
)
def test_small_areas_without_their_total(deprived: int, words: str) -> None:
    said = wording.sentence(BY_KEY["deprived_lsoas"], "X", Facts(value=Decimal(deprived)))

    assert said.startswith(words)


@pytest.mark.parametrize(
    ("names", "text"),
    [([], ""), (["A"], "A"), (["A", "B"], "A and B"), (["A", "B", "C"], "A, B and C")],
)
def test_names_in_a_row(names: list[str], text: str) -> None:
    assert wording.listing(names) == text


@pytest.mark.parametrize(
    ("official", "prose"),
    [
        ("Kingston upon Hull, City of", "Kingston upon Hull"),
        ("Herefordshire, County of", "Herefordshire"),
        ("County Durham", "County Durham"),
        ("Bournemouth, Christchurch and Poole", "Bournemouth, Christchurch and Poole"),
    ],
)
def test_authorities_in_prose(official: str, prose: str) -> None:
    assert wording.authority(official) == prose


@pytest.mark.parametrize(
    ("name", "prose"),
    [
        ("North East", "the North East"),
        ("East of England", "the East of England"),
        ("London", "London"),
        ("Yorkshire and The Humber", "Yorkshire and The Humber"),
    ],
)
def test_regions_in_prose(name: str, prose: str) -> None:
    assert wording.region(name) == prose


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("E05014053", "not on the list"),
        ("e05014053", "E05014053"),
        ("E01000001", "LSOA"),
        ("E02000001", "middle-layer"),
        ("E09000002", "local authority"),
        ("E10000003", "county"),
        ("E12000007", "region"),
        ("E14000540", "parliamentary constituency"),
        ("E92000001", "but not of a ward"),
        ("W05000001", "Wales"),
        ("S13002845", "Scotland"),
        ("N08000101", "Northern Ireland"),
        ("00ABFX", "before 2011"),
        ("RM8 2AA", "postcode"),
        ("RM8", "postcode"),
    ],
)
def test_a_code_that_leads_nowhere_is_explained(code: str, says: str) -> None:
    assert says in wording.unknown_code(code)


@pytest.mark.parametrize(
    "code", ["", "becontree", "E0500002", f"E05{ARABIC_DIGITS}", "E05000028\n", "\x00", "<script>"]
)
def test_what_is_no_code_is_not_explained(code: str) -> None:
    assert wording.unknown_code(code) == ""


def test_codes_are_made_of_plain_digits() -> None:
    assert codes.matches(r"^E05\d{6}$", "E05000028")
    assert not codes.matches(r"^E05\d{6}$", f"E05{ARABIC_DIGITS}")
    assert not codes.matches(r"^E05\d{6}$", "E05000028\n")
