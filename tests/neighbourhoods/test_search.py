"""Names and postcodes of the directory that ships, in all the ways they are typed."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from appg import search as record
from leftbehind_site.search import Results, joined, results
from neighbourhoods import postcodes, search
from neighbourhoods.models import Neighbourhood, Postcode
from neighbourhoods.postcodes import Verdict

pytestmark = pytest.mark.django_db

MOST_QUERIES = 8


@pytest.fixture(scope="module")
def names(shipped: Client) -> search.Names:  # noqa: ARG001
    return search.names()


@pytest.fixture(scope="module")
def index(shipped: Client) -> Iterator[record.Index]:  # noqa: ARG001
    with closing(record.index()) as made:
        yield made


def first(found: Results) -> Any:
    """What stands first on the page for a search."""
    if found.record_first and found.hits:
        return found.hits[0].item
    matches = found.names.matches
    return matches[0].named.thing if matches else found.hits[0].item if found.hits else None


# --- every name in every form

ACCENTS = str.maketrans("aeiouc", "áèîöûç")


def forms(name: str, authority: str) -> dict[str, str]:
    """A name as people type it, by what they do to it."""
    words = name.split()
    bare = re.sub(r"\s*&\s*|\band\b", " ", name)
    return {
        "as it is": name,
        "lower case": name.lower(),
        "capitals": name.upper(),
        "odd case": name.swapcase(),
        "accents": name.translate(ACCENTS),
        "wide letters": "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in name),
        "spaces": f"  {'   '.join(words)}\u00a0",
        "no apostrophe": name.replace("'", ""),
        "typographic apostrophe": name.replace("'", "’"),
        "apostrophe before s": re.sub(r"(?<=[a-z]{3})s\b(?!')", "'s", name),
        "hyphens for spaces": name.replace(" ", "-"),
        "spaces for hyphens": name.replace("-", " "),
        "dashes": name.replace("-", "–"),
        "no spaces": name.replace(" ", "").replace("-", ""),
        "and for &": name.replace("&", "and"),
        "& for and": re.sub(r"\band\b", "&", name),
        "neither": bare,
        "Saint": re.sub(r"\bSt\b", "Saint", name),
        "St.": re.sub(r"\bSt\b", "St.", name),
        "the other way round": " ".join(reversed(words)),
        "in another order": " ".join(random.Random(name).sample(words, len(words))),
        "with a comma": f"{name},",
        "ward": f"{name} ward",
        "authority after": f"{name} {authority}",
        "authority before": f"{authority.lower()} {name.lower()}",
        "authority behind a comma": f"{name}, {authority}",
        "in the authority": f"{name} in {authority}",
    }


def slips(name: str) -> Iterator[tuple[str, str]]:
    """A name with one typing error each, in the longest of its words, after the first letter."""
    dice = random.Random(name)
    word = max(re.findall(r"\w+", name), key=len)
    at = dice.randrange(1, len(word) - 1)
    swapped = next((n for n in range(1, len(word) - 1) if word[n] != word[n + 1]), 0)
    yield "left out", name.replace(word, word[:at] + word[at + 1 :])
    yield "doubled", name.replace(word, word[:at] + word[at] + word[at:])
    yield "another letter", name.replace(word, f"{word[:at]}x{word[at + 1 :]}")
    if swapped:
        changed = word[:swapped] + word[swapped + 1] + word[swapped] + word[swapped + 2 :]
        yield "swapped", name.replace(word, changed)


def test_all_names_in_all_forms_find_their_page_first(names: search.Names, index: record.Index) -> None:
    assert len(names.places) == 225
    missed = []
    for named in names.places:
        ward = named.thing.neighbourhood
        for form, typed in forms(ward.name, ward.authority.name).items():
            found = first(joined(typed, names, index))
            right = isinstance(found, search.Place) and (
                found.neighbourhood == ward if "authority" in form else found.name == ward.name
            )
            if not right:
                missed.append((ward.name, form, typed, str(found)))
    assert missed == []


def test_all_names_with_a_slip_find_their_page_first(names: search.Names, index: record.Index) -> None:
    missed, tried = [], 0
    for named in names.places:
        for slip, typed in slips(named.name):
            found = joined(typed, names, index)
            tried += 1
            if getattr(first(found), "name", "") != named.name:
                missed.append((named.name, slip, typed))
    assert tried > 800
    assert missed == []


def test_all_codes_find_their_page_first(names: search.Names) -> None:
    for named in names.places:
        code = named.thing.neighbourhood.code
        for typed in (code, f" {code.lower()} "):
            assert [match.named.thing for match in names.find(typed).places] == [named.thing]


def test_the_page_says_so_too(shipped: Client) -> None:
    for ward in random.Random(5).sample(list(Neighbourhood.objects.listed()), 12):
        text = shipped.get("/search/", {"q": ward.name.swapcase()}).text
        link = re.search(r'<ol class="[^"]*found">\s*<li[^>]*>.*?<a href="([^"]*)"', text, re.DOTALL)
        assert link
        found = Neighbourhood.objects.get(code=link[1].split("/")[2])
        assert found.name == ward.name


# --- what a search shows besides


def shown(found: Results) -> list[tuple[str, str]]:
    return [(match.named.name, match.named.thing.where) for match in found.places]


def test_names_that_occur_twice_say_where(names: search.Names) -> None:
    twice = [name for name, times in Counter(one.name for one in names.places).items() if times > 1]
    assert sorted(twice) == ["Grange", "Northwood", "Norton South"]
    for name in twice:
        found = [match.named.thing for match in names.find(name).places if match.exact]
        assert len(found) == len({place.where for place in found}) == 2


def test_the_authority_chooses_between_them(names: search.Names) -> None:
    assert [m.named.thing.where for m in names.find("grange gosport").places] == ["Gosport, South East"]
    assert names.find("halton grange").places[0].named.thing.where == "Halton, North West"
    assert names.find("grnage gosprot").places[0].named.thing.where == "Gosport, South East"


def test_a_name_with_the_wrong_authority_still_leads_to_those_that_have_it(shipped: Client) -> None:
    found = results("grange hartlepool")
    assert [name for name, _ in shown(found)] == ["Grange", "Grange"]
    assert found.areas[0].named.name == "Hartlepool"
    text = shipped.get("/search/?q=grange+hartlepool").text
    assert "Nothing has all these words. What follows has some of them." in text


def test_the_authority_of_2017_is_known_too(names: search.Names) -> None:
    moved = [
        one.thing.neighbourhood
        for one in names.places
        if one.thing.neighbourhood.authority_id != one.thing.neighbourhood.authority_2017_id
    ]
    assert moved
    for ward in moved:
        best = names.find(f"{ward.name} {ward.authority_2017.name}").places[0]
        assert best.named.thing.neighbourhood == ward


def test_exact_names_come_before_longer_ones(shipped: Client) -> None:  # noqa: ARG001
    assert [name for name, _ in shown(results("castle"))][:2] == ["Castle", "Halton Castle"]
    assert [name for name, _ in shown(results("pier"))] == ["Pier", "Town and Pier"]


def test_a_common_word_does_not_bury_a_place(shipped: Client) -> None:  # noqa: ARG001
    for common in ("college", "valley", "central", "park", "newgate", "east"):
        found = results(common)
        assert isinstance(first(found), search.Place), common


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("hartlepool", "Local authority in the North East: 4 listed neighbourhoods"),
        ("hull", "Local authority in Yorkshire and The Humber: 8 listed neighbourhoods"),
        ("Wolverhampton South East", "Constituency, boundaries since 2024: 4 listed neighbourhoods"),
        ("E14000535", "Constituency, boundaries 2010 to 2024: 1 listed neighbourhood"),
        ("north east", "Region: 56 listed neighbourhoods"),
        ("weymouth & portland", "Local authority until 2019, now part of Dorset"),
        ("health deprivation", "Ranking of the listed neighbourhoods"),
    ],
)
def test_areas_and_rankings_are_found(names: search.Names, typed: str, kind: str) -> None:
    kinds = {match.named.thing.kind for match in names.find(typed).areas}
    assert kind in kinds


def test_of_areas_of_one_name_the_authority_comes_first(names: search.Names) -> None:
    kinds = [match.named.thing.kind.partition(" ")[0] for match in names.find("hartlepool").areas]
    assert kinds == ["Local", "Constituency,", "Constituency,"]


def test_each_area_says_how_many_it_has(shipped: Client, names: search.Names) -> None:
    for area in random.Random(3).sample(names.areas, 25):
        answer = shipped.get(area.thing.path)
        assert answer.status_code == 200
        told = re.search(r": (\d+) listed", area.thing.kind)
        if told:
            assert f"{told[1]} " in answer.text


def test_a_slip_is_admitted(shipped: Client) -> None:
    text = shipped.get("/search/?q=hartlepol").text
    assert "‘hartlepol’ was read as ‘hartlepool’, in case it is a slip of the finger." in text
    assert "was read as" not in shipped.get("/search/?q=hartlepool").text


def test_a_title_of_the_record_comes_first(shipped: Client) -> None:  # noqa: ARG001
    for title in ("Dormant assets", "about the group", "Communities of Trust", "Health inequalities"):
        found = results(title)
        if found.held.titled:
            assert first(found).title.casefold() == title.casefold()
    assert results("Dormant assets").held.titled


def test_every_title_of_the_record_finds_its_item_first(names: search.Names, index: record.Index) -> None:
    places = {named.name.casefold() for named in names.places}
    for item in index.items:
        if item.title.casefold() not in places:
            assert first(joined(item.title, names, index)).title.casefold() == item.title.casefold()


# --- postcodes


def test_every_spelling_of_a_postcode_is_one(shipped: Client) -> None:  # noqa: ARG001
    known = Postcode.objects.select_related("neighbourhood").order_by("?")[:40]
    for row in known:
        outward, inward = row.postcode.split()
        for typed in (
            row.postcode,
            f"{outward}{inward}",
            f"{outward}{inward}".lower(),
            f"  {outward}   {inward} ",
            f"{outward}-{inward}",
            f"{outward}\u00a0{inward}",
            f"{outward}\u2009{inward}.",
            " ".join(f"{outward}{inward}"),
            f"{outward[:-1]} {outward[-1]}{inward}",
            "".join(chr(ord(c) + 0xFEE0) for c in f"{outward}{inward}"),
            f"12 Any Street, {outward} {inward.lower()}",
            f"{outward.lower()}{inward} please",
        ):
            answer = postcodes.answer(typed)
            assert answer, typed
            assert (answer.postcode, answer.verdict) == (row.postcode, Verdict.YES), typed
            assert [place.neighbourhood for place in answer.places] == [row.neighbourhood]


def test_yes_names_the_neighbourhood_and_says_what_best_fit_means(shipped: Client) -> None:
    text = shipped.get("/search/?q=ts240xt").text
    assert "Yes: TS24 0XT is in one of the listed neighbourhoods" in text
    assert re.search(
        r'<a href="/neighbourhoods/E05\d{6}/headland-and-harbour/">Headland and Harbour</a>', text
    )
    assert "Hartlepool, North East" in text
    assert "<strong>best fit</strong>" in text
    assert "each small area counts as part of the one ward that it fits best" in text


def test_no_is_said_in_plain_words_with_what_is_not_known(shipped: Client) -> None:
    text = shipped.get("/search/?q=sw1a+1aa").text
    assert "No: SW1A 1AA is not in one of the listed neighbourhoods" in text
    assert "The directory cannot tell which." in text
    assert "Or browse" in text


@pytest.mark.parametrize(
    ("typed", "verdict", "why"),
    [
        (
            "EH1 1YZ",
            Verdict.NO,
            "Postcodes that begin with EH are in Scotland, and the list covers England only.",
        ),
        (
            "cf10 1aa",
            Verdict.NO,
            "Postcodes that begin with CF are in Wales, and the list covers England only.",
        ),
        ("BT1 1AA", Verdict.NO, "Postcodes that begin with BT are in Northern Ireland"),
        ("LD1 5AA", Verdict.NO, ""),
        ("ZZ1 1AA", Verdict.NONE, "No postcode in the United Kingdom begins with ZZ."),
        ("TS24 0CX", Verdict.NONE, "The last two letters of a postcode are never C."),
        ("TS2400XT", Verdict.NONE, "A postcode ends in a digit and two letters"),
        ("TS24", Verdict.PART, ""),
        ("ts24 0", Verdict.PART, ""),
        ("ts24 0x", Verdict.PART, ""),
        ("LD1", Verdict.PART, ""),
    ],
)
def test_what_is_not_covered_is_told_apart(shipped: Client, typed: str, verdict: Verdict, why: str) -> None:
    answer = postcodes.answer(typed)
    assert answer
    assert answer.verdict is verdict
    assert answer.why.startswith(why)
    assert shipped.get("/search/", {"q": typed}).status_code == 200


@pytest.mark.parametrize(
    "typed", ["grange", "covid 19", "E05000028", "A19", "section 8", "2021", "", "10 downing"]
)
def test_what_is_no_postcode_is_not_taken_for_one(shipped: Client, typed: str) -> None:  # noqa: ARG001
    assert postcodes.answer(typed) is None


def test_the_first_part_of_a_postcode_names_what_it_may_be(shipped: Client) -> None:
    text = shipped.get("/search/?q=TS24").text
    assert "TS24 is only the first part of a postcode" in text
    assert "can only be told from a whole postcode" in text
    assert "Headland and Harbour" in text
    # TS2 is not the beginning of TS24.
    assert "Headland and Harbour" not in shipped.get("/search/?q=TS2").text


@pytest.mark.parametrize(
    ("typed", "outward"),
    [
        ("TS3 7", "TS3"),
        ("TS3 7A", "TS3"),
        (" ts3-7 ", "TS3"),
        ("B3 1", "B3"),
        ("W1A 1", "W1A"),
        ("TS24 0", "TS24"),
        ("TS37", "TS37"),
        ("TS 37", "TS37"),
        ("TS240", "TS24"),
    ],
)
def test_a_space_tells_where_the_first_part_of_a_postcode_ends(
    shipped: Client,  # noqa: ARG001
    typed: str,
    outward: str,
) -> None:
    answer = postcodes.answer(typed)
    assert answer
    assert (answer.postcode, answer.verdict) == (outward, Verdict.PART)


def test_a_postcode_of_a_superseded_neighbourhood_is_no_more_than_any_other(shipped: Client) -> None:  # noqa: ARG001
    row = Postcode.objects.select_related("neighbourhood").first()
    assert row
    release = row.neighbourhood.release
    release.pk, release.fingerprint, release.state = None, "f" * 64, "superseded"
    release.save()
    Neighbourhood.objects.filter(pk=row.neighbourhood_id).update(release=release)
    answer = postcodes.answer(row.postcode)
    assert answer
    assert answer.verdict is Verdict.NO


# --- what it costs


@pytest.mark.parametrize(
    "typed",
    ["", "grange", "ts240xt", "sw1a1aa", "ts24", "ts2400xt", "zzzz qqqq", "community", "sesion on helth"],
)
def test_a_search_asks_the_database_little(shipped: Client, typed: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert shipped.get("/search/", {"q": typed}).status_code == 200
    assert len(queries) <= MOST_QUERIES
