"""The JSON-LD of every page, read by a program that is not ours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from rdflib import RDF, SDO, Graph, URIRef

from appg.models import SiteSettings
from leftbehind_site.sitemap import page_paths
from tests.appg.record import full_record
from tests.neighbourhoods.factory import code, make_release
from tests.structured import graph_of, nodes_of

pytestmark = [
    pytest.mark.django_db,
    # rdflib warns of a class that it uses itself.
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning"),
]

SITE = "https://leftbehind.test"


def triples_of(html: str) -> Graph:
    """A page's graph as statements; what schema.org's own context would say is said here, offline."""
    document = {"@context": {"@vocab": str(SDO)}, "@graph": graph_of(html)}
    return Graph().parse(data=json.dumps(document), format="json-ld")


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (make_release, {"Place", "AdministrativeArea", "Dataset", "Organization", "BreadcrumbList"}),
        (
            full_record,
            {
                *("NewsArticle", "Event", "Report", "Chapter", "Person", "Article"),
                *("FAQPage", "Question", "Answer", "DefinedTermSet", "DefinedTerm", "CorrectionComment"),
            },
        ),
    ],
)
def test_every_page_speaks_schema_org(client: Client, made: Any, expected: set[str]) -> None:
    made()
    kinds = set()
    for path in page_paths():
        html = client.get(path).text
        graph = triples_of(html)
        assert len(graph), path
        for _, predicate, thing in graph:
            term = thing if predicate == RDF.type else predicate
            assert isinstance(term, URIRef)
            # What a template of an address takes is written so, and is no term of the vocabulary.
            assert str(term) == f"{SDO}query-input" or term in SDO, (path, term)
        kinds |= {str(kind).removeprefix(str(SDO)) for kind in graph.objects(None, RDF.type)}
        # Whatever a node names by its identity alone, the same page describes.
        for one in _references(graph_of(html)):
            assert (URIRef(one), RDF.type, None) in graph, (path, one)
    assert kinds >= expected


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        if set(value) == {"@id"}:
            return [value["@id"]]
        value = list(value.values())
    return [one for part in value for one in _references(part)] if isinstance(value, list) else []


def test_every_page_but_the_home_page_says_the_way_to_it(client: Client) -> None:
    full_record()
    for path in page_paths():
        ways = nodes_of(client.get(path).text, "BreadcrumbList")
        if path == "/":
            assert ways == []
            continue
        steps = ways[0]["itemListElement"]
        assert [step["position"] for step in steps] == list(range(1, len(steps) + 1))
        assert steps[0]["item"] == f"{SITE}/"
        assert steps[0]["name"] == "Home"
        assert steps[-1]["item"] == f"{SITE}{path}"


def test_an_area_stands_in_the_way_to_a_neighbourhood(client: Client) -> None:
    make_release()
    (place,) = (path for path in page_paths() if f"/{code(1)}/" in path)
    (way,) = nodes_of(client.get(place).text, "BreadcrumbList")
    for step in way["itemListElement"]:
        assert client.get(step["item"].removeprefix(SITE)).status_code == 200
    assert len(way["itemListElement"]) == 5


def test_every_page_says_whose_record_it_is(client: Client) -> None:
    SiteSettings.objects.update_or_create(pk=1, defaults={"group_name": "A <group>"})
    for path in ("/", "/news/", "/neighbourhoods/"):
        (group,) = nodes_of(client.get(path).text, "Organization")
        assert group == {
            "@type": "Organization",
            "@id": f"{SITE}/#group",
            "url": f"{SITE}/",
            "name": "A <group>",
            "foundingDate": "2020-06",
            "dissolutionDate": "2024-03",
        }


def test_the_home_page_says_how_to_search_the_site(client: Client) -> None:
    (site,) = nodes_of(client.get("/").text, "WebSite")
    action = site["potentialAction"]
    assert action["@type"] == "SearchAction"
    assert action["query-input"] == "required name=words"
    template = action["target"]["urlTemplate"]
    assert template == f"{SITE}/search/?q={{words}}"
    found = client.get(template.removeprefix(SITE).replace("{words}", "glossary"))
    assert found.status_code == 200
    assert 'value="glossary"' in found.text


def test_what_is_no_page_has_none(client: Client) -> None:
    assert "ld+json" not in client.get("/no/such/page/").text
