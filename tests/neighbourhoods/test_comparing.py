"""Two to four neighbourhoods side by side: by link, by form, and what is said of a wrong choice."""

from __future__ import annotations

import html as htmllib
import re
from html.parser import HTMLParser

import pytest
from django.test import Client

from neighbourhoods import comparing, listings
from neighbourhoods.measures import MEASURES
from neighbourhoods.models import Figure, Neighbourhood, Release
from neighbourhoods.similarity import DOMAINS
from tests.appg.pages import check_frame, seen
from tests.neighbourhoods.factory import MISSING, code, make_release

pytestmark = pytest.mark.django_db

FORM = "/neighbourhoods/compare/"


@pytest.fixture(autouse=True)
def _release() -> None:
    make_release()


def path_of(*indices: int) -> str:
    return f"{FORM}{'/'.join(map(code, indices))}/"


class Fields(HTMLParser):
    """The values of the fields that choose neighbourhoods."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.values: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "input" and dict(attrs).get("name") == "codes":
            self.values.append(dict(attrs)["value"] or "")


def chosen(*indices: int) -> comparing.SideBySide:
    return comparing.side_by_side(comparing.choose([code(index) for index in indices]).places)


# --- by link


@pytest.mark.parametrize("count", [2, 3, 4])
def test_two_to_four_stand_side_by_side_in_the_order_given(client: Client, count: int) -> None:
    indices = (7, 0, 3, 9)[:count]
    response = client.get(path_of(*indices))
    html = response.text

    check_frame(response, path_of(*indices), indexed=False)
    assert html.index("<table") < html.index('class="strip-key"') < html.index('id="differences"')
    heads = re.findall(r'<th scope="col"><a href="/neighbourhoods/(E\d+)/', html)
    assert heads == [code(index) for index in indices]
    for measure in MEASURES:
        row = htmllib.unescape(html)
        assert measure.label.partition(": ")[0] in row
    assert len(re.findall(r"<td data-label=", html)) == len(MEASURES) * count


def test_a_cell_holds_value_rank_tie_and_strip(client: Client) -> None:
    html = client.get(path_of(2, 3)).text
    row = html[html.index('rankings/income/"') :]
    row = row[: row.index("</tr>")]

    assert "rank of 7,433 wards" in row
    assert "rank 1 is the greatest need" in seen(html)
    assert row.count("joint 3rd") == 2
    assert row.count("<svg") == 2
    assert row.count('class="value"') == 2
    # Neither stands out where both are the same.
    assert "<b>" not in row


def test_the_greatest_need_of_a_row_is_in_bold(client: Client) -> None:
    html = client.get(path_of(5, 1)).text
    row = html[html.index('rankings/cni/"') :]
    row = row[: row.index("</tr>")]

    assert re.findall(r"<b>(.*?)</b>", row) == ["2nd"]
    assert "6th" in row


def test_scores_that_may_not_be_published_are_not_compared(client: Client) -> None:
    Figure.objects.filter(measure="cni").update(value="47.1234")
    html = client.get(path_of(0, 1)).text
    row = html[html.index('rankings/cni/"') :]

    assert "value" not in row[: row.index("</tr>")]


def test_missing_figures_say_no_data_and_are_no_reason_to_stop(client: Client) -> None:
    html = client.get(path_of(MISSING, 0)).text
    row = html[html.index('rankings/income/"') :]
    row = row[: row.index("</tr>")]

    assert row.count("no data") == 1
    assert row.count("<svg") == 1


def test_places_of_one_name_are_told_apart(client: Client) -> None:
    words = seen(client.get(path_of(5, 6)).text)

    assert "Grange (Barking and Dagenham) and Grange (Hartlepool) compared" in words


@pytest.mark.parametrize(("indices", "called"), [((5, 6, 0), "Three"), ((5, 6, 0, 1), "Four")])
def test_more_than_two_are_counted_at_the_head_and_named_in_the_title(
    client: Client, indices: tuple[int, ...], called: str
) -> None:
    html = htmllib.unescape(client.get(path_of(*indices)).text)

    assert f"<h1>{called} neighbourhoods compared</h1>" in html
    assert "<title>Grange (Barking and Dagenham), Grange (Hartlepool)" in html


def test_the_words_name_the_widest_gaps_and_the_closest_with_ranks_and_source() -> None:
    selected = chosen(0, 11)

    assert len(selected.sentences) == 3
    assert selected.sentences[0].startswith("They are furthest apart for ")
    assert selected.sentences[2].startswith("They are closest for ")
    for sentence in selected.sentences:
        assert "Three Corners ranks 1st of 7,433 wards and Ward 0011 ranks 1" in sentence
        assert "1 = greatest need)." in sentence
        assert "2019" in sentence


def test_equals_are_said_to_be_equal() -> None:
    assert any("both rank joint 3rd of 7,433 wards" in sentence for sentence in chosen(2, 3).sentences)
    assert not any("furthest" in sentence for sentence in chosen(2, 3).sentences)


def test_how_alike_the_profiles_are_is_said_with_how_it_is_measured(client: Client) -> None:
    words = seen(client.get(path_of(0, 2, 3)).text)

    assert (
        "Most alike are Ward 0002 and Ward 0003: their profiles are 0.0% of a strip’s length apart" in words
    )
    assert f"their marks stand on the position strips of the {len(DOMAINS)} domains" in words
    assert "The profiles of Three Corners and Ward 0001 are" in chosen(0, 1).alike


def test_without_figures_nothing_is_said_of_them(client: Client) -> None:
    Figure.objects.all().delete()
    words = seen(client.get(path_of(0, 1)).text)

    assert "Too many figures are missing to say how alike their profiles are." in words
    assert chosen(0, 1).sentences == ()


def test_one_of_three_or_four_can_be_left_out(client: Client) -> None:
    html = client.get(path_of(0, 1, 2)).text

    assert f'<a href="{path_of(0, 2)}">Without Ward 0001</a>' in html
    assert "Without" not in client.get(path_of(0, 1)).text


@pytest.mark.parametrize("written", ["{0}/{1}", "{0}/{1}/", "{0},{1}/"])
def test_other_spellings_of_the_address_lead_to_it(client: Client, written: str) -> None:
    response = client.get(FORM + written.format(code(0).lower(), code(1)))

    assert response.status_code == 301
    assert response["Location"] == path_of(0, 1)


def test_what_a_page_offers_answers(client: Client) -> None:
    html = client.get(Neighbourhood.objects.get(code=code(6)).get_absolute_url()).text
    offers = re.findall(r'href="(/neighbourhoods/compare/E[^"]+)"', html)

    assert len(offers) == 4
    assert {client.get(path).status_code for path in offers} == {200}


# --- by form


def test_the_form_works_without_script_and_names_everyone(client: Client) -> None:
    response = client.get(FORM)
    html = response.text

    check_frame(response, FORM)
    assert Fields(html).values == [""] * 4
    assert html.count('<label for="place-') == 4
    assert html.count("<option") == 12
    assert "Grange, Hartlepool (E05000007)" in htmllib.unescape(html)
    assert "<script" not in re.sub(r'<script type="application/ld\+json">.*?</script>', "", html)


@pytest.mark.parametrize(
    "query",
    [
        f"codes={code(0)},{code(7)}",
        f"codes={code(0)}%20{code(7)}",
        f"codes={code(0)}+{code(7)}",
        f"codes={code(0)};{code(7)}",
        f"codes={code(0)}&codes={code(7)}",
        f"codes={code(0).lower()}&codes=&codes={code(7)}&codes=",
        f"codes=Three+Corners,+Hartlepool+({code(0)})&codes=Ward+0007,+Dorset+({code(7).lower()})&codes=",
    ],
)
def test_what_the_form_sends_leads_to_the_comparison(client: Client, query: str) -> None:
    response = client.get(f"{FORM}?{query}")

    assert response.status_code == 301
    assert response["Location"] == path_of(0, 7)


def test_what_the_forms_own_options_say_is_understood(client: Client) -> None:
    everyone = [comparing.label(one) for one in listings.everyone().with_areas()]
    for one, other in zip(everyone, [*everyone[1:], everyone[0]], strict=True):
        response = client.get(FORM, {"codes": [one, other]})
        assert response.status_code == 301, (one, other)
        assert client.get(response["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        ([""], "A comparison takes at least two neighbourhoods"),
        ([code(0)], "A comparison takes at least two neighbourhoods"),
        ([code(0), code(0)], "Three Corners (E05000001) is named twice."),
        ([code(0), code(1), code(0).lower()], "Three Corners (E05000001) is named twice."),
        ([code(i) for i in range(5)], "You named 5. Up to four fit side by side"),
        ([code(0), "E05999999"], "E05999999 is shaped like the code of an electoral ward"),
        ([code(0), "E06000001"], "E06000001 is the code of a local authority"),
        ([code(0), "S13002842"], "S13002842 is the code of a place in Scotland"),
        ([code(0), "DL1 1AA"], "looks like a postcode"),
        ([code(0), "Grange"], "The second entry is a name. Names repeat"),
        ([code(0), "nowhere at all"], "The second entry is neither the code nor the name"),
        ([f"{code(0)} nonsense"], "The first entry is neither the code nor the name"),
        (["%%%", code(0), code(1)], "The first entry is neither the code nor the name"),
    ],
)
def test_what_will_not_do_gets_a_kind_message(client: Client, codes: list[str], told: str) -> None:
    response = client.get(FORM, {"codes": codes})

    assert response.status_code == 400
    assert told in seen(response.text)
    assert "This cannot be compared yet." in response.text
    assert '<meta name="robots" content="noindex">' in response.text
    assert '<datalist id="places">' in response.text


def test_what_was_chosen_stays_chosen(client: Client) -> None:
    response = client.get(FORM, {"codes": [code(9), "Grange", "x<y", "E05999999"]})

    assert Fields(response.text).values == [
        f'Park & "Garden", Hartlepool ({code(9)})',
        "Grange",
        "x<y",
        "E05999999",
    ]


def test_a_name_is_answered_with_the_places_of_that_name(client: Client) -> None:
    html = client.get(FORM, {"codes": [code(0), "grange"]}).text

    for index in (5, 6):
        assert f'<a href="/neighbourhoods/{code(index)}/grange/">Grange</a>' in html


def test_a_name_that_only_one_has_is_filled_in(client: Client) -> None:
    response = client.get(FORM, {"codes": [code(0), "ST ANNE'S"]})

    assert response.status_code == 400
    values = Fields(response.text).values
    assert values[1] == f"St Anne's, Barking and Dagenham ({code(8)})"
    assert client.get(FORM, {"codes": values})["Location"] == path_of(0, 8)


def test_part_of_a_name_is_answered_with_a_few(client: Client) -> None:
    html = client.get(FORM, {"codes": [code(0), "ward"]}).text
    suggested = html[html.index('class="warning"') : html.index('class="compare-form"')]

    assert suggested.count("<a href=") == 5


def test_one_that_left_the_list_is_not_compared_across_releases(client: Client) -> None:
    make_release(3, title="New")
    response = client.get(path_of(0, 11))

    assert response.status_code == 404
    assert "Ward 0011 (E05000012) is not on the present list." in seen(response.text)


@pytest.mark.parametrize("written", ["x/", f"{code(0)}/", f"{code(0)}/E05999999/", f"{code(0)}/%00/"])
def test_an_address_that_compares_nothing_is_the_form_with_a_message(client: Client, written: str) -> None:
    response = client.get(FORM + written)

    assert response.status_code == 404
    assert "This cannot be compared yet." in response.text
    assert "no longer updated" in response.text


@pytest.mark.parametrize(
    "value",
    [
        "\x00",
        "x" * 10_000,
        f"{code(0)}," * 1_000,
        "'; DROP TABLE x; --",
        "\u202e\ud7ff\uffff",
        "(E05000001)" * 500,
    ],
)
def test_hostile_input_gets_a_page(client: Client, value: str) -> None:
    response = client.get(FORM, {"codes": [value, code(0)]})

    assert response.status_code == 400
    assert "\x00" not in response.text
    assert len(response.text) < 30_000


def test_before_anything_is_loaded_the_form_says_what_is_wrong(client: Client) -> None:
    Release.objects.update(state=Release.State.SUPERSEDED)

    assert client.get(FORM).status_code == 200
    assert client.get(path_of(0, 1)).status_code == 404


def test_a_missing_slash_is_added(client: Client) -> None:
    response = client.get("/neighbourhoods/compare")

    assert (response.status_code, response["Location"]) == (301, FORM)
