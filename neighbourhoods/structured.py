"""The directory as JSON-LD: a place, and the figures about it as a dataset.

Vocabulary: schema.org.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from leftbehind_site.common.page import Download
from leftbehind_site.common.structured import Node, address, node
from neighbourhoods.measures import CNI, MEASURES, Measure, Source
from neighbourhoods.models import LocalAuthority, Region
from neighbourhoods.profiles import Particulars

_MAKERS: Final = {CNI.credit: ("OCSI", "Local Trust")}
"""Credits that name several makers; any other names one."""


def neighbourhood(known: Particulars, description: str, files: Iterable[Download]) -> list[Node]:
    """A neighbourhood and its figures.

    Args:
        known: All that is known of it.
        description: The place and its two ranks in a sentence or two.
        files: The figures as files.
    """
    downloads = [
        node("DataDownload", contentUrl=address(file.path), encodingFormat=file.media_type) for file in files
    ]
    return [_place(known), _figures(known, description) | {"distribution": downloads}]


def _place(known: Particulars) -> Node:
    found = known.neighbourhood
    path = found.get_absolute_url()
    return node(
        "Place",
        f"{path}#place",
        name=found.name,
        identifier=node("PropertyValue", propertyID="ONS ward code, December 2017", value=found.code),
        geo=node("GeoCoordinates", latitude=float(found.latitude), longitude=float(found.longitude)),
        containedInPlace=authority(known.authority),
    ) | {"url": address(path)}


def authority(found: LocalAuthority) -> Node:
    """A local authority in its region."""
    return _area(found, found.in_prose) | {"containedInPlace": region(found.region)}


def region(found: Region) -> Node:
    """A region."""
    return _area(found, found.name)


def _area(found: LocalAuthority | Region, name: str) -> Node:
    return node("AdministrativeArea", found.get_absolute_url(), name=name, identifier=found.code)


def _figures(known: Particulars, description: str) -> Node:
    found = known.neighbourhood
    path = found.get_absolute_url()
    makers = dict.fromkeys(maker for source in known.sources for maker in _makers(source))
    return node(
        "Dataset",
        f"{path}#figures",
        name=f"Figures for {found.name}, {known.authority.in_prose} ({found.code})",
        description=description,
        spatialCoverage={"@id": address(f"{path}#place")},
        temporalCoverage=_years(known),
        creator=[node("Organization", name=maker) for maker in makers],
        isBasedOn=[_source(source) for source in known.sources],
        license=[
            node("CreativeWork", name=licence)
            for licence in dict.fromkeys(source.licence for source in known.sources)
        ],
        variableMeasured=[_variable(measure) for measure in MEASURES],
    ) | {"url": address(path)}


def _makers(source: Source) -> tuple[str, ...]:
    return _MAKERS.get(source.credit, (source.credit,))


def _source(source: Source) -> Node:
    """A publication that figures rest on, which has no page here."""
    return node("CreativeWork", name=source.title, creditText=source.credit, datePublished=str(source.year))


def _variable(measure: Measure) -> Node:
    """What a figure counts; where only the rank may be published, that."""
    unit = measure.unit.value if measure.value_published else "rank"
    return node("PropertyValue", name=measure.label, unitText=unit)


def _years(known: Particulars) -> str:
    """The years that the figures describe, as schema.org writes a span of time."""
    years = [year for line in known.lines for year in re.findall(r"\d{4}", line.measure.period)]
    return f"{min(years)}/{max(years)}" if years else ""
